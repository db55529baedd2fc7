"""From paid answers to a row of the records table; nothing is asked, so it can be done again."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import groupby, pairwise
from typing import Any

from pipeline.answers import read, validate
from pipeline.errors import AnswerInvalid, Category, StoreError
from pipeline.merge import given_by, join_strips, merge, origins
from pipeline.records import Answer, Failure, Reading, Stage, Usage
from pipeline.store.rows import row_of
from pipeline.store.tables import coercion_rows, evidence_rows, moment, origin_rows
from pipeline.structured import compile_schema
from pipeline.views import Band, overlap
from schemas.registry import RecordType

_COMPLAINTS = 20
"""Most values that a model is told of at once."""


class Interpreter:
    """Reads the answers about one record type.

    Args:
        record: What was asked for.
    """

    def __init__(self, record: RecordType) -> None:
        self._model = record.model
        whole = record.unit == "document"
        self._paged = compile_schema(record.model, name=record.name, page_of_items=whole).paged

    def check(self, answer: Answer) -> None:
        """Raise AnswerInvalid where an answer gives no record; one about a part must only be readable."""
        if answer.partial:
            read(answer.completion, answer.pages, self._paged)
        else:
            self.row([answer], "")

    def row(self, answers: Sequence[Answer], source: str) -> dict[str, Any]:
        """The row of one record.

        Args:
            answers: One answer, or the partial ones of a document in page order; at least one.
            source: Path of the document, as a person reads it.

        Raises:
            AnswerInvalid: The answers give no valid record.
        """
        readings = self._readings(answers)
        values, evidence = merge(readings)
        found = origin_rows(origins(readings, values))
        instance, coercions = validate(values, self._model)
        try:
            row = row_of(instance)
        except StoreError as error:  # a value that no column can hold exactly
            raise AnswerInvalid(Category.INVALID_ANSWER, str(error)) from None
        own = {
            "_source": source,
            "_origins": found,
            "_coerced": coercion_rows(coercions),
            "_evidence": evidence_rows(evidence),
        }
        return row | own | _provenance(answers)

    def complaints(self, answers: Sequence[Answer]) -> dict[tuple[int, ...], str]:
        """What to tell the model about the answers that a record breaks its schema for, by their pages.

        Empty for a valid record, and where an answer cannot even be read.
        """
        try:
            self.row(answers, "")
        except AnswerInvalid as error:
            return self._complaints(answers, error.broken) if error.broken else {}
        return {}

    def _complaints(
        self, answers: Sequence[Answer], broken: Sequence[tuple[str, str]]
    ) -> dict[tuple[int, ...], str]:
        """Each complaint names the places as they are in the answer, not as they are in the record."""
        readings = self._readings(answers)
        found: dict[tuple[int, ...], list[str]] = {}
        for field, rule in broken[:_COMPLAINTS]:
            for index, own in given_by(readings, field).items():
                found.setdefault(readings[index].pages, []).append(f"{own or 'record'}: {rule}")
        opening = "together with what the other images show, it does not fit the schema: "
        return {pages: opening + "; ".join(told) for pages, told in found.items()}

    def _readings(self, answers: Sequence[Answer]) -> list[Reading]:
        return [self._reading(list(of_page)) for _, of_page in groupby(answers, lambda one: one.pages)]

    def _reading(self, answers: Sequence[Answer]) -> Reading:
        """What some pages give; several answers about the same ones are of strips of a page, from the top."""
        readings = [read(answer.completion, answer.pages, self._paged) for answer in answers]
        if len(readings) == 1:
            return readings[0]
        bands = [answer.band for answer in answers]
        overlapping = [index + 1 for index, (one, other) in enumerate(pairwise(bands)) if overlap(one, other)]
        placed = [_on_page(reading, band) for reading, band in zip(readings, bands, strict=True)]
        return join_strips(placed, overlapping)


def _on_page(reading: Reading, band: Band | None) -> Reading:
    """The reading of a strip, its boxes as shares of the whole page."""
    if band is None:
        return reading
    height = band.bottom - band.top
    evidence = [
        replace(one, box=(left, band.top + top * height, right, band.top + bottom * height))
        for one in reading.evidence
        for left, top, right, bottom in [one.box]
    ]
    return replace(reading, evidence=tuple(evidence))


def _provenance(answers: Sequence[Answer]) -> dict[str, Any]:
    completions = [answer.completion for answer in answers]
    usage, cost = _spent(answers)
    return {
        "_doc_id": answers[0].doc_id,
        "_pages": sorted({page for answer in answers for page in answer.pages}),
        "_custom_ids": [answer.custom_id for answer in answers],
        "_model": answers[0].model,
        "_road": answers[0].road,
        "_finish_reason": completions[-1].finish_reason,
        "_prompt_tokens": usage.prompt_tokens,
        "_completion_tokens": usage.completion_tokens,
        "_cached_tokens": usage.cached_tokens,
        "_cost": cost,
        "_latency_s": max(one.latency_s for one in completions),
        "_attempts": sum(one.attempts for one in completions),
        "_extracted_at": moment(max(answer.received_at for answer in answers)),
    }


def unfit(answers: Sequence[Answer], error: AnswerInvalid) -> Failure:
    """The failure of the pages whose answers give no record."""
    return Failure(
        stage=Stage.ANSWER,
        category=error.category,
        message=str(error),
        pages=tuple(dict.fromkeys(page for answer in answers for page in answer.pages)),
        custom_id=answers[0].custom_id if len(answers) == 1 else "",
    )


def charged(failure: Failure, answers: Collection[Answer]) -> Failure:
    """The failure with what the answers took that were paid for it in vain."""
    usage, cost = _spent(answers)
    attempts = failure.attempts + sum(answer.completion.attempts for answer in answers)
    return replace(failure, attempts=attempts, usage=usage, cost=cost)


def _spent(answers: Collection[Answer]) -> tuple[Usage, Decimal | None]:
    usages = [answer.completion.usage for answer in answers]
    costs = [answer.cost for answer in answers if answer.cost is not None]
    usage = Usage(
        prompt_tokens=sum(one.prompt_tokens for one in usages),
        completion_tokens=sum(one.completion_tokens for one in usages),
        cached_tokens=sum(one.cached_tokens for one in usages),
    )
    return usage, sum(costs, Decimal(0)) if costs else None
