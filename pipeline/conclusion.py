"""What came of a walk, for its manifest."""

import time
from collections.abc import Iterable, Sequence

from pipeline.fanout import Halt
from pipeline.records import Skipped, printable
from pipeline.service.pace import Change
from pipeline.shard import ShardResult
from pipeline.store.following import address_of
from pipeline.summary import LimitChange, RunState, RunSummary
from pipeline.walk import Walk


def summary_of(
    walk: Walk,
    total: ShardResult,
    skipped: Sequence[Skipped],
    changes: Iterable[Change],
    *,
    waiting: bool = False,
) -> RunSummary:
    """What came of a walk, for its manifest.

    Args:
        walk: What was walked.
        total: What came of its documents.
        skipped: What was left out.
        changes: The history of the limit on requests at once.
        waiting: Whether open pages wait for batch jobs.

    Raises:
        StoreError: A page is in no record, did not fail, and waits for nothing.
    """
    config, tally = walk.config, walk.tally
    state = _state(walk.halt, total, waiting=waiting)
    if state in {RunState.COMPLETE, RunState.FAILURES}:
        total.pages.check()
    return RunSummary(
        run=walk.lake.run,
        state=state,
        schema_name=config.record.name,
        model=config.model,
        engine=config.engine,
        lake=address_of(config.lake),
        sources=[printable(source) for source in config.sources],
        started_at=walk.began,
        seconds=round(time.monotonic() - tally.started, 3),
        documents=total.documents,
        documents_reused=total.reused,
        documents_failed=total.failed,
        duplicates=total.duplicates,
        skipped=[(printable(one.path), one.reason) for one in skipped],
        pages=total.pages,
        records=total.records,
        requests=tally.requests,
        answers_reused=tally.answers_reused,
        by_batch=tally.by_batch,
        in_doubt=list(walk.lake.in_doubt),
        lost=walk.tally.lost,
        prompt_tokens=tally.prompt_tokens,
        completion_tokens=tally.completion_tokens,
        cached_tokens=tally.cached_tokens,
        cost=tally.cost,
        limits=[
            LimitChange(at_s=round(one.at_s - tally.started, 3), in_flight=one.limit, reason=one.reason)
            for one in changes
        ],
        failures=total.failures,
        failures_total=total.failures_total,
        reason=str(walk.halt.refusal or ""),
        slowest=total.slowest,
    )


def _state(halt: Halt, total: ShardResult, *, waiting: bool) -> RunState:
    if halt.refusal is not None:
        return RunState.STOPPED
    if halt.requested:
        return RunState.INTERRUPTED
    if waiting:
        return RunState.WAITING
    return RunState.FAILURES if total.failed else RunState.COMPLETE
