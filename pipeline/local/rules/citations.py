"""The list of references of a paper, entry by entry."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.local.rules.running import Running, text_of, usual_height
from pipeline.local.words.lexicon import squeeze

DOI = re.compile(r"\b10\.\d{4,9}/[-._;()/:A-Za-z0-9<>]*[A-Za-z0-9)]")
_LISTS = frozenset(
    squeeze(title)
    for title in (
        *("references", "bibliography", "literature cited", "works cited"),
        *("literaturverzeichnis", "literatur", "quellenverzeichnis"),
        *("références", "bibliographie", "références bibliographiques"),
        *("referenties", "literatuur", "literatuurlijst"),
        *("referencias", "bibliografía", "referencias bibliográficas"),
    )
)
_END = re.compile(r"^(?:appendix|anhang|annexe|bijlage|ap\u00e9ndice|supplementary)\b", re.IGNORECASE)
_LABEL = re.compile(
    r"^(?:\[(?P<square>\d{1,3}|[A-Za-z+]{2,8}\d{2}[a-z]?)\]|(?P<bare>\d{1,3})[.)](?=\s|[^\W\d]))\s*"
)
_YEAR = re.compile(r"(?<![\d/.-])((?:19|20)\d\d)[a-z]?(?![\d/-])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """One entry of the list.

    Attributes:
        label: Its number or mark, or None.
        lines: Its lines.
        text: Without the label.
        year: Of publication, or None.
        doi: Or None.
    """

    label: str | None
    lines: tuple[Running, ...]
    text: str
    year: int | None
    doi: str | None


def list_start(lines: Sequence[Running]) -> int | None:
    """Index of the heading of the last list of references; None when there is none."""
    starts = [at for at, one in enumerate(lines) if squeeze(_bare(one.line.text)) in _LISTS]
    return starts[-1] if starts else None


def _bare(text: str) -> str:
    return re.sub(r"^(?:\d{1,2}|[IVX]+)[.\s]\s*", "", text.strip())


def citations(lines: Sequence[Running]) -> list[Citation]:
    """The entries of the list of references, in printed order."""
    start = list_start(lines)
    if start is None:
        return []
    end = next((at for at in range(start + 1, len(lines)) if _END.match(lines[at].line.text)), len(lines))
    listed = lines[start + 1 : end]
    labelled = sum(bool(_LABEL.match(one.line.text)) for one in listed)
    entries = _by_label(listed) if labelled > 1 else _by_inset(listed)
    return [_citation(entry) for entry in entries if len(text_of(entry).split()) > 3]  # noqa: PLR2004


def _by_label(lines: Sequence[Running]) -> list[list[Running]]:
    entries: list[list[Running]] = []
    for one in lines:
        if _LABEL.match(one.line.text):
            entries.append([])
        if entries:
            entries[-1].append(one)
    return entries


def _by_inset(lines: Sequence[Running]) -> list[list[Running]]:
    """Entries whose first lines stand out at the left of their column, else those that gaps part."""
    height = usual_height(lines)
    entries: list[list[Running]] = []
    for at, one in enumerate(lines):
        column = [
            other.line.box.left
            for other in lines
            if other.page == one.page and other.line.box.overlap_x(one.line.box)
        ]
        hangs = max(column) - min(column) > 0.5 * height
        before = lines[at - 1] if at else None
        gap = (
            before is None
            or one.line.box.top - before.line.box.bottom > 0.5 * height
            or before.page != one.page
        )
        stands_out = one.line.box.left < min(column) + 0.4 * height
        if not entries or (stands_out if hangs else gap):
            entries.append([])
        entries[-1].append(one)
    return entries


def _citation(lines: list[Running]) -> Citation:
    text = text_of(lines)
    label = _LABEL.match(text)
    said = text[label.end() :] if label else text
    doi = DOI.search(said.replace("- ", "-"))
    years = _YEAR.findall(re.sub(DOI, "", said))
    return Citation(
        label=(label["square"] or label["bare"]) if label else None,
        lines=tuple(lines),
        text=said.strip(),
        year=int(years[-1]) if years else None,
        doi=doi.group().rstrip(".,;") if doi else None,
    )
