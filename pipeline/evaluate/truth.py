"""Reads a file of true records: one JSON object a line."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from pipeline.errors import ConfigError
from pipeline.records import printable
from pipeline.store.columns import Column, Form

_TEXT = TypeAdapter(str, config=ConfigDict(coerce_numbers_to_str=True))
_READERS: dict[type[pl.DataType], TypeAdapter[Any]] = {
    pl.Boolean: TypeAdapter(bool),
    pl.Int64: TypeAdapter(int),
    pl.Float64: TypeAdapter(float),
    pl.Decimal: TypeAdapter(Decimal),
    pl.Date: TypeAdapter(date),
    pl.Datetime: TypeAdapter(datetime),
    pl.Time: TypeAdapter(time),
    pl.Duration: TypeAdapter(timedelta),
}


class TruthLine(BaseModel):
    """One line of a truth file; other keys may stand there and are not read.

    Attributes:
        path: The document: relative to the truth file, or the end of its path in the lake.
        doc_id: SHA-256 of the document, instead of a path or beside it.
        schema_name: Record type the record is of; empty when the file is about one alone.
        page: For record types of one record a page, the page, from 1.
        record: Values by field, or None when the document gives no record. Fields that are left out are not
            scored; null says that there is nothing to find.
    """

    model_config = ConfigDict(frozen=True)

    path: str = ""
    doc_id: str = ""
    schema_name: str | None = Field(None, alias="schema")
    page: int | None = Field(None, ge=1)
    record: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Truth:
    """A line, and where it stands.

    Attributes:
        line: What it says.
        where: File and line number, for messages.
        doc_id: Id of the document: as told, else of the file of that path, empty when there is none.
    """

    line: TruthLine
    where: str
    doc_id: str

    @property
    def name(self) -> str:
        """The document as a person names it."""
        return self.line.path or self.doc_id


def read_truth(file: Path) -> list[Truth]:
    """The lines of a truth file.

    Raises:
        ConfigError: It cannot be read, or a line is not one; the message names the line.
    """
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise ConfigError(f"the truth {file} cannot be read: {reason}") from error
    truths = [_truth(file, number, line) for number, line in enumerate(lines, start=1) if line.strip()]
    if not truths:
        raise ConfigError(f"the truth {file} has no lines; give one JSON object a line")
    return truths


def _truth(file: Path, number: int, text: str) -> Truth:
    where = f"{file} line {number}"
    try:
        line = TruthLine.model_validate(json.loads(text, parse_float=Decimal))
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"])) or "the line"
        raise ConfigError(f"{where}: {name}: {first['msg']}") from error
    except ValueError as error:
        raise ConfigError(f"{where} is not JSON: {error}") from error
    if not (line.path or line.doc_id):
        raise ConfigError(f"{where}: no document is named; give its path or its doc_id")
    return Truth(line, where, line.doc_id.lower() or _digest(file.parent / line.path))


def _digest(file: Path) -> str:
    """SHA-256 of a file, which is the id of its document; empty when it cannot be read."""
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except (OSError, ValueError):
        return ""


def typed_record(truth: Truth, columns: Mapping[str, Column]) -> dict[str, Any] | None:
    """The true record with its values as Python's dates, decimals and so on; only the fields it names.

    Raises:
        ConfigError: A field is none of the record type's, or a value is not of its type.
    """
    if truth.line.record is None:
        return None
    return _fields(columns, truth.line.record, f"{truth.where}: record")


def _fields(columns: Mapping[str, Column], values: object, where: str) -> dict[str, Any]:
    if not isinstance(values, dict):
        raise ConfigError(f"{where} is to be an object of fields")
    for name in values:
        if name not in columns:
            close = get_close_matches(name, columns, n=1)
            meant = f"; did you mean {close[0]}?" if close else f"; there are {', '.join(columns)}"
            raise ConfigError(f"{where} has a field {printable(name)} that the schema does not have{meant}")
    return {
        name: _typed(column, values[name], f"{where}.{name}")
        for name, column in columns.items()
        if name in values
    }


def _typed(column: Column, value: Any, where: str) -> Any:
    if value is None or column.form is Form.JSON:
        return value
    if column.form is Form.STRUCT:
        return _fields(column.parts, value, where)
    if column.form is Form.LIST:
        return list(_elements(column.parts[""], value, where))
    if isinstance(column.dtype, pl.Enum):
        return _choice(column.dtype, value, where)
    return _scalar(column.dtype, value, where)


def _elements(column: Column, values: object, where: str) -> Iterator[Any]:
    if not isinstance(values, list):
        raise ConfigError(f"{where} is to be a list")
    return (_typed(column, each, f"{where}[{place}]") for place, each in enumerate(values))


def _choice(dtype: pl.Enum, value: object, where: str) -> object:
    allowed = dtype.categories.to_list()
    if value not in allowed:
        raise ConfigError(f"{where} is {printable(str(value))}; it may be {', '.join(allowed)}")
    return value


def _scalar(dtype: pl.DataType, value: object, where: str) -> object:
    try:
        return _READERS.get(type(dtype), _TEXT).validate_python(value)
    except ValidationError as error:
        raise ConfigError(f"{where}: {error.errors()[0]['msg']}") from error
