"""A British café's bill, the receipts of an American store and of a shop at an airport, and their truth."""

from dataclasses import replace
from datetime import date, time
from decimal import Decimal

from _figures import AMERICAN, BRITISH, Party, cents
from _roll import NAME, SUM, Roll
from _sale import Sale
from _sheet import Face
from _truth import Record

CAFE = Sale(
    Party("THE COPPER KETTLE", ("5 Market Row, Wexcombe", "ZZ1 3EE"), "GB 417 9920 31"),
    "004417",
    date(2024, 5, 18),
    time(12, 56),
    BRITISH,
    (
        ("Flat white", "2", "3.60", "20"),
        ("Pot of tea", "1", "3.10", "20"),
        ("Almond croissant", "2", "3.25", "20"),
        ("Soup of the day", "1", "6.90", "20"),
    ),
)
HARDWARE = Sale(
    Party("COTTONWOOD HARDWARE", ("402 Main St", "Cottonwood Bend, KS 00417")),
    "3-118-0417",
    date(2024, 11, 23),
    time(15, 8),
    replace(AMERICAN, money_format="{}"),
    (
        ("DECK SCREW 3IN 5LB", "2", "28.49", "0"),
        ("2X4X8 STUD SPF", "12", "3.98", "0"),
        ("WORK GLOVES L", "1", "14.99", "0"),
        ("PAINT ROLLER 9IN", "3", "6.79", "0"),
    ),
)
AIRPORT = Sale(
    Party("Skygate Duty Free S.A.", ("Terminal 2, Aeropuerto Puerto Real", "99800 Puerto Real"), "A99907720"),
    "DF2-77201-25",
    date(2025, 9, 27),
    time(6, 51),
    replace(BRITISH, currency="EUR", money_format="EUR {}"),
    (
        ("Single malt 12 years 70 cl", "1", "46.50", "21"),
        ("Dark chocolate box 400 g", "2", "12.90", "21"),
        ("Travel adapter", "1", "14.00", "21"),
    ),
)


SERVICE = cents(CAFE.net * Decimal("0.125"))
CAFE_TOTAL = CAFE.net + SERVICE
SAVINGS = cents(HARDWARE.net * Decimal("0.05"))
SALES_TAX = cents((HARDWARE.net - SAVINGS) * Decimal("0.0825"))
HARDWARE_TOTAL = HARDWARE.net - SAVINGS + SALES_TAX


def cafe() -> bytes:
    """Return the bill of a café, service charge included."""
    sale, money = CAFE, CAFE.notation.money
    roll = Roll()
    roll.centre(sale.merchant.name, face=NAME)
    roll.centre("Tea Room & Bakery", *sale.merchant.address, f"VAT No {sale.merchant.tax_id}")
    roll.gap()
    roll.ends(("Table 7", "Covers 2"))
    roll.ends((f"{sale.day:%d/%m/%Y}  {sale.clock:%H:%M}", f"Check {sale.number}"))
    roll.rule()
    for (name, quantity, _, _), amount in zip(sale.lines, sale.amounts, strict=True):
        roll.ends((f"{quantity} x {name}", f"{amount:.2f}"))
    roll.rule()
    roll.ends(("Subtotal", money(sale.net)), ("Service 12.5%", money(SERVICE)))
    roll.gap()
    roll.ends(("TOTAL", money(CAFE_TOTAL)), face=SUM)
    roll.gap()
    roll.ends(("VISA ************8802", money(CAFE_TOTAL)))
    roll.left("Contactless  Auth 091774")
    roll.gap()
    roll.centre("Prices include VAT at 20%", "Served by Ines - thank you!")
    return roll.pdf("Receipt", "The Copper Kettle")


def cafe_record() -> Record:
    """Return what the bill of the café says."""
    return CAFE.record(
        line_items=CAFE.counted(),
        subtotal=str(CAFE.net),
        tip=str(SERVICE),
        total=str(CAFE_TOTAL),
        payment_method="card",
        card_last_digits="8802",
        amount_paid=str(CAFE_TOTAL),
    )


def hardware() -> bytes:
    """Return the receipt of a hardware store in the United States, tax on top."""
    sale, number = HARDWARE, HARDWARE.notation.number
    roll = Roll()
    roll.centre(sale.merchant.name, face=Face("Courier-Bold", 14))
    roll.centre(*sale.merchant.address, "(555) 555-0199")
    roll.gap()
    roll.ends((f"{sale.day:%m/%d/%Y} {sale.clock:%I:%M %p}", "REG 3  CSH 118"))
    roll.left(f"TRANS {sale.number}")
    roll.gap()
    for (name, quantity, price, _), amount in zip(sale.lines, sale.amounts, strict=True):
        roll.ends((name, f"{number(amount)} T"))
        if quantity != "1":
            roll.left(f"   {quantity} @ {price}")
    roll.gap()
    roll.ends(("SUBTOTAL", number(sale.net)), ("MEMBER SAVINGS 5%", number(-SAVINGS)))
    roll.ends(("SALES TAX 8.25%", number(SALES_TAX)))
    roll.ends(("TOTAL", f"${number(HARDWARE_TOTAL)}"), face=SUM)
    roll.gap()
    roll.ends(("DEBIT XXXXXXXXXXXX1006", number(HARDWARE_TOTAL)), ("CHANGE DUE", "0.00"))
    roll.gap()
    roll.centre("ITEMS SOLD 18", "RETURNS WITHIN 90 DAYS WITH RECEIPT")
    return roll.pdf("Receipt", sale.merchant.name)


def hardware_record() -> Record:
    """Return what the receipt of the hardware store says."""
    return HARDWARE.record(
        line_items=HARDWARE.priced(),
        tax_lines=[{"rate": "8.25", "taxable_amount": None, "tax_amount": str(SALES_TAX)}],
        subtotal=str(HARDWARE.net),
        tax_total=str(SALES_TAX),
        discount=str(-SAVINGS),
        total=str(HARDWARE_TOTAL),
        payment_method="card",
        card_last_digits="1006",
        amount_paid=str(HARDWARE_TOTAL),
        change="0.00",
    )


def airport() -> bytes:
    """Return the receipt of a shop at an airport: charged in euros, the pounds are for information only."""
    sale, money = AIRPORT, AIRPORT.notation.money
    roll = Roll(250)
    roll.centre("SKYGATE", face=Face("Courier-Bold", 20))
    roll.centre("Tax & Duty Free", *sale.merchant.address)
    roll.gap()
    roll.ends((f"Receipt {sale.number}", ""), (f"{sale.day:%d %b %Y}  {sale.clock:%H:%M}", "Till 07"))
    roll.rule()
    for (name, quantity, _, _), amount in zip(sale.lines, sale.amounts, strict=True):
        roll.ends((f"{quantity} {name}", f"{amount:.2f}"))
    roll.rule()
    roll.ends(("TOTAL", money(sale.net)), face=SUM)
    roll.ends(("= GBP", f"{cents(sale.net * Decimal('0.8731')):.2f}"), ("Rate 1 EUR = 0.8731 GBP", ""))
    roll.gap()
    roll.ends(("MASTERCARD ************2290", ""), ("Charged to card", money(sale.net)))
    roll.left("Cardholder chose local currency", face=Face("Courier", 8.4))
    roll.gap()
    roll.ends(("Flight ZZ 417", "Gate C12"))
    roll.centre(f"{sale.merchant.name} - VAT {sale.merchant.tax_id}", face=Face("Courier", 8.4))
    roll.centre("Boarding pass shown. Bag sealed.")
    return roll.pdf("Receipt", sale.merchant.name)


def airport_record() -> Record:
    """Return what the receipt of the airport says."""
    return AIRPORT.record(
        line_items=AIRPORT.counted(),
        payment_method="card",
        card_last_digits="2290",
        amount_paid=str(AIRPORT.net),
    )
