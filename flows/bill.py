"""What a lake counted beside what the service billed, as tables and as JSON."""

from decimal import Decimal

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from flows.console import dollars, thousands
from pipeline.billed import DollarLine, Reconciliation, TokenLine
from pipeline.records import printable


def bill_view(found: Reconciliation) -> RenderableType:
    """Tokens by day and model, dollars by model and road, each with the difference and its likely reason."""
    elsewhere = f"on the same days account {printable(found.account)} used "
    parts: list[RenderableType] = [Text(), _token_table(found.tokens), Text(), _dollar_table(found.dollars)]
    if found.elsewhere:
        parts += [Text(), Text(f"{elsewhere}{thousands(found.elsewhere)} tokens of other models")]
    return Group(*parts)


def bill_json(found: Reconciliation) -> dict[str, object]:
    """The same for scripts; differences are what the service has more than the lake."""
    return {
        "account": found.account,
        "tokens": [_token_fields(line) for line in found.tokens],
        "dollars": [_dollar_fields(line) for line in found.dollars],
        "tokens_of_other_models": found.elsewhere,
    }


def _token_fields(line: TokenLine) -> dict[str, object]:
    service = line.service
    return {
        "day": line.day.isoformat(),
        "model": line.model,
        "lake": {"prompt_tokens": line.lake.prompt, "completion_tokens": line.lake.completion},
        "service": service and {"prompt_tokens": service.prompt, "completion_tokens": service.completion},
        "difference": (service.total if service else 0) - line.lake.total,
        "reason": line.reason,
    }


def _dollar_fields(line: DollarLine) -> dict[str, object]:
    return {
        "model": line.model,
        "road": line.road,
        "lake": float(line.lake),
        "service": None if line.service is None else float(line.service),
        "difference": float((line.service or Decimal(0)) - line.lake),
        "reason": line.reason,
    }


def _token_table(lines: list[TokenLine]) -> Table:
    table = _table(("day", "model"), ("lake in", "out", "service in", "out", "more"))
    for line in lines:
        theirs = (line.service.prompt, line.service.completion) if line.service else ()
        more = (line.service.total if line.service else 0) - line.lake.total
        table.add_row(
            str(line.day),
            printable(line.model),
            *(f"{count:,}" for count in (line.lake.prompt, line.lake.completion)),
            *(f"{count:,}" for count in theirs),
            *("-" for _ in range(2 - len(theirs))),
            f"{more:+,}" if more else "",
            line.reason,
        )
    return table


def _dollar_table(lines: list[DollarLine]) -> Table:
    table = _table(("model", "road"), ("lake", "billed", "more"))
    for line in lines:
        more = (line.service or Decimal(0)) - line.lake
        sign = "-" if more < 0 else "+"
        table.add_row(
            printable(line.model),
            line.road,
            dollars(float(line.lake)),
            "-" if line.service is None else dollars(float(line.service)),
            f"{sign}{dollars(float(abs(more)))}" if line.reason else "",
            line.reason,
        )
    return table


def _table(names: tuple[str, ...], figures: tuple[str, ...]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in names:
        table.add_column(name, overflow="fold")
    for name in figures:
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("why")
    return table
