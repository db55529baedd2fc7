import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import AnswerInvalid, Category
from pipeline.records import Completion, Usage
from pipeline.remedies import (
    PLAIN,
    Budgets,
    Remedy,
    is_stuck,
    next_remedy,
    next_view,
    strips_of,
    views_after,
)
from pipeline.views import Band, View

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


@pytest.mark.parametrize(
    ("too_large", "steps"),
    [
        (True, ["smaller image", "smaller image", "other format"]),
        (False, ["other format", "smaller image", "smaller image"]),
    ],
)
def test_an_image_that_is_refused_is_shown_in_other_ways_until_nothing_is_left(
    too_large: bool, steps: list[str]
) -> None:
    tried = PLAIN
    for count in range(1, len(steps) + 1):
        following = next_view(tried, too_large=too_large)
        assert following is not None
        assert following.steps == tuple(steps[:count])
        tried = following

    assert tried.view == View(halvings=2, other_format=True)
    assert next_view(tried, too_large=too_large) is None


@given(st.lists(st.booleans(), min_size=1, max_size=5))
def test_wherever_refusals_lead_is_known_beforehand(reasons: list[bool]) -> None:
    tried = PLAIN
    for too_large in reasons:
        following = next_view(tried, too_large=too_large)
        if following is None:
            return
        tried = following

    assert tried in list(views_after(PLAIN))


def test_a_page_is_cut_into_two_strips_and_each_of_them_into_two() -> None:
    tried = Remedy(
        steps=("other format", "more tokens", "repair"),
        max_tokens=16_384,
        temperature=0.3,
        complaint="x",
        view=View(other_format=True),
    )

    upper, lower = strips_of(tried)

    assert upper.steps == ("other format", "more tokens", "bands")
    assert (upper.max_tokens, upper.temperature, upper.complaint) == (16_384, None, "")
    assert [upper.view, lower.view] == [View(other_format=True, band=Band(n, 2)) for n in (1, 2)]
    assert [strip.view.band for strip in strips_of(lower)] == [Band(3, 4), Band(4, 4)]
    assert not strips_of(strips_of(lower)[0])


def test_remedies_without_another_view_have_the_ids_they_always_had() -> None:
    assert "view" not in Remedy(steps=("repair",)).identity
    assert strips_of(PLAIN)[0].identity["view"]["band"] == {"number": 1, "count": 2}


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
