"""Whom a document is for when no label says so: the address window, the line above it, a lone name."""

import re
from itertools import islice

from pipeline.local.layout.blocks import column_below, free_cells, lines_below
from pipeline.local.layout.document import Document
from pipeline.local.layout.names import TOWN, is_name, is_title, postal_lines, segments
from pipeline.local.rules.parties import Party, party, shares
from pipeline.local.rules.senders import HEAD
from pipeline.local.seeing.page import Line

_WINDOW = 8.0
"""Line heights that may part the line of the sender from the address below it, as envelopes have it."""


def below_return_line(document: Document, skipped: frozenset[int]) -> Party | None:
    """The party below the small line with name, street and town that shows in a window envelope."""
    for row, line in free_cells(document, skipped):
        parts = segments(line)
        small = line.box.height < 1.05 * document.heights[0]
        if len(parts) < 3 or not small or not any(TOWN.search(part.text) for part in parts[1:]):  # noqa: PLR2004
            continue
        first = _below_small(document, line, row)
        if first and is_name(first[0].text) and not is_title(first[0].text):
            lines = [first[0], *lines_below(document, *first)]
            if postal_lines(lines[1:]):
                return party(document, lines, first[1], 0.85, "below return line")
    return None


def _below_small(document: Document, line: Line, row: int) -> tuple[Line, int] | None:
    """What stands first below the small line; not what is left of it, set as small, in a line of its own."""
    below = list(islice(column_below(document, line, row, _WINDOW), 2))
    if len(below) > 1 and re.search(r"[•·|∙]", below[0][0].text):
        return below[1]
    if len(below) > 1 and _letter(below[0][0]) < 1.12 * _letter(line) < 0.95 * _letter(below[1][0]):
        return below[1]
    return below[0] if below else None


def _letter(line: Line) -> float:
    """Pixels a letter of the line is wide on average."""
    return line.box.width / max(1, len(line.text))


def recipient(document: Document, sender: Party | None, skipped: frozenset[int]) -> Party | None:
    """The party in the address window: lines below each other, a town with its code among them, no label."""
    taken = frozenset(sender.lines) if sender else frozenset()
    for row, line in free_cells(document, skipped):
        if document.rows[row].box.top > 0.45 * document.pages[0].height:
            return None
        if (
            line in taken
            or not is_name(line.text)
            or is_title(line.text)
            or (sender and shares(line.text, sender.name.text))
        ):
            continue
        lines = [line, *lines_below(document, line, row)]
        address = postal_lines(lines[1:])
        town = [index for index, part in enumerate(address) if TOWN.search(part.text)]
        if town and len(lines) >= 3 and not any(part in taken for part in lines):  # noqa: PLR2004
            return party(document, lines, row, 0.75, "address window")
    return None


def only_name(document: Document, head: Party, skipped: frozenset[int]) -> Party | None:
    """The one line at the head of the first page that looks like a name, besides the sender's."""
    top = HEAD * document.pages[0].height
    names = [
        (row, line)
        for row, line in free_cells(document, skipped)
        if line.box.centre_y < top and _looks_like_name(line.text) and not shares(line.text, head.name.text)
    ]
    if len(names) != 1 or names[0][1] in head.lines:
        return None
    return party(document, [names[0][1]], names[0][0], 0.6, "only name")


def _looks_like_name(text: str) -> bool:
    """Whether every word begins with a capital, and there are two to five of them and no digit."""
    words = text.split()
    written = all(word[0].isupper() for word in words) and not any(map(str.isdigit, text))
    return 2 <= len(words) <= 5 and written and is_name(text) and not is_title(text)  # noqa: PLR2004
