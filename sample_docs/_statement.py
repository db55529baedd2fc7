"""A bank statement over three pages, as a British bank prints it: money out and money in in columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from _figures import BRITISH, Party, iban
from _sheet import GREY, Column, Face, Sheet, TableStyle
from _truth import Record, bare, party

BANK = Party("Northgate Mutual Bank", ("1 Assembly Square", "Wexcombe ZZ1 1AA"))
HOLDER = Party("Ms Rosalind Achterberg", ("17 Tanner's Row", "Wexcombe", "ZZ4 8DD"))
ACCOUNT, SORT_CODE = "31880427", "99-99-99"
IBAN = iban("GB", "ZZBK99999931880427")
BIC = "ZZBKGB00NGM"
START, END = date(2024, 3, 1), date(2024, 3, 31)
OPENING = Decimal("1482.17")
ROWS = (22, 28)  # transactions on the first pages; the last takes the rest
INK = "#14395b"

# Day of the month, text, amount.
FIXED = (
    (1, "STO Rent Orchard Lettings", "-895.00"),
    (1, "DD Wexcombe Council Tax 4471920", "-148.00"),
    (4, "DD Severnside Water", "-31.46"),
    (5, "DD Brightwire Broadband 000417", "-29.50"),
    (8, "BGC Refund Fernhill Outdoor", "42.95"),
    (12, "DD Ashdown Energy ref 88-0021", "-94.12"),
    (14, "ATM Market Row Wexcombe", "-60.00"),
    (15, "BGC Halden & Rowe LLP salary", "2764.38"),
    (18, "FPO To savings 31880435", "-400.00"),
    (21, "DD Kestrel Insurance home", "-17.63"),
    (25, "FPI J Achterberg tickets", "58.00"),
    (28, "DD Zephyr Mobile", "-12.00"),
    (28, "Interest paid", "1.84"),
)
# How often, text, least and most pounds.
SHOPS = (
    (9, "CARD Copper Kettle Wexcombe", 3, 18),
    (14, "CARD Lindon Foods 0417", 12, 78),
    (11, "CARD Valley Buses contactless", 2, 9),
    (3, "CARD Merrin Books", 6, 34),
    (4, "CARD Parade Pharmacy", 4, 22),
    (3, "CARD Harbour Fuel station 2", 35, 62),
    (7, "CARD Quayside Parking", 2, 8),
)


@dataclass(frozen=True, slots=True)
class Booking:
    """One transaction with the balance after it."""

    day: date
    text: str
    amount: Decimal
    balance: Decimal


def bookings() -> list[Booking]:
    """Return the month's transactions in order."""
    random = Random(20240331)
    raw = [(START + timedelta(day - 1), text, Decimal(amount)) for day, text, amount in FIXED]
    for times, text, low, high in SHOPS:
        for _ in range(times):
            pence = random.randrange(low * 100, high * 100)
            raw.append((START + timedelta(random.randrange(31)), text, Decimal(-pence) / 100))
    balance, booked = OPENING, []
    for day, text, amount in sorted(raw, key=lambda row: row[0]):
        balance += amount
        booked.append(Booking(day, text, amount.quantize(Decimal("0.01")), balance))
    return booked


def statement() -> bytes:
    """Return the statement as a PDF of three pages."""
    booked = bookings()
    first, second = ROWS[0], sum(ROWS)
    sheet = Sheet(title="Statement of account", author=BANK.name)
    _letterhead(sheet, 1)
    _summary(sheet, booked)
    opening = ("1 Mar", "BALANCE BROUGHT FORWARD", "", "", BRITISH.number(OPENING))
    _table(sheet, 330, [opening, *_rows(booked[:first])])
    closing = ("31 Mar", "BALANCE CARRIED FORWARD", "", "", BRITISH.number(booked[-1].balance))
    y = 0.0
    for number, shown, last in ((2, booked[first:second], []), (3, booked[second:], [closing])):
        sheet.next_page()
        _letterhead(sheet, number)
        carried = BRITISH.number(shown[0].balance - shown[0].amount)
        y = _table(sheet, 130, [("", "Balance from previous page", "", "", carried), *_rows(shown), *last])
    sheet.paragraph(
        50,
        y + 30,
        "DD direct debit, STO standing order, BGC bank giro credit, FPI/FPO faster payment in/out, ATM cash "
        "machine. Please check this statement and tell us within 60 days of anything that you did not "
        "authorise. Deposits are protected up to £85,000.",
        495,
        Face(size=8, colour=GREY),
    )
    return sheet.pdf()


def record() -> Record:
    """Return what the statement says."""
    booked = bookings()
    total_in, total_out = _totals(booked)
    return {
        "bank": party(BANK),
        "account_holder": party(HOLDER),
        "account_number": ACCOUNT,
        "iban": bare(IBAN),
        "bic": BIC,
        "statement_number": "27",
        "statement_date": "2024-04-02",
        "period_start": START.isoformat(),
        "period_end": END.isoformat(),
        "currency": "GBP",
        "opening_balance": str(OPENING),
        "closing_balance": str(booked[-1].balance),
        "total_in": str(total_in),
        "total_out": str(total_out),
        "transactions": [_transaction(booking) for booking in booked],
    }


def _transaction(booking: Booking) -> Record:
    return {
        "booking_date": booking.day.isoformat(),
        "value_date": None,
        "description": booking.text,
        "counterparty": None,
        "reference": None,
        "amount": str(booking.amount),
        "balance": str(booking.balance),
    }


def _totals(booked: Sequence[Booking]) -> tuple[Decimal, Decimal]:
    """Return (money in, money out), both without a sign."""
    amounts = [booking.amount for booking in booked]
    total_in = sum((amount for amount in amounts if amount > 0), Decimal(0))
    return total_in, total_in - sum(amounts, Decimal(0))


def _letterhead(sheet: Sheet, number: int) -> None:
    sheet.fill(50, 40, 26, 26, INK)
    sheet.fill(57, 47, 12, 26, "#ffffff")
    sheet.text(84, 62, BANK.name, Face("Times-Bold", 19, INK))
    sheet.text(545, 54, "Statement of account", Face("Helvetica-Bold", 11), "right")
    sheet.text(545, 68, f"Statement 27   Page {number} of 3", Face(size=8.5), "right")
    sheet.text(50, 96, f"Account {ACCOUNT}   Sort code {SORT_CODE}", Face(size=9))
    sheet.text(545, 96, HOLDER.name, Face(size=9), "right")
    sheet.rule(50, 104, 545, 0.8, INK)
    address = ", ".join(BANK.address)
    sheet.text(
        297, 820, f"{BANK.name}, {address}. Registered mutual no. 99417", Face(size=7, colour=GREY), "centre"
    )


def _summary(sheet: Sheet, booked: Sequence[Booking]) -> None:
    sheet.lines(50, 136, [HOLDER.name, *HOLDER.address], Face(size=11))
    total_in, total_out = _totals(booked)
    rows = [
        ("Statement date", "2 April 2024"),
        ("Period", "1 March 2024 to 31 March 2024"),
        ("IBAN", IBAN),
        ("BIC", BIC),
    ]
    sheet.pairs(300, 136, 84, rows, Face(size=9))
    sheet.fill(50, 220, 495, 84, "#eef2f6")
    sheet.text(62, 238, "Current account, GBP", Face("Helvetica-Bold", 10))
    sums = (
        ("Opening balance on 1 March", OPENING),
        ("Money in", total_in),
        ("Money out", total_out),
        ("Closing balance on 31 March", booked[-1].balance),
    )
    y = 254.0
    for label, amount in sums:
        sheet.text(62, y, label, Face(size=9.5))
        y = sheet.text(330, y, BRITISH.money(amount), Face(size=9.5), "right")


def _rows(booked: Sequence[Booking]) -> list[tuple[str, ...]]:
    return [
        (
            f"{booking.day.day} {booking.day:%b}",
            booking.text,
            BRITISH.number(-booking.amount) if booking.amount < 0 else "",
            BRITISH.number(booking.amount) if booking.amount > 0 else "",
            BRITISH.number(booking.balance),
        )
        for booking in booked
    ]


def _table(sheet: Sheet, y: float, rows: Sequence[Sequence[str]]) -> float:
    columns = [
        Column("Date", 50, 95),
        Column("Details", 95, 320),
        Column("Money out", 320, 395, "right"),
        Column("Money in", 395, 465, "right"),
        Column("Balance", 465, 545, "right"),
    ]
    return sheet.table(y, columns, rows, TableStyle(head_fill="#dfe7ee", padding=3.4))
