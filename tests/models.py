"""Record types that use everything a model can hold, and records of any record type."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from hypothesis import strategies as st
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, HttpUrl, NaiveDatetime

M = TypeVar("M", bound=BaseModel)


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"
    NONE = ""


class Level(IntEnum):
    LOW = -1
    HIGH = 9


class Mixed(Enum):
    TEXT = "text"
    NUMBER = 1


class Inner(BaseModel):
    """Something inside."""

    note: str | None = None
    price: Annotated[Decimal, Field(max_digits=12, decimal_places=3)] | None = None
    colours: list[Colour] = []


class Outer(BaseModel):
    inner: Inner | None = None
    inners: list[Inner | None] = []


class Node(BaseModel):
    """A tree of names."""

    name: str = Field(max_length=9)
    children: list["Node"] = []


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int


class Dog(BaseModel):
    kind: Literal["dog"]
    name: str


class Wide(BaseModel):
    """One field of every kind."""

    model_config = ConfigDict(populate_by_name=True)

    text: str
    short: Annotated[str, Field(min_length=1, max_length=20, pattern=r"^\S")] = Field(
        "x", title="A short text"
    )
    number: Annotated[int, Field(ge=-(2**63), lt=2**63)] = 0
    ratio: float | None = None
    flag: bool | None = None
    day: date | None = None
    moment: NaiveDatetime | None = None
    instant: AwareDatetime | None = None
    clock: time | None = None
    span: timedelta | None = None
    money: Annotated[Decimal, Field(max_digits=38, decimal_places=10)] | None = None
    plain_decimal: Annotated[Decimal, Field(ge=-1000, le=1000, decimal_places=6)] | None = None
    key: UUID | None = None
    link: HttpUrl | None = None
    colour: Colour | None = None
    level: Level | None = None
    mixed: Mixed | None = None
    size: Literal["s", "m", "l"] | None = None
    step: Literal[1, 2] | None = None
    aliased: str | None = Field(None, alias="Rechnungs-Nr.")
    outer: Outer | None = None
    outers: list[Outer] = []
    names: Annotated[list[str], Field(max_length=5)] = []
    grid: list[list[int | None]] = []
    tags: set[str] = set()
    series: tuple[date, ...] = ()
    pair: tuple[int, str] | None = None
    pet: Annotated[Cat | Dog, Field(discriminator="kind")] | None = None
    pets: list[Cat | Dog] = []
    either: int | str | None = None
    scores: dict[str, int] = {}
    tree: Node | None = None
    größe: str | None = None  # noqa: PLC2401 - names come in any script
    日付: date | None = None  # noqa: PLC2401 - names come in any script


ZONES = [UTC, *(timezone(timedelta(minutes=minutes)) for minutes in (-720, -210, 60, 345, 840))]
# A day away from the ends, so that every zone's time is one in UTC.
NEAR_ALL_TIMES = (datetime(1, 1, 2), datetime(9999, 12, 30))  # noqa: DTZ001 - hypothesis adds the zone
SCALARS: Mapping[object, st.SearchStrategy[Any]] = {
    NoneType: st.none(),
    str: st.text(max_size=20),
    int: st.integers(-(2**63), 2**63 - 1),
    float: st.floats(allow_nan=False, allow_infinity=False),
    bool: st.booleans(),
    date: st.dates(),
    time: st.times(),
    timedelta: st.timedeltas(timedelta(days=-10_000), timedelta(days=10_000)),
    NaiveDatetime: st.datetimes(),
    AwareDatetime: st.datetimes(*NEAR_ALL_TIMES, timezones=st.sampled_from(ZONES)),
    UUID: st.uuids(),
    HttpUrl: st.sampled_from(["https://example.org/", "http://example.org/a?b=c#d"]),
}


@cache
def records(model: type[M]) -> st.SearchStrategy[M]:
    """Valid records of a model."""
    fields = get_type_hints(model, include_extras=True)
    return st.fixed_dictionaries(
        {info.alias or name: values(fields[name]) for name, info in model.model_fields.items()}
    ).map(model.model_validate)


def values(kind: Any) -> st.SearchStrategy[Any]:
    """Values of an annotation."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _constrained(arguments[0], arguments[1])
    if origin in (Union, UnionType):
        return st.one_of(*map(values, arguments))
    if origin is Literal:
        return st.sampled_from(arguments)
    return _simple(kind) if origin is None else _collected(origin, arguments)


def _collected(origin: Any, arguments: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    if origin is dict:
        return st.dictionaries(values(arguments[0]), values(arguments[1]), max_size=3)
    if origin is tuple and arguments[-1] is not ...:
        return st.tuples(*map(values, arguments))
    return st.lists(values(arguments[0]), max_size=3).map(origin)


def _simple(kind: Any) -> st.SearchStrategy[Any]:
    if kind is Node:
        return st.recursive(
            st.builds(Node, name=st.text(max_size=9)),
            lambda inner: st.builds(Node, name=st.text(max_size=9), children=st.lists(inner, max_size=2)),
            max_leaves=4,
        )
    if kind in SCALARS:
        return SCALARS[kind]
    return st.sampled_from(list(kind)) if issubclass(kind, Enum) else records(kind)


def _constrained(kind: Any, info: Any) -> st.SearchStrategy[Any]:
    if kind is str:
        return st.from_regex(r"\A[a-zé]{1,20}\Z")
    limits = {type(each).__name__: each for each in info.metadata}
    if kind is int and {"Ge", "Le"} <= limits.keys():
        return st.integers(limits["Ge"].ge, limits["Le"].le)
    if kind is not Decimal:
        return values(kind)
    general = next((each for each in info.metadata if hasattr(each, "decimal_places")), None)
    places = getattr(general, "decimal_places", 6)
    digits = getattr(general, "max_digits", None) or 9
    largest = 10**9 if "Ge" in limits else 10**digits - 1
    return st.integers(-largest, largest).map(lambda number: Decimal(f"{number}E{-places}"))
