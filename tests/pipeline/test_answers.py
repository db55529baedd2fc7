"""From the text of an answer to a record."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

import pytest
from pydantic import AfterValidator, BaseModel, Field

from pipeline.answers import read, validate
from pipeline.errors import AnswerInvalid, Category
from pipeline.records import Completion, Usage


def completion(content: str, finish_reason: str = "stop") -> Completion:
    return Completion(
        content=content,
        finish_reason=finish_reason,
        model="m",
        usage=Usage(completion_tokens=77),
        request_id="",
        latency_s=1.0,
        attempts=1,
    )


@pytest.mark.parametrize(
    "content",
    [
        '{"a": 1}',
        ' \n{"a": 1}\n',
        '```json\n{"a": 1}\n```',
        '```\n{"a": 1}```',
        '<think>hm, {"a": 2}?</think>\n{"a": 1}',
        '<think>x</think>```json\n{"a": 1}\n```\n',
        'Here is the record:\n\n{"a": 1}',
        'Here is the record:\n```json\n{"a": 1}\n```\nI left out what the page does not show.',
        '{"a": 1}\n\nNothing else is on the page (see [1]).',
    ],
)
def test_an_object_is_found_under_fences_thoughts_and_words(content: str) -> None:
    assert read(completion(content), (1,), ()).values == {"a": 1}


@pytest.mark.parametrize(
    ("content", "finish_reason", "category"),
    [
        ("", "stop", Category.EMPTY_ANSWER),
        ("  \n ", "length", Category.EMPTY_ANSWER),
        ("<think>only thoughts</think>", "stop", Category.EMPTY_ANSWER),
        ('{"a": ', "length", Category.TRUNCATED_ANSWER),
        ('{"a": ', "stop", Category.INVALID_ANSWER),
        ("[1]", "stop", Category.INVALID_ANSWER),
        ('[{"a": 1}, ', "stop", Category.INVALID_ANSWER),
        ('[{"a": 1}, ', "length", Category.TRUNCATED_ANSWER),
        ('{"a": 1} {"a": 2}', "stop", Category.INVALID_ANSWER),
        ('One: {"a": 1}, or {"a": ', "length", Category.TRUNCATED_ANSWER),
        ('The {best} answer: {"a": 1}', "stop", Category.INVALID_ANSWER),
        ("Braces } and {", "stop", Category.INVALID_ANSWER),
        ("The total is 12.50", "stop", Category.INVALID_ANSWER),
        ("I'm sorry, I can't help with that.", "stop", Category.REFUSED),
        ("<think>may I?</think>I cannot assist with identity documents.", "stop", Category.REFUSED),
        ("```\nEs tut mir leid, das geht nicht.\n```", "stop", Category.REFUSED),
        ("Lo siento, no puedo leerlo", "length", Category.REFUSED),
        ("", "content_filter", Category.REFUSED),
        ('{"a": ', "content_filter", Category.REFUSED),
        ("<html><body>502</body></html>", "stop", Category.INVALID_ANSWER),
        ('```json\n{"a": ', "length", Category.TRUNCATED_ANSWER),
        ("<think>and then, and then", "length", Category.TRUNCATED_ANSWER),
        ("[" * 100_000, "stop", Category.INVALID_ANSWER),
        ('{"a": ' * 300 + "1" + "}" * 300, "stop", Category.INVALID_ANSWER),
        ('{"a": ' + "[" * 400 + "]" * 400 + "}", "stop", Category.INVALID_ANSWER),
    ],
)
def test_each_kind_of_bad_answer_has_its_category(
    content: str, finish_reason: str, category: Category
) -> None:
    with pytest.raises(AnswerInvalid) as caught:
        read(completion(content, finish_reason), (1,), ())

    assert caught.value.category == category


def test_a_refusal_beside_the_content_is_a_refusal() -> None:
    declined = replace(completion(""), refusal="This looks like somebody's passport.")

    with pytest.raises(AnswerInvalid, match="declined") as caught:
        read(declined, (1,), ())

    assert caught.value.category is Category.REFUSED
    assert "passport" not in str(caught.value)


@pytest.mark.parametrize("content", ['{"note": "I\'m sorry, I cannot deliver"}', '{"a": 1}'])
def test_an_object_is_an_answer_whatever_is_said_in_it_or_beside_it(content: str) -> None:
    assert read(replace(completion(content), finish_reason="content_filter"), (1,), ()).values


def test_the_page_of_each_item_is_taken_out_of_it() -> None:
    reading = read(completion('{"rows": [{"n": 1, "_page": 4}, {"n": 2, "_page": 5}]}'), (4, 5), {"rows"})

    assert reading.values == {"rows": [{"n": 1}, {"n": 2}]}
    assert reading.item_pages == {"rows": [4, 5]}


@pytest.mark.parametrize("page", ["9", '"4"', "null", "true", "1.0", "[1]", "1e999"])
def test_a_page_that_was_not_sent_is_not_believed(page: str) -> None:
    for pages in ((4, 5), (1, 2)):
        reading = read(completion(f'{{"rows": [{{"_page": {page}}}]}}'), pages, {"rows"})

        assert reading.item_pages == {"rows": [None]}


def test_the_only_page_sent_is_the_page_of_every_item() -> None:
    assert read(completion('{"rows": [{"_page": 99}, {}]}'), (3,), {"rows"}).item_pages == {"rows": [3, 3]}


class Typed(BaseModel):
    total: Decimal = Field(ge=0)
    day: date


def test_a_record_has_the_types_of_its_model() -> None:
    record, coercions = validate({"total": 12.1, "day": "2024-02-29"}, Typed)

    assert record == Typed(total=Decimal("12.1"), day=date(2024, 2, 29))
    assert coercions == []


def test_written_forms_are_read_and_told() -> None:
    record, coercions = validate({"total": "1.012,10 €", "day": "29. Februar 2024"}, Typed)

    assert record == Typed(total=Decimal("1012.10"), day=date(2024, 2, 29))
    assert [(one.field, one.given) for one in coercions] == [
        ("total", "1.012,10 €"),
        ("day", "29. Februar 2024"),
    ]


def test_constraints_hold_for_written_forms_too() -> None:
    with pytest.raises(AnswerInvalid, match="total: Input should be greater than or equal to 0"):
        validate({"total": "(12.00)", "day": "2024-02-29"}, Typed)


def refuse(value: str) -> str:
    raise ValueError(f"{value} is secret")


class Picky(BaseModel):
    name: Annotated[str, AfterValidator(refuse)]


@pytest.mark.parametrize(
    ("values", "model", "told"),
    [
        ({"total": -1, "day": "2024-01-01"}, Typed, "total: Input should be greater than or equal to 0"),
        ({"total": "Hans Meier", "day": "2024-01-01"}, Typed, "total: "),
        ({"name": "Hans Meier"}, Picky, "name: value_error"),
    ],
)
def test_a_refusal_names_the_field_and_the_rule_but_not_the_text(
    values: dict[str, Any], model: type[BaseModel], told: str
) -> None:
    with pytest.raises(AnswerInvalid) as caught:
        validate(values, model)

    assert told in str(caught.value)
    assert "Meier" not in str(caught.value)


def test_a_field_of_the_users_own_is_left_alone() -> None:
    reading = read(completion('{"rows": [{"_page": 4}]}'), (4, 5), ())

    assert reading.values == {"rows": [{"_page": 4}]}


@pytest.mark.parametrize(
    "number",
    ["1234567890123456.78", "0.1", "-7.25", "100.00", "0.12345678901234567890", "1e2", "9007199254740993.0"],
)
def test_a_number_keeps_all_its_digits(number: str) -> None:
    class Exact(BaseModel):
        amount: Decimal = Field(decimal_places=20)

    values = read(completion(f'{{"amount": {number}}}'), (1,), ()).values

    assert validate(values, Exact)[0] == Exact(amount=Decimal(number))


@pytest.mark.parametrize("number", ["-1e400", "-1e99999999999999999999", "NaN", "Infinity", "-1e-9"])
def test_a_number_out_of_bounds_is_a_refusal_and_no_error_of_ours(number: str) -> None:
    values = read(completion(f'{{"total": {number}, "day": "2024-01-01"}}'), (1,), ()).values

    with pytest.raises(AnswerInvalid, match="total"):
        validate(values, Typed)


def test_half_a_surrogate_pair_costs_that_character() -> None:
    class Note(BaseModel):
        text: str

    values = read(completion('{"text": "a\\ud800b \\ud83d\\ude00 \\u0000"}'), (1,), ()).values

    assert validate(values, Note)[0] == Note(text="a?b \U0001f600 \0")


def test_a_validator_that_breaks_costs_one_answer() -> None:
    class Hasty(BaseModel):
        name: Annotated[str | None, AfterValidator(lambda text: text.strip())]

    with pytest.raises(AnswerInvalid, match="validator of Hasty broke on the answer with AttributeError"):
        validate({"name": None}, Hasty)


class Defaulted(BaseModel):
    size: int = 3
    inner: "list[Defaulted]" = []
    name: str


def test_a_null_lets_the_default_stand_at_any_depth() -> None:
    found, coercions = validate(
        {"size": None, "name": "a", "inner": [{"name": "b", "size": None, "inner": None}]}, Defaulted
    )

    assert found == Defaulted(name="a", inner=[Defaulted(name="b")])
    assert coercions == []


def test_a_null_without_a_default_is_told_as_what_it_is() -> None:
    with pytest.raises(AnswerInvalid, match="name: Input should be a valid string"):
        validate({"size": None, "name": None}, Defaulted)
