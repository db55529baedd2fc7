"""Three receipts: a café bill that is photographed, a supermarket till roll, a parking ticket from an app."""

from decimal import Decimal
from pathlib import Path

import reportlab
from _figures import Party, cents
from _roll import BOLD, LINE, NAME, ROLL, SUM
from _sheet import Face, Sheet
from _truth import Record, receipt, receipt_line, tax_line
from PIL import Image, ImageDraw, ImageFont

# Name, quantity, price.
CAFE = (
    ("Flat white", 2, Decimal("3.60")),
    ("Pot of tea", 1, Decimal("3.10")),
    ("Almond croissant", 2, Decimal("3.25")),
    ("Soup of the day", 1, Decimal("6.90")),
)
CAFE_NET = sum((quantity * price for _, quantity, price in CAFE), Decimal(0))
CAFE_SERVICE = cents(CAFE_NET * Decimal("0.125"))
CAFE_TOTAL = CAFE_NET + CAFE_SERVICE

# Name, quantity (printed when it is not 1), price, tax rate; prices hold the tax.
SHOP = (
    ("VOLLMILCH 3,5% 1L", "1", "1.19", "7"),
    ("ROGGENBROT 750G", "1", "2.49", "7"),
    ("BANANEN KG", "1.284", "1.79", "7"),
    ("KÄSE JUNG 400G", "2", "3.29", "7"),
    ("APFELSAFT 1L", "3", "1.45", "19"),
    ("SPÜLMITTEL 500ML", "1", "1.95", "19"),
    ("KÜCHENROLLE 4ER", "1", "2.75", "19"),
)
SHOP_AMOUNTS = [cents(Decimal(quantity) * Decimal(price)) for _, quantity, price, _ in SHOP]
SHOP_TOTAL = sum(SHOP_AMOUNTS, Decimal(0))
SHOP_CASH = Decimal("30.00")
LETTERS = {"19": "A", "7": "B"}

TICKET = (
    ("Receipt no.", "QP-2024-88731"),
    ("Date", "9 March 2024, 10:14"),
    ("Location", "Pier Road car park, zone 4417"),
    ("Registration", "ZZ99 ZZZ"),
    ("Parking, 3 hours", "£5.40"),
    ("Text reminder", "£0.20"),
    ("of which VAT 20%", "£0.93"),
    ("Paid by card ending", "3019"),
)


def cafe() -> bytes:
    """Return the café's bill as a PDF of the width of a till roll."""
    sheet = Sheet((ROLL, 350), title="Receipt", author="The Copper Kettle")
    y = sheet.text(ROLL / 2, 40, "THE COPPER KETTLE", NAME, "centre")
    place = ["Tea Room & Bakery", "5 Market Row, Wexcombe", "ZZ1 3EE", "VAT No GB 417 9920 31"]
    y = sheet.lines(ROLL / 2, y, place, LINE, "centre") + 8
    y = _ends(sheet, y, ("Table 7", "Covers 2"))
    y = _ends(sheet, y, ("18/05/2024  12:56", "Check 004417")) + 2
    sheet.rule(14, y - 6, ROLL - 14)
    y += 8
    for name, quantity, price in CAFE:
        y = _ends(sheet, y, (f"{quantity} x {name}", f"{quantity * price:.2f}")) + 2
    sheet.rule(14, y - 6, ROLL - 14)
    y = _ends(sheet, y + 8, ("Subtotal", f"£{CAFE_NET:.2f}"))
    y = _ends(sheet, y, ("Service 12.5%", f"£{CAFE_SERVICE:.2f}")) + 6
    y = _ends(sheet, y, ("TOTAL", f"£{CAFE_TOTAL:.2f}"), SUM) + 6
    y = _ends(sheet, y, ("VISA ************8802", f"£{CAFE_TOTAL:.2f}"))
    y = sheet.text(14, y, "Contactless  Auth 091774", LINE) + 10
    sheet.lines(ROLL / 2, y, ["Prices include VAT at 20%", "Served by Ines - thank you!"], LINE, "centre")
    return sheet.pdf()


def cafe_record() -> Record:
    """Return what the café's bill says."""
    return receipt(
        Party("THE COPPER KETTLE", ("5 Market Row, Wexcombe", "ZZ1 3EE"), "GB 417 9920 31"),
        receipt_number="004417",
        purchase_date="2024-05-18",
        purchase_time="12:56:00",
        currency="GBP",
        line_items=[
            receipt_line(name, quantity * price, quantity=str(quantity)) for name, quantity, price in CAFE
        ],
        subtotal=f"{CAFE_NET:.2f}",
        tip=f"{CAFE_SERVICE:.2f}",
        total=f"{CAFE_TOTAL:.2f}",
        payment_method="card",
        card_last_digits="8802",
        amount_paid=f"{CAFE_TOTAL:.2f}",
    )


def supermarket() -> bytes:
    """Return a supermarket's receipt as a PDF of the width of a till roll."""
    sheet = Sheet((ROLL, 416), title="Kassenbon", author="Lindner Markt")
    y = sheet.text(ROLL / 2, 36, "LINDNER MARKT", NAME, "centre")
    place = ["Bahnhofstr. 8", "99990 Bad Lindenau", "UID Nr. DE999507761"]
    y = sheet.lines(ROLL / 2, y, place, LINE, "centre")
    y = sheet.text(ROLL - 14, y + 8, "EUR", BOLD, "right")
    for (name, quantity, price, rate), amount in zip(SHOP, SHOP_AMOUNTS, strict=True):
        y = _ends(sheet, y, (name, f"{_comma(amount)} {LETTERS[rate]}"))
        if quantity != "1":
            unit = "kg" if "." in quantity else "Stk"
            y = sheet.text(34, y, f"{quantity} {unit} x {price}".replace(".", ","), LINE)
    y = _ends(sheet, y + 4, ("SUMME EUR", _comma(SHOP_TOTAL)), SUM) + 4
    y = _ends(sheet, y, ("Geg. BAR", _comma(SHOP_CASH)))
    y = _ends(sheet, y, ("Rückgeld BAR", _comma(SHOP_CASH - SHOP_TOTAL))) + 8
    y = sheet.text(14, y, "Steuer %   Netto   Steuer   Brutto", BOLD)
    for rate, (net, tax) in _shop_taxes().items():
        cells = f"{_comma(net):>7} {_comma(tax):>8} {_comma(net + tax):>8}"
        y = sheet.text(14, y, f"{LETTERS[rate]}= {rate:>2},0% {cells}", LINE)
    y = sheet.lines(14, y + 8, ["02.11.2024  17:43   Bon-Nr. 7719", "Markt 0417  Kasse 3  Bed. 22"], LINE)
    sheet.text(ROLL / 2, y + 8, "Vielen Dank für Ihren Einkauf", LINE, "centre")
    return sheet.pdf()


def supermarket_record() -> Record:
    """Return what the supermarket's receipt says."""
    return receipt(
        Party("LINDNER MARKT", ("Bahnhofstr. 8", "99990 Bad Lindenau"), "DE999507761"),
        receipt_number="7719",
        purchase_date="2024-11-02",
        purchase_time="17:43:00",
        currency="EUR",
        line_items=[
            receipt_line(name, amount, tax_rate=rate)
            | ({} if quantity == "1" else {"quantity": quantity, "unit_price": price})
            for (name, quantity, price, rate), amount in zip(SHOP, SHOP_AMOUNTS, strict=True)
        ],
        tax_lines=[tax_line(rate, net, tax) for rate, (net, tax) in _shop_taxes().items()],
        total=f"{SHOP_TOTAL:.2f}",
        payment_method="cash",
        amount_paid=f"{SHOP_CASH:.2f}",
        change=f"{SHOP_CASH - SHOP_TOTAL:.2f}",
    )


def parking() -> Image.Image:
    """Return a parking receipt as an app saves it: dark on a transparent ground."""
    image = Image.new("RGBA", (620, 860), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    ink, faint = (20, 24, 32, 255), (96, 104, 118, 255)
    draw.rounded_rectangle((12, 12, 608, 848), 28, outline=(190, 196, 206, 255), width=3)
    draw.text((310, 80), "Quayside Parking Ltd", ink, _vera(35), "mm")
    draw.text((310, 124), "Receipt", faint, _vera(23), "mm")
    for place, (label, value) in enumerate(TICKET):
        y = 200 + 62 * place
        draw.text((50, y), label, faint, _vera(22), "ls")
        draw.text((570, y), value, ink, _vera(22), "rs")
    draw.line((50, 690, 570, 690), ink, 3)
    draw.text((50, 744), "Total", ink, _vera(33), "ls")
    draw.text((570, 744), "£5.60", ink, _vera(33), "rs")
    footer = "Quayside Parking Ltd, 2 Pier Road, Port Merrin ZZ9 4KK"
    draw.text((310, 796), footer, faint, _vera(17), "mm")
    draw.text((310, 824), "VAT GB 417 1180 46", faint, _vera(16), "mm")
    return image


def parking_record() -> Record:
    """Return what the parking receipt says."""
    return receipt(
        Party("Quayside Parking Ltd", ("2 Pier Road, Port Merrin ZZ9 4KK",), "GB 417 1180 46"),
        receipt_number="QP-2024-88731",
        purchase_date="2024-03-09",
        purchase_time="10:14:00",
        currency="GBP",
        line_items=[
            receipt_line("Parking, 3 hours", Decimal("5.40")),
            receipt_line("Text reminder", Decimal("0.20")),
        ],
        tax_lines=[{"rate": "20", "taxable_amount": None, "tax_amount": "0.93"}],
        tax_total="0.93",
        total="5.60",
        payment_method="card",
        card_last_digits="3019",
    )


def _vera(size: int) -> ImageFont.FreeTypeFont:
    # The basic engine: the other needs a library that not every machine has, and spaces letters differently.
    path = Path(reportlab.__file__).parent / "fonts" / "Vera.ttf"
    return ImageFont.truetype(str(path), size, layout_engine=ImageFont.Layout.BASIC)


def _ends(sheet: Sheet, y: float, texts: tuple[str, str], face: Face = LINE) -> float:
    """Draw a text at either end of the line; return the base line of the next."""
    sheet.text(14, y, texts[0], face)
    return sheet.text(ROLL - 14, y, texts[1], face, "right")


def _comma(amount: Decimal) -> str:
    return f"{amount:.2f}".replace(".", ",")


def _shop_taxes() -> dict[str, tuple[Decimal, Decimal]]:
    """Return net amount and tax for each rate."""
    taxes = {}
    for rate in LETTERS:
        gross = sum(amount for amount, row in zip(SHOP_AMOUNTS, SHOP, strict=True) if row[3] == rate)
        tax = cents(gross * Decimal(rate) / (100 + Decimal(rate)))
        taxes[rate] = (gross - tax, tax)
    return taxes
