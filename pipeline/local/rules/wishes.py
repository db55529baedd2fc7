"""What a schema asks for: each of its places with the concept it means."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from pipeline.local.rules.casting import wanted_kind
from pipeline.local.rules.naming import Wish
from pipeline.local.rules.schema import Kind, Node, first_clause
from pipeline.local.words.lexicon import Concept, lexicon, squeeze

PAGE_KEY = "_page"


def wish_for(
    node: Node,
    path: str,
    parents: tuple[str, ...],
    *,
    column: bool = False,
    domains: frozenset[str] = frozenset(),
) -> Wish:
    """The node as something to look for.

    Args:
        node: Its place in the schema.
        path: Its path in the record.
        parents: Names of the objects and lists around it, outermost first.
        column: Whether it belongs to the objects of a list.
        domains: What the schema is about.
    """
    concept = _concept(node, parents, column=column, domains=domains)
    return Wish(path=path, node=node, concept=concept, kind=wanted_kind(node, concept))


def _concept(
    node: Node, parents: tuple[str, ...], *, column: bool, domains: frozenset[str]
) -> Concept | None:
    name = spaced(node.name)
    around = spaced(parents[-1]) if parents else ""
    full = [f"{around} {name}"] if around else []
    bare = [] if around and not column and _is_party(around) else [name]
    titled = [node.title] if node.title else []
    said = [*full, *bare, *titled, first_clause(node.description)]
    concept = None if column else lexicon().of_domains([*full, *bare], domains)
    concept = concept or lexicon().meant(said, column=column)
    if concept and concept.domain not in {"", "person", *domains}:
        return None  # `position` in a schema that is about no career is whatever its document calls so
    return concept if concept and _agrees(node, concept, [squeeze(one) for one in said]) else None


def _is_party(name: str) -> bool:
    """Whether the object stands for a person or company, so that its `name` is not just any name."""
    concept = lexicon().meant([f"{name} name"], column=False)
    return concept is not None and concept.kind == "party"


def _agrees(node: Node, concept: Concept, said: list[str]) -> bool:
    """Whether a value of that concept can stand in the node at all."""
    if node.kind is Kind.TEXT and concept.kind == "money":
        # As text an amount goes by a name for amounts: `Service` on a till is one, a `service` is not.
        return any(name in concept.names for name in said)
    if node.kind in (Kind.NUMBER, Kind.INTEGER, Kind.DECIMAL_TEXT):
        return concept.kind in ("money", "number", "percent") or (
            node.kind is Kind.INTEGER and concept.kind == "id"
        )
    if node.kind in (Kind.DATE, Kind.MOMENT):
        return concept.kind in ("date", "period")
    return node.kind is not Kind.BOOLEAN


def spaced(name: str) -> str:
    """A property name as words: `invoiceDate` and `invoice_date` are `invoice date`."""
    return re.sub(r"[\s_.-]+", " ", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)).strip()


def wishes_of(root: Node) -> list[Wish]:
    """A wish for each single value of the record, its name understood as in a schema of this kind."""
    return leaves(root, domains=domains_of(root))


def domains_of(root: Node) -> frozenset[str]:
    """What a schema is about: the domains of which at least three of its properties are."""
    counted = Counter(concept.domain for name in set(_names(root)) if (concept := _named(name)))
    return frozenset(domain for domain, count in counted.items() if domain and count >= _TELLING)


_TELLING = 3


def _names(node: Node) -> Iterator[str]:
    """Names of the properties of a record, and of records within it."""
    for child in node.fields:
        yield child.name
        yield from _names(child)


def _named(name: str) -> Concept | None:
    key = lexicon().field_names.get(squeeze(spaced(name)))
    return lexicon().concepts[key] if key else None


def leaves(
    node: Node, path: str = "", parents: tuple[str, ...] = (), *, domains: frozenset[str] = frozenset()
) -> list[Wish]:
    """A wish for each single value of the record, lists of objects left out."""
    if node.kind is Kind.RECORD:
        inner = (*parents, node.name) if node.name else parents
        return [
            wish
            for child in node.fields
            for wish in leaves(child, _join(path, child.name), inner, domains=domains)
        ]
    if node.kind is Kind.LISTING:
        element = node.element
        if element is None or element.kind in (Kind.RECORD, Kind.LISTING, Kind.NOTHING):
            return []
        return [wish_for(named_like(node, element), path, parents, domains=domains)]
    return [] if node.kind is Kind.NOTHING else [wish_for(node, path, parents, domains=domains)]


def named_like(listing: Node, element: Node) -> Node:
    """What a list of single values holds, under the list's own words."""
    return replace(
        element,
        name=listing.name,
        title=listing.title or element.title,
        description=listing.description or element.description,
        labels=listing.labels + element.labels,
    )


def columns_of(node: Node) -> list[Wish]:
    """A wish for each property of the objects of all lists."""
    if node.kind is Kind.LISTING and node.element and node.element.kind is Kind.RECORD:
        return columns(node)
    return [wish for child in node.fields for wish in columns_of(child)]


def columns(listing: Node) -> list[Wish]:
    """A wish for each property of a list's objects, its path relative to the object."""
    element = listing.element
    fields = element.fields if element else ()
    simple = [
        child for child in fields if child.name != PAGE_KEY and child.kind not in (Kind.LISTING, Kind.NOTHING)
    ]
    return [wish for child in simple for wish in _columns(child, child.name, (listing.name,))]


def _columns(node: Node, path: str, parents: tuple[str, ...]) -> list[Wish]:
    if node.kind is Kind.RECORD:
        return [
            wish
            for child in node.fields
            for wish in _columns(child, f"{path}.{child.name}", (*parents, node.name))
        ]
    return [wish_for(node, path, parents, column=True)]


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
