"""What an evaluation came to: counts, and figures that follow from them."""

from collections.abc import Iterable
from typing import Self

from pydantic import BaseModel, ConfigDict, computed_field

from pipeline.evaluate.compare import Finding, Verdict


class Counts(BaseModel):
    """Values that were compared, by what became of them.

    Attributes:
        right: Both have the value.
        wrong: Both have a value, and they differ.
        missing: Truth has a value, the record has none.
        invented: The record has a value, truth has none.
        both_empty: Neither has a value; counts neither for nor against.
    """

    model_config = ConfigDict(frozen=True)

    right: int = 0
    wrong: int = 0
    missing: int = 0
    invented: int = 0
    both_empty: int = 0

    @computed_field  # type: ignore[prop-decorator]  # mypy does not know decorated properties
    @property
    def precision(self) -> float | None:
        """Share of the values found that are right; None when none was found."""
        return _share(self.right, self.right + self.wrong + self.invented)

    @computed_field  # type: ignore[prop-decorator]  # as above
    @property
    def recall(self) -> float | None:
        """Share of the true values that were found and are right; None when there are none."""
        return _share(self.right, self.right + self.wrong + self.missing)

    @computed_field  # type: ignore[prop-decorator]  # as above
    @property
    def f1(self) -> float | None:
        """Harmonic mean of precision and recall; None when there is nothing to find and nothing was found."""
        return _share(2 * self.right, 2 * (self.right + self.wrong) + self.missing + self.invented)

    def __add__(self, other: Self) -> "Counts":
        """Sum two counts, verdict by verdict."""
        return Counts(**{name: getattr(self, name) + getattr(other, name) for name in Counts.model_fields})

    @classmethod
    def of(cls, findings: Iterable[Finding]) -> "Counts":
        """Count findings by verdict."""
        counted = dict.fromkeys(Verdict, 0)
        for finding in findings:
            counted[finding.verdict] += 1
        return Counts(**{verdict.value: count for verdict, count in counted.items()})


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


class FieldScore(BaseModel):
    """One field over all documents.

    Attributes:
        field: Such as `seller.name`; `line_items[].amount` is that of every element.
        counts: What became of its values.
        text_likeness: Of texts, how alike they are where both are there: mean of 1 - edits / length, right
            ones 1.0. None for other fields, and where there is no such pair.
    """

    model_config = ConfigDict(frozen=True)

    field: str
    counts: Counts
    text_likeness: float | None


class Difference(BaseModel):
    """One value that is not right, both sides written as text."""

    model_config = ConfigDict(frozen=True)

    field: str
    verdict: Verdict
    truth: str | None
    found: str | None


class Spent(BaseModel):
    """What records took.

    Attributes:
        prompt_tokens: Tokens sent.
        completion_tokens: Tokens answered.
        cached_tokens: Those of the tokens sent that came from the service's cache.
        cost: US dollars, None when prices are not known of all.
        seconds: Time of the answers, one after the other.
    """

    model_config = ConfigDict(frozen=True)

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    cost: float | None = None
    seconds: float = 0.0


class DocumentScore(BaseModel):
    """One document, or one page of it, beside its truth.

    Attributes:
        path: As the truth names it.
        page: Page, where the truth names one.
        state: `scored`, `missing` (no record where one belongs), `unexpected` (a record where none belongs),
            or `none` (no record, and none belongs).
        in_lake: Whether the lake was asked to work the document at all.
        counts: What became of its values.
        differences: Every value that is not right.
        models: Who was asked for it.
        spent: What its record took, None without a record.
    """

    model_config = ConfigDict(frozen=True)

    path: str
    page: int | None
    state: str
    in_lake: bool
    counts: Counts
    differences: list[Difference]
    models: list[str]
    spent: Spent | None


class Evaluation(BaseModel):
    """The records of one record type in one lake, beside truth.

    Attributes:
        models: Who was asked for the scored records.
        records: Records scored.
        perfect: Documents without any difference, those included that rightly have no record.
        total: All values, each counting the same.
        outside_lists: Values of fields that are in no list.
        inside_lists: Values of elements of lists.
        fields: Every field, in the order of the schema.
        documents: Every document of the truth, in its order.
        spent: What the scored records took together.
        not_scored: Paths of documents with records that the truth does not speak of.
    """

    model_config = ConfigDict(frozen=True)

    lake: str
    schema_name: str
    models: list[str]
    records: int
    perfect: int
    total: Counts
    outside_lists: Counts
    inside_lists: Counts
    fields: list[FieldScore]
    documents: list[DocumentScore]
    spent: Spent
    not_scored: list[str]
