"""Record types by name, with what becomes of each: its columns and an answer, or why it is refused."""

from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import InitVar, dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from ipaddress import IPv4Address
from pathlib import Path
from re import Pattern
from typing import Annotated, Any, ClassVar, Generic, Literal, NamedTuple, NotRequired, Self, TypeVar
from uuid import UUID, uuid4

import polars as pl
from pydantic import (
    AfterValidator,
    AliasChoices,
    AliasGenerator,
    AliasPath,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    EmailStr,
    Field,
    HttpUrl,
    Json,
    NaiveDatetime,
    PlainValidator,
    PrivateAttr,
    RootModel,
    SecretStr,
    Tag,
    computed_field,
    create_model,
    field_validator,
    model_validator,
)
from pydantic import dataclasses as pydantic_dataclasses
from pydantic.alias_generators import to_camel
from typing_extensions import TypedDict

T = TypeVar("T")
JSON = pl.String()
TEXT = pl.String()
JSON_IN_TEXT: Any = Json


@dataclass(frozen=True, kw_only=True)
class Stored:
    """A record type that works: what is answered, and the columns it becomes."""

    model: type[BaseModel]
    answer: dict[str, Any]
    columns: dict[str, pl.DataType]


@dataclass(frozen=True, kw_only=True)
class Refused:
    """A record type that is refused before anything is asked, and the start of the sentence that says so."""

    model: type[BaseModel]
    sentence: str


def one(kind: Any, **info: Any) -> type[BaseModel]:
    """A record type of one field."""
    fields: dict[str, Any] = {"field": (kind, Field(**info))}
    return create_model("Claim", **fields)


def stored(kind: Any, answer: Any, dtype: pl.DataType, **info: Any) -> Stored:
    return Stored(model=one(kind, **info), answer={"field": answer}, columns={"field": dtype})


def refused(kind: Any, sentence: str, **info: Any) -> Refused:
    return Refused(model=one(kind, **info), sentence=sentence)


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"


class Level(IntEnum):
    LOW = 1
    HIGH = 2


class Mixed(Enum):
    WORD = "word"
    NUMBER = 1


class Rate(Enum):
    FULL = 19.0
    LESS = 7.5


class Part(BaseModel):
    name: str
    price: Decimal | None = Field(None, max_digits=9, decimal_places=2)


PART = pl.Struct({"name": TEXT, "price": pl.Decimal(9, 2)})


class Frozen(BaseModel, frozen=True):
    name: str


class Tree(BaseModel):
    name: str
    children: list["Tree"] = []


class Left(BaseModel):
    right: "Right | None" = None


class Right(BaseModel):
    left: Left | None = None


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int


class Dog(BaseModel):
    kind: Literal["dog"]
    name: str


class Box(BaseModel, Generic[T]):
    content: T
    others: list[T] = []


class Point(NamedTuple):
    x: int
    y: str = "-"


class Keyed(TypedDict):
    name: str
    size: int | None


class Loose(TypedDict):
    name: str
    size: NotRequired[int]


@dataclass
class Plain:
    name: str
    sizes: list[int] = field(default_factory=list)


@pydantic_dataclasses.dataclass
class Checked:
    name: str
    size: int = field(default=1, init=False)


@dataclass
class Seeded:
    name: str
    seed: InitVar[int] = 0


class Names(RootModel[list[str]]):
    pass


class Parts(RootModel[list[Part]]):
    pass


class Maybe(RootModel[int | None]):
    pass


class Aliased(BaseModel):
    number: str = Field(alias="Rechnungs-Nr.")
    day: date = Field(validation_alias="Datum")
    town: str = Field(validation_alias=AliasChoices("city", "Ort"))
    street: str = Field(validation_alias=AliasChoices(AliasPath("address", 0), "street name"))
    code: str = Field(validation_alias=AliasPath("zip"))
    note: str = Field("", serialization_alias="remark")


class Camel(BaseModel):
    model_config = ConfigDict(alias_generator=AliasGenerator(validation_alias=to_camel))

    invoice_number: str
    line_items: list[Part]


class ByName(BaseModel):
    model_config = ConfigDict(validate_by_name=True, validate_by_alias=False)

    number: str = Field(alias="No")


class Elsewhere(BaseModel):
    town: str = Field(validation_alias=AliasPath("address", "town"))


class Computed(BaseModel):
    model_config = ConfigDict(extra="forbid")

    net: Decimal = Field(decimal_places=2)
    tax: Decimal = Field(decimal_places=2)

    @computed_field(return_type=Annotated[Decimal, Field(decimal_places=2)])
    def total(self) -> Decimal:
        """Sum of both."""
        return self.net + self.tax

    @computed_field
    def words(self) -> list[str]:
        """The amounts as text."""
        return [str(self.net), str(self.tax)]


class Odd(BaseModel):
    amount: int

    @computed_field
    def wave(self) -> complex:
        return complex(self.amount)


class Factories(BaseModel):
    key: UUID = Field(default_factory=uuid4)
    names: list[str] = Field(default_factory=list)
    size: int = 3
    part: Part = Field(default_factory=lambda: Part(name="none"))


class Words(BaseModel):
    model_config = ConfigDict(populate_by_name=True)

    select: str
    order: int
    group: list[int]
    table: Part
    größe: float  # noqa: PLC2401 - names come in any script
    金額: Decimal = Field(decimal_places=0)  # noqa: PLC2401 - names come in any script
    اسم: str  # noqa: PLC2401 - names come in any script
    class_: str = Field(alias="class")
    schema_: str = Field(alias="schema")
    id_: int = Field(alias="_id")
    long_name_ñ: str = Field(alias='a "quoted" name, {with} [signs].')  # noqa: PLC2401 - in any script


class Forbidding(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    name: str
    part: Part


class Allowing(BaseModel):
    model_config = ConfigDict(extra="allow")

    name: str


class Ruled(BaseModel):
    first: date
    last: date

    @field_validator("first", mode="before")
    @classmethod
    def _trimmed(cls, given: Any) -> Any:
        return given.strip() if isinstance(given, str) else given

    @model_validator(mode="before")
    @classmethod
    def _object(cls, given: Any) -> Any:
        return given

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last < self.first:
            raise ValueError("the last day is before the first")
        return self


class Base(BaseModel):
    VERSION: ClassVar[int] = 1

    number: str
    day: date | None = None


class Derived(Base):
    instructions: ClassVar[str] = "Extract it."

    number: str = Field(max_length=5)
    total: float
    _seen: int = PrivateAttr(default=0)


class Cased(BaseModel):
    total: str
    Total: str


class Empty(BaseModel):
    pass


def _tag(value: Any) -> str:
    lives = value.get("lives") if isinstance(value, dict) else getattr(value, "lives", None)
    return "dog" if lives is None else "cat"


WIDE: dict[str, Any] = {f"field_{number}": (int | None, None) for number in range(200)}
MONEY = Annotated[Decimal, Field(max_digits=12, decimal_places=2, ge=0)]
PET = Annotated[Cat | Dog, Field(discriminator="kind")]
TAGGED = Annotated[
    Annotated[Cat, Tag("cat")] | Annotated[Dog, Tag("dog")],
    Discriminator(_tag),
]
NOT_STORED = "cannot be stored; declare a text, a number, a date or a model instead"

TABLE: dict[str, Stored | Refused] = {
    "text": stored(str, "a", TEXT),
    "integer": stored(int, 2**63 - 1, pl.Int64()),
    "float": stored(float, 0.1, pl.Float64()),
    "boolean": stored(bool, True, pl.Boolean()),
    "optional": stored(str | None, None, TEXT),
    "constrained text": stored(str, "AB", TEXT, min_length=2, max_length=3, pattern="^A"),
    "constrained number": stored(float, 1.5, pl.Float64(), gt=0, le=2, multiple_of=0.5),
    "decimal": stored(Decimal, 12.345678, pl.Decimal(38, 6)),
    "decimal with bounds and digits": stored(MONEY, 9999999999.99, pl.Decimal(12, 2)),
    "decimal with digits alone": stored(Decimal, 12345, pl.Decimal(11, 6), max_digits=5),
    "optional decimal": stored(MONEY | None, 1.5, pl.Decimal(12, 2)),
    "decimal too long": refused(Decimal, "Claim.field: a decimal of 40 digits", max_digits=40),
    "decimal or text": refused(Decimal | str, "Claim.field: a decimal or a text is the same in JSON"),
    "date": stored(date, "2024-02-29", pl.Date()),
    "datetime": stored(datetime, "2024-02-29T12:30:00", pl.Datetime("us")),
    "naive datetime": stored(NaiveDatetime, "2024-02-29T12:30:00.000001", pl.Datetime("us")),
    "aware datetime": stored(AwareDatetime, "2024-02-29T12:30:00+02:00", pl.Datetime("us", "UTC")),
    "time": stored(time, "23:59:59", pl.Time()),
    "timedelta": stored(timedelta, "P1DT2H", pl.Duration("us")),
    "uuid": stored(UUID, "6f0c3b36-2a8e-4f0e-9a53-4f6b5f6f3b3c", TEXT),
    "e-mail address": stored(EmailStr, "office@example.org", TEXT),
    "url": stored(HttpUrl, "https://example.org/a?b=c", TEXT),
    "ip address": stored(IPv4Address, "127.0.0.1", TEXT),
    "path": stored(Path, "a/b", TEXT),
    "enum of texts": stored(Colour, "red", pl.Enum(["red", "green"])),
    "enum of integers": stored(Level, 2, pl.Int64()),
    "enum of floats": stored(Rate, 7.5, pl.Float64()),
    "mixed enum": stored(Mixed, 1, JSON),
    "literal texts": stored(Literal["s", "m"], "m", pl.Enum(["s", "m"])),
    "literal integers": stored(Literal[1, 2], 1, pl.Int64()),
    "literal booleans": stored(Literal[True], True, pl.Boolean()),
    "mixed literal": stored(Literal["a", 1, None], 1, JSON),
    "nested model": stored(Part, {"name": "a", "price": 1.25}, PART),
    "optional nested model": stored(Part | None, None, PART),
    "list of texts": stored(list[str], ["a", "b"], pl.List(TEXT)),
    "list of models": stored(list[Part], [{"name": "a", "price": None}], pl.List(PART)),
    "list that may be null": stored(list[Part | None] | None, None, pl.List(PART)),
    "list of lists": stored(list[list[int]], [[1], [], [2, 3]], pl.List(pl.List(pl.Int64()))),
    "constrained list": stored(list[int], [1], pl.List(pl.Int64()), min_length=1, max_length=2),
    "bare list": stored(list, ["a", 1, None, True, 1.5], pl.List(JSON)),
    "sequence": stored(Sequence[int], [1], pl.List(pl.Int64())),
    "deque": stored(deque[int], [1], pl.List(pl.Int64())),
    "fixed tuple of one kind": stored(tuple[int, int], [1, 2], pl.List(pl.Int64())),
    "fixed tuple of two kinds": stored(tuple[int, str], [1, "a"], JSON),
    "tuple of any length": stored(tuple[date, ...], ["2024-01-01"], pl.List(pl.Date())),
    "named tuple": stored(Point, [1, "a"], JSON),
    "set": stored(set[str], ["b", "a"], pl.List(TEXT)),
    "frozenset": stored(frozenset[int], [2, 1], pl.List(pl.Int64())),
    "set of models": stored(set[Frozen], [{"name": "a"}], pl.List(pl.Struct({"name": TEXT}))),
    "dict of numbers": stored(dict[str, int], {"a": 1}, JSON),
    "dict of decimals": stored(dict[str, Decimal], {"a": 1.25}, JSON),
    "dict of optional texts": stored(dict[str, str | None], {"a": None}, JSON),
    "dict of models": stored(dict[str, Part], {"a": {"name": "b", "price": 1.5}}, JSON),
    "dict of lists": stored(dict[str, list[date]], {"a": ["2024-01-01"]}, JSON),
    "dict by number": stored(dict[int, str], {"1": "a"}, JSON),
    "dict by date": stored(dict[date, str], {"2024-01-01": "a"}, JSON),
    "dict by pattern": stored(dict[Annotated[str, Field(pattern="^a")], int], {"a": 1}, JSON),
    "bare dict": stored(dict, {"a": 1, "b": "c"}, JSON),
    "mapping": stored(Mapping[str, int], {"a": 1}, JSON),
    "ordered dict": stored(OrderedDict[str, int], {"b": 1, "a": 2}, JSON),
    "defaultdict": stored(defaultdict[str, int], {"a": 1}, JSON),
    "counter": stored(Counter[str], {"a": 1}, JSON),
    "union of scalars": stored(int | str, "1", JSON),
    "union of numbers": stored(int | float, 1.5, JSON),
    "union of dates": stored(date | datetime | None, "2024-01-01", JSON),
    "union of models": stored(Cat | Dog, {"kind": "dog", "name": "a"}, JSON),
    "discriminated union": stored(PET, {"kind": "cat", "lives": 9}, JSON),
    "list of a discriminated union": stored(list[PET], [{"kind": "cat", "lives": 9}], pl.List(JSON)),
    "union told apart by a function": stored(TAGGED, {"kind": "dog", "name": "a"}, JSON),
    "recursive model": Stored(
        model=Tree,
        answer={"name": "a", "children": [{"name": "b", "children": [{"name": "c", "children": []}]}]},
        columns={"name": TEXT, "children": pl.List(JSON)},
    ),
    "models that hold each other": Stored(
        model=Left,
        answer={"right": {"left": {"right": None}}},
        columns={"right": pl.Struct({"left": JSON})},
    ),
    "root list in a field": stored(Names, ["a"], pl.List(TEXT)),
    "root list of models in a field": stored(Parts, [{"name": "a", "price": None}], pl.List(PART)),
    "root value that may be null": stored(Maybe, None, JSON),
    "root list as a record": Refused(model=Parts, sentence="Parts has no named fields; put the list"),
    "200 fields": Stored(
        model=create_model("Form", **WIDE),
        answer={name: len(name) for name in WIDE},
        columns=dict.fromkeys(WIDE, pl.Int64()),
    ),
    "aliases": Stored(
        model=Aliased,
        answer={
            "Rechnungs-Nr.": "A-1",
            "Datum": "2024-01-01",
            "city": "Köln",
            "street name": "Ring",
            "zip": "1",
            "note": "",
        },
        columns={"number": TEXT, "day": pl.Date(), "town": TEXT, "street": TEXT, "code": TEXT, "note": TEXT},
    ),
    "alias generator": Stored(
        model=Camel,
        answer={"invoiceNumber": "A-1", "lineItems": [{"name": "a", "price": 2}]},
        columns={"invoice_number": TEXT, "line_items": pl.List(PART)},
    ),
    "aliases that are not validated": Stored(
        model=ByName, answer={"number": "A-1"}, columns={"number": TEXT}
    ),
    "alias path": Refused(
        model=Elsewhere, sentence="Elsewhere.town: it is read from inside another value by AliasPath"
    ),
    "default factories": Stored(
        model=Factories,
        answer={"key": None, "names": [], "size": 3, "part": None},
        columns={"key": TEXT, "names": pl.List(TEXT), "size": pl.Int64(), "part": PART},
    ),
    "computed fields": Stored(
        model=Computed,
        answer={"net": 10.5, "tax": 2},
        columns={
            "net": pl.Decimal(38, 2),
            "tax": pl.Decimal(38, 2),
            "total": pl.Decimal(38, 2),
            "words": pl.List(TEXT),
        },
    ),
    "dict of models with computed fields": stored(dict[str, Computed], {"a": {"net": 1, "tax": 2}}, JSON),
    "computed field without a column": Refused(model=Odd, sentence="Odd.wave: a value of kind complex"),
    "names in any script and reserved words": Stored(
        model=Words,
        answer={
            "select": "a",
            "order": 1,
            "group": [1],
            "table": {"name": "a", "price": None},
            "größe": 1.5,
            "金額": 5,
            "اسم": "b",
            "class": "c",
            "schema": "d",
            "_id": 7,
            'a "quoted" name, {with} [signs].': "e",
        },
        columns={
            "select": TEXT,
            "order": pl.Int64(),
            "group": pl.List(pl.Int64()),
            "table": PART,
            "größe": pl.Float64(),
            "金額": pl.Decimal(38, 0),
            "اسم": TEXT,
            "class_": TEXT,
            "schema_": TEXT,
            "id_": pl.Int64(),
            "long_name_ñ": TEXT,
        },
    ),
    "names that differ only in case": Refused(
        model=Cased, sentence="Cased: total and Total differ only in case"
    ),
    "extra forbidden and strict": Stored(
        model=Forbidding,
        answer={"name": "a", "part": {"name": "b", "price": 1.25}},
        columns={"name": TEXT, "part": PART},
    ),
    "extra allowed": Refused(model=Allowing, sentence="Allowing: extra='allow' takes values under names"),
    "extra allowed inside": Refused(
        model=one(list[Allowing]), sentence="Allowing: extra='allow' takes values under names"
    ),
    "validators": Stored(
        model=Ruled,
        answer={"first": " 2024-01-01 ", "last": "2024-01-02"},
        columns={"first": pl.Date(), "last": pl.Date()},
    ),
    "before and after validators": stored(
        Annotated[list[str], BeforeValidator(lambda given: given), AfterValidator(sorted)],
        ["b", "a"],
        pl.List(TEXT),
    ),
    "plain validator": refused(
        Annotated[int, PlainValidator(int)], f"Claim.field: what a plain validator returns {NOT_STORED}"
    ),
    "generic model": Stored(
        model=Box[Part],
        answer={"content": {"name": "a", "price": None}, "others": []},
        columns={"content": PART, "others": pl.List(PART)},
    ),
    "typed dict": stored(Keyed, {"name": "a", "size": None}, pl.Struct({"name": TEXT, "size": pl.Int64()})),
    "typed dict with keys that may be missing": stored(Loose, {"name": "a", "size": None}, JSON),
    "dataclass": stored(
        Plain, {"name": "a", "sizes": [1]}, pl.Struct({"name": TEXT, "sizes": pl.List(pl.Int64())})
    ),
    "dataclass with a value of its own": stored(
        Checked, {"name": "a"}, pl.Struct({"name": TEXT, "size": pl.Int64()})
    ),
    "dataclass with an InitVar": refused(Seeded, "Claim.field.seed: an InitVar is not kept"),
    "inheritance, class variables and private attributes": Stored(
        model=Derived,
        answer={"number": "A-1", "day": None, "total": 5},
        columns={"number": TEXT, "day": pl.Date(), "total": pl.Float64()},
    ),
    "any": stored(Any, 5, JSON),
    "bytes": refused(bytes, f"Claim.field: a value of kind bytes {NOT_STORED}"),
    "complex": refused(list[complex], f"Claim.field[]: a value of kind complex {NOT_STORED}"),
    "function": refused(Callable[[], int], f"Claim.field: a function {NOT_STORED}"),
    "class": refused(type[int], f"Claim.field: a class {NOT_STORED}"),
    "iterable": refused(Iterable[int], f"Claim.field: an iterable, which is read only once, {NOT_STORED}"),
    "pattern": refused(Pattern[str], f"Claim.field: what a plain validator returns {NOT_STORED}"),
    "json in a text": refused(JSON_IN_TEXT, f"Claim.field: JSON inside a text {NOT_STORED}"),
    "secret": refused(SecretStr, "Claim.field:"),
    "empty model": refused(Empty, "Claim.field: Empty has no fields; give it at least one"),
    "no fields": Refused(model=Empty, sentence="Empty: Empty has no fields"),
}
