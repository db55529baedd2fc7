"""The fields of a record type as they are compared."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from pydantic import BaseModel

from pipeline.store.columns import Column, Form, layout_of


def fields_of(model: type[BaseModel]) -> dict[str, Column]:
    """The columns of a record type, computed ones like any other, lone values without the model around them.

    Raises:
        ConfigError: A field cannot be stored, so that no lake can hold the record type.
    """
    return _plain(layout_of(model))


def _plain(columns: Mapping[str, Column]) -> dict[str, Column]:
    return {name: _column(column) for name, column in columns.items()}


def _column(column: Column) -> Column:
    if column.form is Form.ROOT:
        return _column(column.parts[""])
    return replace(column, parts=_plain(column.parts), derived=False)


def leaf_fields(columns: Mapping[str, Column], before: str = "") -> Iterator[str]:
    """Names of all single values, in the order of the schema: `seller.name`, `line_items[].amount`."""
    for name, column in columns.items():
        yield from _leaves(column, f"{before}.{name}" if before else name)


def _leaves(column: Column, name: str) -> Iterator[str]:
    if column.form is Form.LIST:
        yield from _leaves(column.parts[""], f"{name}[]")
    elif column.form is Form.STRUCT:
        yield from leaf_fields(column.parts, name)
    else:
        yield name
