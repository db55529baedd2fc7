"""A parking ticket as an app saves it."""

from decimal import Decimal
from pathlib import Path

import reportlab
from _figures import Party
from _truth import Record, receipt, receipt_line
from PIL import Image, ImageDraw, ImageFont

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
