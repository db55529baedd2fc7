"""A lake with a column of every kind, made by a real run."""

from datetime import date, time, timedelta
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import AwareDatetime, BaseModel, Field, NaiveDatetime

from schemas.registry import RecordType
from tests.papers import write_pdf
from tests.pipeline.runs import config, run
from tests.servers import FaultServer, chat_answer

Money = Annotated[Decimal, Field(max_digits=20, decimal_places=3)]


class Colour(StrEnum):
    RED = "red"
    GREEN = "it's green"


class Load(BaseModel):
    """One load."""

    what: str
    weight: Money | None = None
    day: date | None = None
    took: timedelta | None = None
    colour: Colour | None = None
    marks: list[str] = []


class Waybill(BaseModel):
    """A waybill with a field of every kind."""

    unit: ClassVar[str] = "document"
    instructions: ClassVar[str] = "Read the waybill."

    number: str | None = None
    country: str | None = None
    total: Money | None = None
    day: date | None = None
    clock: time | None = None
    moment: NaiveDatetime | None = None
    instant: AwareDatetime | None = None
    took: timedelta | None = None
    colour: Colour | None = None
    pieces: int | None = None
    ratio: float | None = None
    paid: bool | None = None
    tags: list[str] = []
    loads: list[Load] = []
    first: Load | None = None
    extra: dict[str, int] = {}


WAYBILL = RecordType(
    name="waybill", model=Waybill, unit="document", instructions="Read the waybill.", reference="waybill"
)

LOAD: dict[str, Any] = {
    "what": 'crates, "big"\nand small',
    "weight": "12345678901234567.125",
    "day": "2024-02-29",
    "took": "PT1M30.5S",
    "colour": "it's green",
    "marks": ["a", "b,c"],
}
BARE = dict.fromkeys(LOAD) | {"what": "rope", "marks": []}
FULL: dict[str, Any] = {
    "number": "W-1",
    "country": "DE",
    "total": "99999999999999999.995",
    "day": "2024-03-01",
    "clock": "13:05:00",
    "moment": "2024-03-01T13:05:00",
    "instant": "2024-03-01T13:05:00+02:00",
    "took": "PT36H",
    "colour": "red",
    "pieces": 7,
    "ratio": 0.1,
    "paid": True,
    "tags": ["x", "ü; y"],
    "loads": [LOAD, BARE],
    "first": LOAD,
    "extra": {"k": 1},
}
EMPTY = dict.fromkeys(FULL) | {"number": "W-2", "country": "a/../b", "tags": [], "loads": [], "extra": {}}
PLAIN = EMPTY | {"number": "W-3", "country": None, "total": "20", "day": "2023-12-31", "loads": [BARE]}
ANSWERS = {"one": FULL, "two": EMPTY, "three": PLAIN}


def make_lake(place: Path, **changes: Any) -> Path:
    """Three waybills, each of a run of its own: one full, one empty, one in between; in this order."""
    for name, answer in ANSWERS.items():
        paper = write_pdf(place / "in" / f"{name}.pdf", [f"waybill {name}"])
        with FaultServer([chat_answer(answer)]) as server:
            run(config(server.base_url, place / "lake", paper, record=WAYBILL, **changes))
    return place / "lake"
