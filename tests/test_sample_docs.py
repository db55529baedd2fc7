"""The sample documents say what truth.jsonl says they do, and can be made again."""

import json
import platform
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date, time
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pypdf
import pypdfium2
import pytest
from PIL import Image, ImageOps, ImageStat
from pypdfium2 import PdfDocument

from pipeline.errors import Category
from schemas.registry import built_in, load

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "sample_docs"
pytestmark = pytest.mark.xdist_group("sample documents")  # which one worker makes again, once
FORM = "invoices/council_form_filled.pdf"
TICKET = "receipts/quayside_parking_app.png"
NOT_DOCUMENTS = {"README.md", "truth.jsonl"}

# Chosen from a list, in whatever words the page says it.
CHOSEN = {
    "invoice_type",
    "order_type",
    "contract_type",
    "clause_type",
    "document_type",
    "payment_method",
    "currency",
    "language",
    "kind",
}

Truth = dict[str, Any]
TRUTH: list[Truth] = [json.loads(line) for line in (FOLDER / "truth.jsonl").read_text("utf-8").splitlines()]
BY_PATH = {truth["path"]: truth for truth in TRUTH}
WITH_RECORD = [truth for truth in TRUTH if truth["expect"] == "record"]
INVOICES = [truth for truth in WITH_RECORD if truth["schema"] == "invoice"]
RECEIPTS = [truth for truth in WITH_RECORD if truth["schema"] == "receipt"]
STATEMENTS = [truth for truth in WITH_RECORD if truth["schema"] == "bank_statement"]
SCANNED = {
    *(truth["path"] for truth in TRUTH if re.fullmatch(r"scans/.*(?<!empty_pages)\.pdf", truth["path"])),
    "statements/credit_solidaire_askew.pdf",
}
PRINTED = [truth for truth in WITH_RECORD if truth["path"] != TICKET]  # an app drew that as an image
MONTHS = {
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
}


def each(truths: list[Truth]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("truth", truths, ids=[truth["path"] for truth in truths])


def pinned() -> bool:
    locks = [(ROOT / name).read_text("utf-8") for name in ("requirements.lock", "requirements-dev.lock")]
    versions = dict(re.findall(r"^([\w-]+)==([\w.]+)", "\n".join(locks), re.MULTILINE))
    tools = ("pillow", "pypdfium2", "reportlab")
    return all(version(tool) == versions[tool] for tool in tools) and platform.machine() == "x86_64"


def documents(folder: Path) -> dict[str, Path]:
    found = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    names = {path.relative_to(folder).as_posix(): path for path in found}
    return {name: path for name, path in names.items() if name not in NOT_DOCUMENTS and path.suffix != ".py"}


@contextmanager
def opened(path: str, password: str | None = None) -> Iterator[PdfDocument]:
    with closing(PdfDocument(FOLDER / path, password=password)) as pdf:
        yield pdf


def text_of(path: str | Path) -> str:
    with opened(str(path)) as pdf:
        return "\n".join(page.get_textpage().get_text_range() for page in pdf)


def solid(text: str) -> str:
    return re.sub(r"\s", "", text).casefold()


def leaves(value: object) -> Iterator[str]:
    """Yield every value of a record that is printed as it is: no kinds, currencies and languages."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name not in CHOSEN:
                yield from leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner)
    elif isinstance(value, str):
        yield value


def spellings(day: date) -> set[str]:
    """Return the ways in which the documents write a date."""
    months = [names.split()[day.month - 1] for names in MONTHS.values()]
    numbers = {f"{day:%d{mark}%m{mark}%Y}" for mark in "./-"} | {f"{day:%m/%d/%Y}"}
    capitals = {f"{day:%d %b %Y}".upper()}
    without_year = {f"{day:%d.%m.}", f"{day:%d/%m}", f"{day.day} {day:%b} "}
    words = {f"{day.day} {day:%B %Y}", f"{day:%B} {day.day}, {day.year}", f"{day:%d %b %Y}"}
    foreign = {f"{day.day} {of}{name} {of}{day.year}" for name in months for of in ("", "de ")}
    foreign.add(f"{day.day}. {months[-1]} {day.year}")
    return numbers | capitals | without_year | words | foreign


def clocks(moment: time) -> set[str]:
    """Return the ways in which the documents write a time of day."""
    return {f"{moment:%H:%M}", f"{moment:%I:%M %p}"}


def numbers_on(page: str) -> set[str]:
    """Return the digits of every number on a page, whatever stands between them."""
    marks = (r"\d(?:[.,'’]?\d)*", r"\d{1,3}(?:\s\d{3})*,\d\d")
    return {re.sub(r"\D", "", number) for mark in marks for number in re.findall(mark, page)}


def amount(value: str | None) -> Decimal:
    return Decimal(value or 0)


@pytest.fixture(scope="module")
def made_again(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All of them anew, and in the folder `drawn` beside them what the scans and photos were made from."""
    out = tmp_path_factory.mktemp("samples") / "made again"
    command = [sys.executable, "-B", str(FOLDER / "make.py"), "--out", str(out)]
    command += ["--drawn", str(out.parent / "drawn")]
    subprocess.run(command, check=True, capture_output=True, cwd=out.parent)
    return out


@pytest.mark.skipif(not pinned(), reason="other versions than the pinned ones may draw other bytes")
def test_making_them_again_gives_the_same_bytes(made_again: Path) -> None:
    committed = {name: path.read_bytes() for name, path in documents(FOLDER).items()}

    again = {name: path.read_bytes() for name, path in documents(made_again).items()}

    assert sorted(again) == sorted(committed)
    assert [name for name in committed if again[name] != committed[name]] == []


def test_making_them_again_gives_the_same_truth(made_again: Path) -> None:
    assert (made_again / "truth.jsonl").read_bytes() == (FOLDER / "truth.jsonl").read_bytes()


def test_truth_names_every_document_and_no_other() -> None:
    assert sorted(BY_PATH) == sorted(documents(FOLDER))
    assert len(BY_PATH) == len(TRUTH)


def test_the_readme_explains_every_document() -> None:
    readme = (FOLDER / "README.md").read_text("utf-8")

    assert re.findall(r"^\| `([^`]+)`", readme, re.MULTILINE) == sorted(BY_PATH, key=readme.index)


def test_they_are_small() -> None:
    sizes = [path.stat().st_size for path in documents(FOLDER).values()]

    assert max(sizes) < 500_000
    assert sum(sizes) < 6_000_000


@each(WITH_RECORD)
def test_a_true_record_is_complete_and_fits_its_schema(truth: Truth) -> None:
    model = load(truth["schema"]).model

    record = model.model_validate(truth["record"])

    assert set(truth["record"]) == set(model.model_fields)
    assert record.model_dump(exclude_none=True)


def test_every_built_in_schema_has_a_document() -> None:
    assert {truth["schema"] for truth in WITH_RECORD} == set(built_in())


def test_what_gives_no_record_says_why() -> None:
    others = [truth for truth in TRUTH if truth not in WITH_RECORD]

    assert {truth["expect"] for truth in others} == {"blank", "failed", "skipped"}
    assert all(truth["record"] is None for truth in others)
    assert {truth.get("category") for truth in others} - {None} <= set(Category)
    assert all(("category" in truth) == (truth["expect"] == "failed") for truth in others)


@each(PRINTED)
def test_every_true_value_is_printed_on_the_pages(truth: Truth, made_again: Path) -> None:
    """Of scans, faxes and photos on the page as it was before. Addresses are compared line by line."""
    drawn = made_again.parent / "drawn" / f"{truth['path']}.pdf"
    page = text_of(drawn if drawn.exists() else truth["path"])
    if truth["path"] == FORM:
        page += "\n".join(pypdf.PdfReader(FOLDER / FORM).get_form_text_fields().values())
    digits = numbers_on(page)

    def is_printed(value: str) -> bool:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            return any(day in page for day in spellings(date.fromisoformat(value)))
        if re.fullmatch(r"\d\d:\d\d:\d\d", value):
            return any(clock in page for clock in clocks(time.fromisoformat(value)))
        if re.fullmatch(r"-?\d+(\.\d+)?", value):
            return value.lstrip("-").replace(".", "") in digits or solid(value) in solid(page)
        parts = re.split(r", |[\n#]+", value)
        return all(solid(part) in solid(page) for part in parts)

    assert [value for value in leaves(truth["record"]) if not is_printed(value)] == []


@each([truth for truth in PRINTED if truth["path"] in SCANNED or not truth["path"].lower().endswith("pdf")])
def test_what_a_machine_made_an_image_of_can_be_looked_at_as_it_was_before(
    truth: Truth, made_again: Path
) -> None:
    assert (made_again.parent / "drawn" / f"{truth['path']}.pdf").stat().st_size > 0


@each(INVOICES)
def test_the_figures_of_an_invoice_add_up(truth: Truth) -> None:
    record = truth["record"]
    net = sum(amount(item["amount"]) for item in record["line_items"])
    taxes = record["tax_lines"]

    assert net == amount(record["subtotal"] or record["total"])
    assert sum(amount(tax["tax_amount"]) for tax in taxes) == amount(record["tax_total"])
    assert all(
        abs(amount(tax["taxable_amount"]) * amount(tax["rate"]) / 100 - amount(tax["tax_amount"]))
        <= Decimal("0.005")
        for tax in taxes
    )
    added = net + amount(record["discount"]) + amount(record["shipping"]) + amount(record["tax_total"])
    assert added == amount(record["total"])
    assert record["amount_paid"] is None or (
        amount(record["total"]) - amount(record["amount_paid"]) == amount(record["amount_due"])
    )


@each(INVOICES)
def test_the_lines_of_an_invoice_multiply(truth: Truth) -> None:
    for item in truth["record"]["line_items"]:
        product = amount(item["quantity"]) * amount(item["unit_price"])
        assert abs(product - amount(item["amount"])) <= Decimal("0.005"), item


@each(RECEIPTS)
def test_the_figures_of_a_receipt_add_up(truth: Truth) -> None:
    record = truth["record"]
    net = sum(amount(item["amount"]) for item in record["line_items"])
    added = net + amount(record["tip"]) + amount(record["discount"])
    tax = amount(record["tax_total"])

    assert amount(record["total"]) in {added, added + tax}  # prices hold the tax, or it is added to them
    assert record["amount_paid"] is None or (
        amount(record["amount_paid"]) - amount(record["change"]) == amount(record["total"])
    )


@each(STATEMENTS)
def test_the_balances_of_a_statement_follow_from_its_bookings(truth: Truth) -> None:
    record = truth["record"]
    balance = amount(record["opening_balance"])

    for booking in record["transactions"]:
        balance += amount(booking["amount"])
        assert booking["balance"] is None or balance == amount(booking["balance"])

    assert balance == amount(record["closing_balance"])
    assert record["total_in"] is None or balance - amount(record["opening_balance"]) == (
        amount(record["total_in"]) - amount(record["total_out"])
    )


def test_credit_notes_are_negative_or_say_what_they_are() -> None:
    credits = [truth for truth in INVOICES if truth["record"]["invoice_type"] == "credit_note"]

    below_zero = {truth["path"]: amount(truth["record"]["total"]) < 0 for truth in credits}

    assert below_zero == {
        "credit_notes/trois_sources_minus.pdf": True,
        "credit_notes/brackenfield_brackets.pdf": True,
        "credit_notes/heidental_no_sign.pdf": False,
    }
    assert "-258,24" in text_of("credit_notes/trois_sources_minus.pdf")
    assert "(£798.72)" in text_of("credit_notes/brackenfield_brackets.pdf")


@pytest.mark.parametrize(
    ("path", "charged", "other"),
    [
        ("invoices/horlogerie_chf_eur.pdf", "CHF 2’329.01", "EUR 2’481.63"),
        ("invoices/noordergat_usd_eur.pdf", "USD 54,567.98", "EUR 52,504.55"),
        ("receipts/skygate_eur_gbp.pdf", "EUR 86.30", "GBP"),
    ],
)
def test_of_two_currencies_the_charged_one_is_true(path: str, charged: str, other: str) -> None:
    record, page = BY_PATH[path]["record"], text_of(path)

    assert charged in page
    assert other in page
    assert charged.startswith(record["currency"])
    assert re.sub(r"\D", "", charged) == re.sub(r"\D", "", record["total"])


def test_a_long_table_carries_its_sum_from_page_to_page() -> None:
    path = "invoices/lichtenau_three_pages.pdf"
    with opened(path) as pdf:
        first, second, third = (page.get_textpage().get_text_range() for page in pdf)

    assert len(BY_PATH[path]["record"]["line_items"]) > 60
    for page, following in ((first, second), (second, third)):
        (carried,) = re.findall(r"Übertrag\s+([\d.]+,\d\d)", page)
        assert re.search(rf"Übertrag von der Vorseite\s+{carried}", following)
    assert all("Gesamtpreis" in page for page in (first, second, third))


def test_account_numbers_have_valid_check_digits() -> None:
    ibans = {truth["record"]["iban"] for truth in WITH_RECORD if truth["record"].get("iban")}

    assert len(ibans) > 10
    for iban in ibans:
        assert int("".join(str(int(char, 36)) for char in iban[4:] + iban[:4])) % 97 == 1


@each([truth for truth in TRUTH if truth["pages"]])
def test_the_pages_are_as_many_as_truth_says(truth: Truth) -> None:
    path = FOLDER / truth["path"]
    if path.suffix.lower() == ".pdf":
        with opened(truth["path"]) as pdf:
            count = len(pdf)
    else:
        with Image.open(path) as image:
            count = getattr(image, "n_frames", 1)

    assert count == truth["pages"]


@each([truth for truth in TRUTH if truth["pages"] and truth["path"].lower().endswith(".pdf")])
def test_the_blank_pages_are_those_that_truth_names(truth: Truth) -> None:
    with opened(truth["path"]) as pdf:
        pdf.init_forms()
        spread = [ImageStat.Stat(page.render(grayscale=True).to_pil()).stddev[0] for page in pdf]

    assert [number for number, levels in enumerate(spread, 1) if levels < 3] == truth["blank_pages"]


@pytest.mark.parametrize("path", sorted(SCANNED))
def test_a_scan_has_no_text_layer(path: str) -> None:
    assert text_of(path).strip() == ""


def test_the_values_of_the_form_stand_in_its_fields_only() -> None:
    record = BY_PATH[FORM]["record"]
    fields = pypdf.PdfReader(FOLDER / FORM).get_form_text_fields()

    assert record["invoice_number"] not in text_of(FORM)
    assert fields["number"] == record["invoice_number"]
    assert fields["total"] == record["total"]
    assert [fields[f"description of service {row}"] for row in (1, 2, 3)] == [
        item["description"] for item in record["line_items"]
    ]


def test_the_locked_invoice_opens_with_its_password_alone() -> None:
    path, password = (
        "broken/hollis_payroll_password.pdf",
        BY_PATH["broken/hollis_payroll_password.pdf"]["password"],
    )

    with pytest.raises(pypdfium2.PdfiumError, match="password"), opened(path):
        pass
    with opened(path, password) as pdf:
        assert "HP-3305" in pdf[0].get_textpage().get_text_range()


def test_protection_against_editing_asks_for_no_password() -> None:
    path = "invoices/orchard_archives_no_editing.pdf"

    assert b"/Encrypt" in (FOLDER / path).read_bytes()
    assert BY_PATH[path]["record"]["invoice_number"] in text_of(path)


@pytest.mark.parametrize("truth", [truth for truth in TRUTH if truth["expect"] == "failed"])
def test_what_fails_cannot_be_opened(truth: Truth) -> None:
    with pytest.raises(pypdfium2.PdfiumError), opened(truth["path"]):
        pass


def test_the_copy_holds_the_same_bytes() -> None:
    copies = [truth for truth in TRUTH if "same_as" in truth]

    assert copies
    for copy in copies:
        assert (FOLDER / copy["path"]).read_bytes() == (FOLDER / copy["same_as"]).read_bytes()
        assert copy["record"] == BY_PATH[copy["same_as"]]["record"]


def test_the_photo_lies_on_its_side() -> None:
    with Image.open(FOLDER / "receipts/copper_kettle_photo.jpg") as photo:
        upright = ImageOps.exif_transpose(photo)

        assert photo.getexif()[0x0112] == 6
        assert photo.width > photo.height
        assert upright.width < upright.height


def test_the_fax_is_black_and_white() -> None:
    with Image.open(FOLDER / "scans/analytik_nordheim_fax.tif") as fax:
        assert (fax.mode, fax.info["compression"]) == ("1", "group4")


def test_the_ticket_has_a_transparent_ground() -> None:
    with Image.open(FOLDER / "receipts/quayside_parking_app.png") as ticket:
        assert ticket.mode == "RGBA"
        assert ticket.getpixel((0, 0)) == (0, 0, 0, 0)


def test_one_page_is_landscape() -> None:
    with opened("invoices/ribera_del_alba_landscape.pdf") as pdf:
        width, height = pdf[0].get_size()

    assert width > height
