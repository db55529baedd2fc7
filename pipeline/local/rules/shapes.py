"""Records told by their shape rather than by labels: printed tables, fields of forms, papers."""

from dataclasses import dataclass
from functools import cached_property

from pipeline.local.layout.document import Document
from pipeline.local.rules import form_records, paper_records, table_records
from pipeline.local.rules.fields import Found
from pipeline.local.rules.items import Item
from pipeline.local.rules.schema import Kind, Node


@dataclass(frozen=True)
class Shapes:
    """What the pages hold for the places of a schema that have a known shape.

    Attributes:
        document: The pages.
        root: The schema.
    """

    document: Document
    root: Node

    def items(self, node: Node) -> list[Item] | None:
        """The objects of a list of a known shape; None for any other list."""
        element = node.element
        if element is None:
            return None
        if table_records.is_table(element):
            return table_records.tables(element, self.document)
        if form_records.is_form(element):
            return form_records.form_fields(element, self.document)
        if any(node is child for record in self._papers for child in record.fields) and paper_records.role_of(
            node
        ):
            return self._paper.items(node)
        return None

    @cached_property
    def _paper(self) -> paper_records.Paper:
        return paper_records.Paper(self.document)

    @cached_property
    def _papers(self) -> list[Node]:
        """The records that have the shape of a paper."""
        return [node for node in (self.root, *self.root.fields) if paper_records.is_paper(node)]

    @cached_property
    def values(self) -> dict[str, Found]:
        """Values of single records of a known shape, by their paths."""
        return dict(self._values(self.root, ""))

    @cached_property
    def owned(self) -> frozenset[str]:
        """Paths of single values of papers that no other rule may fill."""
        return frozenset(
            f"{record.name}.{child.name}" if record.name else child.name
            for record in self._papers
            for child in record.fields
            if child.kind is not Kind.LISTING and paper_records.role_of(child) in paper_records.OWN
        )

    def _values(self, node: Node, path: str) -> list[tuple[str, Found]]:
        if node.kind is not Kind.RECORD:
            return []
        found = [
            pair
            for child in node.fields
            for pair in self._values(child, f"{path}.{child.name}" if path else child.name)
        ]
        own = self._record(node)
        return found + [(f"{path}.{name}" if path else name, value) for name, value in own.items()]

    def _record(self, node: Node) -> dict[str, Found]:
        if table_records.is_table(node):
            return table_records.largest_table(node, self.document)
        if paper_records.is_paper(node) and self.document.pages:
            return self._paper.values(node)
        return {}
