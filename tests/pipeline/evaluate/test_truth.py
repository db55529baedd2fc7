"""Truth files: what they may say, and what is said where they are wrong."""

import hashlib
import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import ConfigError
from pipeline.evaluate.fields import fields_of
from pipeline.evaluate.truth import read_truth, typed_record
from schemas.registry import load

INVOICE = fields_of(load("invoice").model)


def truth_file(folder: Path, *lines: Any) -> Path:
    file = folder / "truth.jsonl"
    file.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines))
    return file


def test_a_document_beside_the_truth_is_known_by_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"bytes")
    file = truth_file(tmp_path, {"path": "a.pdf", "record": {}}, "", {"path": "b.pdf", "record": None})

    first, second = read_truth(file)

    assert first.doc_id == hashlib.sha256(b"bytes").hexdigest()
    assert (second.doc_id, second.name, second.where) == ("", "b.pdf", f"{file} line 3")


def test_a_document_may_be_named_by_its_id(tmp_path: Path) -> None:
    (truth,) = read_truth(truth_file(tmp_path, {"doc_id": "AB" * 32, "page": 2, "record": {}}))

    assert (truth.doc_id, truth.name, truth.line.page) == ("ab" * 32, "ab" * 32, 2)


def test_values_get_the_types_of_their_fields(tmp_path: Path) -> None:
    record = {
        "issue_date": "2024-02-29",
        "total": 0.1,
        "invoice_number": 77,
        "seller": {"name": "A"},
        "line_items": [{"quantity": "2"}, None],
        "tax_lines": [],
        "buyer": None,
    }
    (truth,) = read_truth(truth_file(tmp_path, {"path": "a.pdf", "record": record}))

    assert typed_record(truth, INVOICE) == {
        "issue_date": date(2024, 2, 29),
        "total": Decimal("0.1"),
        "invoice_number": "77",
        "seller": {"name": "A"},
        "line_items": [{"quantity": Decimal(2)}, None],
        "tax_lines": [],
        "buyer": None,
    }


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{", "line 2 is not JSON"),
        ("[]", "line 2: the line:"),
        ({"path": "a.pdf"}, "line 2: record: Field required"),
        ({"record": {}}, "line 2: no document is named"),
        ({"path": "a.pdf", "page": 0, "record": {}}, "line 2: page:"),
        ({"path": "a.pdf", "record": []}, "line 2: record:"),
    ],
)
def test_a_line_that_is_none_is_named(line: Any, says: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=says):
        read_truth(truth_file(tmp_path, {"path": "b.pdf", "record": None}, line))


@pytest.mark.parametrize(
    ("record", "says"),
    [
        ({"totl": 1}, "field totl that the schema does not have; did you mean total"),
        ({"zzz": 1}, "field zzz that the schema does not have; there are invoice_number, "),
        ({"seller": {"nmae": "A"}}, "record.seller has a field nmae"),
        ({"seller": "A"}, "record.seller is to be an object"),
        ({"line_items": {}}, "record.line_items is to be a list"),
        ({"line_items": [{"amount": "much"}]}, r"record.line_items\[0\].amount: .*decimal"),
        ({"issue_date": "03/04/24"}, "record.issue_date: .*date"),
        ({"invoice_type": "bill"}, "record.invoice_type is bill; it may be invoice, credit_note"),
    ],
)
def test_a_value_that_does_not_fit_is_named(record: Any, says: str, tmp_path: Path) -> None:
    (truth,) = read_truth(truth_file(tmp_path, {"path": "a.pdf", "record": record}))

    with pytest.raises(ConfigError, match=f"truth.jsonl line 1: .*{says}"):
        typed_record(truth, INVOICE)


def test_a_file_without_truth_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        read_truth(tmp_path / "none.jsonl")
    with pytest.raises(ConfigError, match="has no lines"):
        read_truth(truth_file(tmp_path, ""))
    (tmp_path / "scan.pdf").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="it is not UTF-8"):
        read_truth(tmp_path / "scan.pdf")
