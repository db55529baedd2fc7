"""What tests found, printed as tables after the last of them: `make torture` is read by people."""

from collections import defaultdict
from collections.abc import Callable, Iterable

import pytest
from rich.console import Console
from rich.table import Table

HEADS: dict[str, tuple[str, ...]] = {
    "hostile documents": ("document", "became", "what the user is told", "and what to do"),
    "kill matrix": ("command", "ended before", "by", "in doubt", "asked again", "afterwards"),
    "faults": ("fault", "pages", "lost", "exit", "what the user is told"),
    "endurance": ("run", "bytes that a page leaves in memory"),
}
"""Each table and its columns."""

Cells = tuple[str, ...]
Draw = Callable[..., None]

_PREFIX = "chart: "


@pytest.fixture
def chart(record_property: Callable[[str, object], None]) -> Draw:
    """Adds a row to one of the tables: `chart("faults", "a reset in mid-body", "asked again", "0")`."""

    def draw(table: str, *cells: object) -> None:
        if len(cells) != len(HEADS[table]):
            raise ValueError(f"a row of {table!r} has {len(HEADS[table])} cells")
        record_property(f"{_PREFIX}{table}", [str(cell) for cell in cells])

    return draw


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the tables that rows came for; rows travel with the reports, so from other processes too."""
    rows: dict[str, set[Cells]] = defaultdict(set)
    for reports in terminalreporter.stats.values():
        for name, cells in _noted(reports):
            rows[name.removeprefix(_PREFIX)].add(tuple(cells))
    for name, found in sorted(rows.items()):
        terminalreporter.section(name)
        Console(width=180, highlight=False).print(_table(HEADS[name], sorted(found)))


def _noted(reports: Iterable[object]) -> Iterable[tuple[str, list[str]]]:
    for report in reports:
        if isinstance(report, pytest.TestReport) and report.when == "call":
            for name, cells in report.user_properties:
                if name.startswith(_PREFIX) and isinstance(cells, list):
                    yield name, cells


def _table(heads: Cells, rows: Iterable[Cells]) -> Table:
    table = Table(*heads)
    for row in rows:
        table.add_row(*(cell.replace("[", r"\[") for cell in row))
    return table
