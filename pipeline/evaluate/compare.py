"""A true record beside the one that was found: for each value right, wrong, missing or invented."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import partial
from typing import Any

import polars as pl

from pipeline.evaluate.elements import matched
from pipeline.evaluate.likeness import likeness, normal
from pipeline.evaluate.values import NUMBERS, is_empty, part_of, plain, same_number
from pipeline.store.columns import Column, Form

LEAST_ALIKE = 0.3
"""Elements of two lists that are less alike than this are not the same one, read badly: they are two."""


class Verdict(StrEnum):
    """What became of one value."""

    RIGHT = "right"
    WRONG = "wrong"  # both have a value, and they differ
    MISSING = "missing"  # truth has one, the record has none
    INVENTED = "invented"  # the record has one, truth has none
    BOTH_EMPTY = "both_empty"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One value of a record, compared.

    Attributes:
        field: Its field; `line_items[].amount` for that of any element.
        place: Its field with the number of the element in the truth, from 0: `line_items[3].amount`. Elements
            that truth does not have are counted as they were found, with a plus: `line_items[+5].amount`.
        verdict: What became of it.
        truth: The true value, None for none.
        found: The value found, None for none.
        alike: How alike the two are as texts, 0.0 to 1.0, where both are there.
        is_text: Whether the field holds text.
    """

    field: str
    place: str
    verdict: Verdict
    truth: Any
    found: Any
    alike: float | None
    is_text: bool


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where in a record, as `Finding` names it."""

    field: str
    place: str

    def inner(self, name: str) -> "_Spot":
        dot = "." if self.field else ""
        return _Spot(f"{self.field}{dot}{name}", f"{self.place}{dot}{name}")

    def element(self, number: int | str) -> "_Spot":
        return _Spot(f"{self.field}[]", f"{self.place}[{number}]")


@dataclass(frozen=True, slots=True)
class Comparison:
    """The rules by which values are compared.

    Attributes:
        columns: Of the record type, which tell how each field is compared.
        tolerance: By how much numbers may differ and still be right.
    """

    columns: Mapping[str, Column]
    tolerance: Decimal = Decimal(0)

    def compare(self, truth: Mapping[str, Any] | None, found: Mapping[str, Any] | None) -> Iterator[Finding]:
        """Every value of a record, compared, in the order of the fields.

        A field that truth does not name is not compared, one that truth has as None is empty. An empty text
        or list is no value. Where one record is not there at all, the empty fields of the other are left out.

        Args:
            truth: Values by field, or None when there should be no record.
            found: Values by field, or None when there is no record.
        """
        whole = Column(dtype=pl.Struct([]), form=Form.STRUCT, parts=self.columns)
        findings = self._walk(whole, _Spot("", ""), truth, found)
        return findings if truth is not None and found is not None else _values(findings)

    def _walk(self, column: Column, spot: _Spot, truth: Any, found: Any) -> Iterator[Finding]:
        if column.form is Form.STRUCT:
            for name, part in column.parts.items():
                if truth is None or name in truth:
                    yield from self._walk(part, spot.inner(name), part_of(truth, name), part_of(found, name))
        elif column.form is Form.LIST:
            yield from self._list(column.parts[""], spot, truth or (), found or ())
        else:
            yield self._leaf(column, spot, truth, found)

    def _leaf(self, column: Column, spot: _Spot, truth: Any, found: Any) -> Finding:
        truth = None if is_empty(truth) else truth
        found = None if is_empty(found) else found
        both = truth is not None and found is not None
        verdict = self._verdict(column, truth, found)
        alike = (1.0 if verdict is Verdict.RIGHT else likeness(str(truth), str(found))) if both else None
        return Finding(
            field=spot.field,
            place=spot.place,
            verdict=verdict,
            truth=truth,
            found=found,
            alike=alike,
            is_text=column.form is Form.VALUE and isinstance(column.dtype, pl.String),
        )

    def _verdict(self, column: Column, truth: Any, found: Any) -> Verdict:
        if truth is None:
            return Verdict.BOTH_EMPTY if found is None else Verdict.INVENTED
        if found is None:
            return Verdict.MISSING
        return Verdict.RIGHT if self._same(column, truth, found) else Verdict.WRONG

    def _same(self, column: Column, truth: Any, found: Any) -> bool:
        if column.form is Form.JSON:
            return bool(plain(truth) == plain(found))
        if isinstance(column.dtype, NUMBERS):
            return same_number(Decimal(str(truth)), Decimal(str(found)), self.tolerance)
        if column.form is not Form.CHOICE and isinstance(column.dtype, pl.String):
            return normal(str(truth)) == normal(str(found))
        return bool(truth == found)

    def _list(
        self, column: Column, spot: _Spot, truth: Sequence[Any], found: Sequence[Any]
    ) -> Iterator[Finding]:
        """Elements by best matching: those that truth has in its order, then the rest of those found."""
        truths = {number: each for number, each in enumerate(truth) if each is not None}
        others = {number: each for number, each in enumerate(found) if each is not None}
        pairs = matched(column, truths, others, partial(self._alike, column))
        for number, each in truths.items():
            mate = others.get(pairs[number]) if number in pairs else None
            findings = self._walk(column, spot.element(number), each, mate)
            yield from findings if mate is not None else _values(findings)
        known = _named(column, truths.values())
        for number in others.keys() - set(pairs.values()):
            yield from _values(self._walk(known, spot.element(f"+{number}"), None, others[number]))

    def _alike(self, column: Column, truth: Any, found: Any) -> float:
        """How alike two elements are, 0.0 to 1.0; 0.0 when they are too little so to be the same one.

        Likeness of values that differ counts squared: unrelated texts share a quarter of their letters.
        """
        shares = [(one.alike or 0.0) ** 2 for one in _values(self._walk(column, _Spot("", ""), truth, found))]
        mean = sum(shares) / len(shares) if shares else 0.0
        return mean if mean >= LEAST_ALIKE else 0.0


def _values(findings: Iterable[Finding]) -> Iterator[Finding]:
    return (finding for finding in findings if finding.verdict is not Verdict.BOTH_EMPTY)


def _named(column: Column, truths: Iterable[Mapping[str, Any]]) -> Column:
    """The column without the fields that no true element names, so that they are not compared anywhere."""
    names = {name for each in truths for name in each} if column.form is Form.STRUCT else set[str]()
    parts = {name: part for name, part in column.parts.items() if name in names}
    return Column(dtype=column.dtype, form=column.form, parts=parts) if parts else column
