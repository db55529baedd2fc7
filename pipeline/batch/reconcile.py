"""What a job was asked against what it wrote. Its files count, not its state or its counters."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from pipeline.batch.job import Left
from pipeline.batch.rows import Row
from pipeline.records import Completion


@dataclass(slots=True)
class Reconciled:
    """What came of the requests of a job.

    Attributes:
        answers: By the id of their request.
        left: Requests without an answer.
        repeated: Further answers to one request; the last counts.
        foreign: Rows about requests of others.
        broken: Lines that name no request.
    """

    answers: dict[str, Completion] = field(default_factory=dict)
    left: list[Left] = field(default_factory=list)
    repeated: int = 0
    foreign: int = 0
    broken: int = 0


def reconcile(
    asked: Collection[str],
    rows: Iterable[Row],
    *,
    answered: Collection[str],
    ended: str,
    before: Iterable[Left] = (),
) -> Reconciled:
    """Settle each request of a job.

    Args:
        asked: Ids of its requests.
        rows: What it wrote, in any order.
        answered: Ids that have an answer in the lake already, from an earlier job.
        ended: How the job ended, in a sentence that fits any request that it has left.
        before: What the job that it continues had left; a continuation may pass over what is refused.
    """
    wanted, errors, result = set(asked), dict[str, Row](), Reconciled()
    refused = {one.custom_id: one for one in before if one.is_final}
    for row in rows:
        if not row.custom_id:
            result.broken += 1
        elif row.custom_id not in wanted:
            result.foreign += 1
        elif row.completion is None:
            errors[row.custom_id] = row
        else:
            result.repeated += row.custom_id in result.answers
            result.answers[row.custom_id] = row.completion
    has_answer = result.answers.keys() | set(answered)
    result.left = [
        _left(one, errors.get(one), refused.get(one) or Left(custom_id=one, reason=ended))
        for one in asked
        if one not in has_answer
    ]
    return result


def _left(custom_id: str, error: Row | None, otherwise: Left) -> Left:
    if error is None:
        return otherwise
    reason = f"the batch job could not answer ({error.error})"
    return Left(custom_id=custom_id, reason=reason, status=error.status, is_final=error.is_final)
