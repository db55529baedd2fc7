"""`pagelake status`: the runs of a lake and the one at work, what waits, what failed, what it cost."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows import options as opt

if TYPE_CHECKING:
    from rich.console import Console

    from pipeline.status import LakeStatus

_LOOK_S = 1.0
_WHOLE_S = 10.0
_LINE_S = 5.0

Watching = Annotated[
    bool, typer.Option("--watch", "-w", help="Stay and show how it goes on until nothing is at work.")
]
Runs = Annotated[int, typer.Option(min=0, metavar="N", help="How many of the latest runs to show.")]


def status(lake: opt.Lake, *, watch: Watching = False, runs: Runs = 10, as_json: opt.AsJson = False) -> None:
    """Show the runs of a lake, how far the one at work is, what waits, what failed and what was paid.

    Nothing is asked and nothing is changed. With --watch --json it is a line of JSON a second.

    Examples: pagelake status lake, pagelake status lake --watch, pagelake status lake --json
    """
    from flows.console import consoles, print_json
    from flows.status_view import status_view
    from pipeline.status import status_of

    if watch:
        _follow(looks(lake, runs), as_json=as_json)
    elif as_json:
        print_json(status_of(lake, runs=runs).model_dump(mode="json"))
    else:
        consoles()[0].print(status_view(status_of(lake, runs=runs)))


def looks(lake: Path, runs: int, sleep: Callable[[float], None] = time.sleep) -> "Iterator[LakeStatus]":
    """How a lake stands, once a second, until no run is at work on it and no batch job is under way.

    What does not change from second to second is looked at every ten seconds, and when a run begins or ends.

    Args:
        lake: Folder of the lake.
        runs: How many of the latest runs to tell of.
        sleep: What to wait with.

    Raises:
        PagelakeError: As `pipeline.status.status_of`.
    """
    from pipeline.status import now_in, status_of

    whole, looked_at = status_of(lake, runs=runs), time.monotonic()
    yield whole
    while whole.now.at_work or whole.batch.jobs:
        sleep(_LOOK_S)
        now = now_in(lake)
        if now.at_work != whole.now.at_work or time.monotonic() - looked_at >= _WHOLE_S:
            _refresh(lake)
            whole, looked_at = status_of(lake, runs=runs), time.monotonic()
        else:
            whole = whole.model_copy(update={"now": now})
        yield whole


def _refresh(lake: Path) -> None:
    """Have the folder of a lake in a bucket up to date."""
    from pipeline.store.following import follower_of

    if follower := follower_of(lake):
        follower.refresh()


def _follow(found: "Iterator[LakeStatus]", *, as_json: bool) -> None:
    from flows.console import consoles

    results = consoles()[0]
    try:
        if as_json:
            _print_lines(found)
        elif results.is_terminal:
            _redraw(found, results)
        else:
            _tell(found, results)
    except KeyboardInterrupt:  # how a person ends it
        return


def _print_lines(found: "Iterator[LakeStatus]") -> None:
    for one in found:
        sys.stdout.write(json.dumps(one.model_dump(mode="json")) + "\n")
        sys.stdout.flush()


def _redraw(found: "Iterator[LakeStatus]", console: "Console") -> None:
    from rich.live import Live

    from flows.status_view import status_view

    with Live(console=console, auto_refresh=False, vertical_overflow="crop") as live:
        for one in found:
            live.update(status_view(one), refresh=True)


def _tell(found: "Iterator[LakeStatus]", console: "Console") -> None:
    """A line now and then for whoever reads a pipe, and all of it at the end."""
    from rich.text import Text

    from flows.status_view import now_line, status_view

    last, said_at = None, float("-inf")
    for last in found:
        if last.now.at_work and time.monotonic() - said_at >= _LINE_S:
            console.print(Text(now_line(last.now)), soft_wrap=True)
            said_at = time.monotonic()
    if last is not None:
        console.print(status_view(last))
