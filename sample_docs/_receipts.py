"""Three receipts: a café bill that is photographed, a supermarket till roll, a parking ticket from an app."""

from decimal import Decimal

from PIL import Image, ImageDraw, ImageFont

from _figures import cents
from _sheet import Face, Sheet
from _truth import Record

ROLL = 226.0  # points: a till roll 80 mm wide
NAME = Face("Courier-Bold", 15)
LINE = Face("Courier", 9.6)
BOLD = Face("Courier-Bold", 9.6)
SUM = Face("Courier-Bold", 13)

CAFE = (
    ("Flat white", 2, "3.60"),
    ("Pot of tea", 1, "3.10"),
    ("Almond croissant", 2, "3.25"),
    ("Soup of the day", 1, "6.90"),
)
SHOP = (
    ("VOLLMILCH 3,5% 1L", "1", "1.19", "7"),
    ("ROGGENBROT 750G", "1", "2.49", "7"),
    ("BANANEN KG", "1.284", "1.79", "7"),
    ("KÄSE JUNG 400G", "2", "3.29", "7"),
    ("APFELSAFT 1L", "3", "1.45", "19"),
    ("SPÜLMITTEL 500ML", "1", "1.95", "19"),
    ("KÜCHENROLLE 4ER", "1", "2.75", "19"),
)
VAT_LETTERS = {"7": "B", "19": "A"}


def cafe() -> tuple[bytes, Record]:
    """Return the café's bill as a PDF of the width of a till roll, and its record."""
    amounts = [quantity * Decimal(price) for _, quantity, price in CAFE]
    subtotal = sum(amounts, Decimal(0))
    service = cents(subtotal * Decimal("0.125"))
    total = subtotal + service
    sheet = Sheet((ROLL, 350), title="Receipt", author="The Copper Kettle")
    y = sheet.text(ROLL / 2, 40, "THE COPPER KETTLE", NAME, "centre")
    y = sheet.lines(ROLL / 2, y, ["Tea Room & Bakery", "5 Market Row, Wexcombe", "ZZ1 3EE"], LINE, "centre")
    y = sheet.text(ROLL / 2, y, "VAT No GB 417 9920 31", LINE, "centre") + 8
    y = _ends(sheet, y, "Table 7", "Covers 2", LINE)
    y = _ends(sheet, y, "18/05/2024  12:56", "Check 004417", LINE) + 2
    sheet.rule(14, y - 6, ROLL - 14)
    y += 8
    for (name, quantity, _), amount in zip(CAFE, amounts, strict=True):
        y = _ends(sheet, y, f"{quantity} x {name}", f"{amount:.2f}", LINE) + 2
    sheet.rule(14, y - 6, ROLL - 14)
    y = _ends(sheet, y + 8, "Subtotal", f"£{subtotal:.2f}", LINE)
    y = _ends(sheet, y, "Service 12.5%", f"£{service:.2f}", LINE) + 6
    y = _ends(sheet, y, "TOTAL", f"£{total:.2f}", SUM) + 6
    y = _ends(sheet, y, "VISA ************8802", f"£{total:.2f}", LINE)
    y = _ends(sheet, y, "Contactless  Auth 091774", "", LINE) + 10
    sheet.lines(ROLL / 2, y, ["Prices include VAT at 20%", "Served by Ines - thank you!"], LINE, "centre")
    record = {
        "merchant": {
            "name": "The Copper Kettle", "address": "5 Market Row, Wexcombe, ZZ1 3EE", "tax_id": "GB417992031"
        },
        "receipt_number": "004417",
        "purchase_date": "2024-05-18",
        "purchase_time": "12:56:00",
        "currency": "GBP",
        "line_items": [
            _line(name, str(quantity), None, None, amount)
            for (name, quantity, _), amount in zip(CAFE, amounts, strict=True)
        ],
        "subtotal": f"{subtotal:.2f}",
        "tip": f"{service:.2f}",
        "total": f"{total:.2f}",
        "payment_method": "card",
        "card_last_digits": "8802",
        "amount_paid": f"{total:.2f}",
    }  # fmt: skip
    return sheet.pdf(), _whole(record)


def supermarket() -> tuple[bytes, Record]:
    """Return a supermarket's receipt as a PDF of the width of a till roll, and its record."""
    amounts = [cents(Decimal(quantity) * Decimal(price)) for _, quantity, price, _ in SHOP]
    total = sum(amounts, Decimal(0))
    gross = {
        rate: sum(a for a, row in zip(amounts, SHOP, strict=True) if row[3] == rate) for rate in ("19", "7")
    }
    taxes = {rate: cents(sum_ * Decimal(rate) / (100 + Decimal(rate))) for rate, sum_ in gross.items()}
    sheet = Sheet((ROLL, 416), title="Kassenbon", author="Marktkauf Lindner")
    y = sheet.text(ROLL / 2, 36, "LINDNER MARKT", NAME, "centre")
    y = sheet.lines(
        ROLL / 2, y, ["Bahnhofstr. 8", "99990 Bad Lindenau", "UID Nr. DE999507761"], LINE, "centre"
    )
    y = sheet.text(ROLL - 14, y + 8, "EUR", BOLD, "right")
    for (name, quantity, price, rate), amount in zip(SHOP, amounts, strict=True):
        y = _ends(sheet, y, name, f"{_comma(amount)} {VAT_LETTERS[rate]}", LINE)
        if quantity != "1":
            unit = "kg" if "." in quantity else "Stk"
            y = sheet.text(34, y, f"{quantity.replace('.', ',')} {unit} x {price.replace('.', ',')}", LINE)
    y = _ends(sheet, y + 4, "SUMME EUR", _comma(total), SUM) + 4
    y = _ends(sheet, y, "Geg. BAR", _comma(Decimal(30)), LINE)
    y = _ends(sheet, y, "Rückgeld BAR", _comma(30 - total), LINE) + 8
    y = sheet.text(14, y, "Steuer %   Netto   Steuer   Brutto", BOLD)
    for rate, tax in taxes.items():
        net = gross[rate] - tax
        label = f"{VAT_LETTERS[rate]}= {rate:>2},0%"
        y = sheet.text(14, y, f"{label} {_comma(net):>7} {_comma(tax):>8} {_comma(gross[rate]):>8}", LINE)
    y = sheet.lines(14, y + 8, ["02.11.2024  17:43   Bon-Nr. 7719", "Markt 0417  Kasse 3  Bed. 22"], LINE)
    sheet.text(ROLL / 2, y + 8, "Vielen Dank für Ihren Einkauf", LINE, "centre")
    record = {
        "merchant": {
            "name": "Lindner Markt", "address": "Bahnhofstr. 8, 99990 Bad Lindenau", "tax_id": "DE999507761"
        },
        "receipt_number": "7719",
        "purchase_date": "2024-11-02",
        "purchase_time": "17:43:00",
        "currency": "EUR",
        "line_items": [
            _line(name, None, None, rate, amount) if quantity == "1" else _line(name, quantity, price, rate, amount)
            for (name, quantity, price, rate), amount in zip(SHOP, amounts, strict=True)
        ],
        "tax_lines": [
            {"rate": rate, "taxable_amount": f"{gross[rate] - tax:.2f}", "tax_amount": f"{tax:.2f}"}
            for rate, tax in taxes.items()
        ],
        "total": f"{total:.2f}",
        "payment_method": "cash",
        "amount_paid": "30.00",
        "change": f"{30 - total:.2f}",
    }  # fmt: skip
    return sheet.pdf(), _whole(record)


def parking() -> tuple[Image.Image, Record]:
    """Return a parking receipt as an app saves it, black on a transparent ground, and its record."""
    image = Image.new("RGBA", (620, 860), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    ink, faint = (20, 24, 32, 255), (96, 104, 118, 255)
    draw.rounded_rectangle((12, 12, 608, 848), 28, outline=(190, 196, 206, 255), width=3)
    draw.text((310, 80), "Quayside Parking Ltd", ink, ImageFont.load_default(40), "mm")
    draw.text((310, 124), "Receipt", faint, ImageFont.load_default(26), "mm")
    rows = (
        ("Receipt no.", "QP-2024-88731"), ("Date", "9 March 2024, 10:14"), ("Location", "Pier Road car park, zone 4417"),
        ("Registration", "ZZ99 ZZZ"), ("Parking, 3 hours", "GBP 5.40"), ("Text reminder", "GBP 0.20"),
        ("of which VAT 20%", "GBP 0.93"), ("Paid by card ending", "3019"),
    )  # fmt: skip
    for place, (label, value) in enumerate(rows):
        y = 200 + 62 * place
        draw.text((50, y), label, faint, ImageFont.load_default(25), "ls")
        draw.text((570, y), value, ink, ImageFont.load_default(25), "rs")
    draw.line((50, 690, 570, 690), ink, 3)
    draw.text((50, 744), "Total", ink, ImageFont.load_default(38), "ls")
    draw.text((570, 744), "GBP 5.60", ink, ImageFont.load_default(38), "rs")
    footer = "Quayside Parking Ltd, 2 Pier Road, Port Merrin ZZ9 4KK"
    draw.text((310, 800), footer, faint, ImageFont.load_default(19), "mm")
    draw.text((310, 826), "VAT GB 417 1180 46", faint, ImageFont.load_default(17), "mm")
    record = {
        "merchant": {
            "name": "Quayside Parking Ltd", "address": "2 Pier Road, Port Merrin ZZ9 4KK", "tax_id": "GB417118046"
        },
        "receipt_number": "QP-2024-88731",
        "purchase_date": "2024-03-09",
        "purchase_time": "10:14:00",
        "currency": "GBP",
        "line_items": [
            _line("Parking, 3 hours", None, None, None, Decimal("5.40")),
            _line("Text reminder", None, None, None, Decimal("0.20")),
        ],
        "tax_lines": [{"rate": "20", "taxable_amount": None, "tax_amount": "0.93"}],
        "tax_total": "0.93",
        "total": "5.60",
        "payment_method": "card",
        "card_last_digits": "3019",
    }  # fmt: skip
    return image, _whole(record)


def _ends(sheet: Sheet, y: float, left: str, right: str, face: Face) -> float:
    sheet.text(14, y, left, face)
    return sheet.text(ROLL - 14, y, right, face, "right")


def _comma(amount: Decimal) -> str:
    return f"{amount:.2f}".replace(".", ",")


def _line(name: str, quantity: str | None, price: str | None, rate: str | None, amount: Decimal) -> Record:
    return {
        "description": name, "quantity": quantity, "unit_price": price, "tax_rate": rate, "amount": f"{amount:.2f}"
    }  # fmt: skip


def _whole(record: Record) -> Record:
    """Return the record with every field that is not printed as null or empty."""
    empty: Record = dict.fromkeys(
        ("receipt_number", "purchase_date", "purchase_time", "currency", "subtotal", "discount", "tax_total", "tip",
         "total", "payment_method", "card_last_digits", "amount_paid", "change")
    )  # fmt: skip
    return {"merchant": None, "line_items": [], "tax_lines": []} | empty | record
