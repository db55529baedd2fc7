"""The records of a lake beside truth: which belongs to which, and what the comparison comes to."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipeline.errors import ConfigError
from pipeline.evaluate.compare import Comparison, Finding, Verdict
from pipeline.evaluate.fields import fields_of, leaf_fields
from pipeline.evaluate.scores import Counts, Difference, DocumentScore, Evaluation, FieldScore, Spent
from pipeline.evaluate.truth import Truth, typed_record
from pipeline.records import printable
from pipeline.store.columns import Column
from pipeline.store.results import Listed, Stored, documents_in, records_in
from pipeline.store.tables import storable
from schemas.registry import RecordType


def evaluate(
    lake: Path, record: RecordType, truths: Sequence[Truth], *, tolerance: Decimal = Decimal(0)
) -> Evaluation:
    """Score the records of one record type in a lake.

    Documents of the truth that the lake has no record of count as missing with all their values; documents
    of the lake that the truth does not speak of are named and not scored.

    Args:
        lake: Its folder.
        record: What was asked for.
        truths: Lines of a truth file; those about other record types are left out.
        tolerance: By how much numbers may differ and still be right.

    Raises:
        ConfigError: Truth does not fit the record type or the lake, or contradicts itself.
        StoreError: The lake cannot be read.
    """
    ours = [truth for truth in truths if truth.line.schema_name in (None, record.name)]
    if not ours:
        raise ConfigError(f"the truth has no line for the schema {record.name!r}")
    columns, listed = fields_of(record.model), documents_in(lake, record.name)
    if not listed:
        raise ConfigError(f"{lake} holds no document of the schema {record.name!r}")
    cases = _cases(ours, columns, _Paths(listed))
    stored = records_in(lake, record.name, columns, {case.doc_id for case in cases if case.doc_id})
    left = _pair(cases, stored)
    comparison = Comparison(columns, tolerance)
    compared = [(case, list(comparison.compare(case.truth, case.values))) for case in cases]
    known = {case.doc_id for case in cases}
    unknown = [one.path for one in listed if one.has_records and one.doc_id not in known]
    return _evaluation(str(lake), record.name, compared, columns, unknown + left)


@dataclass(slots=True, kw_only=True)
class _Case:
    """A document, or a page of it, and what was found in it.

    Attributes:
        where: Where the truth speaks of it.
        name: The document as the truth names it.
        doc_id: Its id in the lake, empty when the lake does not have it.
        truth: True values, None when there should be no record.
        found: Its record, None when there is none.
    """

    where: str
    name: str
    doc_id: str
    page: int | None
    in_lake: bool
    truth: dict[str, Any] | None
    found: Stored | None = None

    @property
    def values(self) -> Mapping[str, Any] | None:
        """The values found."""
        return None if self.found is None else self.found.values

    @property
    def state(self) -> str:
        """As `DocumentScore` says it."""
        if self.truth is None:
            return "none" if self.found is None else "unexpected"
        return "missing" if self.found is None else "scored"


class _Paths:
    """Finds documents of a lake by id, or by the end of their path."""

    def __init__(self, listed: Sequence[Listed]) -> None:
        self._ids = {one.doc_id for one in listed}
        self._by_name: dict[str, list[Listed]] = defaultdict(list)
        for one in listed:
            self._by_name[Path(one.path).name].append(one)

    def find(self, truth: Truth) -> tuple[str, bool]:
        """Id of a document, empty when it has none, and whether the lake lists it.

        Raises:
            ConfigError: Several documents have such a path.
        """
        if truth.doc_id and truth.doc_id in self._ids:
            return truth.doc_id, True
        parts = Path(truth.line.path).parts
        ends = {
            one.doc_id or "": one.path
            for one in self._by_name[Path(truth.line.path).name]
            if Path(one.path).parts[-len(parts) :] == parts
        }
        if len(ends) > 1:
            raise ConfigError(
                f"{truth.where}: {truth.name} may be {' or '.join(ends.values())}; give more of its path, "
                "or put the documents beside the truth"
            )
        return next(iter(ends), ""), bool(ends)


def _cases(truths: Sequence[Truth], columns: Mapping[str, Column], paths: _Paths) -> list[_Case]:
    """One case for each document or page; equal files that the truth names twice are one.

    Raises:
        ConfigError: Two lines say different things about the same one.
    """
    cases: dict[tuple[str, int | None], _Case] = {}
    for truth in truths:
        doc_id, in_lake = paths.find(truth)
        page, values = truth.line.page, typed_record(truth, columns)
        case = _Case(
            where=truth.where,
            name=printable(truth.name),
            doc_id=doc_id,
            page=page,
            in_lake=in_lake,
            truth=values,
        )
        known = cases.setdefault((doc_id or truth.doc_id or truth.name, page), case)
        if known.truth != values:
            raise ConfigError(
                f"{truth.where} says something else about {truth.name} than an earlier line; "
                "keep one of them, or give each the page it is about"
            )
    # Of a document that the lake does not list and that gives no record there is nothing to say.
    return [case for case in cases.values() if case.in_lake or case.truth is not None]


def _pair(cases: Sequence[_Case], stored: Sequence[Stored]) -> list[str]:
    """Give each case its record: that of its page, else the one that is left; returns what is left over.

    Raises:
        ConfigError: Truth names no page, and there are records of several.
    """
    free: dict[str, list[Stored]] = defaultdict(list)
    for one in stored:
        free[one.origin["_doc_id"]].append(one)
    for case in sorted(cases, key=lambda case: case.page is None):
        records = free[case.doc_id]
        if case.page is None and case.truth is not None and len(records) > 1:
            raise ConfigError(f'{case.where}: {case.name} gave a record a page; say which it is with "page"')
        fitting = (one for one in records if case.page is None or case.page in one.origin["_pages"])
        case.found = next(fitting, None)
        if case.found is not None:
            records.remove(case.found)
    return [_page_name(one) for records in free.values() for one in records]


def _page_name(stored: Stored) -> str:
    return f"{stored.origin['_source']} page {', '.join(map(str, stored.origin['_pages']))}"


Compared = Sequence[tuple[_Case, list[Finding]]]


def _evaluation(
    lake: str, schema: str, compared: Compared, columns: Mapping[str, Column], not_scored: list[str]
) -> Evaluation:
    documents = [_document(case, findings) for case, findings in compared]
    everything = [finding for _, findings in compared for finding in findings]
    inside = [finding for finding in everything if "[]" in finding.field]
    outside = [finding for finding in everything if "[]" not in finding.field]
    return Evaluation(
        lake=lake,
        schema_name=schema,
        models=sorted({model for document in documents for model in document.models}),
        records=sum(document.spent is not None for document in documents),
        perfect=sum(not document.differences for document in documents),
        total=Counts.of(everything),
        outside_lists=Counts.of(outside),
        inside_lists=Counts.of(inside),
        fields=_fields(everything, columns),
        documents=documents,
        spent=_together([document.spent for document in documents if document.spent is not None]),
        not_scored=not_scored,
    )


def _document(case: _Case, findings: Sequence[Finding]) -> DocumentScore:
    return DocumentScore(
        path=case.name,
        page=case.page,
        state=case.state,
        in_lake=case.in_lake,
        counts=Counts.of(findings),
        differences=[_difference(finding) for finding in findings if finding.verdict in _DIFFERENT],
        models=[] if case.found is None else [case.found.origin["_model"]],
        spent=None if case.found is None else _spent(case.found.origin),
    )


_DIFFERENT = (Verdict.WRONG, Verdict.MISSING, Verdict.INVENTED)


def _difference(finding: Finding) -> Difference:
    truth, found = _written(finding.truth), _written(finding.found)
    return Difference(field=finding.place, verdict=finding.verdict, truth=truth, found=found)


def _written(value: Any) -> str | None:
    """A value as a person reads it: numbers without the zeros that fill up their column."""
    if isinstance(value, Decimal) and value.is_finite():
        return f"{value.normalize():f}"
    return None if value is None else storable(str(value))


def _spent(origin: Mapping[str, Any]) -> Spent:
    cost = origin["_cost"]
    return Spent(
        prompt_tokens=origin["_prompt_tokens"] or 0,
        completion_tokens=origin["_completion_tokens"] or 0,
        cached_tokens=origin["_cached_tokens"] or 0,
        cost=None if cost is None else float(cost),
        seconds=origin["_latency_s"] or 0.0,
    )


def _together(spent: Sequence[Spent]) -> Spent:
    costs = [one.cost for one in spent if one.cost is not None]
    return Spent(
        prompt_tokens=sum(one.prompt_tokens for one in spent),
        completion_tokens=sum(one.completion_tokens for one in spent),
        cached_tokens=sum(one.cached_tokens for one in spent),
        cost=sum(costs) if spent and len(costs) == len(spent) else None,
        seconds=sum(one.seconds for one in spent),
    )


def _fields(findings: Sequence[Finding], columns: Mapping[str, Column]) -> list[FieldScore]:
    by_field: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        by_field[finding.field].append(finding)
    return [_field(name, by_field[name]) for name in leaf_fields(columns) if name in by_field]


def _field(name: str, findings: Sequence[Finding]) -> FieldScore:
    alike = [one.alike for one in findings if one.is_text and one.alike is not None]
    return FieldScore(
        field=name, counts=Counts.of(findings), text_likeness=sum(alike) / len(alike) if alike else None
    )
