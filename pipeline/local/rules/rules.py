"""All rules applied to one document: labels, tables, parties, sums, text; what each value got."""

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property

from pydantic import JsonValue

from pipeline.local.layout.document import Document
from pipeline.local.layout.layout import around
from pipeline.local.layout.names import postal_text
from pipeline.local.layout.tables import Table, is_summary, tables_of
from pipeline.local.layout.told import told
from pipeline.local.rules import orders, parties, recipients, senders, sentences
from pipeline.local.rules.casting import as_number, cast
from pipeline.local.rules.contracts import Contract
from pipeline.local.rules.doubts import believable
from pipeline.local.rules.entries import section_of
from pipeline.local.rules.fields import LEAST_SCORE, Found, candidates
from pipeline.local.rules.identity import Identity, vehicle_categories
from pipeline.local.rules.items import Item, fitting, is_carried, items_of
from pipeline.local.rules.kinds import is_sorting
from pipeline.local.rules.naming import Wish
from pipeline.local.rules.parties import Party
from pipeline.local.rules.paying import without_bases
from pipeline.local.rules.plain_rows import plain_items
from pipeline.local.rules.resumes import Resume
from pipeline.local.rules.schema import Node
from pipeline.local.rules.shapes import Shapes
from pipeline.local.rules.signers import signatures
from pipeline.local.rules.signs import directed
from pipeline.local.rules.statements import of_statement
from pipeline.local.rules.sums import balanced, settle, value_of
from pipeline.local.rules.taxes import amounts_by_rate, is_tax_list, tax_entries, tax_items
from pipeline.local.rules.totals import PARTS, of_total_row
from pipeline.local.rules.unlabelled import unlabelled
from pipeline.local.rules.wishes import columns
from pipeline.local.seeing.page import Line
from pipeline.local.words.lexicon import lexicon


class Rules:
    """Values found for the wishes of a schema.

    Attributes:
        document: The pages.
        shapes: Values told by the shape of a record.
    """

    def __init__(self, document: Document, wishes: list[Wish], root: Node) -> None:
        self.document = document
        self.shapes = Shapes(document, root)
        self._wishes = wishes

    @cached_property
    def tables(self) -> list[Table]:
        """The tables on the pages."""
        return [told(table, self.document) for table in tables_of(self.document)]

    @cached_property
    def skipped(self) -> frozenset[int]:
        """Rows of tables, whose headings are no labels of single values."""
        return frozenset(row for table in self.tables for row in table.rows)

    @cached_property
    def _carried(self) -> frozenset[int]:
        """Rows of tables that state a balance."""
        return frozenset(row for row in self.skipped if is_carried(row, self.document))

    @cached_property
    def _tax_rows(self) -> frozenset[int]:
        """Heading rows of a summary of taxes, whose words are those of the sums themselves."""
        return frozenset(index for index in self.document.labels if is_summary(self.document, index))

    @cached_property
    def found(self) -> dict[str, Found]:
        """The value of each wish that got one, by its path."""
        options = {wish.path: self._options(wish) for wish in self._wishes}
        chosen = settle(self._wishes, options)
        chosen = orders.with_total(self._wishes, chosen) if self._is_order else chosen
        enough = {path: found for path, found in chosen.items() if found.score >= LEAST_SCORE}
        charged = any("line_total" in table.concepts for table in self.tables)
        return believable(enough, self._wishes, entries=charged)

    def items(self, node: Node) -> list[Item]:
        """The objects of a list: of a known shape, rows of tables, of the summary of taxes, or of a till."""
        if (shaped := self.shapes.items(node)) is not None:
            return shaped
        if reading := self._sections.get(section_of(node)):
            return reading(node)
        if is_tax_list(node):
            return tax_items(node, self.document, self.skipped)
        wishes = columns(node)
        tables = fitting(wishes, self.tables)
        items = [item for table in tables for item in items_of(wishes, table, self.document)]
        items = directed(items or plain_items(wishes, self.document), wishes, self.document)
        return balanced(items, wishes)

    def _options(self, wish: Wish) -> list[Found]:
        if is_sorting(wish.node):
            return self._read(wish)
        found = self._of_order(wish, self._read(wish)) if self._is_order else self._read(wish)
        if self._is_about("contract"):
            found = self._contract.found(wish, found)
        if self._is_about("resume"):
            found = self._resume.found(wish, found)
        return self._identity.found(wish, found) if self._is_about("identity") else found

    def _is_about(self, domain: str) -> bool:
        """Whether the schema asks for what only documents of this kind speak of."""
        return any(wish.concept and wish.concept.domain == domain for wish in self._wishes)

    @cached_property
    def _identity(self) -> Identity:
        return Identity(self.document)

    @cached_property
    def _resume(self) -> Resume:
        return Resume(self.document)

    @cached_property
    def _contract(self) -> Contract:
        return Contract(self.document)

    @cached_property
    def _sections(self) -> dict[str, Callable[[Node], list[Item]]]:
        """Lists that sentences, headings and blocks tell, by the kind of section they are about."""
        return {
            "work_experience": self._resume.work,
            "education": self._resume.education,
            "language_skills": self._resume.languages,
            "certifications": self._resume.certifications,
            "vehicle_categories": lambda node: vehicle_categories(node, self.document),
            "contract_parties": self._contract.parties,
            "clauses": self._contract.clauses,
            "signatures": lambda node: signatures(node, self.document),
        }

    def _read(self, wish: Wish) -> list[Found]:
        key = wish.concept.key if wish.concept else ""
        if wish.kind in ("party", "address"):
            return self._of_party(wish, key)
        skipped = self.skipped - self._carried if key in _BALANCES else self.skipped
        found = candidates(wish, self.document, skipped | self._tax_rows, self._addresses)
        found = found or candidates(wish, self.document, skipped, self._addresses)
        asked = any(one.kind == "iban" for one in self._wishes)
        found = of_statement(self.document, self.tables, wish, found, iban_asked=asked)
        if key in ("invoice_date", "statement_date") and (last := sentences.deadline(self.document)):
            found = [one for one in found if (one.row, one.value) != (last.row, last.day.isoformat())]
        if key in ("tax", "subtotal", "total"):
            found = self._of_all_rates(found)
        found = without_bases(self.document, found) if key == "subtotal" else found
        if key == "tax" and not found:
            found = self._of_only_rate(wish)
        if key in PARTS and not found:
            found = of_total_row(self.document, wish, key)
        if wish.kind == "tax_id":
            return self._of_side(wish, key, found)
        return found or [value for value in [unlabelled(self.document, wish, key)] if value]

    @cached_property
    def _addresses(self) -> frozenset[Line]:
        """The lines of all names and addresses."""
        return frozenset(line for party in self._parties.values() for line in party.lines)

    def _of_party(self, wish: Wish, key: str) -> list[Found]:
        own = candidates(replace(wish, concept=None), self.document, self.skipped)
        if own and wish.kind == "party":
            return own
        who = key.removesuffix("_name").removesuffix("_address")
        party = self._parties.get(who) or self._instead(who)
        if party is None:
            return []
        if wish.kind == "party":
            return [self._at(party.name.text, party.name, party, party.score)]
        if not party.address:
            return []
        text = postal_text(parties.address_text(party.address))
        line = Line(text=text, box=around(party.address))
        return [self._at(text, line, party, 0.95 * party.score)]

    def _instead(self, who: str) -> Party | None:
        """Whoever it is sent to, where nobody is named as the customer and nobody asks for the two apart."""
        asked = any(wish.concept and wish.concept.key.startswith("ship_to") for wish in self._wishes)
        return self._parties.get("ship_to") if who == "customer" and not asked else None

    def _of_all_rates(self, found: list[Found]) -> list[Found]:
        """Values that are not those of one rate of tax among several."""
        single = amounts_by_rate(self.document)
        return [one for one in found if value_of(one) not in single.get(one.row, ())]

    def _of_only_rate(self, wish: Wish) -> list[Found]:
        """The tax in a row like `A 19 % 100.00 19.00`, when the document has one rate."""
        entries = tax_entries(self.document, self.skipped)
        if len(entries) != 1 or "tax" not in entries[0].parts:
            return []
        entry = entries[0]
        amount, line = entry.parts["tax"]
        value = as_number(amount, wish.node)
        page = self.document.rows[entry.row].page
        return [Found(value=value, score=0.75, line=line, page=page, rule="tax row", row=entry.row)]

    def _of_side(self, wish: Wish, key: str, found: list[Found]) -> list[Found]:
        """Tax numbers of the one side: those in the customer's block are the customer's."""
        customer = self._parties.get("customer")
        inside = self._inside(wish, customer) if customer else []
        if key == "customer_tax_id":
            return found or inside
        numbers = {value.value for value in inside}
        return [value for value in found if value.value not in numbers]

    def _of_order(self, wish: Wish, found: list[Found]) -> list[Found]:
        """What is read otherwise on an order than on an invoice."""
        key = wish.concept.key if wish.concept else ""
        if key == "incoterm":
            return orders.incoterm(self.document, wish)
        return self._of_buyer(wish, key) if wish.kind == "tax_id" else found

    def _of_buyer(self, wish: Wish, key: str) -> list[Found]:
        """Tax numbers on an order: the letterhead's is the buyer's, others stand in their party's block."""
        who = self._parties.get(key.removesuffix("_tax_id"))
        if key != "customer_tax_id":
            return self._inside(wish, who) if who else []
        others = [self._parties[name] for name in ("vendor", "ship_to", "bill_to") if name in self._parties]
        theirs = {value.value for party in others for value in self._inside(wish, party)}
        meant = replace(wish, concept=lexicon().concepts["vendor_tax_id"])
        found = candidates(meant, self.document, self.skipped, self._addresses)
        return [one for one in found if one.value not in theirs]

    @cached_property
    def _contacts(self) -> frozenset[Line]:
        """Cells that a label says to hold a telephone number or another that is no tax number."""
        return frozenset(
            self.document.rows[row].cells[label.cell]
            for row, labels in self.document.labels.items()
            for label in labels
            if label.concepts & {"phone", "iban", "account_number", "registration_number"}
        )

    def _inside(self, wish: Wish, party: Party) -> list[Found]:
        """Values that stand in a party's block."""
        lines = [line for line in party.lines if line not in self._contacts]
        read = ((line, cast(line.text, wish.node, wish.kind, self.document.style)) for line in lines)
        rule = "in the party's block"
        return [
            Found(value=value, score=0.75, line=line, page=party.page, rule=rule, row=party.row)
            for line, value in read
            if value is not None
        ]

    def _at(self, value: JsonValue, line: Line, party: Party, score: float) -> Found:
        return Found(value=value, score=score, line=line, page=party.page, rule=party.rule, row=party.row)

    @cached_property
    def _is_order(self) -> bool:
        return orders.asks_for_order(self._wishes)

    @cached_property
    def _parties(self) -> dict[str, Party]:
        if self._is_order:
            return orders.order_parties(self.document, self.skipped)
        return self._parties_of_invoice()

    def _parties_of_invoice(self) -> dict[str, Party]:
        found: dict[str, Party] = {}
        for who, concept in _LABELS.items():
            if party := parties.labelled(self.document, concept, self.skipped):
                found[who] = party
        if not _ADDRESSED & found.keys() and (
            party := recipients.below_return_line(self.document, self.skipped)
        ):
            found["customer"] = party
        taken = frozenset(
            line for who in _OTHERS if who in found for line in (found[who].name, *found[who].lines)
        )
        head = senders.letterhead(self.document, taken, self.skipped)
        if head:
            found["vendor"] = senders.completed(found.get("vendor", head), head)
            found.setdefault("bank", head)
        window = recipients.recipient(self.document, head, self.skipped)
        known = found.get("customer")
        if window and not (known.address if known else _ADDRESSED & found.keys()):
            found["customer"] = senders.completed(known or window, window)
        if "customer" in found:
            found.setdefault("account_holder", found["customer"])
        elif head and (alone := recipients.only_name(self.document, head, self.skipped)):
            found.setdefault("account_holder", alone)
        return found


_BALANCES = ("opening_balance", "closing_balance")
_ADDRESSED = frozenset(["customer", "account_holder"])
_OTHERS = ("customer", "ship_to", "account_holder")
_LABELS = {
    "vendor": "vendor_name",
    "customer": "customer_name",
    "ship_to": "ship_to",
    "account_holder": "account_holder",
    "bank": "bank_name",
}
