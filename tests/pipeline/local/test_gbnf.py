"""Grammars are read as llama.cpp reads them, and one that is none says why."""

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.local.gbnf import MAX_CHARS, BadGrammar, accepts, parse

JSON = r"""
# any JSON, as people write it down
root   ::= object
value  ::= object | array | string | number | ("true" | "false" | "null") ws

object ::=
  "{" ws (
            string ":" ws value
    ("," ws string ":" ws value)*
  )? "}" ws

array  ::= "[" ws ( value ("," ws value)* )? "]" ws
string ::= "\"" ( [^"\\\x7F\x00-\x1F] | "\\" (["\\bfnrt] | "u" [0-9a-fA-F]{4}) )* "\"" ws
number ::= ("-"? ([0-9] | [1-9] [0-9]{0,15})) ("." [0-9]+)? ([eE] [-+]? [0-9]+)? ws
ws ::= | " " | "\n" [ \t]{0,20}
"""


@pytest.mark.parametrize(
    ("source", "taken", "refused"),
    [
        ('root ::= "ab" | "c"', ["ab", "c"], ["", "a", "abc"]),
        ('root ::= "a"* "b"+ "c"?', ["b", "aabbc"], ["aa", "bcc"]),
        ('root ::= "a"{2,3} [xyz]{1} .{1,}', ["aax-", "aaaz\n\n"], ["ax-", "aax", "aaaax-"]),
        (r"root ::= [^a-c\]] [-+] [a-z-]?", ["d-", "é+-", "z+q"], ["a-", "]-", "d*"]),
        (r'root ::= "\x41\u00e9\U0001F600\n\t\\\"" [\[\]]', ['Aé😀\n\t\\"['], ['Aé😀\n\t\\"x']),
        ('root ::= "(" root? ")" # nested', ["()", "((()))"], ["(()", ")("]),
        ("root ::= ( )", [""], ["x"]),
        ("root ::=", [""], ["x"]),
        ('root ::= a-1 |\n  B_2\na-1 ::= "x"\nB_2 ::= "y"', ["x", "y"], ["xy"]),
        ('root ::= ("a"* "b"*)* "!"', ["!", "abba!"], ["abc!"]),
        (JSON, ['{"a":[1,-2.5e3 , "\\u00e9"], "b": {}}', "{\n\t}"], ["[]", '{"a"  :1}', '{"a": tru}']),
    ],
)
def test_a_grammar_takes_what_it_says(source: str, taken: list[str], refused: list[str]) -> None:
    grammar = parse(source)

    assert [text for text in taken if not accepts(grammar, text)] == []
    assert [text for text in refused if accepts(grammar, text)] == []


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("", "no rule named 'root'"),
        ('other ::= "a"', "no rule named 'root'"),
        ("root ::= gone", "no rule named 'gone'"),
        ('root ::= "a"\nroot ::= "b"', "two rules named 'root'"),
        ('root = "a"', "cannot be read from character 5"),
        ('root ::= "a', "cannot be read from character 9"),
        ("root ::= [a", "cannot be read from character 9"),
        ('root ::= ("a"', "not closed"),
        ('root ::= "a")', "')' where a rule should begin"),
        ("root ::= *", "'*' where a symbol should stand"),
        ('root ::= "\\q"', "escape that means nothing"),
        ('root ::= "\\UFFFFFFFF"', "no character"),
        ('root ::= "a"{99999}', "more than 10,000 times"),
        ("root ::= " + "(" * 100_000, "nested too deeply"),
        ("#" * (MAX_CHARS + 1), "262,145 characters"),
    ],
)
def test_what_is_no_grammar_is_said(source: str, words: str) -> None:
    with pytest.raises(BadGrammar, match=re.escape(words)):
        parse(source)


@given(
    st.lists(st.sampled_from([*'()|*+?."[]{}\\^-#\n 1,ax', "::=", "root", "{2}", '"a"', "[a-z]"])).map(
        "".join
    )
)
def test_whatever_is_sent_is_read_or_said_to_be_none(source: str) -> None:
    for start in ("", 'root ::= "a" '):
        with suppress(BadGrammar):
            accepts(parse(start + source), "aax")


@pytest.mark.parametrize(
    ("source", "text", "words"),
    [
        ('root ::= root "a" | "b"', "ba", "begins with itself: 'root'"),
        ('root ::= "x"? a\na ::= root', "x", "begins with itself"),
        ('root ::= "(" root? ")"', "(" * 5000 + ")" * 5000, "too deeply"),
    ],
)
def test_what_cannot_be_followed_is_said(source: str, text: str, words: str) -> None:
    with pytest.raises(BadGrammar, match=words):
        accepts(parse(source), text)


def test_a_long_answer_is_held_against_a_grammar_at_once() -> None:
    text = '{"a": "' + "long " * 1000 + '"}'

    assert accepts(parse(JSON), text)
