"""What the lines of a résumé's entries say: posts, courses of study, languages."""

import re
from collections.abc import Iterator

from pipeline.local.layout.names import LEGAL_FORM
from pipeline.local.rules.entries import Said
from pipeline.local.words.lexicon import lexicon, squeeze

BULLET = re.compile(r"^\s*[•·▪■○●*\u2013\u2014-]\s*")
WORDS_OF_LINE = 8
"""Words of a line up to which it heads an entry rather than telling of it."""
_CEFR = re.compile(r"\b([ABC][12])\b")
_GRADE = re.compile(
    r"\b(?:note|abschlussnote|grade|gpa|mention|cijfer|nota|result)\s?:?\s+(\S+)|\b(2:[12]|1st|3rd)\b",
    re.IGNORECASE,
)
_DEGREE = re.compile(
    r"^(?P<degree>(?:[BM](?:\.?\s?)(?:Sc|A|Eng|Ed|BA|Phil|Res)\.?|LL\.?[BM]|MBA|Ph\.?D\.?|Dr\.|Bachelor|Master|Diplom|Licence|Grado|Máster"
    r"|Licenciatura)(?:\s(?:of|en|of the)\s(?:Science|Arts|Engineering|Laws?|Education))?(?:\s\(Hons\))?)"
    r"(?:\s(?:in|en|of|de)\b|,)?\s+(?P<field>[^\W\d].*)$"
)
_LANGUAGE = re.compile(
    r"^(?P<language>[^\W\d_][^\W\d_ ]{2,20})\s*(?:[:(\u2013\u2014-]|\s{2,})\s*(?P<level>[^()]+?)\)?$"
)


def post(lines: tuple[str, ...]) -> dict[str, str | None]:
    """Position, employer, place and tasks: the employer's line is told by a legal form or by its place."""
    first, second, rest = _two_lines(lines)
    if second and _names_company(first) and not _names_company(second):
        first, second = second, first
    if not second and (parts := re.split(r"\s(?:at|bei|chez|bij)\s|\s[|@]\s", first, maxsplit=1))[1:]:
        first, second = parts
    employer, place = _with_place(second)
    return {"position": first, "employer": employer, "location": place, "description": rest}


def course(lines: tuple[str, ...]) -> dict[str, str | None]:
    """Degree, subject, institution, place and grade; the institution is told by a word such as `school`."""
    first, second, rest = _two_lines(lines)
    if _names_school(first) and not _names_school(second):
        first, second = second, first
    grade = _GRADE.search(" ".join((first, rest)))
    if grade:
        first = first.replace(grade.group(), "").strip(" ,")
    told = _DEGREE.match(first)
    institution, place = _with_place(second)
    return {
        "degree": told["degree"] if told else first,
        "field_of_study": told["field"] if told else None,
        "institution": institution,
        "location": place,
        "grade": next(filter(None, grade.groups()), None) if grade else None,
        "description": rest,
    }


def _two_lines(lines: tuple[str, ...]) -> tuple[str, str, str]:
    """The two lines that head an entry, and the text below them."""
    first = lines[0] if lines else ""
    heads = len(lines) > 1 and not BULLET.match(lines[1]) and len(lines[1].split()) <= WORDS_OF_LINE
    heads = (heads and not lines[1].rstrip().endswith(".")) or (
        len(lines) > 1 and bool(LEGAL_FORM.search(lines[1]))
    )
    second = lines[1] if heads else ""
    rest = " ".join(BULLET.sub("", line) for line in lines[2 if heads else 1 :])
    return first, second, rest


def _names_company(text: str) -> bool:
    return bool(LEGAL_FORM.search(text))


def _names_school(text: str) -> bool:
    said = squeeze(text)
    return any(word in said for word in lexicon().words["school"])


def _with_place(text: str) -> tuple[str, str | None]:
    """A name and the place after its last comma, when that is short and has no figures."""
    name, _, place = text.rpartition(", ")
    short = name and len(place.split()) <= 3 and not any(map(str.isdigit, place))  # noqa: PLR2004 - words of a place
    return (name, place) if short and not LEGAL_FORM.fullmatch(place) else (text, None)


def languages(cells: list[str]) -> Iterator[Said]:
    """Languages in a row: a name and a level in two cells, or names with levels between commas."""
    if len(cells) == 2 and ":" not in cells[0].strip(": ") and "," not in cells[0]:  # noqa: PLR2004 - name and level
        cells = [f"{cells[0].strip(': ')}: {cells[1]}"]
    for part in (part for cell in cells for part in re.split(r",\s|;\s|\s*[|•·▪]\s*", cell)):
        told = _LANGUAGE.match(BULLET.sub("", part).strip())
        alone = re.fullmatch(r"[^\W\d_]{4,20}", part.strip())
        if told:
            level = told["level"].strip()
            cefr = _CEFR.search(level)
            yield {
                "language": told["language"],
                "level": level,
                "cefr_level": cefr.group(1) if cefr else None,
            }
        elif alone:
            yield {"language": alone.group()}
