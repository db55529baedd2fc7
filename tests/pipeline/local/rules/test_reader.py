from collections.abc import Mapping

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.local.rules.reader import read, transcribe
from pipeline.local.seeing.page import Page
from tests.pipeline.local.sheets import leaves, line, listing, nullable, page, record

TEXT, NUMBER = nullable("string"), nullable("number")
DAY = nullable("string", format="date")


def got(schema: dict[str, object], *pages: Page) -> Mapping[str, object]:
    result = read(pages, schema).record
    assert isinstance(result, dict)
    return result


ENGLISH = page(
    "Harrow & Pike Joinery Ltd                      INVOICE",
    "12 Mill Lane, Thornfield TF1 2AB",
    "",
    "Bill to                             Invoice no.     HP-0481",
    "Elm Court Residents                 Invoice date    03/04/2024",
    "5 Elm Court                         Order date      28/03/2024",
    "Thornfield TF2 9ZZ                  Due date        17/04/2024",
    "",
    "Description            Qty     Unit price     Amount",
    "Oak door, fitted       2       410.00         820.00",
    "with brass hinges",
    "Call-out               1       45.50          45.50",
    "",
    "                               Subtotal       £865.50",
    "                               VAT @ 20% on £865.50     £173.10",
    "                               Total due      £1,038.60",
    "",
    "VAT no. GB 123 4567 89",
)
INVOICE = record(
    invoice_number=TEXT,
    invoice_date=DAY,
    due_date=DAY,
    currency=TEXT,
    vendor=record(name=TEXT, address=TEXT, vat_id=TEXT),
    customer=record(name=TEXT, address=TEXT),
    items=listing(description=TEXT, quantity=NUMBER, unit_price=NUMBER, amount=NUMBER),
    subtotal=NUMBER,
    tax=NUMBER,
    total=NUMBER,
    iban=TEXT,
)


def test_an_english_invoice_is_read_whole() -> None:
    assert got(INVOICE, ENGLISH) == {
        "invoice_number": "HP-0481",
        "invoice_date": "2024-04-03",
        "due_date": "2024-04-17",
        "currency": "GBP",
        "vendor": {
            "name": "Harrow & Pike Joinery Ltd",
            "address": "12 Mill Lane, Thornfield TF1 2AB",
            "vat_id": "GB123456789",
        },
        "customer": {"name": "Elm Court Residents", "address": "5 Elm Court, Thornfield TF2 9ZZ"},
        "items": [
            {
                "description": "Oak door, fitted with brass hinges",
                "quantity": 2,
                "unit_price": 410,
                "amount": 820,
            },
            {"description": "Call-out", "quantity": 1, "unit_price": 45.5, "amount": 45.5},
        ],
        "subtotal": 865.5,
        "tax": 173.1,
        "total": 1038.6,
        "iban": None,
    }


HEADS = {
    "de": (
        "Rechnungsnummer: K-77", "Rechnungsdatum: 05.03.2024",
        "Nettobetrag   100,00", "USt. 19 %   19,00", "Gesamtbetrag   119,00",
    ),
    "fr": (
        "Facture n° K-77", "Date de facturation : 05/03/2024",
        "Total HT   100,00", "TVA 20 %   19,00", "Total TTC   119,00",
    ),
    "nl": (
        "Factuurnummer: K-77", "Factuurdatum: 05-03-2024",
        "Totaal excl. btw   100,00", "Btw 19%   19,00", "Totaal incl. btw   119,00",
    ),
    "es": (
        "Nº de factura: K-77", "Fecha de emisión: 05/03/2024",
        "Base imponible   100,00", "IVA 19 %   19,00", "Total factura   119,00",
    ),
    "it": (
        "Fattura n. K-77", "Data fattura: 05/03/2024",
        "Imponibile   100,00", "IVA 19%   19,00", "Totale fattura   119,00",
    ),
    "en": (
        "Invoice #: K-77", "Date of issue: 5 March 2024",
        "Net amount   100.00", "VAT (19%)   19.00", "Grand total   119.00",
    ),
}  # fmt: skip


@pytest.mark.parametrize("language", HEADS)
def test_the_head_and_the_sums_are_read_in_every_language(language: str) -> None:
    schema = record(number=TEXT, issue_date=DAY, net_amount=NUMBER, vat=NUMBER, grand_total=NUMBER)

    assert got(schema, page(*HEADS[language])) == {
        "number": "K-77",
        "issue_date": "2024-03-05",
        "net_amount": 100,
        "vat": 19,
        "grand_total": 119,
    }


def test_another_date_is_not_taken_for_the_one_that_is_missing() -> None:
    sheet = page("Order date: 3 May 2024", "Due date: 9 June 2024", "Customer no.: 4711")

    assert got(record(invoice_date=DAY, invoice_number=TEXT), sheet) == {
        "invoice_date": None,
        "invoice_number": None,
    }


def test_a_schema_it_was_never_told_of_is_read_by_its_names_and_labels() -> None:
    schema = record(
        berth_number=TEXT,
        hull_length={"type": ["number", "null"], "title": "Length over all"},
        skipper={"type": ["string", "null"], "x-labels": ["Master of vessel"]},
        insured={"type": ["boolean", "null"]},
        flag={"enum": ["norway", "denmark", None]},
    )
    sheet = page(
        "Berth number: B-17",
        "Length over all   11.40 m",
        "Master of vessel:   Ingrid Solheim",
        "Insured: yes",
        "Flag: Norway",
    )

    assert got(schema, sheet) == {
        "berth_number": "B-17",
        "hull_length": 11.4,
        "skipper": "Ingrid Solheim",
        "insured": True,
        "flag": "norway",
    }


def test_a_value_below_its_label_is_found_where_labels_stand_side_by_side() -> None:
    sheet = page(
        "Invoice no.      Invoice date      Due date", "9917             4 May 2024        1 June 2024"
    )

    assert got(record(invoice_number=TEXT, invoice_date=DAY, due_date=DAY), sheet) == {
        "invoice_number": "9917",
        "invoice_date": "2024-05-04",
        "due_date": "2024-06-01",
    }


def test_labels_with_missing_blanks_and_wrong_letters_are_still_labels() -> None:
    sheet = page("InvoiceNo:INV-8", "lnvoice date: 4 May 2024", "Totalamount   12.00")

    assert got(record(invoice_number=TEXT, invoice_date=DAY, total=NUMBER), sheet) == {
        "invoice_number": "INV-8",
        "invoice_date": "2024-05-04",
        "total": 12,
    }


def test_arithmetic_tells_which_of_several_totals_is_meant() -> None:
    sheet = page("Total   90.00", "VAT 20%   20.00", "Net   100.00", "Total   120.00")

    assert got(record(net=NUMBER, tax=NUMBER, total=NUMBER), sheet) == {"net": 100, "tax": 20, "total": 120}


def test_one_amount_is_not_given_for_two_values() -> None:
    sheet = page("Net   100.00", "VAT 20%   20.00", "Total due   120.00")

    assert got(record(total=NUMBER, amount_due=NUMBER), sheet) == {"total": 120, "amount_due": None}


def test_a_table_goes_on_over_pages_and_says_which_page_each_row_is_on() -> None:
    head = "Description            Qty     Unit price     Amount"
    first = page(
        head,
        "Rope                   3       1.00           3.00",
        "Carried forward                               3.00",
        number=4,
    )
    second = page(
        head,
        "Brought forward                               3.00",
        "Sail                   1       9.00           9.00",
        "Total   12.00",
        number=5,
    )
    items = listing(description=TEXT, amount=NUMBER, _page={"type": "integer"})

    assert got(record(items=items, total=NUMBER), first, second) == {
        "items": [
            {"description": "Rope", "amount": 3, "_page": 4},
            {"description": "Sail", "amount": 9, "_page": 5},
        ],
        "total": 12,
    }


def test_the_columns_of_a_statement_give_amounts_their_sign() -> None:
    sheet = page(
        "Period: 1 December 2023 to 31 January 2024",
        "Opening balance on 1 December   1,000.00",
        "Date       Details               Paid out     Paid in      Balance",
        "30 Dec     Rent                  700.00                    300.00",
        "02 Jan     Salary                             2,000.00     2,300.00",
        "Closing balance on 31 January   2,300.00",
    )
    schema = record(
        period_start=DAY,
        period_end=DAY,
        opening_balance=NUMBER,
        closing_balance=NUMBER,
        transactions=listing(date=DAY, description=TEXT, amount=NUMBER, balance=NUMBER),
    )

    assert got(schema, sheet) == {
        "period_start": "2023-12-01",
        "period_end": "2024-01-31",
        "opening_balance": 1000,
        "closing_balance": 2300,
        "transactions": [
            {"date": "2023-12-30", "description": "Rent", "amount": -700, "balance": 300},
            {"date": "2024-01-02", "description": "Salary", "amount": 2000, "balance": 2300},
        ],
    }


def test_the_balance_proves_the_sign_of_a_booking() -> None:
    sheet = page(
        "Statement date: 1 February 2024",
        "Date           Description         Amount       Balance",
        "03.01.2024     Salary              500.00       1,500.00",
        "04.01.2024     Groceries           20.00        1,480.00",
    )

    schema = record(transactions=listing(date=DAY, description=TEXT, amount=NUMBER, balance=NUMBER))

    assert [entry["amount"] for entry in got(schema, sheet)["transactions"]] == [500, -20]  # type: ignore[attr-defined] # a list of records


def test_a_till_receipt_is_read_without_headings() -> None:
    sheet = page(
        "CORNER SHOP",
        "4 High Street, Thornfield",
        "09/05/2024  14:07",
        "Oat milk                 £1.80",
        "2 x Rye bread            £5.00",
        "Apples                   £1.50",
        "3 @ 0.50",
        "TOTAL                    £8.30",
        "CASH                     £10.00",
        "CHANGE                   £1.70",
    )
    schema = record(
        merchant=record(name=TEXT),
        purchase_date=DAY,
        purchase_time=nullable("string", format="time"),
        items=listing(description=TEXT, quantity=NUMBER, unit_price=NUMBER, amount=NUMBER),
        total=NUMBER,
        amount_paid=NUMBER,
        change=NUMBER,
        payment_method={"enum": ["cash", "card", None]},
    )

    assert got(schema, sheet) == {
        "merchant": {"name": "CORNER SHOP"},
        "purchase_date": "2024-05-09",
        "purchase_time": "14:07:00",
        "items": [
            {"description": "Oat milk", "quantity": None, "unit_price": None, "amount": 1.8},
            {"description": "Rye bread", "quantity": 2, "unit_price": None, "amount": 5},
            {"description": "Apples", "quantity": 3, "unit_price": 0.5, "amount": 1.5},
        ],
        "total": 8.3,
        "amount_paid": 10,
        "change": 1.7,
        "payment_method": "cash",
    }


def test_the_summary_of_taxes_has_an_entry_for_each_rate() -> None:
    sheet = page(
        "Net 100.00", "MwSt. 19 % auf 80,00     15,20", "MwSt. 7 % auf 20,00     1,40", "Summe   116,60"
    )
    taxes = listing(rate=NUMBER, taxable_amount=NUMBER, tax_amount=NUMBER)

    assert got(record(tax_lines=taxes, tax_total=NUMBER), sheet) == {
        "tax_lines": [
            {"rate": 19, "taxable_amount": 80, "tax_amount": 15.2},
            {"rate": 7, "taxable_amount": 20, "tax_amount": 1.4},
        ],
        "tax_total": None,
    }


def test_the_recipient_is_found_in_the_window_without_a_label() -> None:
    sheet = page(
        "                                         Anker Werft GmbH",
        "Anker Werft GmbH · Kaistr. 1 · 99110 Hafen",
        "Ida Petersen",
        "Dorfstraße 8",
        "99220 Oberdorf",
        "",
        "Rechnung Nr. 17",
    )
    party = record(name=TEXT, address=TEXT)

    assert got(record(seller=party, buyer=party), sheet) == {
        "seller": {"name": "Anker Werft GmbH", "address": "Kaistr. 1, 99110 Hafen"},
        "buyer": {"name": "Ida Petersen", "address": "Dorfstraße 8, 99220 Oberdorf"},
    }


def test_columns_of_prose_are_read_one_after_the_other() -> None:
    left = [f"left column line number {number}" for number in range(4)]
    right = [f"right column line number {number}" for number in range(4)]
    sheet = page(*(f"{one}        {two}" for one, two in zip(left, right, strict=True)))

    assert transcribe([sheet]) == "\n".join(left) + "\n\n" + "\n".join(right)


def test_a_page_without_text_gives_nulls_and_no_evidence() -> None:
    reading = read([page()], INVOICE)

    assert reading.evidence == []
    assert isinstance(reading.record, dict)
    assert reading.record["items"] == []
    assert reading.record["total"] is None


SCALARS = st.sampled_from(
    [
        {"type": "string"}, {"type": "number"}, {"type": "integer"}, {"type": "boolean"}, TEXT, NUMBER,
        {"enum": ["card", "cash"]}, {"const": "x"}, {"type": "array", "items": {"type": "string"}},
        {"anyOf": [{"type": "integer"}, {"type": "string"}]}, {"type": ["boolean", "null"]}, {"type": "null"},
    ]
)  # fmt: skip
NAMES = st.sampled_from(
    [
        "total",
        "date",
        "invoice_number",
        "vendor",
        "items",
        "name",
        "currency",
        "notes",
        "text",
        "tax",
        "payment_method",
        "x1",
    ]
)
SCHEMAS = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.dictionaries(NAMES, inner, max_size=5).map(
            lambda fields: {
                "type": "object",
                "properties": fields,
                "required": list(fields),
                "additionalProperties": False,
            }
        ),
        inner.map(lambda element: {"type": "array", "items": element}),
    ),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(NAMES, SCHEMAS, min_size=1, max_size=6))
def test_the_record_always_obeys_the_schema_and_says_where_each_value_stands(
    fields: dict[str, object],
) -> None:
    schema = {**record(**fields), "additionalProperties": False}

    reading = read([ENGLISH], schema)

    jsonschema.validate(reading.record, schema)
    assert sorted(str(one["path"]) for one in reading.evidence) == sorted(
        path for path, _ in leaves(reading.record)
    )


def test_a_statement_goes_on_below_a_booking_that_is_named_like_a_sum() -> None:
    schema = record(transactions=listing(date=DAY, description=TEXT, amount=NUMBER, balance=NUMBER))
    rows = (
        "Datum         Buchungstext              Betrag      Saldo",
        "01.07.2024    Lastschrift Strom         -40,00      60,00",
        "02.07.2024    Miete                     -10,00      50,00",
    )

    bookings = got(schema, page(*rows))["transactions"]

    assert isinstance(bookings, list)
    assert [booking["amount"] for booking in bookings] == [-40, -10]


def test_the_day_of_a_statement_is_not_the_end_of_its_period() -> None:
    schema = record(statement_date=DAY, period_start=DAY, period_end=DAY)
    rows = ("Statement period   1 January 2024 to 30 January 2024", "Statement date     1 February 2024")

    assert got(schema, page(*rows)) == {
        "statement_date": "2024-02-01",
        "period_start": "2024-01-01",
        "period_end": "2024-01-30",
    }


def test_a_sidebar_does_not_run_into_the_items_beside_it() -> None:
    schema = record(
        invoice_number=TEXT, invoice_date=DAY, items=listing(description=TEXT, qty=NUMBER, amount=NUMBER)
    )
    sidebar = [
        "Invoice no.",
        "S-1204",
        "Invoice date",
        "5 March 2024",
        "IBAN",
        "unknown",
        "Contact",
        "Mrs Orme",
    ]
    main = [
        "Description      Qty     Amount",
        "Oak board        2       80.00",
        "Pine shelf       1       15.50",
    ]
    lines = [line(text, 40, 200 + 45 * at, height=18) for at, text in enumerate(sidebar)]
    for at, row in enumerate([*main, "Delivery charge extra", "Thank you for your business"]):
        cells = [cell.strip() for cell in row.split("  ") if cell.strip()]
        lines += [line(cell, 400 + 10 * row.index(cell), 212 + 62 * at) for cell in cells]

    found = got(schema, Page(number=1, width=1060, height=1500, lines=tuple(lines)))

    assert (found["invoice_number"], found["invoice_date"]) == ("S-1204", "2024-03-05")
    assert found["items"] == [
        {"description": "Oak board", "qty": 2, "amount": 80},
        {"description": "Pine shelf", "qty": 1, "amount": 15.5},
    ]


@pytest.mark.parametrize(
    ("place", "request_to_pay"),
    [
        ("Leeds, 3 May 2024", "Please pay by 2 June 2024 to the account below."),
        ("Emden, den 3. Mai 2024", "Bitte \u00fcberweisen Sie den Betrag bis zum 2. Juni 2024."),
        ("Nantes, le 3 mai 2024", "Merci de r\u00e9gler la somme avant le 2 juin 2024."),
        ("Gent, 3 mei 2024", "Wij verzoeken u dit v\u00f3\u00f3r 2 juni 2024 te voldoen."),
        ("Toledo, a 3 de mayo de 2024", "Rogamos efect\u00faen el pago antes del 2 de junio de 2024."),
    ],
)
def test_dates_that_no_label_names_are_told_by_their_sentence(place: str, request_to_pay: str) -> None:
    schema = record(invoice_date=DAY, due_date=DAY)

    found = got(schema, page("Muster", "", place, "", "X-1", "", request_to_pay))

    assert found == {"invoice_date": "2024-05-03", "due_date": "2024-06-02"}


def test_a_lone_date_to_pay_by_is_not_the_date_of_the_invoice() -> None:
    schema = record(invoice_date=DAY)

    assert got(schema, page("Please pay by 2 June 2024.")) == {"invoice_date": None}


def test_a_balance_among_the_bookings_is_the_opening_one() -> None:
    schema = record(
        opening_balance=NUMBER, bookings=listing(date=DAY, text=TEXT, amount=NUMBER, balance=NUMBER)
    )
    rows = (
        "Date          Details              Amount      Balance",
        "              Opening balance                  100.00",
        "01/07/2024    Rent                 -40.00      60.00",
        "13/07/2024    Sale                 10.00       70.00",
    )

    found = got(schema, page(*rows))

    assert found["opening_balance"] == 100
    assert isinstance(found["bookings"], list)
    assert len(found["bookings"]) == 2


def test_a_rate_beside_a_label_is_not_its_amount() -> None:
    schema = record(subtotal=NUMBER, tax=NUMBER, total=NUMBER)
    rows = (
        "Net            VAT at 20%      Total to pay",
        "\u00a3100.00        \u00a320.00          \u00a3120.00",
    )

    assert got(schema, page(*rows)) == {"subtotal": 100, "tax": 20, "total": 120}


def test_the_tax_of_a_till_is_found_by_its_letter_and_rate() -> None:
    schema = record(tax=NUMBER, total=NUMBER, card_last_digits=TEXT)
    rows = ("Milk        11.90 A", "TOTAL       11.90", "A 19%  10.00  1.90  11.90", "VISA **** **** 4821")

    assert got(schema, page(*rows)) == {"tax": 1.9, "total": 11.9, "card_last_digits": "4821"}


def test_a_postal_address_ends_before_a_tax_number_and_a_title() -> None:
    schema = record(vendor=record(name=TEXT, address=TEXT))
    rows = (
        "Orme & Daughters Ltd",
        "5 Abbey Row - Bath BA1 1LY - VAT no. GB 123 4567 89",
        "",
        "Parking ticket",
    )

    vendor = got(schema, page(*rows))["vendor"]

    assert vendor == {"name": "Orme & Daughters Ltd", "address": "5 Abbey Row, Bath BA1 1LY"}


BOUGHT = record(items=listing(description=TEXT, quantity=NUMBER, unit_price=NUMBER, amount=NUMBER))


@pytest.mark.parametrize(
    ("rows", "quantity", "price"),
    [
        (["2 x Oak door at £20.00              £40.00"], 2, 20),
        (["2 x Oak door à 20,00 €              40,00 €"], 2, 20),
        (["2 x Oak door zu je 20,00 €          40,00 €"], 2, 20),
        (["Oak door, 2 x 20.00                 40.00"], 2, 20),
        (["2   Oak door                        40.00"], 2, None),
        (["2 Oak door                          40.00"], 2, None),
        (["Oak door                            40.00   B"], None, None),
        (["Oak door                            40.00 A", "   2 x 20.00"], 2, 20),
        (["Oak door", "  2 hours at £20.00 per hour        £40.00"], 2, 20),
        (["2 Steak frites                      40.00"], 2, None),
    ],
)
def test_items_without_a_header_are_read_in_many_forms(
    rows: list[str], quantity: float | None, price: float | None
) -> None:
    items = got(BOUGHT, page(*rows, "", "Total                               40.00"))["items"]

    words = "Steak frites" if "Steak" in rows[0] else "Oak door"
    assert items == [{"description": words, "quantity": quantity, "unit_price": price, "amount": 40}]


@pytest.mark.parametrize(
    "label", ["Creditnota nr.", "Factura rectificativa nº", "Avoir N°", "Credit memo no.", "Beleg Nr."]
)
def test_any_title_with_a_word_for_number_labels_the_number(label: str) -> None:
    assert got(record(invoice_number=TEXT), page(f"{label}   RX00512"))["invoice_number"] == "RX00512"


def test_whoever_stands_below_the_return_line_is_the_customer() -> None:
    schema = record(vendor=record(name=TEXT), customer=record(name=TEXT, address=TEXT))
    small = line("Muster & Sohn · Weg 4 · 70173 Stuttgart", 60, 200, height=10)
    block = [
        line(text, 60, 230 + 26 * at)
        for at, text in enumerate(["Kita Wiese e.V.", "Schulstr. 5", "99084 Erfurt"])
    ]
    head = line("Muster & Sohn", 600, 60, height=40)

    found = got(schema, Page(number=1, width=1060, height=1500, lines=(head, small, *block)))

    assert found == {
        "vendor": {"name": "Muster & Sohn"},
        "customer": {"name": "Kita Wiese e.V.", "address": "Schulstr. 5, 99084 Erfurt"},
    }


@pytest.mark.parametrize(
    "row",
    [
        "Kontoauszug für die Zeit vom 1. September 2024 bis 30. September 2024",
        "Relevé de compte du 1 septembre 2024 au 30 septembre 2024",
        "Extracto de cuenta del 1 de septiembre de 2024 al 30 de septiembre de 2024",
        "Zeitraum: 01.09.2024 - 30.09.2024",
        "Periode: 01-09-2024 - 30-09-2024",
    ],
)
def test_a_period_is_read_from_a_sentence_and_from_figures(row: str) -> None:
    found = got(record(period_start=DAY, period_end=DAY), page("Bank", row))

    assert found == {"period_start": "2024-09-01", "period_end": "2024-09-30"}


def test_a_deadline_in_the_same_row_leaves_the_date_of_the_invoice() -> None:
    row = "Date d'émission : 03/05/2024 | À régler avant le : 02/06/2024"

    found = got(record(issue_date=DAY, due_date=DAY), page("Facture X-1", row, "", "Net à payer   120,00 €"))

    assert found == {"issue_date": "2024-05-03", "due_date": "2024-06-02"}


def test_what_was_paid_is_no_less_for_being_printed_as_taken_off() -> None:
    rows = ("Total           £120.00", "Deposit paid    -£100.00", "Balance due     £20.00")

    found = got(record(total=NUMBER, amount_paid=NUMBER, amount_due=NUMBER), page(*rows))

    assert found == {"total": 120, "amount_paid": 100, "amount_due": 20}


def test_the_only_name_beside_the_banks_is_the_holder_of_the_account() -> None:
    schema = record(bank=record(name=TEXT), account_holder=record(name=TEXT))
    head = line("Northbridge Bank", 50, 50, height=40)
    holder, other = line("Callum Frost", 50, 180), line("Maeve Doyle", 50, 260)

    one = got(schema, Page(number=1, width=1060, height=1500, lines=(head, holder)))
    two = got(schema, Page(number=1, width=1060, height=1500, lines=(head, holder, other)))

    assert one["account_holder"] == {"name": "Callum Frost"}
    assert two["account_holder"] in (None, {"name": None})


def test_the_day_of_another_paper_is_not_that_of_the_invoice() -> None:
    rows = ("Invoice 193", "", "date", "02-09-2024", "", "proposal", "P-88 of 24-06-2024")

    assert got(record(invoice_date=DAY), page(*rows)) == {"invoice_date": "2024-09-02"}
    assert got(record(invoice_date=DAY), page("Rechnung 193 vom 02.09.2024", "", "P-88 vom 24.06.2024")) == {
        "invoice_date": "2024-09-02"
    }


def test_boxes_side_by_side_are_no_sentence() -> None:
    rows = ("Date d'émission      À régler avant le", "03/05/2024           02/06/2024")

    found = got(record(issue_date=DAY, due_date=DAY), page(*rows))

    assert found == {"issue_date": "2024-05-03", "due_date": "2024-06-02"}


def test_the_only_date_is_not_taken_when_its_label_says_it_is_another() -> None:
    assert got(record(invoice_date=DAY), page("Invoice 7", "Date of birth:  30 October 1973")) == {
        "invoice_date": None
    }
    assert got(record(invoice_date=DAY), page("Invoice 7", "30 October 2023")) == {
        "invoice_date": "2023-10-30"
    }
