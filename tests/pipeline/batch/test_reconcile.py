"""What a job was asked against what it wrote."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.batch.job import Left
from pipeline.batch.reconcile import Reconciled, reconcile
from pipeline.batch.rows import Row
from pipeline.records import Completion, Usage

ENDED = "the batch job expired"


def good(custom_id: str, content: str = "{}") -> Row:
    completion = Completion(
        content=content,
        finish_reason="stop",
        model="m",
        usage=Usage(),
        request_id="",
        latency_s=0.0,
        attempts=1,
    )
    return Row(custom_id=custom_id, completion=completion)


def bad(custom_id: str, status: int = 0, error: str = "no") -> Row:
    return Row(custom_id=custom_id, error=error, status=status)


def settle(*rows: Row, answered: tuple[str, ...] = (), before: tuple[Left, ...] = ()) -> Reconciled:
    return reconcile(["a", "b", "c"], rows, answered=answered, ended=ENDED, before=before)


def test_every_request_is_answered_or_left_with_a_reason() -> None:
    result = settle(good("b"), bad("a", 400, "too long"))

    assert set(result.answers) == {"b"}
    assert result.left == [
        Left(custom_id="a", reason="the batch job could not answer (too long)", status=400, is_final=True),
        Left(custom_id="c", reason=ENDED),
    ]


def test_of_several_answers_to_one_request_the_last_counts() -> None:
    result = settle(good("a", "1"), good("b"), good("a", "2"), good("a", "3"), good("c"))

    assert result.answers["a"].content == "3"
    assert (result.repeated, result.left) == (2, [])


def test_an_answer_counts_whether_its_error_comes_before_it_or_after_it() -> None:
    result = settle(bad("a", 500), good("a"), good("b"), bad("b", 400), good("c"))

    assert set(result.answers) == {"a", "b", "c"}
    assert result.left == []


def test_of_several_errors_of_one_request_the_last_counts() -> None:
    assert settle(bad("a", 400), bad("a", 503)).left[0].status == 503


def test_rows_of_others_and_rows_of_nobody_are_counted_and_left() -> None:
    result = settle(good("a"), good("x"), bad("y", 400), bad(""), good("b"), good("c"))

    assert (set(result.answers), result.foreign, result.broken) == ({"a", "b", "c"}, 2, 1)


def test_what_an_earlier_job_has_answered_is_not_left() -> None:
    assert [one.custom_id for one in settle(good("b"), answered=("a",)).left] == ["c"]


def test_a_refusal_by_the_job_before_stands_where_its_continuation_passed_over_it() -> None:
    before = (
        Left(custom_id="a", reason="refused", status=400, is_final=True),
        Left(custom_id="b", reason="expired"),
    )

    assert settle(before=before).left == [
        before[0],
        Left(custom_id="b", reason=ENDED),
        Left(custom_id="c", reason=ENDED),
    ]
    assert settle(bad("a", 503), good("b"), good("c"), before=before).left[0].status == 503


ids = st.sampled_from(["", "a", "b", "c", "x"])
rows = st.lists(st.builds(good, ids) | st.builds(bad, ids, st.sampled_from([0, 400, 500])))


@given(rows=rows, answered=st.sets(st.sampled_from("abc")))
def test_nothing_is_lost_and_nothing_is_made_up(rows: list[Row], answered: set[str]) -> None:
    result = settle(*rows, answered=tuple(answered))
    left = [one.custom_id for one in result.left]

    assert set(result.answers) | answered | set(left) == {"a", "b", "c"}
    assert len(left) == len(set(left))
    assert set(left).isdisjoint(set(result.answers) | answered)
    assert all(one.reason for one in result.left)
