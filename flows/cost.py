"""`pagelake cost`: what the answers of a lake cost."""

from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows import options as opt
from pipeline.store.following import address_of

if TYPE_CHECKING:
    from rich.table import Table

    from pipeline.billed import Reconciliation
    from pipeline.service.control import ControlPlane
    from pipeline.store.spent import Spent


class Group(StrEnum):
    """What costs can be summed by; as `pipeline.store.spent.GROUPS`."""

    RUN = "run"
    MODEL = "model"
    SCHEMA = "schema"
    ROAD = "road"
    DAY = "day"


By = Annotated[
    list[Group] | None,
    typer.Option(
        "--by", help="Sum by this; may be repeated. Left out: by model, schema and road.", show_default=False
    ),
]
Billing = Annotated[
    bool, typer.Option("--billing", help="Compare with what the service counted and billed on the same days.")
]


def cost(lake: opt.Lake, *, by: By = None, billing: Billing = False, as_json: opt.AsJson = False) -> None:
    """Sum what the answers of a lake used and cost.

    Prices are those that were set when an answer came; answers without a price are counted apart.

    Examples: pagelake cost lake --by run, pagelake cost lake --by model --by schema --json,
    pagelake cost lake --billing
    """
    from flows.console import consoles, print_json
    from pipeline.store.spent import spent_in

    groups = tuple(group.value for group in dict.fromkeys(by or (Group.MODEL, Group.SCHEMA, Group.ROAD)))
    found, (total,) = spent_in(lake, groups), spent_in(lake, ()) or (None,)
    bill = _bill(lake) if billing and total else None
    if as_json:
        print_json(_fields(lake, found, total, groups, bill))
    elif total is None:
        consoles()[0].print("the lake has no answers: nothing was paid for")
    else:
        consoles()[0].print(_table([*found, total], groups))
        if bill:
            from flows.bill import bill_view

            consoles()[0].print(bill_view(bill))


def _bill(lake: Path) -> "Reconciliation":
    """What the service says, where the key may ask for it."""
    from flows.control import at_service
    from pipeline.billed import reconcile
    from pipeline.errors import NotFound, ServiceRefused

    async def compared(control: "ControlPlane") -> "Reconciliation":
        return await reconcile(control, lake)

    try:
        return at_service(compared)
    except (NotFound, ServiceRefused) as error:
        raise ServiceRefused(
            f"the service does not show this key what it billed ({error}); without --billing the lake alone "
            "is summed"
        ) from error


def _fields(
    lake: Path,
    found: "list[Spent]",
    total: "Spent | None",
    groups: tuple[str, ...],
    bill: "Reconciliation | None",
) -> dict[str, object]:
    told: dict[str, object] = {
        "lake": address_of(lake),
        "by": [_plain(one, groups) for one in found],
        "total": _plain(total, ()) if total else None,
    }
    if bill:
        from flows.bill import bill_json

        told["billing"] = bill_json(bill)
    return told


def _plain(spent: "Spent", groups: tuple[str, ...]) -> dict[str, object]:
    figures = asdict(spent) | {"cost": float(spent.cost)}
    return dict(zip(groups, figures.pop("of"), strict=True)) | figures


def _table(rows: "list[Spent]", groups: tuple[str, ...]) -> "Table":
    """One line a group, and the sum of all, which is the last of the rows."""
    from rich.table import Table

    from flows.console import dollars, thousands
    from pipeline.records import printable

    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in groups:
        table.add_column(name, overflow="fold")
    figures = ("answers", "tokens in", "cached", "tokens out", "cost", "unpriced")
    for name in figures:
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        names = [printable(name) for name in row.of] or ["all", *[""] * (len(groups) - 1)]
        tokens = map(thousands, (row.prompt_tokens, row.cached_tokens, row.completion_tokens))
        priced = row.unpriced < row.answers
        money = dollars(float(row.cost)) if priced else "-"
        table.add_row(*names, str(row.answers), *tokens, money, str(row.unpriced or ""))
    return table
