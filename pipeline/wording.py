"""What JSON Schema says about a value, said in words."""

import json
import re
from typing import Any

# Written the same way everywhere, so that a reader that is no language model knows them again.
FORMATS = {
    "date": "Date as YYYY-MM-DD.",
    "time": "Time of day as HH:MM:SS, without a zone.",
    "date-time": "Local date and time as YYYY-MM-DDTHH:MM:SS, without a zone.",
    "zoned-date-time": "Date and time with the offset from UTC, as YYYY-MM-DDTHH:MM:SS+HH:MM.",
    "duration": "Duration as ISO 8601 writes it, such as PT1H30M.",
    "uuid": "A UUID.",
    "uri": "A web address with its scheme.",
    "email": "An e-mail address.",
    "ipv4": "An IPv4 address.",
    "ipv6": "An IPv6 address.",
    "path": "Path of a file.",
    "hostname": "Name of a host.",
}
_CONSTRAINTS = {
    "minimum": "At least {}.",
    "exclusiveMinimum": "More than {}.",
    "maximum": "At most {}.",
    "exclusiveMaximum": "Less than {}.",
    "multipleOf": "A multiple of {}.",
    "decimals": "At most {} decimals.",
    "digits": "At most {} digits in all.",
    "minLength": "At least {} characters.",
    "maxLength": "At most {} characters.",
    "pattern": "Matches the pattern {}.",
    "minItems": "At least {} entries.",
    "maxItems": "At most {} entries.",
    "uniqueItems": "No entry twice.",
    "x-labels": "Labelled {} on the page.",
    "minProperties": "At least {} entries.",
    "maxProperties": "At most {} entries.",
}
_ONE = {
    "decimals": "At most 1 decimal.",
    "digits": "At most 1 digit.",
    "minLength": "Not empty.",
    "maxLength": "At most 1 character.",
    "minItems": "At least 1 entry.",
    "maxItems": "At most 1 entry.",
    "minProperties": "At least 1 entry.",
    "maxProperties": "At most 1 entry.",
}
# What is part of the shape, is told by `about`, or limits nothing.
_NO_CONSTRAINT = {
    "$ref", "type", "enum", "anyOf", "items", "prefixItems", "properties", "required", "additionalProperties",
    "patternProperties",
    "title", "description", "default", "examples", "discriminator", "deprecated", "readOnly", "writeOnly",
}  # fmt: skip


def about(node: dict[str, Any], name: str) -> list[str]:
    """Return sentences made of a node's title, description, default and examples.

    Args:
        node: A node of JSON Schema.
        name: Name of the property; a title that only repeats it is left out.
    """
    title, default, examples = node.get("title", ""), node.get("default"), node.get("examples")
    sentences = [
        _sentence(text) for text in ("" if _same(title, name) else title, node.get("description")) if text
    ]
    if default is not None and not isinstance(default, list | dict):
        sentences.append(f"{as_json(default)} where the page does not say.")
    if examples:
        sentences.append(f"Example{'s' * (len(examples) > 1)}: {', '.join(map(as_json, examples))}.")
    return sentences


def constraints(node: dict[str, Any]) -> dict[str, str]:
    """Return what limits the values of a node: keyword and value, and the sentence that says so."""
    return {
        f"{key} {as_json(node[key])}": _limit(key, node[key]) for key in sorted(node.keys() - _NO_CONSTRAINT)
    }


def as_json(value: object) -> str:
    """Return a value in one line of JSON."""
    return json.dumps(value, ensure_ascii=False, default=str)


def _limit(keyword: str, value: object) -> str:
    if keyword == "format":
        return FORMATS.get(str(value), f"Written as {value}.")
    shown = ", ".join(map(as_json, value)) if isinstance(value, list) else value
    if value == 1 and keyword in _ONE:
        return _ONE[keyword]
    return _CONSTRAINTS.get(keyword, f"{keyword}: {{}}.").format(shown)


def _same(title: str, name: str) -> bool:
    return re.sub(r"[\W_]", "", title).casefold() in ("", re.sub(r"[\W_]", "", name).casefold())


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    return text if text.endswith((".", "!", "?", ":")) else f"{text}."
