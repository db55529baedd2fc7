"""True records in the JSON form of the built-in schemas: what is printed, and null for what is not."""

from decimal import Decimal
from typing import Any

from _figures import Invoice, Item, Party

Record = dict[str, Any]


def invoice(document: Invoice, **printed: object) -> Record:
    """Return the record of an invoice; `printed` overrides fields for layouts that leave some out."""
    record = {
        "invoice_number": document.number,
        "invoice_type": document.kind,
        "issue_date": document.issued.isoformat(),
        "due_date": document.due and document.due.isoformat(),
        "delivery_date": document.delivered and document.delivered.isoformat(),
        "purchase_order": document.order,
        "customer_number": document.customer,
        "currency": document.currency,
        "seller": party(document.seller),
        "buyer": party(document.buyer),
        "line_items": [_line(document, item) for item in document.items],
        "tax_lines": [tax_line(*line) for line in document.taxes],
        "subtotal": str(document.subtotal),
        "discount": str(-document.discount) if document.discount else None,
        "shipping": str(document.shipping) if document.shipping else None,
        "tax_total": f"{document.tax:.2f}",
        "total": str(document.total),
        "amount_paid": str(document.paid) if document.paid else None,
        "amount_due": str(document.remaining) if document.paid else None,
        "payment_terms": document.terms,
        "iban": bare(document.iban),
        "bic": document.bic,
    }
    return record | printed


def party(who: Party) -> Record:
    """Return a party with its address on one line and its tax number without blanks."""
    return {"name": who.name, "address": ", ".join(who.address) or None, "tax_id": bare(who.tax_id)}


def bare(number: str | None) -> str | None:
    """Return the number without its blanks."""
    return number and number.replace(" ", "")


def _line(document: Invoice, item: Item) -> Record:
    shown = {
        "item_code": ("code", item.code or None),
        "description": ("description", item.description),
        "quantity": ("quantity", str(item.quantity)),
        "unit": ("unit", item.unit or None),
        "unit_price": ("unit_price", str(item.unit_price)),
        "tax_rate": ("rate", str(item.rate)),
        "amount": ("amount", str(item.amount)),
    }
    return {field: value if column in document.columns else None for field, (column, value) in shown.items()}


def tax_line(rate: Decimal | str, net: Decimal, tax: Decimal) -> Record:
    """Return one rate of the summary of taxes."""
    return {"rate": str(rate), "taxable_amount": f"{net:.2f}", "tax_amount": f"{tax:.2f}"}


def receipt(merchant: Party, **printed: object) -> Record:
    """Return the record of a receipt, with null or an empty list for every field that is not printed."""
    fields = (
        "merchant", "receipt_number", "purchase_date", "purchase_time", "currency", "line_items", "tax_lines",
        "subtotal", "discount", "tax_total", "tip", "total", "payment_method", "card_last_digits",
        "amount_paid", "change",
    )  # fmt: skip
    lists: Record = {"line_items": [], "tax_lines": []}
    return dict.fromkeys(fields) | lists | {"merchant": party(merchant)} | printed


def receipt_line(description: str, amount: Decimal, **printed: str) -> Record:
    """Return what was bought; `printed` is what else stands on its line."""
    empty = dict.fromkeys(("quantity", "unit_price", "tax_rate"))
    return {"description": description} | empty | printed | {"amount": f"{amount:.2f}"}
