"""The answers of a job that is over, from its files into the lake."""

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from pipeline.batch.job import Asked, BatchJob, JobFolder, Step
from pipeline.batch.moves import Mover, can_continue, ended
from pipeline.batch.reconcile import Reconciled, reconcile
from pipeline.batch.road import TRIES, Remainder
from pipeline.batch.rows import read_rows
from pipeline.errors import StoreError
from pipeline.records import Answer, Completion, Usage
from pipeline.store.lake import Lake

ROAD = "batch"

Price = Callable[[Usage], Decimal | None]
"""US dollars of what one answer used, at the price of batch jobs; None when no price is set."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Collecting:
    """How answers are collected.

    Attributes:
        lake: Held by the caller.
        mover: Gets the files.
        price: What an answer costs.
        remainder: What becomes of requests without an answer.
    """

    lake: Lake
    mover: Mover
    price: Price
    remainder: Remainder


async def collect(folder: JobFolder, job: BatchJob, by: Collecting) -> tuple[BatchJob, list[Answer]]:
    """Bring what a job that is over has answered into the lake, and settle what becomes of the rest.

    It can be done again from the start whenever it was cut off: what the lake has is not written twice.

    Args:
        folder: Where the job lies.
        job: A job whose step is OVER.
        by: How.

    Returns:
        The job, which is done with, or about to be continued; and the answers that are new in the lake.

    Raises:
        ServiceError: The files cannot be had.
        StoreError: They cannot be read, or the lake not be written.
    """
    await by.mover.download(folder, job)
    asked = {one.custom_id: one for one in folder.asked()}
    result = reconcile(
        asked,
        read_rows(_lines(folder.output)),
        answered=by.lake.answered(asked),
        ended=ended(job),
        before=folder.left(),
    )
    answers = [
        _answer(asked[custom_id], completion, job, by.price)
        for custom_id, completion in result.answers.items()
    ]
    new = by.lake.keep(answers)
    _log(job, result)
    return _settled(folder, job, result, by.remainder), new


def _settled(folder: JobFolder, job: BatchJob, result: Reconciled, remainder: Remainder) -> BatchJob:
    """Note what became of a job, once nothing of its files is needed any more."""
    unfinished = any(not one.is_final for one in result.left)
    folder.write_left(one.model_copy(update={"given_up": job.cancelled}) for one in result.left)
    folder.drop_output()
    folder.drop_lines()
    if remainder is Remainder.CONTINUE and unfinished and can_continue(job) and job.continuations + 1 < TRIES:
        again = {"step": Step.UPLOADED, "continuations": job.continuations + 1, "created_at": None}
        return folder.save(job.model_copy(update=again))
    counted = {"answered": job.rows - len(result.left), "failed": len(result.left)}
    return folder.save(job.model_copy(update={"step": Step.COLLECTED, **counted}))


def _answer(asked: Asked, completion: Completion, job: BatchJob, price: Price) -> Answer:
    return Answer(
        custom_id=asked.custom_id,
        schema=job.schema_name,
        doc_id=asked.doc_id,
        pages=asked.pages,
        partial=asked.partial,
        band=asked.band,
        model=job.model,
        road=ROAD,
        completion=completion,
        cost=price(completion.usage),
        received_at=time.time(),
    )


def _lines(folder: Path) -> Iterator[bytes]:
    """The lines of all files of a folder; there may be none."""
    try:
        for file in sorted(folder.iterdir()) if folder.is_dir() else ():
            with file.open("rb") as lines:
                yield from lines
    except OSError as error:
        raise StoreError(f"{folder} cannot be read ({error.strerror})") from error


def _log(job: BatchJob, result: Reconciled) -> None:
    log.info("batch job %s: %d answers, %d left", job.job_id, len(result.answers), len(result.left))
    odd = {"repeated": result.repeated, "foreign": result.foreign, "broken": result.broken}
    if any(odd.values()):
        log.warning(
            "batch job %s has odd lines: %s", job.job_id, ", ".join(f"{n} {what}" for what, n in odd.items())
        )
