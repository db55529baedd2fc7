"""Machine readable zones of travel documents as ICAO Doc 9303 lays them out: fields and check digits."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

FILLER = "<"
_WEIGHTS = (7, 3, 1)  # part 3, section 4.9
_LONGEST_VALIDITY = 10
"""Years for which most states issue at the longest; who was born within them may have been born before."""
_PIVOT = 70
"""Two figures of a year of expiry from which it lies in the twentieth century: zones came in about 1980."""


class Layout(StrEnum):
    """Sizes of zone: cards of three lines, cards of two, passports, and the two sizes of visa."""

    TD1 = "TD1"
    TD2 = "TD2"
    TD3 = "TD3"
    MRV_A = "MRV-A"
    MRV_B = "MRV-B"


SIZES = {"TD1": (3, 30), "TD2": (2, 36), "TD3": (2, 44), "MRV-A": (2, 44), "MRV-B": (2, 36)}
"""Lines and characters of each layout (parts 4, 5, 6 and 7)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """What a machine readable zone says.

    Attributes:
        layout: Its size.
        document_code: First two characters: `P`, `ID`, `V` and the like.
        issuing_state: Code of three letters, as in the zone without fillers.
        surname: Primary identifier, words parted by blanks.
        given_names: Secondary identifier, likewise.
        document_number: Without fillers.
        nationality: As `issuing_state`.
        birth: Six figures, year first; may hold fillers.
        sex: `F`, `M`, or a filler when unspecified.
        expiry: Six figures, year first.
        optional: What the state adds, such as a personal number.
        checks: Whether the check digit of each checked field is right: `number`, `birth`, `expiry`, `all`,
            and `optional` where that has one.
    """

    layout: Layout
    document_code: str
    issuing_state: str
    surname: str
    given_names: str
    document_number: str
    nationality: str
    birth: str
    sex: str
    expiry: str
    optional: str
    checks: dict[str, bool]

    @property
    def is_valid(self) -> bool:
        """Whether every check digit is right."""
        return all(self.checks.values())

    @property
    def date_of_expiry(self) -> date | None:
        """The day it expires."""
        if not self.expiry.isdecimal():
            return None
        year = int(self.expiry[:2])
        return _day(year + (1900 if year >= _PIVOT else 2000), self.expiry)

    @property
    def dates_of_birth(self) -> tuple[date, ...]:
        """The days of birth it may mean, likeliest first; two when its two figures leave the century open."""
        end = self.date_of_expiry
        if not self.birth.isdecimal() or end is None:
            return ()
        days = [day for century in (2000, 1900) if (day := _day(century + int(self.birth[:2]), self.birth))]
        past = [day for day in days if day < end]
        return tuple(past[:1] if past and end.year - past[0].year >= _LONGEST_VALIDITY else past)


def _day(year: int, figures: str) -> date | None:
    try:
        return date(year, int(figures[2:4]), int(figures[4:6]))
    except ValueError:
        return None


def check_digit(text: str) -> str:
    """The check digit of a field: weighted sum of its characters, modulo 10 (part 3, section 4.9)."""
    values = [0 if letter == FILLER else int(letter, 36) for letter in text]
    return str(sum(value * _WEIGHTS[place % 3] for place, value in enumerate(values)) % 10)


def layout_of(lines: Sequence[str]) -> Layout | None:
    """The layout of lines that are whole; None when these are no zone."""
    if not lines or any(not re.fullmatch(r"[A-Z0-9<]+", line) for line in lines):
        return None
    size = (len(lines), len(lines[0]))
    if len({len(line) for line in lines}) > 1 or size not in SIZES.values():
        return None
    visa = lines[0].startswith("V")
    fitting = [name for name, known in SIZES.items() if known == size and visa == name.startswith("MRV")]
    return Layout(fitting[0]) if fitting else None


def parse(lines: Sequence[str]) -> Zone | None:
    """The zone with these lines, top to bottom; None when their number, length or letters are of none."""
    layout = layout_of(lines)
    if layout is None:
        return None
    return _three_lines(lines) if layout is Layout.TD1 else _two_lines(lines, layout)


def _three_lines(lines: Sequence[str]) -> Zone:
    first, second, names = lines
    number, digit, rest = _number(first[5:14], first[14], first[15:30])
    surname, given_names = _names(names)
    return Zone(
        layout=Layout.TD1,
        document_code=_bare(first[:2]),
        issuing_state=_bare(first[2:5]),
        surname=surname,
        given_names=given_names,
        document_number=_bare(number),
        nationality=_bare(second[15:18]),
        birth=second[:6],
        sex=second[7],
        expiry=second[8:14],
        optional=_bare(rest) or _bare(second[18:29]),
        checks={
            "number": check_digit(number) == digit,
            "birth": check_digit(second[:6]) == second[6],
            "expiry": check_digit(second[8:14]) == second[14],
            "all": check_digit(first[5:30] + second[:7] + second[8:15] + second[18:29]) == second[29],
        },
    )


def _two_lines(lines: Sequence[str], layout: Layout) -> Zone:
    first, second = lines
    number, digit, rest = _number(second[:9], second[9], second[28:])
    surname, given_names = _names(first[5:])
    checks = {
        "number": check_digit(number) == digit,
        "birth": check_digit(second[13:19]) == second[19],
        "expiry": check_digit(second[21:27]) == second[27],
    }
    if layout in (Layout.TD2, Layout.TD3):
        checks["all"] = check_digit(second[:10] + second[13:20] + second[21:-1]) == second[-1]
        rest = rest[:-1]
    if layout is Layout.TD3:
        # A personal number that is all fillers may have a filler for its check digit (part 4, section 4.2.2).
        empty = not _bare(rest)
        checks["optional"] = (empty and rest[-1] == FILLER) or check_digit(rest[:-1]) == rest[-1]
        rest = rest[:-1]
    return Zone(
        layout=layout,
        document_code=_bare(first[:2]),
        issuing_state=_bare(first[2:5]),
        surname=surname,
        given_names=given_names,
        document_number=_bare(number),
        nationality=_bare(second[10:13]),
        birth=second[13:19],
        sex=second[20],
        expiry=second[21:27],
        optional=_bare(rest),
        checks=checks,
    )


def _number(number: str, digit: str, optional: str) -> tuple[str, str, str]:
    """Document number, its check digit and the rest; a long number runs on in the optional part."""
    more = optional.partition(FILLER)[0]
    if digit != FILLER or not more:
        return number, digit, optional
    return number + more[:-1], more[-1], optional[len(more) :]  # part 5, note j


def _names(text: str) -> tuple[str, str]:
    surname, _, given_names = text.strip(FILLER).partition(2 * FILLER)
    return _spaced(surname), _spaced(given_names)


def _spaced(text: str) -> str:
    return " ".join(text.replace(FILLER, " ").split())


def _bare(text: str) -> str:
    return text.replace(FILLER, "")
