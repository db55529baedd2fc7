"""A bank statement over three pages, as a British bank prints it: money out and money in in columns."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from _account import Account, Booking
from _figures import BRITISH, Party, iban
from _sheet import GREY, Column, Face, Sheet, TableStyle

SORT_CODE = "99-99-99"
START = date(2024, 3, 1)
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


def _bookings() -> tuple[Booking, ...]:
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
    return tuple(booked)


ACCOUNT = Account(
    bank=Party("Northgate Mutual Bank", ("1 Assembly Square", "Wexcombe ZZ1 1AA")),
    holder=Party("Ms Rosalind Achterberg", ("17 Tanner's Row", "Wexcombe", "ZZ4 8DD")),
    number="31880427",
    iban=iban("GB", "ZZBK99999931880427"),
    bic="ZZBKGB00NGM",
    statement="27",
    issued=date(2024, 4, 2),
    start=START,
    end=date(2024, 3, 31),
    notation=BRITISH,
    bookings=_bookings(),
    summed=True,
    balanced=True,
)
BANK, HOLDER = ACCOUNT.bank, ACCOUNT.holder


def statement() -> bytes:
    """Return the statement as a PDF of three pages."""
    booked = ACCOUNT.bookings
    first, second = ROWS[0], sum(ROWS)
    sheet = Sheet(title="Statement of account", author=BANK.name)
    _letterhead(sheet, 1)
    _summary(sheet)
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


def _letterhead(sheet: Sheet, number: int) -> None:
    sheet.fill(50, 40, 26, 26, INK)
    sheet.fill(57, 47, 12, 26, "#ffffff")
    sheet.text(84, 62, BANK.name, Face("Times-Bold", 19, INK))
    sheet.text(545, 54, "Statement of account", Face("Helvetica-Bold", 11), "right")
    sheet.text(545, 68, f"Statement 27   Page {number} of 3", Face(size=8.5), "right")
    sheet.text(50, 96, f"Account {ACCOUNT.number}   Sort code {SORT_CODE}", Face(size=9))
    sheet.text(545, 96, HOLDER.name, Face(size=9), "right")
    sheet.rule(50, 104, 545, 0.8, INK)
    address = ", ".join(BANK.address)
    sheet.text(
        297, 820, f"{BANK.name}, {address}. Registered mutual no. 99417", Face(size=7, colour=GREY), "centre"
    )


def _summary(sheet: Sheet) -> None:
    sheet.lines(50, 136, [HOLDER.name, *HOLDER.address], Face(size=11))
    rows = [
        ("Statement date", "2 April 2024"),
        ("Period", "1 March 2024 to 31 March 2024"),
        ("IBAN", ACCOUNT.iban),
        ("BIC", ACCOUNT.bic or ""),
    ]
    sheet.pairs(300, 136, 84, rows, Face(size=9))
    sheet.fill(50, 220, 495, 84, "#eef2f6")
    sheet.text(62, 238, "Current account, GBP", Face("Helvetica-Bold", 10))
    sums = (
        ("Opening balance on 1 March", OPENING),
        ("Money in", ACCOUNT.total_in),
        ("Money out", ACCOUNT.total_out),
        ("Closing balance on 31 March", ACCOUNT.closing),
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
