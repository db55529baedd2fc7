"""Sample documents of each further record type, from file to Parquet with the embedded engine."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.flows.command import pagelake

SAMPLES = Path(__file__).parents[2] / "sample_docs"
TRUTH = [json.loads(line) for line in (SAMPLES / "truth.jsonl").read_text("utf-8").splitlines()]
HEADS = {
    "purchase_order": (
        "order_number",
        "order_type",
        "order_date",
        "delivery_date",
        "quotation_number",
        "contract_number",
        "seller_number",
        "currency",
        "total",
        "payment_terms",
        "incoterm",
    ),
    "contract": (
        "contract_type",
        "contract_number",
        "language",
        "agreement_date",
        "effective_date",
        "expiration_date",
        "notice_period",
        "contract_value",
        "currency",
        "liability_cap",
        "governing_law",
    ),
    "resume": ("name", "headline", "email", "phone", "address", "date_of_birth", "nationality"),
    "id_document": (
        "document_type",
        "document_number",
        "surname",
        "given_names",
        "date_of_birth",
        "sex",
        "nationality",
        "date_of_issue",
        "date_of_expiry",
        "mrz_lines",
    ),
}


@pytest.mark.torture
@pytest.mark.parametrize("schema", HEADS)
def test_the_head_of_every_sample_is_read(schema: str, tmp_path: Path) -> None:
    truths = [truth for truth in TRUTH if truth["schema"] == schema]
    files = [str(SAMPLES / truth["path"]) for truth in truths]

    ended = pagelake(
        tmp_path, "process", *files, "--schema", schema, "--engine", "local", "--out", "lake", "--no-prefect"
    )

    assert ended.code == 0, ended.err
    rows = pl.read_parquet(tmp_path / f"lake/records/schema={schema}/*.parquet").to_dicts()
    found = {Path(row["_source"]).name: row for row in rows}
    for truth in truths:
        row = found[Path(truth["path"]).name]
        got = {name: said(row[name]) for name in HEADS[schema]}
        assert got == {name: said(truth["record"][name]) for name in HEADS[schema]}, truth["path"]


def test_a_copied_card_has_a_zone_whose_check_digits_are_right(tmp_path: Path) -> None:
    file = str(SAMPLES / "identity/utopia_card_copy.jpg")

    ended = pagelake(
        tmp_path, "process", file, "--schema", "id_document", "--engine", "local", "--out", "lake"
    )

    assert ended.code == 0, ended.err
    row = pl.read_parquet(tmp_path / "lake/records/schema=id_document/*.parquet").to_dicts()[0]
    assert row["mrz_valid"] is True


def said(value: Any) -> Any:
    """A value as text; numbers without zeros at their end."""
    if value is None or isinstance(value, list):
        return value
    text = str(value)
    return text.rstrip("0").rstrip(".") if text.replace(".", "").isdigit() and "." in text else text
