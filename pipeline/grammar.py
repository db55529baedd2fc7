"""A JSON Schema of the kind that `structured` makes, as a grammar in GBNF, the notation of llama.cpp."""

import json
import re
from collections.abc import Iterable
from typing import Any

Schema = dict[str, Any]

# RFC 8259. Only the plainest notation is used, which every reader of GBNF knows: no counted repetition.
_SHARED = {
    "string": r'"\"" char* "\""',
    "char": r'[^"\\\x00-\x1F] | "\\" (["\\/bfnrt] | "u" hex hex hex hex)',
    "hex": "[0-9a-fA-F]",
    "number": 'integer ("." [0-9]+)? ([eE] [-+]? [0-9]+)?',
    "integer": '"-"? ("0" | [1-9] [0-9]*)',
    "boolean": '"true" | "false"',
    "null": '"null"',
    "comma": 'ws "," ws',
    "colon": 'ws ":" ws',
    # One blank at most: a model that is let write as many as it likes may never write anything else.
    "ws": '" "?',
}
_NEEDED = {"string": "char", "char": "hex", "number": "integer", "comma": "ws", "colon": "ws"}


def grammar_of(schema: Schema) -> str:
    """The grammar of the answers that a schema allows, its rule `root` first; the same in every process.

    An answer has all properties in the order of the schema, values of an enum as JSON writes them without
    need of escapes, and at most one blank between two tokens: so each value can be written in one way at
    least, and an answer costs no more than it has to.

    Args:
        schema: What `structured.compile_schema` makes; other keywords of JSON Schema are not known here.
    """
    writer = _Writer(schema.get("$defs", {}))
    rules = {"root": writer.expression(schema)}
    rules |= {writer.rule_of[key]: writer.expression(node) for key, node in writer.defs.items()}
    rules |= {name: expression for expression, name in writer.items.items()}
    rules |= {name: _SHARED[name] for name in _with_needed(writer.used)}
    return "".join(f"{name} ::= {expression}\n" for name, expression in rules.items())


class _Writer:
    """Writes expressions, and keeps the rules that they turn out to need."""

    def __init__(self, defs: dict[str, Schema]) -> None:
        self.defs = defs
        # Names of rules are letters, digits and hyphens; the number keeps them apart, from shared ones too.
        self.rule_of = {key: f"{_slug(key)}-{number}" for number, key in enumerate(defs, 1)}
        self.items: dict[str, str] = {}
        self.used: set[str] = set()

    def expression(self, node: Schema) -> str:
        """The values of a node, as something that may stand in a sequence."""
        if "$ref" in node:
            return self.rule_of[str(node["$ref"]).removeprefix("#/$defs/")]
        if "enum" in node:
            return _either(_literal(value) for value in node["enum"])
        if "anyOf" in node:
            return _either(self.expression(option) for option in node["anyOf"])
        if node["type"] == "object":
            return self._object(node)
        if node["type"] == "array":
            return self._listed('"["', self.expression(node["items"]), '"]"')
        return self._shared(node["type"])

    def _object(self, node: Schema) -> str:
        colon, comma, ws = (self._shared(name) for name in ("colon", "comma", "ws"))
        if "properties" not in node:
            pair = f"{self._shared('string')} {colon} {self.expression(node['additionalProperties'])}"
            return self._listed('"{"', pair, '"}"')
        pairs = (
            f"{_literal(key)} {colon} {self.expression(value)}" for key, value in node["properties"].items()
        )
        return f'("{{" {ws} {f" {comma} ".join(pairs)} {ws} "}}")'

    def _listed(self, opening: str, item: str, closing: str) -> str:
        """Any number of items, whose rule is written once: nested lists would double it each time."""
        comma, ws = self._shared("comma"), self._shared("ws")
        rule = self.items.setdefault(item, f"list-{len(self.items) + 1}-item")
        return f"({opening} {ws} ({rule} ({comma} {rule})* {ws})? {closing})"

    def _shared(self, name: str) -> str:
        self.used.add(name)
        return name


def _either(options: Iterable[str]) -> str:
    unique = list(dict.fromkeys(options))
    return unique[0] if len(unique) == 1 else f"({' | '.join(unique)})"


def _literal(value: object) -> str:
    """A value as JSON writes it, between the quotation marks of GBNF."""
    text = json.dumps(value, ensure_ascii=False)
    return '"' + text.replace("\\", r"\\").replace('"', r"\"") + '"'


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "definition"


def _with_needed(names: Iterable[str]) -> list[str]:
    """The names of shared rules with those that they need, in the order of the table."""
    needed = set(names)
    for name in _SHARED:  # what a rule needs stands after it
        if name in needed:
            needed.add(_NEEDED.get(name, name))
    return [name for name in _SHARED if name in needed]
