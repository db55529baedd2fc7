"""Purchase orders: here the letterhead is the buyer's, and who is written to is the seller."""

import re
from collections.abc import Callable
from dataclasses import replace

from pipeline.local.layout.document import Document
from pipeline.local.layout.labels import Label
from pipeline.local.rules import parties, recipients, senders
from pipeline.local.rules.fields import Found
from pipeline.local.rules.naming import Wish
from pipeline.local.rules.parties import Party
from pipeline.local.words.lexicon import lexicon, squeeze

_TELLING = 3
_TERMS = frozenset(["delivery_terms", "incoterm"])


def asks_for_order(wishes: list[Wish]) -> bool:
    """Whether a schema is about purchase orders: it asks for their terms and not for an invoice's number."""
    keys = {wish.concept.key for wish in wishes if wish.concept}
    special = {key for key in keys if lexicon().concepts[key].domain == "order"}
    return len(special) >= _TELLING and "invoice_number" not in keys


def order_parties(document: Document, skipped: frozenset[int]) -> dict[str, Party]:
    """Who is who on an order, by the names that `Rules` has for them."""
    tests: dict[str, Callable[[Label], bool]] = {
        "vendor": lambda label: "vendor_name" in label.concepts or _addresses(label),
        "customer": lambda label: (
            "customer_name" in label.concepts and "bill_to" not in label.concepts and not _addresses(label)
        ),
        "bill_to": lambda label: "bill_to" in label.concepts,
        "ship_to": lambda label: "ship_to" in label.concepts,
    }
    found = {who: party for who, test in tests.items() if (party := _labelled(document, skipped, test))}
    if "vendor" not in found and (party := recipients.below_return_line(document, skipped)):
        found["vendor"] = party
    taken = frozenset(line for party in found.values() for line in (party.name, *party.lines))
    head = senders.letterhead(document, taken, skipped)
    if head:
        found["customer"] = senders.completed(found.get("customer", head), head)
    if "vendor" not in found and (party := recipients.recipient(document, head, skipped)):
        found["vendor"] = party
    return found


def _addresses(label: Label) -> bool:
    """Whether the label is a word such as `To`, which on an order stands before the seller."""
    return squeeze(label.line.text) in lexicon().words["addressee"]


def _labelled(document: Document, skipped: frozenset[int], is_meant: Callable[[Label], bool]) -> Party | None:
    for row, labels in document.labels.items():
        for label in labels:
            if row not in skipped and is_meant(label) and (found := parties.block(document, label, row)):
                return found
    return None


def incoterm(document: Document, wish: Wish) -> list[Found]:
    """The three letters of the Incoterms rule, in a row of terms of delivery."""
    for index, row in enumerate(document.rows):
        labels = {concept for label in document.labels.get(index, []) for concept in label.concepts}
        if not labels & _TERMS and "incoterm" not in row.text.lower():
            continue
        for cell in row.cells:
            for choice in wish.node.choices:
                if re.search(rf"\b{re.escape(str(choice))}\b", cell.text):
                    return [
                        Found(value=choice, score=0.85, line=cell, page=row.page, rule="terms", row=index)
                    ]
    return []


def with_total(wishes: list[Wish], chosen: dict[str, Found]) -> dict[str, Found]:
    """The values with the net amount as the total, where neither a total with tax nor a tax is printed."""
    places = {wish.concept.key: wish.path for wish in wishes if wish.concept and "." not in wish.path}
    net, tax, total = (places.get(key, "") for key in ("subtotal", "tax", "total"))
    if not total or net not in chosen or {tax, total} & chosen.keys():
        return chosen
    return chosen | {total: replace(chosen[net], rule="net total")}
