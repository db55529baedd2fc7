"""Of any model: only allowed keywords are asked, and what is answered comes back from Parquet as it was."""

from collections.abc import Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from keyword import kwlist
from pathlib import Path
from types import GenericAlias
from typing import Annotated, Any, Literal, Union, get_args
from uuid import UUID

import jsonschema
import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    HttpUrl,
    NaiveDatetime,
    create_model,
)
from pydantic_core import to_jsonable_python

from pipeline.answers import validate
from pipeline.store.columns import columns_of
from pipeline.store.rows import record_of, row_of
from pipeline.structured import compile_schema
from tests.models import Cat, Colour, Dog, Level, Mixed, Node, records
from tests.pipeline.test_structured import ALLOWED, nodes

NUMBER = Annotated[Decimal, Field(max_digits=20, decimal_places=4)]
TEXT = Annotated[str, Field(max_length=30, description="A text")]
HASHABLE: list[Any] = [
    str, int, float, bool, date, time, timedelta, NaiveDatetime, AwareDatetime, UUID, Colour, Level, Mixed,
    NUMBER, Literal["a", "b"], Literal[1, 2], Literal["a", 1],
]  # fmt: skip
SIMPLE: list[Any] = [
    *HASHABLE,
    HttpUrl,
    TEXT,
    Annotated[Cat | Dog, Field(discriminator="kind")],
    Node,
]
WORDS = [
    *(word for word in kwlist if word.islower()),
    "select",
    "from",
    "order",
    "group",
    "table",
    "größe",
    "名前",
]
NAMES = (
    st.sampled_from(WORDS) | st.text(st.characters(categories=["L", "Nd"]), min_size=1, max_size=8)
).filter(lambda name: name.isidentifier() and not hasattr(BaseModel, name) and name.casefold() != "schema")


def wrapped(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Kinds made of other kinds."""
    return st.one_of(
        inner.map(lambda kind: GenericAlias(list, (kind,))),
        inner.map(lambda kind: kind | None),
        inner.map(lambda kind: GenericAlias(dict, (str, kind))),
        inner.map(lambda kind: GenericAlias(tuple, (kind, ...))),
        st.tuples(inner, inner).map(lambda kinds: GenericAlias(tuple, kinds)),
        st.sampled_from(HASHABLE).map(lambda kind: GenericAlias(set, (kind,))),
        st.tuples(inner, inner).map(lambda kinds: Union[kinds]).filter(is_told_apart),  # noqa: UP007 - known only now
        models(inner),
    )


def is_told_apart(union: Any) -> bool:
    """Whether a union is stored: of a decimal and a text it is not, as the table of schemas has it."""
    return NUMBER not in get_args(union) or not {str, TEXT} & set(get_args(union))


def models(kinds: st.SearchStrategy[Any]) -> st.SearchStrategy[type[BaseModel]]:
    """Models of a few fields."""
    fields = st.dictionaries(NAMES, st.tuples(kinds, st.booleans()), min_size=1, max_size=5)
    return st.tuples(fields, st.sampled_from(["ignore", "forbid"])).map(lambda drawn: model(*drawn))


def model(kinds: Mapping[str, tuple[Any, bool]], extra: Any) -> type[BaseModel]:
    seen: set[str] = set()
    fields: dict[str, Any] = {}
    for name, (kind, aliased) in kinds.items():
        if name.casefold() not in seen:
            seen.add(name.casefold())
            fields[name] = (kind, Field(alias=f"{name} №")) if aliased else (kind, ...)
    return create_model("Any", __config__=ConfigDict(extra=extra, protected_namespaces=()), **fields)


MODELS = models(st.recursive(st.sampled_from(SIMPLE), wrapped, max_leaves=4))


def as_answer(value: Any) -> Any:
    """A dumped record as a language model writes it: decimals are numbers."""
    if isinstance(value, dict):
        return {key: as_answer(part) for key, part in value.items()}
    if isinstance(value, list | tuple | set):
        return [as_answer(part) for part in value]
    return float(value) if isinstance(value, Decimal) else to_jsonable_python(value)


def exactly(value: Any) -> Any:
    """A dumped record as an answer is read: decimals are numbers with all their digits, the rest is JSON."""
    if isinstance(value, dict):
        return {key: exactly(part) for key, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [exactly(part) for part in value]
    return value if isinstance(value, Decimal) else to_jsonable_python(value)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(data=st.data())
def test_what_is_answered_comes_back_from_parquet_as_it_was(
    data: st.DataObject, tmp_path_factory: Any
) -> None:
    kind = data.draw(MODELS)
    drawn = data.draw(records(kind))
    columns = columns_of(kind)
    wire = compile_schema(kind, name="any", page_of_items=False)
    file: Path = tmp_path_factory.getbasetemp() / "any-model.parquet"

    for schema in (wire.full, wire.partial):
        assert all(node.keys() <= ALLOWED for node in nodes(schema))
    jsonschema.validate(as_answer(drawn.model_dump(by_alias=True)), wire.full)
    answered, _ = validate(exactly(drawn.model_dump(by_alias=True)), kind)
    pl.DataFrame([row_of(answered)], schema=columns, strict=True).write_parquet(file)

    assert record_of(kind, pl.read_parquet(file).row(0, named=True)) == answered
