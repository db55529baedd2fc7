"""`pagelake evaluate`: the records of lakes beside true ones."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows import options as opt
from pipeline.errors import ConfigError

if TYPE_CHECKING:
    from pipeline.evaluate.scores import Evaluation
    from pipeline.evaluate.truth import Truth
    from schemas.registry import RecordType

_BELOW = 1

Lakes = Annotated[
    list[Path],
    typer.Argument(
        metavar="LAKE...",
        parser=str,
        callback=opt.open_lakes,
        help="Folder or address (s3://…) of a lake; several are compared.",
        show_default=False,
    ),
]
TruthFile = Annotated[
    Path,
    typer.Option(
        "--truth",
        "-t",
        metavar="FILE",
        help='True records, one JSON object a line: {"path": "a.pdf", "schema": "invoice", "record": {…}}.',
    ),
]
Schema = Annotated[
    str | None,
    typer.Option(
        "--schema",
        "-s",
        metavar="NAME",
        help="Record type: a built-in name, package.module:Class or file.py:Class. "
        "Left out: every one that the truth and the lakes have.",
    ),
]
Tolerance = Annotated[
    float, typer.Option(min=0, metavar="AMOUNT", help="By how much numbers may differ and still be right.")
]
Show = Annotated[int, typer.Option(min=0, metavar="N", help="Most differences to show, the worst first.")]
LeastF1 = Annotated[
    float | None,
    typer.Option(
        "--min-f1", min=0, max=1, metavar="F1", help="End with exit code 1 when an F1 is below this."
    ),
]


def evaluate(  # noqa: PLR0913 - each is an option of the command
    lakes: Lakes,
    truth: TruthFile,
    *,
    schema: Schema = None,
    tolerance: Tolerance = 0.0,
    show: Show = 10,
    min_f1: LeastF1 = None,
    as_json: opt.AsJson = False,
) -> None:
    """Score the records of a lake against true ones: right, wrong, missing and invented, field by field.

    Case, blanks and the kinds of dash and quotation mark do not count in texts.

    Numbers are equal to the cent, or to the last decimal of the true one where it has more.

    Dates are compared as dates, lists by best matching.

    Fields that the truth leaves out are not scored; null says that there is nothing to find.

    precision = right / (right + wrong + invented), recall = right / (right + wrong + missing).

    Several lakes stand side by side, with what their records cost.

    Examples: pagelake evaluate lake -t truth.jsonl, pagelake evaluate small large -t truth.jsonl --json
    """
    from flows.console import consoles, print_json
    from flows.scoreboard import board
    from pipeline.evaluate.truth import read_truth

    truths = read_truth(truth)
    found = [_scored(lakes, record, truths, tolerance) for record in _record_types(schema, truths, lakes)]
    if as_json:
        told = [evaluation.model_dump(mode="json") for of_schema in found for evaluation in of_schema]
        print_json({"truth": str(truth), "evaluations": told})
    else:
        consoles()[0].print(board(found, show))
    raise typer.Exit(_gate([evaluation for of_schema in found for evaluation in of_schema], min_f1))


def _scored(
    lakes: Sequence[Path], record: "RecordType", truths: "Sequence[Truth]", tolerance: float
) -> "list[Evaluation]":
    from decimal import Decimal

    from pipeline.evaluate.evaluation import evaluate as evaluation_of

    return [evaluation_of(lake, record, truths, tolerance=Decimal(str(tolerance))) for lake in lakes]


def _record_types(schema: str | None, truths: "Sequence[Truth]", lakes: Sequence[Path]) -> "list[RecordType]":
    """The one that is asked for, else those that the truth names and all lakes have, in the truth's order."""
    from flows.work import record_type
    from pipeline.store.results import schemas_in

    held = [schemas_in(lake) for lake in lakes]
    if schema is not None:
        return [record_type(schema)]
    named = dict.fromkeys(truth.line.schema_name for truth in truths if truth.line.schema_name)
    names = [name for name in named if all(name in names for names in held)]
    if not names:
        there = ", ".join(sorted({name for names in held for name in names})) or "nothing"
        raise ConfigError(
            f"the truth names {', '.join(named) or 'no schema'} and the lake holds {there}; "
            "say which to score with --schema"
        )
    return [record_type(name) for name in names]


def _gate(evaluations: "Sequence[Evaluation]", least: float | None) -> int:
    """Exit code; what is below the least F1 is named on standard error."""
    below = [one for one in evaluations if least is not None and (one.total.f1 or 0.0) < least]
    for one in below:
        sys.stderr.write(
            f"pagelake: F1 of {one.schema_name} in {one.lake} is {one.total.f1 or 0.0:.3f}, "
            f"below --min-f1 {least}\n"
        )
    return _BELOW if below else 0
