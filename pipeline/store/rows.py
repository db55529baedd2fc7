"""A validated record as a row of its columns, and back."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Context, Decimal
from enum import Enum
from functools import partial
from typing import Any, TypeVar

import polars as pl
from pydantic import BaseModel
from pydantic_core import from_json, to_json, to_jsonable_python

from pipeline.errors import StoreError
from pipeline.store.columns import MOST_DIGITS, Column, Form, layout_of

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")

_PYTHON: dict[type[pl.DataType], type] = {
    pl.String: str,
    pl.Boolean: bool,
    pl.Int64: int,
    pl.Float64: float,
    pl.Decimal: Decimal,
    pl.Date: date,
    pl.Datetime: datetime,
    pl.Time: time,
    pl.Duration: timedelta,
}
_EXACT = Context(prec=2 * MOST_DIGITS)
_MICROSECOND = timedelta(microseconds=1)


def row_of(record: BaseModel) -> dict[str, Any]:
    """Return a record as values for `columns_of` its type, every one of them exact.

    Raises:
        StoreError: A value does not fit its column; the message names the field. polars would put a rounded
            value or a null in its place without a word.
    """
    columns = layout_of(type(record))
    return {name: _cell(column, _part(record, name, column, name), name) for name, column in columns.items()}


def record_of(model: type[M], row: Mapping[str, Any]) -> M:
    """Return the record that a row was made of; other keys of the row are left alone.

    Raises:
        KeyError: The row lacks a column.
        pydantic.ValidationError: The row is none of this model's.
    """
    values = _fields(layout_of(model), row)
    text = to_json(values, inf_nan_mode="constants")
    return model.model_validate_json(text, by_name=True, by_alias=False)


def _cell(column: Column, value: Any, where: str) -> Any:
    if value is None:
        return None
    return _CELLS[column.form](column, value, where)


def _struct(column: Column, value: Any, where: str) -> dict[str, Any]:
    return {
        name: _cell(part, _part(value, name, part, f"{where}.{name}"), f"{where}.{name}")
        for name, part in column.parts.items()
    }


def _part(value: Any, name: str, column: Column, where: str) -> Any:
    if isinstance(value, Mapping):
        return value[name]
    return _own_code(lambda: getattr(value, name), where) if column.derived else getattr(value, name)


def _own_code(act: Callable[[], T], where: str) -> T:
    """Run what the user's model defines, and say in which field it went wrong."""
    try:
        return act()
    except Exception as error:  # the model's own code may raise anything, and one record must not stop all
        raise StoreError(f"{where}: the model's own code fails with {type(error).__name__}") from error


def _root(column: Column, value: Any, where: str) -> Any:
    return _cell(column.parts[""], value.root, where)


def _list(column: Column, value: Any, where: str) -> list[Any]:
    cells = [_cell(column.parts[""], each, f"{where}[{place}]") for place, each in enumerate(value)]
    # The order of a set differs from process to process; equal records are to give equal rows.
    return sorted(cells, key=str) if isinstance(value, set | frozenset) else cells


def _json(_: Column, value: Any, where: str) -> str:
    # round_trip leaves out computed fields, which the model would not take back.
    write = partial(to_json, value, by_alias=False, inf_nan_mode="constants", round_trip=True)
    return _own_code(write, where).decode()


def _text(_: Column, value: Any, where: str) -> str:
    return str(_own_code(lambda: to_jsonable_python(value), where))


def _choice(column: Column, value: Any, where: str) -> Any:
    plain = value.value if isinstance(value, Enum) else value
    if isinstance(column.dtype, pl.Enum) and plain not in column.dtype.categories.to_list():
        raise StoreError(f"{where}: the value is none of those its type declares")
    return plain


def _plain(column: Column, value: Any, where: str) -> Any:
    kind = type(column.dtype)
    python = _PYTHON[kind]
    if python in (float, Decimal) and type(value) in (int, float):
        value = python(str(value))  # a default such as 0, which nobody validates
    if not isinstance(value, python):
        raise StoreError(
            f"{where}: the model holds a {type(value).__name__} in a field of {python.__name__}; "
            "declare the field as what its validators or its default make of it"
        )
    return _EXACTLY[kind](value, column.dtype, where) if kind in _EXACTLY else value


def _string(value: str, _: pl.DataType, where: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise StoreError(f"{where}: the text has half a character in it, which UTF-8 cannot hold") from None
    return value


def _integer(value: int, _: pl.DataType, where: str) -> int:
    if not -(2**63) <= value < 2**63:
        raise StoreError(f"{where}: the number needs more than 64 bits; declare the field as Decimal or str")
    return value


def _decimal(value: Decimal, dtype: pl.Decimal, where: str) -> Decimal:
    _, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int):
        raise StoreError(f"{where}: a decimal column holds numbers only; declare the field as float")
    trailing = len(digits) - len("".join(map(str, digits)).rstrip("0"))
    decimals = -(exponent + trailing) if value else 0
    whole = (dtype.precision or MOST_DIGITS) - dtype.scale
    if decimals > dtype.scale or (value and value.adjusted() >= whole):
        raise StoreError(
            f"{where}: the number does not fit {whole} digits before the point and {dtype.scale} after it; "
            "raise max_digits or decimal_places of the field"
        )
    return value.quantize(Decimal(1).scaleb(-dtype.scale), context=_EXACT)


def _datetime(value: datetime, dtype: pl.Datetime, where: str) -> datetime:
    if dtype.time_zone is None and value.tzinfo is not None:
        raise StoreError(
            f"{where}: the time has a zone and its column none; declare the field as AwareDatetime"
        )
    try:
        return value if value.tzinfo is None else value.astimezone(UTC)
    except OverflowError:
        raise StoreError(f"{where}: in UTC the time is outside the years 1 to 9999") from None


def _time(value: time, _: pl.DataType, where: str) -> time:
    if value.tzinfo is not None:
        raise StoreError(
            f"{where}: a time of day has no zone in its column; declare the field as AwareDatetime"
        )
    return value


def _duration(value: timedelta, _: pl.DataType, where: str) -> timedelta:
    if not -(2**63) <= value // _MICROSECOND < 2**63:
        raise StoreError(f"{where}: the duration is longer than its column holds, about 292,000 years")
    return value


_CELLS: dict[Form, Callable[[Column, Any, str], Any]] = {
    Form.VALUE: _plain,
    Form.TEXT: _text,
    Form.CHOICE: _choice,
    Form.JSON: _json,
    Form.LIST: _list,
    Form.STRUCT: _struct,
    Form.ROOT: _root,
}
_EXACTLY: dict[type[pl.DataType], Callable[[Any, Any, str], Any]] = {
    pl.String: _string,
    pl.Int64: _integer,
    pl.Decimal: _decimal,
    pl.Datetime: _datetime,
    pl.Time: _time,
    pl.Duration: _duration,
}


def _value(column: Column, cell: Any) -> Any:
    """Return a cell as what the model validates as JSON."""
    if cell is None:
        return None
    if column.form is Form.JSON:
        return from_json(cell)
    if column.form is Form.LIST:
        return [_value(column.parts[""], each) for each in cell]
    if column.form is Form.STRUCT:
        return _fields(column.parts, cell)
    if column.form is Form.ROOT:
        return _value(column.parts[""], cell)
    return cell


def _fields(parts: Mapping[str, Column], row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _value(part, row[name]) for name, part in parts.items() if not part.derived}


def values_of(columns: Mapping[str, Column], row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a row by field, of a row of fewer columns with None for those it lacks.

    Dates, times and decimals are Python's; choices are their values; what stands as JSON is decoded.
    """
    return {name: _value(column, row.get(name)) for name, column in columns.items()}
