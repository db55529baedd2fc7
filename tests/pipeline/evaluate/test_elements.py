"""Which elements of two lists belong together."""

from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from pipeline.evaluate.elements import matched
from pipeline.evaluate.fields import fields_of


class Line(BaseModel):
    code: str | None = None
    text: str | None = None
    count: int | None = None
    price: Decimal | None = None


class Sheet(BaseModel):
    lines: list[Line] = []


COLUMN = fields_of(Sheet)["lines"].parts[""]


def line(code: str, text: str, count: int, price: str) -> dict[str, Any]:
    return {"code": code, "text": text, "count": count, "price": Decimal(price)}


def never(_: object, __: object) -> float:
    return 0.0


def unwanted(_: object, __: object) -> float:
    raise AssertionError("these need not be compared one by one")


def match(truths: list[dict[str, Any]], others: list[dict[str, Any]], alike: Any = never) -> dict[int, int]:
    return matched(COLUMN, dict(enumerate(truths)), dict(enumerate(others)), alike)


def test_lines_that_are_equal_but_for_one_field_need_no_search() -> None:
    truths = [line(f"A-{number}", f"thing {number}", 1, "2.50") for number in range(500)]
    others = [each | {"text": "misread"} for each in reversed(truths)]
    others = [each | {"count": number} for number, each in enumerate(others)]
    truths = [each | {"count": 499 - number} for number, each in enumerate(truths)]

    assert match(truths, others, unwanted) == {number: 499 - number for number in range(500)}


def test_what_several_lines_share_shows_nothing() -> None:
    truths = [line("A", "one", 1, "2.50"), line("A", "two", 1, "2.50")]
    others = [line("A", "uno", 1, "2.50"), line("A", "due", 1, "2.50")]

    assert match(truths, others) == {}


def test_too_few_equal_values_show_nothing() -> None:
    truth, other = {"text": "one", "price": Decimal(1)}, {"text": "two", "price": Decimal(1)}

    assert match([truth], [other]) == {}
    assert match([truth], [other], lambda _, __: 0.5) == {0: 0}


def test_the_rest_is_matched_so_that_the_whole_is_most_alike() -> None:
    def alike(truth: dict[str, Any], other: dict[str, Any]) -> float:
        return {("a", "x"): 0.6, ("a", "y"): 0.7, ("b", "y"): 0.65}.get((truth["text"], other["text"]), 0.0)

    assert match([{"text": "a"}, {"text": "b"}], [{"text": "x"}, {"text": "y"}], alike) == {0: 0, 1: 1}
