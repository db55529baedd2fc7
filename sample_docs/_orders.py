"""Purchase orders: a British boatyard's, and a German factory's with prices per hundred."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from _figures import BRITISH, GERMAN, Notation, Party, cents
from _layout import SMALL, totals
from _sheet import GREY, Column, Face, Sheet, TableStyle
from _truth import Record, party


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One ordered line; the price is for as many units as `base` says."""

    number: str
    code: str
    description: str
    quantity: Decimal
    unit: str
    price: Decimal
    base: int = 1
    sellers_code: str | None = None
    due: date | None = None

    @property
    def amount(self) -> Decimal:
        """Net amount of the line."""
        return cents(self.quantity * self.price / self.base)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Everything a purchase order states; `facts` are further fields of its record."""

    buyer: Party
    seller: Party
    ship_to: Party
    bill_to: Party | None
    lines: tuple[Line, ...]
    notation: Notation
    ordered: date
    due: date | None
    rate: Decimal
    facts: Record

    @property
    def net(self) -> Decimal:
        """Sum of the lines."""
        return sum((line.amount for line in self.lines), Decimal(0))

    @property
    def tax(self) -> Decimal:
        """Tax on the sum of the lines."""
        return cents(self.net * self.rate / 100)


BOATYARD = Order(
    buyer=Party(
        "Merrin Boatyard Limited",
        ("Slipway Road", "Port Merrin ZZ9 4AB"),
        "GB 417 2204 31",
    ),
    seller=Party("Calder Fixings Limited", ("Unit 8, Foundry Park", "Dunmere ZZ21 7QT")),
    ship_to=Party("Merrin Boatyard Stores", ("Gate 2, Slipway Road", "Port Merrin ZZ9 4AC")),
    bill_to=Party("Merrin Boatyard Accounts", ("PO Box 17", "Port Merrin ZZ9 4AA")),
    lines=tuple(
        Line(
            number=number,
            code=code,
            description=text,
            quantity=Decimal(count),
            unit=unit,
            price=Decimal(price),
        )
        for number, code, text, count, unit, price in (
            ("1", "FX-0840", "Hex bolt M8 x 40, A4 stainless, box of 100", "12", "box", "31.40"),
            ("2", "FX-0808", "Lock nut M8, A4 stainless, box of 200", "6", "box", "27.85"),
            ("3", "SC-5060", "Countersunk wood screw 5 x 60, silicon bronze", "1500", "pc", "0.285"),
            ("4", "RV-4812", "Sealed rivet 4.8 x 12, monel", "800", "pc", "0.19"),
            ("5", "TP-2275", "Butyl sealing tape 22 mm, roll of 15 m", "10", "roll", "8.60"),
        )
    ),
    notation=BRITISH,
    ordered=date(2024, 9, 12),
    due=date(2024, 9, 30),
    rate=Decimal(20),
    facts={
        "order_number": "PO-24-0917",
        "order_type": "standard",
        "quotation_number": "CFQ/2281",
        "seller_number": "S-0338",
        "currency": "GBP",
        "buyer_contact": {
            "name": "Rhona Sillito",
            "email": "r.sillito@merrinboatyard.example",
            "phone": "01632 960 655",
        },
        "payment_terms": "30 days end of month",
        "delivery_terms": "DAP Port Merrin, Incoterms 2020",
        "incoterm": "DAP",
        "shipping_method": "Calder van",
        "notes": "Deliver between 7 and 11 am. Quote our order number on every box.",
    },
)

FACTORY = Order(
    buyer=Party(
        "Leinewerk Maschinenbau AG", ("Am Hochofen 12", "99417 Leinefurt"), "DE 999 417 220"
    ),
    seller=Party("Schrauben Ostermann KG", ("Gießereiweg 3", "99881 Waldau")),
    ship_to=Party("Leinewerk Maschinenbau AG", ("Werk 2, Tor 5", "Kanalstraße 40", "99418 Leinefurt")),
    bill_to=None,
    lines=tuple(
        Line(
            number=number, code=code, sellers_code=theirs, description=text, quantity=Decimal(count),
            unit=unit,
            price=Decimal(price), base=base, due=date(2024, 11, day),
        )
        for number, code, theirs, text, count, unit, price, base, day in (
            ("10", "7004417", "S8-40A4", "Sechskantschraube M8x40 A4", "2400", "ST", "14.62", 100, 18),
            ("20", "7004418", "M8-A4", "Sechskantmutter M8 A4", "2400", "ST", "5.94", 100, 18),
            ("30", "7009902", "GW-10-1000", "Gewindestange M10, 1 m", "60", "ST", "3.85", 1, 25),
            ("40", "7011350", "FL-250", "Schraubensicherung mittelfest, 250 ml", "8", "FL", "64.00", 1, 25),
        )
    ),
    notation=GERMAN,
    ordered=date(2024, 11, 4),
    due=None,
    rate=Decimal(0),
    facts={
        "order_number": "4500017233",
        "order_type": "standard",
        "quotation_number": "AN-24-1177",
        "contract_number": "RV-2023-07",
        "seller_number": "100382",
        "customer_number": "51190",
        "currency": "EUR",
        "buyer_contact": {
            "name": "Torben Hale",
            "email": "einkauf@leinewerk.example",
            "phone": "05599 417-204",
        },
        "payment_terms": "14 Tage 2 % Skonto, 30 Tage netto",
        "delivery_terms": "FCA Waldau, Incoterms 2020",
        "incoterm": "FCA",
    },
)  # fmt: skip


def record(order: Order, **printed: object) -> Record:
    """Return the record of an order; `printed` overrides fields for layouts that leave some out."""
    facts: Record = {
        "revision": None, "contract_number": None, "customer_number": None, "discount": None,
        "shipping": None,
        "shipping_method": None, "notes": None,
    }  # fmt: skip
    said = {
        "order_date": order.ordered.isoformat(),
        "delivery_date": order.due and order.due.isoformat(),
        "buyer": party(order.buyer),
        "seller": party(order.seller),
        "ship_to": party(order.ship_to),
        "bill_to": order.bill_to and party(order.bill_to),
        "line_items": [_line(line) for line in order.lines],
        "subtotal": str(order.net),
        "tax_total": str(order.tax) if order.rate else None,
        "total": str(order.net + order.tax),
    }
    return facts | said | order.facts | printed


def _line(line: Line) -> Record:
    return {
        "line_number": line.number,
        "item_code": line.code,
        "seller_item_code": line.sellers_code,
        "description": line.description,
        "quantity": str(line.quantity),
        "unit": line.unit,
        "unit_price": str(line.price),
        "price_base": str(line.base) if line.sellers_code else None,
        "discount_rate": None,
        "tax_rate": None,
        "delivery_date": line.due and line.due.isoformat(),
        "amount": str(line.amount),
    }


def boatyard() -> bytes:
    """A British order: the buyer's letterhead, three addresses in boxes, a grid of particulars."""
    order, facts, number = BOATYARD, BOATYARD.facts, BOATYARD.notation
    sheet = Sheet(title=f"Purchase order {facts['order_number']}", author=order.buyer.name)
    sheet.text(50, 64, order.buyer.name, Face("Helvetica-Bold", 18, "#17425f"))
    sheet.text(50, 80, ", ".join(order.buyer.address), Face(size=9))
    sheet.text(50, 92, f"VAT no. {order.buyer.tax_id}", SMALL)
    sheet.text(545, 64, "PURCHASE ORDER", Face("Helvetica-Bold", 15), "right")
    contact = facts["buyer_contact"]
    sheet.pairs(
        330, 92, 90,
        [
            ("Order number", facts["order_number"]), ("Order date", number.day(order.ordered)),
            ("Supplier no.", facts["seller_number"]), ("Your quotation", facts["quotation_number"]),
            ("Contact", contact["name"]), ("Telephone", contact["phone"]), ("E-mail", contact["email"]),
        ],
    )  # fmt: skip
    boxes = (("Supplier", order.seller), ("Deliver to", order.ship_to), ("Invoice to", order.bill_to))
    for left, (title, who) in zip((50, 218, 386), boxes, strict=True):
        if who:
            sheet.frame(left, 196, 159, 62)
            sheet.text(left + 6, 208, title, SMALL)
            sheet.lines(left + 6, 222, [who.name, *who.address], Face(size=9.5))
    y = sheet.table(278, *_boatyard_table(order))
    totals(
        sheet,
        (545, y + 22),
        [
            ("Net total", number.money(order.net)), (f"VAT {order.rate}%", number.money(order.tax)),
            ("Order total", number.money(order.net + order.tax)),
        ],
    )  # fmt: skip
    y = sheet.pairs(
        50, y + 100, 110,
        [
            ("Required by", number.day(order.due) if order.due else ""),
            ("Payment terms", facts["payment_terms"]),
            ("Delivery terms", facts["delivery_terms"]), ("Ship via", facts["shipping_method"]),
            ("Notes", facts["notes"]),
        ],
    )  # fmt: skip
    sheet.paragraph(
        50, 760,
        "Our conditions of purchase apply; a copy is sent on request. No other conditions are accepted "
        "unless we "
        "confirm them in writing. Please acknowledge this order within two working days.",
        495, SMALL,
    )  # fmt: skip
    return sheet.pdf()


def _boatyard_table(order: Order) -> tuple[list[Column], list[tuple[str, ...]], TableStyle]:
    titles = ("Line", "Item code", "Description", "Qty", "Unit", "Unit price", "Amount")
    edges = (50, 80, 140, 348, 394, 430, 484, 545)
    columns = [
        Column(title, left, right, "right" if title in ("Qty", "Unit price", "Amount") else "left")
        for title, left, right in zip(titles, edges, edges[1:], strict=False)
    ]
    shown = order.notation
    rows = [
        (
            line.number, line.code, line.description, shown.quantity(line.quantity), line.unit,
            shown.quantity(line.price), shown.number(line.amount),
        )
        for line in order.lines
    ]  # fmt: skip
    return columns, rows, TableStyle(head_fill="#dfe8ee", padding=5)


def factory() -> bytes:
    """A German order as a planning system prints it: window address, prices per hundred, dates by line."""
    order, facts, shown = FACTORY, FACTORY.facts, FACTORY.notation
    face, small = Face("Vera", 8.5), Face("Vera", 6.5, GREY)
    sheet = Sheet(title=f"Bestellung {facts['order_number']}", author=order.buyer.name)
    sheet.text(545, 56, order.buyer.name, Face("VeraBd", 15), "right")
    sheet.text(545, 70, ", ".join(order.buyer.address), face, "right")
    sheet.text(60, 128, f"{order.buyer.name} · {' · '.join(order.buyer.address)}", small)
    sheet.lines(60, 146, [order.seller.name, *order.seller.address], Face("Vera", 10))
    contact = facts["buyer_contact"]
    sheet.pairs(
        330, 128, 96,
        [
            ("Lieferantennummer", facts["seller_number"]), ("Kundennummer", facts["customer_number"]),
            ("Ihr Angebot", f"{facts['quotation_number']} vom 28.10.2024"),
            ("Rahmenvertrag", facts["contract_number"]), ("Einkäufer", contact["name"]),
            ("Telefon", contact["phone"]), ("E-Mail", contact["email"]),
        ],
        face,
    )  # fmt: skip
    sheet.text(60, 240, f"Bestellung Nr. {facts['order_number']}", Face("VeraBd", 13))
    sheet.text(545, 240, f"Bestelldatum {shown.day(order.ordered)}", face, "right")
    sheet.paragraph(
        60, 260,
        "Wir bestellen zu unseren Einkaufsbedingungen, die Ihnen vorliegen, und bitten um Bestätigung.",
        485, face,
    )  # fmt: skip
    y = sheet.table(282, *_factory_table(order))
    sheet.rule(330, y + 12, 545, 0.8)
    sheet.text(330, y + 26, "Gesamtnettowert EUR", Face("VeraBd", 9.5))
    sheet.text(542, y + 26, shown.number(order.net), Face("VeraBd", 9.5), "right")
    y = sheet.pairs(
        60, y + 60, 120,
        [
            ("Zahlungsbedingungen", facts["payment_terms"]), ("Lieferbedingung", facts["delivery_terms"]),
        ],
        face,
    )  # fmt: skip
    y = sheet.text(60, y + 12, "Lieferanschrift", Face("VeraBd", 8.5))
    sheet.lines(60, y, [order.ship_to.name, *order.ship_to.address], face)
    sheet.rule(60, 775, 545, 0.5, GREY)
    foot = f"USt-IdNr. {order.buyer.tax_id} · Amtsgericht Leinefurt HRB 99417 · Vorstand: Dr. A. Brandt"
    sheet.text(302, 788, foot, small, "centre")
    return sheet.pdf()


def _factory_table(order: Order) -> tuple[list[Column], list[tuple[str, ...]], TableStyle]:
    titles = (
        "Pos.", "Material", "Ihre Art.-Nr.", "Bezeichnung", "Menge", "ME", "Preis", "Je", "Liefertermin",
        "Betrag",
    )  # fmt: skip
    edges = (60, 84, 126, 184, 312, 350, 374, 412, 436, 494, 545)
    right = ("Menge", "Preis", "Je", "Betrag")
    columns = [
        Column(title, one, two, "right" if title in right else "left")
        for title, one, two in zip(titles, edges, edges[1:], strict=False)
    ]
    shown = order.notation
    rows = [
        (
            line.number, line.code, line.sellers_code or "", line.description, shown.number(line.quantity, 0),
            line.unit, shown.number(line.price), str(line.base), shown.day(line.due) if line.due else "",
            shown.number(line.amount),
        )
        for line in order.lines
    ]  # fmt: skip
    return columns, rows, TableStyle(face=Face("Vera", 7), head=Face("VeraBd", 7), padding=4)
