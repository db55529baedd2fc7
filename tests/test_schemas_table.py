"""Each named record type works from its model to Parquet and back, or is refused before a request."""

import json
from pathlib import Path
from typing import Any

import duckdb
import jsonschema
import polars as pl
import pytest
from pydantic import BaseModel

from pipeline.answers import validate
from pipeline.errors import ConfigError
from pipeline.store.columns import columns_of
from pipeline.store.rows import record_of, row_of
from pipeline.structured import compile_schema
from tests.pipeline.test_structured import ALLOWED, nodes
from tests.schemas_table import TABLE, Refused, Stored

STORED = {name: case for name, case in TABLE.items() if isinstance(case, Stored)}
REFUSED = {name: case for name, case in TABLE.items() if isinstance(case, Refused)}


@pytest.mark.parametrize("name", STORED)
def test_it_works_to_the_end(name: str, tmp_path: Path) -> None:
    case = STORED[name]

    columns = columns_of(case.model)
    record, _ = validate(asked(case), case.model)
    pl.DataFrame([row_of(record)], schema=columns, strict=True).write_parquet(tmp_path / "part.parquet")
    read = pl.read_parquet(tmp_path / "part.parquet")

    assert columns == case.columns
    assert read.schema == pl.Schema(columns)
    assert record_of(case.model, read.row(0, named=True)) == record


def asked(case: Stored) -> dict[str, Any]:
    """The answer of a case, which fits the schema that is sent for it."""
    schema = compile_schema(case.model, name="x", page_of_items=False).full
    assert all(node.keys() <= ALLOWED for node in nodes(schema))
    jsonschema.validate(case.answer, schema)
    return json.loads(json.dumps(case.answer))  # type: ignore[no-any-return] # an object, as it was


def _prepare(model: type[BaseModel]) -> None:
    columns_of(model)
    compile_schema(model, name="x", page_of_items=False)


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_before_anything_is_asked(name: str) -> None:
    model = REFUSED[name].model

    with pytest.raises(ConfigError) as caught:
        _prepare(model)

    assert str(caught.value).startswith(REFUSED[name].sentence)
    assert "\n" not in str(caught.value)
    assert "; " in str(caught.value)


def test_sql_reads_columns_of_any_name(tmp_path: Path) -> None:
    case = STORED["names in any script and reserved words"]
    folder = tmp_path / "records" / "schema=words"
    folder.mkdir(parents=True)
    row = row_of(validate(case.answer, case.model)[0])
    pl.DataFrame([row], schema=columns_of(case.model), strict=True).write_parquet(folder / "part.parquet")

    names = ", ".join(f'"{name}"' for name in case.columns)
    (read,) = duckdb.execute(f"SELECT {names} FROM '{folder}/*.parquet'").fetchall()  # noqa: S608 - quoted

    assert dict(zip(case.columns, read, strict=True)) == row
