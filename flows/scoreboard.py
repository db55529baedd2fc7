"""An evaluation as a person reads it: figures by field, what differs where; or several lakes side by side."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import takewhile

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from flows.console import counted, dollars, thousands
from pipeline.evaluate.scores import Counts, Difference, DocumentScore, Evaluation, FieldScore
from pipeline.records import printable

_WORST = 10
_FIELDS_NAMED = 4
_PATHS_NAMED = 3
_EXCERPT = 120
_BEFORE = 20


def board(found: Sequence[Sequence[Evaluation]], show: int) -> RenderableType:
    """Everything that was evaluated.

    Args:
        found: For each record type the evaluation of each lake.
        show: Most differences to show of each record type; of several lakes none are shown.
    """
    parts: list[RenderableType] = []
    for evaluations in found:
        parts += [Text()] if parts else []
        parts.append(one_view(evaluations[0], show) if len(evaluations) == 1 else side_by_side(evaluations))
    return Group(*parts)


def one_view(evaluation: Evaluation, show: int) -> RenderableType:
    """One record type of one lake."""
    parts: list[RenderableType] = [
        Text(f"{evaluation.schema_name} in {printable(evaluation.lake)}{_by(evaluation)}", style="bold"),
        *(Text(sentence) for sentence in _sentences(evaluation)),
        Text(),
        _fields_view(evaluation),
    ]
    worst = [each for each in evaluation.documents if each.differences]
    worst.sort(key=lambda each: (each.counts.f1 or 0.0, -len(each.differences)))
    if worst:
        parts += [Text(), _worst_view(worst[:_WORST], len(worst))]
    there = [each for each in worst if each.state != "missing"]  # of the others the table says it all
    if there and show:
        parts += [Text(), *_differences(there, show)]
    return Group(*parts)


def _by(evaluation: Evaluation) -> str:
    return f" by {printable(', '.join(evaluation.models))}" if evaluation.models else ""


def _sentences(evaluation: Evaluation) -> Iterator[str]:
    states = Counter(document.state for document in evaluation.documents)
    told = [
        f"{states['scored']} with a record",
        f"{states['none']} rightly without one",
        f"{states['missing']} without one that should have it",
        f"{states['unexpected']} with one that should have none",
    ]
    yield (
        f"{counted(len(evaluation.documents), 'document')} of the truth: "
        f"{', '.join(each for each in told if not each.startswith('0 '))}; "
        f"{evaluation.perfect} without a difference"
    )
    yield _values_told(evaluation.total)
    strangers = [
        document.path
        for document in evaluation.documents
        if not document.in_lake and document.state == "missing"
    ]
    if strangers:
        yield f"the lake does not list {_some(strangers)}"
    if evaluation.records:
        yield f"a record took {', '.join(_means(evaluation).values())}"
    if evaluation.not_scored:
        yield f"not scored, for the truth does not speak of them: {_some(evaluation.not_scored)}"


def _values_told(total: Counts) -> str:
    found, true = total.right + total.wrong + total.invented, total.right + total.wrong + total.missing
    return (
        f"of {counted(found, 'value')} found {total.right} are right, {total.wrong} wrong and "
        f"{total.invented} invented{_percent(total.invented, found)}; "
        f"of {true} true ones {total.missing} are missing{_percent(total.missing, true)}"
    )


def _percent(part: int, whole: int) -> str:
    return f" ({part / whole:.1%})" if part else ""


def _some(paths: Sequence[str]) -> str:
    more = f" and {len(paths) - _PATHS_NAMED} more" if len(paths) > _PATHS_NAMED else ""
    return ", ".join(map(printable, paths[:_PATHS_NAMED])) + more


def _means(evaluation: Evaluation) -> dict[str, str]:
    """What one record took, by what it is."""
    spent, records = evaluation.spent, max(evaluation.records, 1)
    means = {
        "prompt": f"{thousands(round(spent.prompt_tokens / records))} prompt tokens",
        "completion": f"{thousands(round(spent.completion_tokens / records))} completion tokens",
        "seconds": f"{spent.seconds / records:.1f} s",
    }
    return means if spent.cost is None else means | {"cost": dollars(spent.cost / records)}


def figure(share: float | None) -> str:
    """A share with three decimals; 1.000 only when it is whole."""
    if share is None:
        return ""
    return f"{min(share, 0.999) if share < 1 else share:.3f}"


def _table(first: str, *numbers: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="dim")
    table.add_column(first, overflow="fold")
    for name in numbers:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _fields_view(evaluation: Evaluation) -> Table:
    names = ("right", "wrong", "missing", "invented", "empty", "prec.", "recall", "F1", "alike")
    table = _table("field", *names)
    for name, counts, score in indented(evaluation.fields):
        alike = figure(score.text_likeness) if score else ""
        table.add_row(Text(printable(name)), *_cells(counts), alike, style="" if score else "dim")
    table.add_section()
    if evaluation.inside_lists != Counts():
        table.add_row("outside lists", *_cells(evaluation.outside_lists))
        table.add_row("inside lists", *_cells(evaluation.inside_lists))
    table.add_row("all", *_cells(evaluation.total), style="bold")
    return table


def _cells(counts: Counts) -> tuple[str, ...]:
    numbers = (counts.right, counts.wrong, counts.missing, counts.invented, counts.both_empty)
    shares = (counts.precision, counts.recall, counts.f1)
    return (*map(str, numbers), *map(figure, shares))


def indented(fields: Sequence[FieldScore]) -> Iterator[tuple[str, Counts, FieldScore | None]]:
    """Fields below what they are part of, which comes first with the sum of its fields and no score."""
    above: list[str] = []
    for score in fields:
        *groups, name = score.field.split(".")
        for depth in range(len(groups)):
            if above[: depth + 1] != groups[: depth + 1]:
                prefix = ".".join(groups[: depth + 1]) + "."
                parts = (each.counts for each in fields if each.field.startswith(prefix))
                yield "  " * depth + groups[depth], sum(parts, Counts()), None
                above = groups[: depth + 1]
        above = groups
        yield "  " * len(groups) + name, score.counts, score


def _worst_view(documents: Sequence[DocumentScore], total: int) -> Table:
    heading = "document with differences" if total == len(documents) else f"worst of {total} documents"
    table = _table(heading, "wrong", "missing", "invented", "F1")
    table.add_column("fields that differ", overflow="fold")
    for document in documents:
        counts = document.counts
        numbers = map(str, (counts.wrong, counts.missing, counts.invented))
        fields = Text(_fields_named(document.differences))
        table.add_row(Text(_named(document)), *numbers, figure(counts.f1), fields)
    return table


def _named(document: DocumentScore) -> str:
    state = {"missing": " (no record)", "unexpected": " (should have none)"}.get(document.state, "")
    page = f" page {document.page}" if document.page is not None else ""
    return document.path + page + state


def _fields_named(differences: Sequence[Difference]) -> str:
    names = list(dict.fromkeys(difference.field.partition("[")[0] for difference in differences))
    more = f" and {len(names) - _FIELDS_NAMED} more" if len(names) > _FIELDS_NAMED else ""
    return ", ".join(map(printable, names[:_FIELDS_NAMED])) + more


def _differences(documents: Sequence[DocumentScore], show: int) -> Iterator[RenderableType]:
    """The first differences of the worst documents, true value beside the one found."""
    left = show
    for document in documents:
        shown = document.differences[:left]
        left -= len(shown)
        if shown:
            yield Text(_named(document), style="bold")
            yield _differences_view(shown)
    total = sum(len(document.differences) for document in documents)
    if total > show:
        yield Text(f"{total - show} more: raise --show, or take --json", style="dim")


def _differences_view(differences: Sequence[Difference]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("field", "", "truth", "found"):
        table.add_column(name, overflow="fold")
    for difference in differences:
        truth, found = excerpts(difference.truth or "", difference.found or "")
        cells = (difference.field, difference.verdict.value, truth, found)
        table.add_row(*(Text(printable(cell)) for cell in cells))
    return table


def excerpts(truth: str, found: str) -> tuple[str, str]:
    """Two texts as they are shown: of long ones the place where they begin to differ."""
    if max(len(truth), len(found)) <= _EXCERPT:
        return truth, found
    alike = takewhile(lambda pair: pair[0] == pair[1], zip(truth, found, strict=False))
    start = max(0, sum(1 for _ in alike) - _BEFORE)
    return _cut(truth, start), _cut(found, start)


def _cut(text: str, start: int) -> str:
    end = start + _EXCERPT
    return ("…" if start and text else "") + text[start:end] + ("…" if len(text) > end else "")


def side_by_side(evaluations: Sequence[Evaluation]) -> RenderableType:
    """One record type in several lakes: totals, what a record took, F1 field by field; the best are bold."""
    table = _table("", *(printable(evaluation.lake) for evaluation in evaluations))
    for column in table.columns[1:]:
        column.no_wrap, column.overflow = False, "fold"
    for name, cell in _TOLD.items():
        table.add_row(name, *(Text(cell(evaluation)) for evaluation in evaluations))
    for name, share in _SHARES.items():
        table.add_row(name, *_best([share(evaluation.total) for evaluation in evaluations]))
    for name in ("prompt", "completion", "seconds", "cost"):
        cells = [_means(evaluation).get(name, "") if evaluation.records else "" for evaluation in evaluations]
        if any(cells):
            table.add_row("a record took" if name == "prompt" else "", *cells)
    table.add_row()
    table.add_row(Text("F1 by field", style="dim"))
    for name in dict.fromkeys(score.field for each in evaluations for score in each.fields):
        table.add_row(Text(printable(name)), *_best([_f1(each, name) for each in evaluations]))
    return Group(Text(evaluations[0].schema_name, style="bold"), table)


_TOLD: dict[str, Callable[[Evaluation], str]] = {
    "model": lambda each: printable(", ".join(each.models)),
    "records": lambda each: str(each.records),
    "without a difference": lambda each: str(each.perfect),
    "right": lambda each: str(each.total.right),
    "wrong": lambda each: str(each.total.wrong),
    "missing": lambda each: str(each.total.missing),
    "invented": lambda each: str(each.total.invented),
}
_SHARES: dict[str, Callable[[Counts], float | None]] = {
    "precision": lambda counts: counts.precision,
    "recall": lambda counts: counts.recall,
    "F1": lambda counts: counts.f1,
}


def _best(shares: Sequence[float | None]) -> list[Text]:
    there = [share for share in shares if share is not None]
    return [
        Text(figure(share), style="bold" if there and share == max(there) > min(there) else "")
        for share in shares
    ]


def _f1(evaluation: Evaluation, field: str) -> float | None:
    return next((score.counts.f1 for score in evaluation.fields if score.field == field), None)
