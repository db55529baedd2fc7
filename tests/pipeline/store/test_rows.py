"""model -> answer -> model -> row -> Parquet file -> row -> model: what comes out is what went in."""

import json
import os
import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from ipaddress import IPv4Address
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    computed_field,
    create_model,
    field_serializer,
)

from pipeline.errors import StoreError
from pipeline.store.columns import columns_of
from pipeline.store.rows import record_of, row_of
from schemas.registry import built_in, load
from tests.models import Cat, Colour, Dog, Inner, Node, Outer, Wide, records

ANSWERS: dict[str, list[str]] = {
    "invoice": [
        """{"invoice_number": "RE-2024-0017", "invoice_type": "invoice", "issue_date": "2024-03-28",
        "due_date": "2024-04-27", "purchase_order": "PO 88121/b", "delivery_date": null,
        "customer_number": "K-10442",
        "currency": "EUR", "seller": {"name": "Bäckerei Lindner GmbH",
        "address": "Marktstraße 3, 50667 Köln",
        "tax_id": "DE811234567"}, "buyer": {"name": null, "address": null, "tax_id": null},
        "line_items": [{"item_code": null, "description": "Strom, 1. Quartal",
        "quantity": 1204.125, "unit": "kWh",
        "unit_price": 0.28734561, "tax_rate": 19, "amount": 346.00}, {"description": "Gutschrift",
        "amount": -12.5}],
        "tax_lines": [{"rate": 19, "taxable_amount": 333.50, "tax_amount": 63.37}], "subtotal": 333.50,
        "discount": null, "shipping": 0, "tax_total": 63.37, "total": 396.87, "amount_paid": null,
        "amount_due": 396.87, "payment_terms": "14 Tage 2 % Skonto", "iban": "DE89370400440532013000",
        "bic": "COBADEFFXXX"}""",
        '{"invoice_type": "credit_note", "total": -1234567890.1234, "line_items": []}',
        "{}",
    ],
    "receipt": [
        """{"merchant": {"name": "Café Zentral"}, "receipt_number": "0042", "purchase_date": "2024-05-17",
        "purchase_time": "13:42", "currency": "CHF", "line_items": [{"description": "Flat white",
        "quantity": 2,
        "unit_price": 5.4, "tax_rate": 8.1, "amount": 10.8}, {"description": "Rabatt", "amount": -0.5}],
        "tax_lines": [{"rate": 8.1, "tax_amount": 0.77}], "total": 10.3, "payment_method": "card",
        "card_last_digits": "4417", "amount_paid": 10.3, "change": 0}""",
        '{"payment_method": null, "merchant": null}',
    ],
    "bank_statement": [
        """{"bank": {"name": "Sparbank"}, "account_holder": {"name": "M. Osei", "address": "4 Mill Lane"},
        "account_number": "**** 4417", "period_start": "2023-12-15", "period_end": "2024-01-14",
        "opening_balance": 1977.42, "closing_balance": -43.12, "transactions": [
        {"booking_date": "2023-12-31", "value_date": "2024-01-02", "description": "Fees Q4", "amount": -84.3,
        "balance": 1893.12}, {"booking_date": null, "amount": 0.01}]}""",
    ],
    "page_text": [
        '{"title": "Minutes", "language": "en", "text": "# Minutes\\n\\n| a | b |\\n"}', '{"text": ""}'],
    "purchase_order": [
        """{"order_number": "4500017233", "order_type": "call_off", "order_date": "2024-03-28",
        "buyer": {"name": "Leinewerk AG"}, "buyer_contact": {"name": "T. Brandt", "phone": "+49 551 000"},
        "seller": {"name": "Muster KG", "tax_id": "DE811234567"}, "ship_to": null, "incoterm": "DAP",
        "line_items": [{"line_number": "00010", "seller_item_code": "WX-88", "quantity": 1200, "unit": "Stk",
        "unit_price": 14.625, "price_base": 100, "discount_rate": 2.5, "delivery_date": "2024-04-15",
        "amount": 171.11}], "subtotal": 171.11, "delivery_terms": "DAP Hamburg, Incoterms 2020"}""",
        "{}",
    ],
    "contract": [
        """{"title": "Dienstleistungsvertrag", "contract_type": "services", "language": "de",
        "parties": [{"name": "A GmbH", "role": "Auftraggeber", "registration_number": "HRB 30417"}, {}],
        "agreement_date": "2024-03-03", "renews_automatically": true, "contract_value": 120000,
        "clauses": [{"number": "§ 4", "heading": "Haftung", "clause_type": "liability"}],
        "obligations": [{"obligor": "Auftragnehmer", "clause": "§ 2", "due_date": "2024-04-30",
        "amount": 2500.5}], "signatures": [{"name": "J. Okafor", "is_signed": false}]}""",
    ],
    "resume": [
        """{"name": "Dr. Ingrid Halvorsen", "links": ["a.example/i"], "date_of_birth": "1988-06-04",
        "work_experience": [{"position": "Clerk", "start_year": 2019, "start_month": 3, "is_current": true},
        {"start_year": 2011, "end_year": 2019, "end_month": 2}], "education": [{"degree": "BSc"}],
        "languages": [{"language": "Norsk", "level": "native"}, {"language": "Deutsch", "cefr_level": "C1"}],
        "skills": ["AutoCAD", "C++"], "certifications": [{"name": "PRINCE2", "year": 2021}]}""",
    ],
    "id_document": [
        """{"document_type": "passport", "document_number": "L898902C3", "issuing_country": "UTO",
        "surname": "Eriksson", "given_names": "Anna Maria", "date_of_birth": "1974-08-12", "sex": "F",
        "mrz_lines": ["P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
        "L898902C36UTO7408122F1204159ZE184226B<<<<<10"]}""",
        """{"document_type": "driving_licence", "vehicle_categories": [{"category": "B",
        "valid_from": "2008-06-04", "restrictions": "01.06"}], "mrz_lines": []}""",
    ],
    "form_fields": [
        """{"title": "Antrag", "form_number": "FIN-12", "fields": [
        {"label": "Name", "value": "Öz", "kind": "text", "section": "1. Person"},
        {"label": "ledig", "kind": "checkbox", "checked": false, "group": "Stand"},
        {"label": "Unterschrift", "kind": "signature", "checked": true}, {}]}""",
        "{}",
    ],
    "document_kind": [
        """{"kind": "minutes", "title": "Notulen", "language": "nl", "document_date": "2024-03-28",
        "page_count": 3}""",
        "{}",
    ],
    "paper": [
        """{"title": "Tides", "authors": [{"name": "M. Osei", "affiliations": ["A", "B"],
        "email": "m@osei.example", "orcid": "0000-0002-1825-0097"}, {"affiliations": []}], "abstract": "We.",
        "keywords": ["sea", "level"], "doi": "10.5555/a.1", "arxiv_id": "2401.01234v2", "volume": "12",
        "pages": "33-48", "year": 2024,
        "sections": [{"number": "2.1", "heading": "Data"}, {"heading": "References"}],
        "references": [{"label": "12", "text": "A. B. 2019.", "year": 2019, "doi": "10.5555/a.2"}, {}]}""",
        "{}",
    ],
    "tables": [
        """{"tables": [{"title": "Table 2: Rainfall, mm", "columns": ["Month", null, "2024"],
        "header_rows": 1, "rows": [["January", null, "1,204"], ["Total", "", "(18)"], []], "continued": true,
        "notes": "* estimated"},
        {"title": null, "columns": [], "header_rows": 0, "rows": [], "continued": null}]}""",
        '{"tables": []}',
    ],
}  # fmt: skip


def through_parquet(record: BaseModel, file: Path) -> dict[str, Any]:
    """Write the row of a record to a file and read it back."""
    columns = columns_of(type(record))
    pl.DataFrame([row_of(record)], schema=columns, strict=True).write_parquet(file)
    frame = pl.read_parquet(file)
    assert frame.schema == pl.Schema(columns)
    return frame.row(0, named=True)


@pytest.mark.parametrize(
    ("name", "answer"), [(name, text) for name, texts in ANSWERS.items() for text in texts]
)
def test_an_answer_comes_back_from_parquet_as_it_was(name: str, answer: str, tmp_path: Path) -> None:
    record = load(name).model.model_validate_json(answer)

    row = through_parquet(record, tmp_path / "part.parquet")

    assert record_of(type(record), row) == record


def test_every_built_in_type_has_an_answer_here() -> None:
    assert set(ANSWERS) == set(built_in())


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
@pytest.mark.parametrize("model", [*(load(name).model for name in built_in()), Wide])
def test_any_record_comes_back_from_parquet(
    model: type[BaseModel], data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    record = data.draw(records(model))
    answered = model.model_validate_json(record.model_dump_json(by_alias=True))
    assert answered == record

    row = through_parquet(answered, tmp_path_factory.getbasetemp() / "any.parquet")

    assert record_of(model, row) == record


def test_an_absent_model_is_null_and_an_empty_one_is_not(tmp_path: Path) -> None:
    absent = Outer(inner=None, inners=[None, Inner()])
    empty = Outer(inner=Inner(), inners=[])

    for record in (absent, empty):
        row = through_parquet(record, tmp_path / "part.parquet")
        assert record_of(Outer, row) == record
        assert (row["inner"] is None) == (record.inner is None)


def test_cells_are_plain_values_of_their_columns() -> None:
    row = row_of(
        Wide(
            text="a",
            colour=Colour.RED,
            money=Decimal("1.5"),
            instant=datetime(2024, 1, 1, 12, tzinfo=timezone(timedelta(hours=2))),
            tags={"b", "a"},
            pet=Cat(kind="cat", lives=9),
            tree=Node(name="a", children=[Node(name="b")]),
        )
    )

    assert type(row["colour"]) is str
    assert row["money"].as_tuple().exponent == -10
    assert row["instant"] == datetime(2024, 1, 1, 10, tzinfo=UTC)
    assert row["instant"].tzinfo is UTC
    assert row["tags"] == ["a", "b"]
    assert json.loads(row["pet"]) == {"kind": "cat", "lives": 9}
    assert json.loads(row["tree"]["children"][0]) == {"name": "b", "children": []}


def test_keys_that_are_no_fields_are_left_alone() -> None:
    record = Dog(kind="dog", name="Rex")

    assert record_of(Dog, {**row_of(record), "_doc_id": "abc", "_pages": [1]}) == record


PRINT = "from pipeline.store.rows import row_of; from tests.models import Wide; "
PRINT += "print(row_of(Wide(text='', tags=set('abcdefgh')))['tags'])"


def test_a_set_has_one_order_in_every_process() -> None:
    outputs = {
        subprocess.run(
            [sys.executable, "-c", PRINT],
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
        ).stdout
        for seed in ("1", "2")
    }

    assert len(outputs) == 1


class Tight(BaseModel):
    model_config = ConfigDict(arbitrary_types_allowed=True)

    prices: list[Decimal] = []
    narrow: Annotated[Decimal, Field(max_digits=4, decimal_places=2)] = Decimal(0)
    number: int = 0
    when: datetime | None = None
    instant: AwareDatetime | None = None
    clock: time | None = None
    span: timedelta | None = None
    text: str = ""
    ratio: float = 0
    changed: Annotated[int, AfterValidator(hex)] | None = None
    address: IPv4Address | None = None
    days: list[date] = []


@pytest.mark.parametrize(
    ("given_value", "message"),
    [
        (
            {"prices": [1, Decimal("0.1234567")]},
            r"prices\[1\]: the number does not fit 32 digits before .* and 6 after",
        ),
        ({"prices": [Decimal("1e32")]}, r"prices\[0\]: the number does not fit"),
        ({"number": 2**63}, "number: the number needs more than 64 bits"),
        ({"number": -(2**63) - 1}, "number: the number needs more than 64 bits"),
        ({"when": datetime(2024, 1, 1, tzinfo=UTC)}, "when: the time has a zone and its column none"),
        ({"instant": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=1)))}, "instant: in UTC"),
        ({"clock": time(1, tzinfo=UTC)}, "clock: a time of day has no zone"),
        ({"span": timedelta(days=200_000_000)}, "span: the duration is longer"),
        ({"changed": 5}, "changed: the model holds a str in a field of int"),
    ],
)
def test_what_does_not_fit_is_refused_and_not_rounded(given_value: dict[str, Any], message: str) -> None:
    with pytest.raises(StoreError, match=message):
        row_of(Tight(**given_value))


def test_half_a_character_is_refused() -> None:
    with pytest.raises(StoreError, match="text: the text has half a character"):
        row_of(Tight.model_construct(text="\ud800"))


def test_a_number_in_a_message_is_no_documents_number() -> None:
    with pytest.raises(StoreError) as caught:
        row_of(Tight(prices=[Decimal("987.1234567")]))

    assert "987" not in str(caught.value)


@pytest.mark.parametrize(
    "given_value",
    [
        {
            "prices": [
                Decimal("1.50000000000"),
                Decimal("1E+30"),
                Decimal("-0.000001"),
                Decimal("0E-20"),
                Decimal("-0"),
            ]
        },
        {"narrow": Decimal("-99.99")},
        {"number": 2**63 - 1},
        {"number": -(2**63)},
        {"ratio": float("inf")},
        {"ratio": 1e-310},
        {"span": timedelta(days=-3, microseconds=1)},
        {"when": datetime.fromisoformat("9999-12-31T23:59:59.999999")},
        {"when": datetime.fromisoformat("0001-01-01T00:00:00")},
        {"days": [date.min, date.max]},
        {"address": "10.0.0.1"},
        {"text": "\x00 \U0001f600 é"},
    ],
)
def test_the_edges_of_what_fits_come_back(given_value: dict[str, Any], tmp_path: Path) -> None:
    record = Tight(**given_value)

    row = through_parquet(record, tmp_path / "part.parquet")

    assert record_of(Tight, row) == record


def test_a_default_that_nobody_validates_is_stored_as_declared() -> None:
    class Sloppy(BaseModel):
        price: Decimal = 0  # type: ignore[assignment] # as people write it
        ratio: float = 1

    assert row_of(Sloppy()) == {"price": Decimal(0), "ratio": 1.0}


def test_a_strict_model_comes_back_too(tmp_path: Path) -> None:
    class Strict(BaseModel):
        model_config = ConfigDict(strict=True)

        day: date
        price: Decimal
        colour: Colour
        tags: set[str]
        span: timedelta

    record = Strict(
        day=date(2024, 2, 29), price=Decimal("1.10"), colour=Colour.GREEN, tags={"x"}, span=timedelta(1)
    )

    assert record_of(Strict, through_parquet(record, tmp_path / "part.parquet")) == record


class Breaking(BaseModel):
    amount: int

    @computed_field
    def share(self) -> float:
        return 1 / self.amount


class Unwritable(BaseModel):
    notes: dict[str, int]

    @field_serializer("notes")
    def _written(self, notes: dict[str, int]) -> dict[str, int]:
        raise RuntimeError(str(notes))


@pytest.mark.parametrize(
    ("kind", "amount", "message"),
    [
        (Breaking, 0, "share: the model's own code fails with ZeroDivisionError"),
        (dict[str, Unwritable], {"a": {"notes": {}}}, "field: the model's own code fails with"),
    ],
)
def test_a_model_whose_code_breaks_costs_one_record(kind: Any, amount: Any, message: str) -> None:
    record = (
        Breaking(amount=amount) if kind is Breaking else create_model("M", field=(kind, ...))(field=amount)
    )

    with pytest.raises(StoreError, match=message):
        row_of(record)
