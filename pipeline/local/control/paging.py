"""Lists by the page: filtered, ordered, masked, with tokens that hold only for the same question."""

import base64
import hashlib
import json
import re
from collections.abc import Iterable
from functools import cmp_to_key

from starlette.datastructures import QueryParams

from pipeline.local.control.status import invalid
from pipeline.local.control.wire import Resource

DEFAULT_SIZE = 50
MOST = 200
"""Larger sizes count as this one: API reference, lists."""
_PARAMETERS = ("filter", "orderBy", "readMask", "pageSize")
_CONDITION = re.compile(
    r'\s*([A-Za-z_][\w.]*)\s*(!=|>=|<=|=|>|<|:)\s*("(?:[^"\\]|\\.)*"|[^\s"()]+)\s*(AND\s|$)'
)
_SNAKE = re.compile(r"_([a-z0-9])")
Order = list[tuple[str, bool]]


def page_of(resources: Iterable[Resource], query: QueryParams, plural: str) -> Resource:
    """One page of a list, in the shape of the API.

    Args:
        resources: All there are; each has a `name` of its own.
        query: `pageSize`, `pageToken`, `filter`, `orderBy`, `readMask`.
        plural: Key of the list in the answer.

    Raises:
        Status: 400, a parameter makes no sense, or the token belongs to another question.
    """
    size, order, digest = _size(query), _order(parameter(query, "orderBy")), _digest(query, plural)
    rows = _ordered(_filtered(list(resources), parameter(query, "filter")), order)
    rest = rows
    if token := parameter(query, "pageToken"):
        last = _opened(token, digest)
        rest = [row for row in rows if _is_after(_key(row, order), last, order)]
    shown = rest[:size]
    following = _sealed(digest, _key(shown[-1], order)) if len(rest) > size else ""
    mask = parameter(query, "readMask")
    return {plural: [masked(row, mask) for row in shown], "nextPageToken": following, "totalSize": len(rows)}


def parameter(query: QueryParams, name: str) -> str:
    """A query parameter under its camel-case or its snake-case name; empty when it is not there."""
    snake = re.sub(r"[A-Z]", lambda found: f"_{found[0].lower()}", name)
    return query.get(name) or query.get(snake) or ""


def masked(resource: Resource, mask: str) -> Resource:
    """Only the fields that a mask such as `name,status.code` names; all for an empty one or `*`.

    Raises:
        Status: 400, it names a field there is not.
    """
    if mask in {"", "*"}:
        return resource
    kept: Resource = {}
    for path in mask.split(","):
        first, _, inner = _camel(path.strip()).partition(".")
        if first not in resource:
            raise invalid(f"readMask names no field: {path.strip()[:80]!r}")
        value = resource[first]
        if inner and isinstance(value, dict):
            already = kept.get(first)
            value = (already if isinstance(already, dict) else {}) | masked(value, inner)
        kept[first] = value
    return kept


def _camel(path: str) -> str:
    return _SNAKE.sub(lambda found: found[1].upper(), path)


def _size(query: QueryParams) -> int:
    text = parameter(query, "pageSize") or "0"
    if not re.fullmatch(r"[0-9]{1,10}", text):
        raise invalid(f"pageSize is no number from 0: {text[:40]!r}")
    return min(int(text) or DEFAULT_SIZE, MOST)


def _order(text: str) -> Order:
    """Field and whether it descends, the name last, so that no two rows are equal."""
    order: Order = []
    for term in filter(None, (term.strip() for term in text.split(","))):
        field, _, direction = term.partition(" ")
        if direction.strip().lower() not in {"", "asc", "desc"}:
            raise invalid(f"orderBy is not of the form 'field desc, field': {text[:80]!r}")
        order.append((_camel(field), direction.strip().lower() == "desc"))
    return [*(order or [("createTime", True)]), ("name", False)]


def _ordered(rows: list[Resource], order: Order) -> list[Resource]:
    for field, _ in order:
        if field != "createTime" and any(field not in row for row in rows):  # quotas have no such time
            raise invalid(f"orderBy names no field: {field[:80]!r}")

    def compared(one: Resource, other: Resource) -> int:
        left, right = _key(one, order), _key(other, order)
        return _is_after(left, right, order) - _is_after(right, left, order)

    return sorted(rows, key=cmp_to_key(compared))


def _key(row: Resource, order: Order) -> list[str]:
    return [str(row.get(field, "")) for field, _ in order]


def _is_after(key: list[str], last: list[str], order: Order) -> bool:
    for mine, theirs, (_, descends) in zip(key, last, order, strict=False):
        if mine != theirs:
            return mine < theirs if descends else mine > theirs
    return False


def _filtered(rows: list[Resource], text: str) -> list[Resource]:
    """The rows that meet every condition of `field = value AND …`."""
    at = 0
    while at < len(text):
        found = _CONDITION.match(text, at)
        if found is None:
            raise invalid(f"filter is not of the form 'field = value AND …': {text[:120]!r}")
        field, comparison, value, _ = found.groups()
        wanted = re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value
        rows = [row for row in rows if _holds(_value(row, _camel(field)), comparison, wanted)]
        at = found.end()
    return rows


def _value(row: Resource, path: str) -> str:
    value: object = row
    for step in path.split("."):
        if not isinstance(value, dict) or step not in value:
            raise invalid(f"filter names no field: {path[:80]!r}")
        value = value[step]
    return str(value)


def _holds(value: str, comparison: str, wanted: str) -> bool:
    if comparison == ":":
        return wanted.lower() in value.lower()
    if comparison in {"=", "!="}:
        return (value == wanted) == (comparison == "=")
    left, right = (value, wanted)
    if value.isdecimal() and wanted.isdecimal():
        width = max(len(value), len(wanted))
        left, right = value.zfill(width), wanted.zfill(width)
    if left == right:
        return comparison.endswith("=")
    return left < right if comparison.startswith("<") else left > right


def _digest(query: QueryParams, plural: str) -> str:
    asked = json.dumps([plural, *(parameter(query, name) for name in _PARAMETERS)])
    return hashlib.sha256(asked.encode()).hexdigest()[:16]


def _sealed(digest: str, key: list[str]) -> str:
    return base64.urlsafe_b64encode(json.dumps([digest, *key]).encode()).decode()


def _opened(token: str, digest: str) -> list[str]:
    try:
        opened = json.loads(base64.urlsafe_b64decode(token.encode()))
    except (ValueError, RecursionError):
        raise invalid("pageToken is none that this server gave") from None
    if not isinstance(opened, list) or not opened or not all(isinstance(part, str) for part in opened):
        raise invalid("pageToken is none that this server gave")
    if opened[0] != digest:
        raise invalid("pageToken belongs to another question: the other parameters must stay the same")
    return opened[1:]
