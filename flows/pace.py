"""`pagelake pace`: how many requests a run had at the service at once, and what the service bore."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from flows import options as opt
from pipeline.store.following import address_of

if TYPE_CHECKING:
    from rich.console import RenderableType

    from pipeline.summary import LimitChange, RunSummary

_ROWS = 6
_WIDEST = 100
_EIGHTHS = " ▁▂▃▄▅▆▇█"
_MARKS = {"rate limit": "!", "outage": "x", "recovery": "o"}
_CHANGES_SHOWN = 20

Run = Annotated[
    str | None,
    typer.Option(
        metavar="ID", help="Which run. Left out: the latest that asked something.", show_default=False
    ),
]


def pace(lake: opt.Lake, *, run: Run = None, as_json: opt.AsJson = False) -> None:
    """Show how many requests were at the service at once in a run, and what changed that.

    Examples: pagelake pace lake, pagelake pace lake --json
    """
    from flows.console import consoles, print_json
    from pipeline.store.manifests import manifest_of

    told = manifest_of(lake, run)
    if as_json:
        changes = [change.model_dump(mode="json") for change in told.limits]
        print_json({"lake": address_of(lake), "run": told.run, "seconds": told.seconds, "limits": changes})
        return
    results = consoles()[0]
    results.print(_view(told, results.width))


def _view(told: "RunSummary", width: int) -> "RenderableType":
    from rich.console import Group
    from rich.text import Text

    from flows.console import counted, duration

    if not told.limits:
        return Text(f"run {told.run}: nothing was asked")
    bounds = [change.in_flight for change in told.limits]
    headline = (
        f"run {told.run}: {counted(told.requests, 'request')} in {duration(told.seconds)}, "
        f"{min(bounds)} to {max(bounds)} at once"
    )
    drawn = chart(told.limits, told.seconds, columns=min(width, _WIDEST) - len(str(max(bounds))) - 2)
    return Group(Text(headline, style="bold"), *map(Text, drawn), _table(told.limits))


def chart(changes: "Sequence[LimitChange]", seconds: float, *, columns: int) -> list[str]:
    """The limit over the time of a run, as lines of text with what changed it below.

    Args:
        changes: In the order of their time; at least one.
        seconds: How long the run took.
        columns: Characters for its whole time.
    """
    heights = lowest(changes, seconds, columns)
    top = max(change.in_flight for change in changes)
    label = len(str(top))
    rows = [
        f"{top if row == _ROWS - 1 else 0 if row == 0 else '':>{label}} "
        + "".join(_cell(height / top * _ROWS - row) for height in heights)
        for row in reversed(range(_ROWS))
    ]
    marks = [" "] * columns
    for change in changes:
        if mark := _MARKS.get(change.reason):
            marks[_column(change.at_s, seconds, columns)] = mark
    legend = ", ".join(f"{mark} {reason}" for reason, mark in _MARKS.items() if mark in marks)
    return [*rows, *([f"{'':{label}} {''.join(marks).rstrip()}", f"{'':{label}} {legend}"] if legend else [])]


def lowest(changes: "Sequence[LimitChange]", seconds: float, columns: int) -> list[int]:
    """The lowest limit within each column's share of a run's time."""
    found, limit, following = [], changes[0].in_flight, list(changes)
    for column in range(columns):
        here = [limit]
        while following and _column(following[0].at_s, seconds, columns) <= column:
            limit = following.pop(0).in_flight
            here.append(limit)
        found.append(min(here))
    return found


def _column(at_s: float, seconds: float, columns: int) -> int:
    return max(0, min(columns - 1, int(at_s / max(seconds, 0.001) * columns)))


def _cell(height: float) -> str:
    """A character filled to a height from 0 to 1, and more than nothing where there is something."""
    return _EIGHTHS[max(0, min(8, round(height * 8)))]


def _table(changes: "Sequence[LimitChange]") -> "RenderableType":
    from rich.table import Table

    from flows.console import duration

    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("after", "at once", "why"):
        table.add_column(name, justify="right" if name != "why" else "left")
    if len(changes) > _CHANGES_SHOWN:
        table.add_row("…", "", f"{len(changes) - _CHANGES_SHOWN} earlier changes: see --json")
    for change in changes[-_CHANGES_SHOWN:]:
        table.add_row(duration(change.at_s), str(change.in_flight), change.reason)
    return table
