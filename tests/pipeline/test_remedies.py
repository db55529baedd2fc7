import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import AnswerInvalid, Category
from pipeline.records import Completion, Usage
from pipeline.remedies import PLAIN, Budgets, Remedy, is_stuck, next_remedy

LOOP = '{"rows": [' + '{"text": "the same"},' * 200


def completion(content: str, finish_reason: str = "stop") -> Completion:
    return Completion(
        content=content,
        finish_reason=finish_reason,
        model="m",
        usage=Usage(),
        request_id="",
        latency_s=1.0,
        attempts=1,
    )


def following(
    tried: Remedy,
    content: str,
    category: Category,
    finish_reason: str = "stop",
    budgets: Budgets | None = None,
) -> Remedy | None:
    error = AnswerInvalid(category, "total: Input should be a valid decimal")
    answer = completion(content, finish_reason)
    return next_remedy(tried, error, answer, budgets=budgets or Budgets(), max_tokens=8192)


def ladder(content: str, category: Category, finish_reason: str = "stop") -> list[Remedy]:
    """All that is tried when every answer is the same."""
    tried, found = PLAIN, []
    while (remedy := following(tried, content, category, finish_reason)) is not None:
        found.append(remedy)
        tried = remedy
    return found


def test_a_cut_answer_may_be_longer_up_to_the_ceiling() -> None:
    remedies = ladder('{"entries": [{"text": "a', Category.TRUNCATED_ANSWER, "length")

    assert [remedy.max_tokens for remedy in remedies] == [16_384, 32_768]
    assert remedies[-1].name == "more tokens, more tokens"


def test_an_answer_that_was_all_thinking_may_be_longer() -> None:
    assert following(PLAIN, "", Category.EMPTY_ANSWER, "length") == Remedy(
        steps=("more tokens",), max_tokens=16_384
    )


@pytest.mark.parametrize(
    ("content", "category", "finish_reason"),
    [
        (LOOP, Category.TRUNCATED_ANSWER, "length"),
        ('{"total": 1' + " \n" * 3000, Category.TRUNCATED_ANSWER, "length"),
        (LOOP, Category.INVALID_ANSWER, "stop"),
        ("", Category.EMPTY_ANSWER, "stop"),
        ("I cannot help with that", Category.REFUSED, "stop"),
        ("Lo siento", Category.REFUSED, "length"),
    ],
)
def test_what_is_stuck_empty_or_refused_is_decoded_in_another_way_once(
    content: str, category: Category, finish_reason: str
) -> None:
    (remedy,) = ladder(content, category, finish_reason)

    assert remedy.name == "other decoding"
    assert remedy.temperature
    assert remedy.frequency_penalty
    assert remedy.max_tokens is None


def test_an_answer_that_breaks_the_schema_is_shown_with_what_is_wrong() -> None:
    (remedy,) = ladder('{"total": "twelve"}', Category.INVALID_ANSWER)

    assert remedy.earlier == '{"total": "twelve"}'
    assert "valid decimal" in remedy.complaint


def test_budgets_of_nothing_ask_nothing() -> None:
    none = Budgets(ceiling_tokens=8192, repairs=0, decodings=0)

    assert following(PLAIN, "{}", Category.INVALID_ANSWER, budgets=none) is None
    assert following(PLAIN, LOOP, Category.TRUNCATED_ANSWER, "length", none) is None
    assert following(PLAIN, "{", Category.TRUNCATED_ANSWER, "length", none) is None


def test_what_helped_before_is_kept_when_something_else_is_wrong() -> None:
    longer = following(PLAIN, '{"a', Category.TRUNCATED_ANSWER, "length")
    assert longer is not None
    repaired = following(longer, "{}", Category.INVALID_ANSWER)

    assert repaired is not None
    assert repaired.name == "more tokens, repair"
    assert repaired.max_tokens == 16_384


@given(st.text(max_size=100), st.sampled_from(list(Category)), st.sampled_from(["stop", "length", ""]))
def test_every_ladder_ends_and_no_step_is_a_repetition(
    content: str, category: Category, finish_reason: str
) -> None:
    remedies = ladder(content, category, finish_reason)

    assert len(remedies) <= 4
    assert len({PLAIN, *remedies}) == len(remedies) + 1


@pytest.mark.parametrize("text", ["", "{}", '{"total": 12.5}', '{"rows": [' + '{"a": null},' * 20, " " * 100])
def test_short_or_various_texts_are_not_stuck(text: str) -> None:
    assert not is_stuck(text)


def test_a_long_list_of_different_rows_is_not_stuck() -> None:
    assert not is_stuck(",".join(f'{{"position": {number}, "text": "row"}}' for number in range(500)))


@given(unit=st.text(min_size=1, max_size=150), before=st.text(max_size=100))
def test_any_short_text_over_and_over_is_stuck(unit: str, before: str) -> None:
    assert is_stuck(before + unit * (800 // len(unit) + 2))
