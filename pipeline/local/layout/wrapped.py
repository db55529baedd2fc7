"""Labels side by side that run over two lines each: `Invoice | Due` above `No. | date`."""

from functools import cache

from pipeline.local.layout.layout import Row, around
from pipeline.local.seeing.page import Line
from pipeline.local.words.lexicon import lexicon, squeeze

_FEWEST = 3
"""Cells a row of labels side by side has at least."""
_FEWEST_RUNS = 2
_MOST = 0.7
"""Share of the joined cells that must be known labels."""


def with_whole_labels(rows: list[Row]) -> list[Row]:
    """The rows, two that only together hold labels as one."""
    whole: list[Row] = []
    for row in rows:
        if whole and (joined := _joined(whole[-1], row)):
            whole[-1] = joined
        else:
            whole.append(row)
    return whole


def _joined(upper: Row, lower: Row) -> Row | None:
    """The two rows as one, each lower cell after the one it stands below; None when they are no labels."""
    near = upper.page == lower.page and abs(lower.box.top - upper.box.bottom) < 0.6 * upper.box.height
    if len(upper.cells) < _FEWEST or len(lower.cells) > len(upper.cells) or not near:
        return None
    if any(letter.isdigit() for letter in upper.text + lower.text):
        return None
    below = [next((cell for cell in lower.cells if _is_below(cell, head)), None) for head in upper.cells]
    runs = [_run(head, cell) for head, cell in zip(upper.cells, below, strict=True) if cell]
    known = sum(squeeze(run.text) in _phrases() for run in runs)
    if len(runs) < len(lower.cells) or known < max(_FEWEST_RUNS, _MOST * len(runs)):
        return None
    cells = [_run(head, cell) if cell else head for head, cell in zip(upper.cells, below, strict=True)]
    return Row(page=upper.page, cells=tuple(cells))


def _is_below(cell: Line, head: Line) -> bool:
    return cell.box.overlap_x(head.box) > 0.5 * min(cell.box.width, head.box.width)


def _run(head: Line, cell: Line) -> Line:
    lines = [head, cell]
    return Line(text=f"{head.text} {cell.text}", box=around(lines), score=min(head.score, cell.score))


@cache
def _phrases() -> frozenset[str]:
    known = (concept for concept in lexicon().concepts.values() if not concept.column)
    return frozenset(phrase for concept in known for phrase in concept.phrases)
