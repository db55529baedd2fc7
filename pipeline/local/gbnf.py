"""Grammars in GBNF, the notation of llama.cpp: read, and a text held against one."""

import re
from dataclasses import dataclass
from functools import reduce

ROOT = "root"
MAX_CHARS = 262_144
"""Longest grammar that is read."""
MAX_COUNT = 10_000
"""Largest number in `{…}`."""
_TOKEN = re.compile(
    r"""(?P<blank>\s+|\#[^\r\n]*)|(?P<define>::=)|(?P<name>[a-zA-Z0-9][a-zA-Z0-9_-]*)
    |(?P<text>"(?:[^"\\\r\n]|\\[^\r\n])*")|(?P<set>\[(?:[^\]\\\r\n]|\\[^\r\n])*\])
    |(?P<times>[*+?]|\{\s*\d{1,6}\s*(?:,\s*(?:\d{1,6})?\s*)?\})|(?P<mark>[()|.])""",
    re.VERBOSE,
)
_CHAR = re.compile(
    r'\\x([0-9a-fA-F]{2})|\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})|\\([nrt\\"\[\]])|([^\\])', re.DOTALL
)
_NAMED = {"n": "\n", "r": "\r", "t": "\t"}
_TIMES: dict[str, tuple[int, int | None]] = {"*": (0, None), "+": (1, None), "?": (0, 1)}


class BadGrammar(Exception):
    """The grammar is none, or cannot be followed. The message completes `the grammar …`."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text as it stands."""

    text: str


@dataclass(frozen=True, slots=True)
class OneOf:
    """One character: of some ranges, or of none of them."""

    ranges: tuple[tuple[str, str], ...]
    negated: bool

    def holds(self, char: str) -> bool:
        """Whether it is this character."""
        return any(first <= char <= last for first, last in self.ranges) != self.negated


@dataclass(frozen=True, slots=True)
class Series:
    """One after the other."""

    parts: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of them."""

    options: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """The same several times; `most` is None for as often as one likes."""

    part: "Expression"
    least: int
    most: int | None


@dataclass(frozen=True, slots=True)
class Rule:
    """What the rule of this name says."""

    name: str


Expression = Text | OneOf | Series | Choice | Repeat | Rule
Grammar = dict[str, Expression]
"""Expressions by the names of their rules."""


def parse(source: str) -> Grammar:
    """The rules of a grammar. A line may end anywhere between two symbols: a rule ends where the next begins.

    Raises:
        BadGrammar: It is none.
    """
    if len(source) > MAX_CHARS:
        raise BadGrammar(f"has {len(source):,} characters, more than {MAX_CHARS:,}")
    try:
        return _Parser(source).grammar()
    except RecursionError:
        raise BadGrammar("is nested too deeply") from None


def accepts(grammar: Grammar, text: str) -> bool:
    """Whether a text is one that a grammar allows, from its first character to its last.

    Raises:
        BadGrammar: A rule begins with itself, or the text is nested too deeply.
    """
    try:
        return len(text) in _Matcher(grammar, text).ends(Rule(ROOT), frozenset([0]))
    except RecursionError:
        raise BadGrammar("nests too deeply on the answer") from None


class _Parser:
    """One pass over the tokens of a grammar."""

    def __init__(self, source: str) -> None:
        self._tokens = _tokens(source)
        self._place = 0
        self._called: set[str] = set()

    def grammar(self) -> Grammar:
        rules: Grammar = {}
        while self._place < len(self._tokens):
            kind, name = self._taken()
            if kind != "name" or self._taken() != ("define", "::="):
                raise BadGrammar(f"has {name[:40]!r} where a rule should begin, as `name ::= …`")
            if name in rules:
                raise BadGrammar(f"has two rules named {name[:40]!r}")
            rules[name] = self._choice()
        for name in (ROOT, *sorted(self._called)):
            if name not in rules:
                raise BadGrammar(f"has no rule named {name[:40]!r}")
        return rules

    def _choice(self) -> Expression:
        options = [self._series()]
        while self._next() == ("mark", "|"):
            self._taken()
            options.append(self._series())
        return options[0] if len(options) == 1 else Choice(tuple(options))

    def _series(self) -> Expression:
        parts: list[Expression] = []
        while not self._is_over():
            part = self._symbol(*self._taken())
            while self._next()[0] == "times":
                part = Repeat(part, *_times(self._taken()[1]))
            parts.append(part)
        return parts[0] if len(parts) == 1 else Series(tuple(parts))

    def _symbol(self, kind: str, text: str) -> Expression:
        if kind == "text":
            return Text("".join(_chars(text[1:-1])))
        if kind == "set":
            return _set(text[1:-1])
        if kind == "name":
            self._called.add(text)
            return Rule(text)
        if text == ".":
            return OneOf((), negated=True)
        if text != "(":
            raise BadGrammar(f"has {text!r} where a symbol should stand")
        inner = self._choice()
        if self._taken() != ("mark", ")"):
            raise BadGrammar("has a bracket that is not closed")
        return inner

    def _is_over(self) -> bool:
        return self._next() in {("", ""), ("mark", "|"), ("mark", ")")} or self._next(1)[0] == "define"

    def _next(self, ahead: int = 0) -> tuple[str, str]:
        place = self._place + ahead
        return self._tokens[place] if place < len(self._tokens) else ("", "")

    def _taken(self) -> tuple[str, str]:
        token = self._next()
        self._place += 1
        return token


def _tokens(source: str) -> list[tuple[str, str]]:
    tokens, place = [], 0
    while place < len(source):
        found = _TOKEN.match(source, place)
        if found is None:
            raise BadGrammar(f"cannot be read from character {place} on")
        if found.lastgroup != "blank":
            tokens.append((found.lastgroup or "", found[0]))
        place = found.end()
    return tokens


def _chars(escaped: str) -> list[str]:
    """The characters of a text or a set; an escaped one comes without its backslash."""
    chars, place = [], 0
    while place < len(escaped):
        found = _CHAR.match(escaped, place)
        if found is None:
            raise BadGrammar(f"has an escape that means nothing: {escaped[place : place + 2]!r}")
        chars.append(_char(found))
        place = found.end()
    return chars


def _char(found: re.Match[str]) -> str:
    *codes, named, plain = found.groups()
    for code in filter(None, codes):
        if int(code, 16) > 0x10FFFF:  # noqa: PLR2004 - the last there is
            raise BadGrammar(f"has an escape that is no character: {found[0]}")
        return chr(int(code, 16))
    return plain or _NAMED.get(named, named)


def _set(inner: str) -> OneOf:
    negated = inner.startswith("^")
    # There is no escaped hyphen: one between two characters always joins them.
    chars = _chars(inner[negated:])
    ranges, place = [], 0
    while place < len(chars):
        joined = chars[place + 1 : place + 2] == ["-"] and place + 2 < len(chars)
        last = chars[place + 2] if joined else chars[place]
        ranges.append((chars[place], last))
        place += 3 if joined else 1
    return OneOf(tuple(ranges), negated)


def _times(text: str) -> tuple[int, int | None]:
    if text in _TIMES:
        return _TIMES[text]
    least, comma, most = text.strip("{}").partition(",")
    bounds = int(least), int(most) if most.strip() else None if comma else int(least)
    if max(bounds[0], bounds[1] or 0) > MAX_COUNT:
        raise BadGrammar(f"repeats something more than {MAX_COUNT:,} times")
    return bounds


class _Matcher:
    """Finds where expressions may end in a text; each rule is tried once at each place."""

    def __init__(self, grammar: Grammar, text: str) -> None:
        self._grammar, self._text = grammar, text
        self._known: dict[tuple[str, int], frozenset[int] | None] = {}

    def ends(self, expression: Expression, starts: frozenset[int]) -> frozenset[int]:
        """The places where an expression may end that begins at one of `starts`."""
        match expression:
            case Text(text):
                return frozenset(place + len(text) for place in starts if self._text.startswith(text, place))
            case OneOf():
                holds, text = expression.holds, self._text
                return frozenset(place + 1 for place in starts if place < len(text) and holds(text[place]))
            case Series(parts):
                return reduce(lambda places, part: self.ends(part, places), parts, starts)
            case Choice(options):
                return frozenset().union(*(self.ends(option, starts) for option in options))
            case Repeat():
                return self._repeated(expression, starts)
            case Rule(name):
                return frozenset().union(*(self._ruled(name, start) for start in starts))

    def _repeated(self, repeat: Repeat, starts: frozenset[int]) -> frozenset[int]:
        for _ in range(repeat.least):
            starts = self.ends(repeat.part, starts)
        reached = fresh = starts
        left = None if repeat.most is None else repeat.most - repeat.least
        while fresh and (left is None or left > 0):
            fresh = self.ends(repeat.part, fresh) - reached
            reached |= fresh
            left = None if left is None else left - 1
        return reached

    def _ruled(self, name: str, start: int) -> frozenset[int]:
        key = (name, start)
        if key in self._known:
            if (known := self._known[key]) is None:
                raise BadGrammar(f"has a rule that begins with itself: {name[:40]!r}")
            return known
        self._known[key] = None
        found = self._known[key] = self.ends(self._grammar[name], frozenset([start]))
        return found
