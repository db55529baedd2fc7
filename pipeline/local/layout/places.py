"""Where the value of a label may stand: after it, right of it, below it, or in squares to tick."""

import re
from collections.abc import Iterator, Sequence
from statistics import median

from pipeline.local.layout.document import Document
from pipeline.local.layout.labels import Label
from pipeline.local.layout.layout import Row, around
from pipeline.local.seeing.marks import has_marks, is_mark
from pipeline.local.seeing.page import Line
from pipeline.local.words.dates import dates_spans
from pipeline.local.words.lexicon import lexicon, squeeze

DATED_TITLE = frozenset(["title_date"])
"""Words such as `of`, which date a document beside its title."""
_SUMMED = ("money", "number")
_ROWS_BELOW = 2
_STEP = 0.6
"""Line heights that may part two lines of one value."""
_LARGER = 1.12
"""Times the height of a small label that the value below it has."""
_FORM_PITCH = 3.5
"""Line heights within which labels of one column of a form follow each other."""
_NUMBER_WORD = re.compile(r"\W*(?:n|no|nr|num|núm)?\W*", re.IGNORECASE)
"""What stands between `Ticket` and its number: `n°`, of which OCR may lose the sign."""
_KEY_CELL = re.compile(r"[^\W\d][^\d:]{1,40}[:\uff1a]\s*")


def places(
    label: Label, document: Document, skipped: frozenset[int], kind: str, taken: frozenset[Line]
) -> Iterator[tuple[str, Line, int]]:
    """Texts that may hold the label's value: the rest of its cell, what is right of it, what is below."""
    if kind in ("choice", "boolean", "text") and (marked := _marked(label, document, kind)):
        yield "marked", marked, label.row
    answer = (
        document.rows[label.row].cells[label.cell + 1 :][:1] if kind == "boolean" and not label.rest else ()
    )
    if answer and _is_answer(answer[0].text):  # `No` may label a number, too
        yield "right", answer[0], label.row
    stacked = _is_stacked(label, document)
    right = [] if stacked else _right_of(label, document)
    if kind in ("id", "date"):  # the number of a house is nobody's reference
        right = [line for line in right if line not in taken and not _NUMBER_WORD.fullmatch(line.text)]
    if kind in _SUMMED:  # a row of sums ends with its amount: `VAT 20 % on 100.00 | 20.00`
        yield from (("right", line, label.row) for line in reversed(right))
    if label.rest and not is_rate(label.rest.text):
        yield "after", label.rest, label.row
    if right and kind not in _SUMMED:
        yield "right", _whole(right[0], label, document) if kind == "text" else right[0], label.row
    alone = label.rest is None or (kind == "money" and is_rate(label.rest.text))
    if alone and (not right or kind != "text") and not (kind == "date" and _dated(right)):
        yield from (("below", line, row) for line, row in _below(label, document, skipped, taken))


def _is_answer(text: str) -> bool:
    said, values = squeeze(text), lexicon().values
    return bool(said) and said in values["true"] | values["false"]


def _dated(right: list[Line]) -> bool:
    """Whether a date stands right of the label, be it one that cannot be read."""
    return bool(right) and bool(re.search(r"\b(?:19|20)\d\d\b", right[0].text))


def _marked(label: Label, document: Document, kind: str) -> Line | None:
    """The squares to tick that belong to a label, with their words: beside it, or below it."""
    cells = document.rows[label.row].cells
    after = [label.rest] if label.rest else []
    beside = [*after, *_choices(cells[label.cell + 1 :])] if not after or has_marks(after[0].text) else []
    own = cells[label.cell]
    before = cells[label.cell - 1] if label.cell and is_mark(cells[label.cell - 1].text) else None
    if any(has_marks(cell.text) for cell in beside):
        return _run(beside)
    if kind == "boolean" and before and own.box.left - before.box.right < 2 * own.box.height:
        return before
    if kind == "boolean" and has_marks(own.text[: own.text.find(label.line.text)]):
        return own.part(0, own.text.find(label.line.text))
    below = document.rows[label.row + 1] if label.row + 1 < len(document.rows) else None
    if below is None or label.rest or below.page != document.rows[label.row].page:
        return None
    under = [cell for cell in below.cells if cell.box.right > label.line.box.left]
    near = below.box.top - label.line.box.bottom < 2 * label.line.box.height
    marked = _choices(tuple(under)) if near and under and has_marks(under[0].text) else []
    starts = marked and abs(marked[0].box.left - label.line.box.left) < 2 * label.line.box.height
    return _run(marked) if starts else None


def _choices(cells: Sequence[Line]) -> list[Line]:
    """The cells up to one that has neither a square nor one before it."""
    taken: list[Line] = []
    for place, cell in enumerate(cells):
        owned = place and is_mark(cells[place - 1].text)
        follows = any(is_mark(other.text) for other in cells[place + 1 : place + 2])
        if not has_marks(cell.text) and not owned and not follows:
            break
        taken.append(cell)
    return taken


def _run(cells: list[Line]) -> Line:
    return Line(
        text=" ".join(cell.text for cell in cells), box=around(cells), score=min(cell.score for cell in cells)
    )


def _is_stacked(label: Label, document: Document) -> bool:
    """Whether values stand below their labels there: bare labels side by side, or small ones over a line."""
    if label.rest is not None or label.colon:
        return False
    row, cells = document.rows[label.row], document.rows[label.row].cells
    if len(cells) < 2 or any(letter.isdigit() for letter in row.text):  # noqa: PLR2004
        return False
    bare = {
        one.cell
        for one in document.labels[label.row]
        if one.rest is None and not one.colon and _begins(one, cells[one.cell])
    }
    if label.cell + 1 in bare or label.cell - 1 in bare:
        return True
    below = document.rows[label.row + 1] if label.row + 1 < len(document.rows) else None
    near = below is not None and 0 <= below.box.top - row.box.bottom < 1.5 * row.box.height
    return below is not None and near and _height(below) >= _LARGER * _height(row)


def _height(row: Row) -> float:
    return median(cell.box.height for cell in row.cells)


def _right_of(label: Label, document: Document) -> list[Line]:
    """Cells right of the label, up to the next cell that begins with a label."""
    cells = document.rows[label.row].cells
    others = {
        other.cell
        for other in document.labels[label.row]
        if other.cell > label.cell
        and _begins(other, cells[other.cell])
        and not (_is_value(other) and other.concepts & label.concepts)
    }
    stop = min(others, default=len(cells))
    if any(
        other.cell == label.cell and other.line.box.left > label.line.box.left and not _only_dates(other)
        for other in document.labels[label.row]
    ):
        return []
    places = range(label.cell + 1, stop)
    found = [_before_labels(cells[place], place, label.row, document) for place in places]
    ends = [place for place, cell in enumerate(found) if _KEY_CELL.fullmatch(cell.text)]
    return found[: ends[0]] if ends else found


def _only_dates(label: Label) -> bool:
    """Whether a label gives no more than a day to the one before it: `Old balance of 30 April 2024`."""
    return bool(label.concepts & DATED_TITLE) or (
        label.concepts <= _PERIOD and label.rest is not None and bool(dates_spans(label.rest.text))
    )


_PERIOD = frozenset(["period_start", "period_end"])


def _before_labels(cell: Line, place: int, row: int, document: Document) -> Line:
    """The cell up to a label within it that opens a value of its own: `12 Mill Lane Tax year: 2024`."""
    starts = [
        cell.text.find(other.line.text)
        for other in document.labels[row]
        if other.cell == place and other.colon and not _begins(other, cell)
    ]
    return cell.part(0, min(starts)) if starts and min(starts) > 0 else cell


def _whole(first: Line, label: Label, document: Document) -> Line:
    """A text right of its label, with the lines that carry it on below it."""
    lines = [first]
    for index in range(label.row + 1, len(document.rows)):
        row = document.rows[index]
        under = [cell for cell in row.cells if abs(cell.box.left - first.box.left) < 0.5 * first.box.height]
        gap = row.box.top - lines[-1].box.bottom
        beside = any(
            cell.box.left < label.line.box.right for cell in row.cells if cell.box.right > label.line.box.left
        )
        if row.page != document.rows[label.row].page or not under or beside:
            break
        if not 0 <= gap + 0.2 * first.box.height < _STEP * first.box.height or index in document.labels:
            break
        lines.append(under[0])
    joined = " ".join(line.text for line in lines)
    return Line(text=joined, box=around(lines), score=min(line.score for line in lines))


def _begins(label: Label, cell: Line) -> bool:
    """Whether a label is the first of its cell, rather than a word within a value: `1 May to 31 May`."""
    return label.line.box.left - cell.box.left < label.line.box.height


def _below(
    label: Label, document: Document, skipped: frozenset[int], taken: frozenset[Line]
) -> Iterator[tuple[Line, int]]:
    """The nearest text below the label that is no label and belongs to none beside it."""
    page = document.rows[label.row].page
    reach = label.line.box.bottom + 2.6 * document.heights[page]
    for row in range(label.row + 1, min(len(document.rows), label.row + 1 + _ROWS_BELOW + 1)):
        if document.rows[row].page != page or row in skipped or document.rows[row].box.top > reach:
            return
        if _is_beside_others(label, document, taken) or _is_heading(document, row):
            return
        for place, cell in enumerate(document.rows[row].cells):
            if not _under(label.line, cell):
                continue
            if not _labelled(document, row, place):
                yield cell, row
            return


def _is_beside_others(label: Label, document: Document, taken: frozenset[Line]) -> bool:
    """Whether the nearest labels above or below this one have their values beside them: so would it."""
    if label.rest is not None or _is_stacked(label, document):
        return False
    near = [
        other
        for row in (label.row - 1, label.row + 1, label.row - 2, label.row + 2)
        for other in document.labels.get(row, [])
        if abs(other.line.box.left - label.line.box.left) < label.line.box.height
        and document.rows[row].page == document.rows[label.row].page
        and abs(other.line.box.top - label.line.box.top) < _FORM_PITCH * label.line.box.height
    ]
    return any(
        (other.colon and other.rest is not None)
        or (not taken.issuperset(_right_of(other, document)) and not _is_stacked(other, document))
        for other in near[:2]
    )


def _is_heading(document: Document, row: int) -> bool:
    """Whether the row holds bare labels side by side, whose values are below it."""
    bare = [label for label in document.labels.get(row, []) if label.rest is None and not label.colon]
    return any(_is_stacked(label, document) for label in bare)


def _under(label: Line, cell: Line) -> bool:
    if label.box.overlap_x(cell.box) > 0.3 * min(label.box.width, cell.box.width):
        return True
    near = label.box.height
    return abs(label.box.left - cell.box.left) < near or abs(label.box.right - cell.box.right) < near


def _labelled(document: Document, row: int, place: int) -> bool:
    """Whether the cell is a label, or has one right before it that has no other value."""
    labels = {label.cell: label for label in document.labels.get(row, []) if not _is_value(label)}
    return place in labels or (place - 1 in labels and labels[place - 1].rest is None)


def _is_value(label: Label) -> bool:
    """Whether the label only opens a value, such as `PO 77-2024` or `Net 30`."""
    return label.rest is not None and not label.colon


def is_rate(text: str) -> bool:
    """Whether the text only says at which rate a tax is charged: `at 20 %`."""
    return bool(re.fullmatch(r"\W*(?:[^\W\d_]{1,4}\W+)?\d{1,2}(?:[.,]\d{1,2})?\s?%\W*", text))
