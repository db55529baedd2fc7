"""What Prefect is told of a run as it ends, so that automations can act on it."""

from pathlib import Path
from typing import Any

from prefect.events import emit_event

from pipeline.records import printable
from pipeline.stamps import place_of
from pipeline.summary import RunState, RunSummary

_NAMES = {
    RunState.COMPLETE: "pagelake.run.finished",
    RunState.FAILURES: "pagelake.run.finished",
    RunState.STOPPED: "pagelake.run.failed",
    RunState.INTERRUPTED: "pagelake.run.interrupted",
    RunState.WAITING: "pagelake.run.waiting",
}
FAILED = _NAMES[RunState.STOPPED]
HELD = "pagelake.run.held"

_TOLD = {
    *("run", "state", "schema_name", "model", "documents", "documents_reused", "documents_failed"),
    *("pages", "records", "requests", "cost", "seconds", "files", "reason"),
}


def tell(summary: RunSummary) -> None:
    """Emit the event of how a run ended; and another one where it waits for a decision of a person."""
    names = [_NAMES[summary.state], *([HELD] if summary.files.doubted else [])]
    payload = summary.model_dump(mode="json", include=_TOLD, exclude={"files": {"removed_files"}})
    for name in names:
        _emit(name, summary.run, summary.schema_name, summary.lake, payload)


def tell_failure(run: str, schema: str, lake: str, reason: str) -> None:
    """Emit the event of a run that could not begin, or broke off.

    Args:
        run: A name for it; it has no id of the lake.
        schema: As it was asked for.
        lake: Folder of the lake.
        reason: One sentence.
    """
    payload = {"state": "failed", "schema_name": printable(schema), "reason": reason}
    _emit(FAILED, run, schema, lake, payload)


def _emit(name: str, run: str, schema: str, lake: str, payload: dict[str, Any]) -> None:
    place = printable(place_of(lake))
    emit_event(
        name,
        {
            "prefect.resource.id": f"pagelake.run.{run}",
            "prefect.resource.name": f"{printable(schema)} {run}",
            "pagelake.schema": printable(schema),
        },
        related=[
            {
                "prefect.resource.id": f"pagelake.lake.{place}",
                "prefect.resource.role": "lake",
                "prefect.resource.name": printable(Path(lake).name),
            }
        ],
        payload=payload,
    )
