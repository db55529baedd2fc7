"""The answer that a model should have given for a record to be what it is."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pydantic_core import to_jsonable_python

from pipeline.errors import AnswerInvalid
from pipeline.interpret import Interpreter
from pipeline.records import Answer, Completion, Usage
from pipeline.store.columns import columns_of
from pipeline.store.rows import record_of
from pipeline.structured import PAGE_FIELD, compile_schema
from schemas.registry import RecordType


class Teacher:
    """Writes the answers for the records of one type.

    Args:
        record: The record type.
    """

    def __init__(self, record: RecordType) -> None:
        whole = record.unit == "document"
        self._record = record
        self._columns = list(columns_of(record.model))
        self._interpreter = Interpreter(record)
        self._paged = compile_schema(record.model, name=record.name, page_of_items=whole).paged

    def answer(self, row: Mapping[str, Any]) -> str | None:
        """The answer, in JSON, that is read as this very row; None where there is none.

        Fields go by the names that are asked for, numbers have all their digits, items name their page.
        """
        try:
            values = record_of(self._record.model, row).model_dump(by_alias=True, round_trip=True)
            self._add_pages(values, row)
            text = _json(values)
        except (ValueError, KeyError):  # written when the record type was another one, or no JSON: infinity
            return None
        return text if self._comes_back(text, row) else None

    def _add_pages(self, values: Mapping[str, Any], row: Mapping[str, Any]) -> None:
        """Say of each item which page it stood on, the first of the record's where nobody knows."""
        pages = {origin["field"]: origin["first_page"] for origin in row["_origins"] or ()}
        for name in self._paged:
            for place, item in enumerate(values[name] or ()):
                if isinstance(item, dict):
                    item[PAGE_FIELD] = pages.get(f"{name}[{place}]", row["_pages"][0])

    def _comes_back(self, text: str, row: Mapping[str, Any]) -> bool:
        answer = Answer(
            custom_id="",
            schema=self._record.name,
            doc_id=row["_doc_id"],
            pages=tuple(row["_pages"]),
            partial=False,
            model="",
            road="",
            completion=Completion(
                content=text,
                finish_reason="stop",
                model="",
                usage=Usage(),
                request_id="",
                latency_s=0.0,
                attempts=1,
            ),
            cost=None,
            received_at=0.0,
        )
        try:
            again = self._interpreter.row([answer], row["_source"])
        except AnswerInvalid:
            return False
        return not again["_coerced"] and all(again[name] == row[name] for name in self._columns)


def _json(value: object) -> str:
    """JSON text; decimals as numbers with all digits that are not needless."""
    match value:
        case dict():
            return "{" + ",".join(f"{_text(name)}:{_json(each)}" for name, each in value.items()) + "}"
        case list() | tuple():
            return "[" + ",".join(map(_json, value)) + "]"
        case set() | frozenset():  # in the same order in every process
            return _json(sorted(value, key=str))
        case Decimal():
            return _number(value)
    return _text(to_jsonable_python(value))


def _number(value: Decimal) -> str:
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
