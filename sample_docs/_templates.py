"""Four invoice templates that speak any language, such as invoicing programs bring with them."""

from collections.abc import Sequence
from decimal import Decimal

from _figures import Invoice, Party
from _layout import SMALL, WHITE, ItemTable, open_sheet, tax_rows, totals
from _sheet import GREY, Column, Face, Sheet, TableStyle
from _words import Look, Words

ROMAN, BOOK, STRONG = "Times-Roman", "Vera", "VeraBd"


def band(invoice: Invoice, look: Look) -> bytes:
    """A coloured band across the top, the facts side by side with their labels above them."""
    sheet = open_sheet(invoice)
    words, seller, buyer = look.words, invoice.seller, invoice.buyer
    sheet.fill(0, 0, 595, 78, look.ink)
    sheet.text(50, 46, seller.name, Face(STRONG, 16, WHITE))
    sheet.text(50, 63, look.slogan, Face(BOOK, 8, WHITE))
    address = [*seller.address, f"{words.tax_id} {seller.tax_id}"]
    sheet.lines(545, 100, address, Face(BOOK, 7.5, GREY), "right")
    sheet.text(50, 118, words.buyer, Face(BOOK, 7, GREY))
    sheet.lines(50, 132, _party(buyer, words), Face(BOOK, 9))
    sheet.text(50, 214, words.title, Face(STRONG, 17, look.ink))
    _strip(sheet, _facts(invoice, words))
    style = TableStyle(
        face=Face(BOOK, 8), head=Face(STRONG, 8, WHITE), head_fill=look.ink, stripe="#f1f3f5", rules="none"
    )
    y = _items(words, style, Face(BOOK, 8)).draw(sheet, 268, invoice)
    y = totals(sheet, (545, y + 22), _sums(invoice, look), Face(BOOK, 8), 240)
    y = _beside(sheet, look, (545, y + 4), Face(BOOK, 7.5))
    rows = [(words.terms, invoice.terms or ""), ("IBAN", invoice.iban or ""), ("BIC", invoice.bic or "")]
    y = sheet.pairs(50, y + 16, 110, [(label, value) for label, value in rows if value], Face(BOOK, 8))
    sheet.paragraph(50, y + 8, look.closing, 495, Face(BOOK, 7.5))
    sheet.text(297, 812, look.legal, SMALL, "centre")
    return sheet.pdf()


def _strip(sheet: Sheet, facts: Sequence[tuple[str, str]]) -> None:
    """Draw values side by side with their labels above them, the gaps between them all the same."""
    faint, strong = Face(BOOK, 6.5, GREY), Face(STRONG, 8)
    widths = [max(faint.width(label), strong.width(value)) for label, value in facts]
    x, gap = 50.0, min(40.0, (495 - sum(widths)) / (len(facts) - 1))
    for (label, value), width in zip(facts, widths, strict=True):
        sheet.text(x, 236, label, faint)
        sheet.text(x, 249, value, strong)
        x += width + gap


def boxed(invoice: Invoice, look: Look) -> bytes:
    """Seller and buyer in boxes side by side, everything ruled, as office programs do it."""
    sheet = open_sheet(invoice)
    words, seller, buyer = look.words, invoice.seller, invoice.buyer
    sheet.canvas.setFillColor(look.ink)
    sheet.canvas.circle(68, sheet.height - 62, 18, stroke=0, fill=1)
    sheet.text(68, 69, seller.name[0], Face("Times-Bold", 20, WHITE), "centre")
    sheet.text(96, 60, seller.name, Face("Times-Bold", 15, look.ink))
    sheet.text(96, 75, look.slogan, Face("Times-Italic", 10, GREY))
    sheet.text(50, 128, words.title.upper(), Face("Times-Bold", 22))
    facts = [(f"{label}:", value) for label, value in _facts(invoice, words)]
    sheet.pairs(322, 100, 112, facts, Face(ROMAN, 10))
    for x, label, who in ((50, words.seller, seller), (305, words.buyer, buyer)):
        sheet.fill(x, 196, 240, 16, "#ececec")
        sheet.frame(x, 196, 240, 82, GREY)
        sheet.text(x + 6, 208, label, Face("Times-Bold", 9.5))
        sheet.lines(x + 6, 225, _party(who, words), Face(ROMAN, 10.5))
    y = sheet.paragraph(50, 300, look.opening, 495, Face(ROMAN, 10.5))
    grid = TableStyle(
        face=Face(ROMAN, 10), head=Face("Times-Bold", 10), head_fill="#ececec", rules="grid", rule_colour=GREY
    )
    y = _items(words, grid, Face(ROMAN, 10)).draw(sheet, y - 4, invoice)
    rows = _sums(invoice, look)
    columns = [Column("", 305, 440), Column("", 440, 545, "right")]
    y = _boxed_sums(sheet, y + 12, columns, rows)
    y = _beside(sheet, look, (545, y + 16), Face(ROMAN, 10))
    y = _payment(sheet, invoice, words, (50, y + 20), Face(ROMAN, 10))
    sheet.paragraph(50, y + 10, look.closing, 495, Face(ROMAN, 9.5))
    sheet.text(297, 806, look.legal, Face(ROMAN, 8, GREY), "centre")
    return sheet.pdf()


def _boxed_sums(sheet: Sheet, y: float, columns: Sequence[Column], rows: Sequence[tuple[str, str]]) -> float:
    left, right = columns[0].left, columns[-1].right
    for number, (label, amount) in enumerate(rows, 1):
        face = Face("Times-Bold" if number == len(rows) else ROMAN, 10.5)
        sheet.frame(left, y, right - left, 19, GREY)
        sheet.text(left + 5, y + 13, label, face)
        sheet.text(right - 5, y + 13, amount, face, "right")
        y += 19
    return y


def letter(invoice: Invoice, look: Look) -> bytes:
    """A letter with hardly any ornament: place and date, a subject, a sentence, the items."""
    sheet = open_sheet(invoice)
    words, seller, body = look.words, invoice.seller, Face(size=10)
    sheet.text(535, 66, seller.name, Face("Helvetica-Bold", 15, look.ink), "right")
    address = [*seller.address, f"{words.tax_id} {seller.tax_id}"]
    sheet.lines(535, 81, address, Face(size=8.5, colour=GREY), "right")
    sheet.lines(60, 150, _party(invoice.buyer, words), Face(size=10.5))
    sheet.text(60, 236, f"{look.slogan} {invoice.day(invoice.issued)}", body)
    sheet.text(60, 264, f"{words.title} {invoice.number}", Face("Helvetica-Bold", 12))
    facts = [fact for fact in _facts(invoice, words) if fact[0] not in {words.number, words.issued}]
    y = sheet.pairs(60, 284, 118, facts, Face(size=9))
    y = sheet.paragraph(60, y + 8, look.opening, 475, body)
    style = TableStyle(face=Face(size=9), head=Face("Helvetica-Bold", 9), padding=4.5)
    y = _items(words, style, Face(size=9), (57, 538)).draw(sheet, y, invoice)
    y = totals(sheet, (538, y + 20), _sums(invoice, look), Face(size=9.5), 240)
    y = _beside(sheet, look, (538, y + 4), Face(size=9))
    y = _payment(sheet, invoice, words, (60, y + 18), body)
    sheet.paragraph(60, y + 8, look.closing, 475, body)
    sheet.text(297, 812, look.legal, SMALL, "centre")
    return sheet.pdf()


def ledger(invoice: Invoice, look: Look, first: int, following: int) -> bytes:
    """A wholesaler's invoice over as many pages as it takes, the sum carried forward in rows of the table.

    Args:
        invoice: What it says.
        look: How it is dressed.
        first: Items on the first page.
        following: Most items on each page after it.
    """
    sheet = open_sheet(invoice)
    starts = [0, *range(first, len(invoice.items), following)]
    for page, (start, end) in enumerate(zip(starts, [*starts[1:], len(invoice.items)], strict=True), 1):
        _ledger_head(sheet, invoice, look, look.words.page.format(page=page, of=len(starts)))
        y = _ledger_opening(sheet, invoice, look) if page == 1 else 106.0
        y = _ledger_items(sheet, (y, invoice, look), start, end)
        if end < len(invoice.items):
            sheet.next_page()
    y = totals(sheet, (545, y + 22), _sums(invoice, look), Face(size=9), 240)
    _payment(sheet, invoice, look.words, (50, y + 10), Face(size=9))
    return sheet.pdf()


def _ledger_head(sheet: Sheet, invoice: Invoice, look: Look, page: str) -> None:
    sheet.text(50, 56, invoice.seller.name, Face("Helvetica-Bold", 13, look.ink))
    sheet.text(50, 70, look.slogan, Face(size=8, colour=GREY))
    sheet.text(545, 56, f"{look.words.title} {invoice.number}", Face("Helvetica-Bold", 11), "right")
    sheet.text(545, 70, f"{invoice.day(invoice.issued)}   {page}", Face(size=8.5), "right")
    sheet.rule(50, 80, 545, 1.4, look.ink)
    sheet.text(297, 814, look.legal, SMALL, "centre")


def _ledger_opening(sheet: Sheet, invoice: Invoice, look: Look) -> float:
    seller = invoice.seller
    sheet.text(50, 118, " · ".join((seller.name, *seller.address)), Face(size=6.5, colour=GREY))
    sheet.lines(50, 136, [invoice.buyer.name, *invoice.buyer.address], Face(size=10.5))
    y = sheet.pairs(330, 118, 100, _facts(invoice, look.words), Face(size=9))
    return sheet.paragraph(50, max(y, 210) + 10, look.opening, 495, Face(size=9)) - 2


def _ledger_items(sheet: Sheet, place: tuple[float, Invoice, Look], start: int, end: int) -> float:
    y, invoice, look = place
    style = TableStyle(face=Face(size=8), head=Face("Helvetica-Bold", 8), head_fill="#e6eaee", padding=3)
    table = _items(look.words, style, Face(size=8))
    rows = [invoice.cells(item) for item in invoice.items[start:end]]
    if start:
        rows.insert(0, _carried(invoice, look.words.brought, start))
    if end < len(invoice.items):
        rows.append(_carried(invoice, look.words.carried, end))
    return sheet.table(y, table.columns(invoice), rows, style)


def _carried(invoice: Invoice, label: str, count: int) -> tuple[str, ...]:
    """Return a row with the sum of the first items."""
    amount = sum((item.amount for item in invoice.items[:count]), Decimal(0))
    shown = {"description": label, "amount": invoice.notation.number(amount)}
    return tuple(shown.get(column, "") for column in invoice.columns)


def _party(who: Party, words: Words) -> list[str]:
    """Return a party's name, address and tax number as lines."""
    tax_id = [f"{words.tax_id} {who.tax_id}"] if who.tax_id else []
    return [who.name, *who.address, *tax_id]


def _facts(invoice: Invoice, words: Words) -> list[tuple[str, str]]:
    """Return labels and values of the head; what the invoice does not have is left out."""
    rows = [
        (words.number, invoice.number),
        (words.issued, invoice.day(invoice.issued)),
        (words.delivered, invoice.day(invoice.delivered)),
        (words.order, invoice.order or ""),
        (words.customer, invoice.customer or ""),
        *invoice.extra,
        (words.due, invoice.day(invoice.due)),
    ]
    return [(label, value) for label, value in rows if value]


def _items(words: Words, style: TableStyle, face: Face, span: tuple[float, float] = (50, 545)) -> ItemTable:
    """Return a table whose columns are as wide as their titles and usual figures."""
    usual = {
        "position": "000", "code": "AB-000000", "description": "", "quantity": "00.000", "unit": "piece",
        "unit_price": "0.000,00", "rate": "00,0 %", "amount": "(00.000,00)",
    }  # fmt: skip
    heads = {
        name: (title, max(style.head.width(title), face.width(usual[name])) + 8)
        for name, title in words.heads.items()
    }
    return ItemTable(heads, span, style)


def _sums(invoice: Invoice, look: Look) -> list[tuple[str, str]]:
    """Return what stands below the items, the total last."""
    money, words = invoice.notation.money, look.words
    discount = [(words.discount, money(-invoice.discount))] if invoice.discount else []
    taxes = [(words.taxes, money(invoice.tax))] if len(invoice.taxes) > 1 else []
    return [
        (words.subtotal, money(invoice.subtotal)),
        *discount,
        *tax_rows(invoice, words.tax),
        *taxes,
        (words.total, money(invoice.total)),
    ]


def _beside(sheet: Sheet, look: Look, corner: tuple[float, float], face: Face) -> float:
    right, y = corner
    for label, amount in look.beside:
        sheet.text(right - 240, y, label, face)
        y = sheet.text(right - 3, y, amount, face, "right")
    return y


def _payment(sheet: Sheet, invoice: Invoice, words: Words, corner: tuple[float, float], face: Face) -> float:
    bank = f"IBAN: {invoice.iban}" if invoice.iban else ""
    lines = [
        f"{words.terms}: {invoice.terms}" if invoice.terms else "",
        f"{bank}    BIC: {invoice.bic}" if invoice.bic else bank,
    ]
    return sheet.lines(*corner, [line for line in lines if line], face)
