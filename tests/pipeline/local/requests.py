"""Requests of three kinds, drawn from the description of the operations: valid, nearly valid, and wild."""

import json
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from hypothesis import strategies as st
from PIL import Image, ImageDraw

from pipeline.local.protocol import DEPLOYMENT, MODEL_ID, MODEL_NAMES
from tests.pipeline.local.bodies import encoded
from tests.pipeline.local.operations import (
    Operation,
    Shape,
    alternatives,
    bounds_of,
    inner_of,
    operations,
    parted,
    shape_of,
)

KEPT = "kept"
"""Id of a dataset and of a job that are there before the first request, and that none is let delete."""
PREFIXES = ("/v1", "/inference/v1")
_IDS = (KEPT, KEPT, "a", "b", "never-made")
_SCHEMAS: tuple[Any, ...] = (
    {"type": "object", "properties": {"total": {"type": "number"}}, "required": ["total"]},
    {"type": "object", "properties": {"day": {"anyOf": [{"type": "string"}, {"type": "null"}]}}},
    {"$ref": "#/$defs/A", "$defs": {"A": {"type": "object", "properties": {"a": {"$ref": "#/$defs/A"}}}}},
    {"type": "object", "properties": {"rows": {"type": "array", "items": {"type": "array"}}}},
    {"type": "object", "additionalProperties": {"type": "string"}},
)
_GRAMMARS = (
    'root ::= "yes" | "no"',
    'root ::= item*\nitem ::= [a-z]+ " "?',
    'root ::= ("a" | root "b")? # left recursion',
    'root ::= "{" ws "\\"total\\"" ":" [0-9.]+ "}"\nws ::= [ \\t\\n]*',
    "root ::= " + "(" * 300,
    "nothing",
)
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "BREW")
HEADERS = (
    "accept", "accept-encoding", "content-type", "content-encoding", "expect", "host", "if-range", "range",
    "x-goog-content-length-range", "x-request-id", "x-session-affinity",
)  # fmt: skip
_ODD_TEXTS = (
    "", "\0", "../..", "%", "%2F", "1e999", "9" * 5000, "{", "[" * 3000, "-1", "null", "true",
    "0001-01-01", "2026-01-01T00:00:00Z", "accounts/local/datasets/kept", "a" * 64, "\N{SNOWMAN}", "\ufeff",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A request.

    Attributes:
        method: Of HTTP.
        path: As it stands in the request line.
        query: What stands behind the question mark.
        headers: Beside those of the client.
        body: None for none.
        key: The right one, another one, or none.
        is_chunked: Whether the body comes without its length.
        is_valid: Whether it is as the description says.
    """

    method: str
    path: str
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    key: str = "right"
    is_chunked: bool = False
    is_valid: bool = False


def on_the_wire(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    """Headers as the bytes that they are."""
    return [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]


def _image(size: int, kind: str, *lines: str) -> str:
    image = Image.new("RGB", (size, size), "white")
    for number, line in enumerate(lines):
        ImageDraw.Draw(image).text((10, 10 + 40 * number), line, "black", font_size=24)
    return f"data:image/{kind.lower()};base64,{b64encode(encoded(image, kind)).decode()}"


_IMAGES = (
    _image(48, "PNG"),
    _image(32, "BMP"),
    _image(320, "JPEG", "Invoice no. 4711", "Date 02.03.2026", "Total EUR 12.50"),
)
_TEXT = st.text(max_size=12)
_NAMES = st.sampled_from(
    ["total", "issue_date", "line_items", "rows", "fields", "value", "title", "_page", ""]
)
_leaf = st.one_of(
    st.fixed_dictionaries(
        {"type": st.sampled_from(["string", "number", "boolean", "null", ["string", "null"], "odd", []])},
        optional={
            "format": st.sampled_from(["date", "date-time", "uri", "odd"]),
            "enum": st.lists(st.one_of(_TEXT, st.none(), st.integers()), max_size=3),
            "description": _TEXT,
            "maxLength": st.integers(-5, 5),
        },
    ),
    st.sampled_from([{"$ref": "#/$defs/A"}, {"$ref": "#"}, {"$ref": "http://a/b"}, {}, True]),
)
_grown = st.recursive(
    _leaf,
    lambda inner: st.one_of(
        st.fixed_dictionaries(
            {"type": st.just("object"), "properties": st.dictionaries(_NAMES, inner, max_size=4)},
            optional={
                "required": st.lists(_NAMES, max_size=2),
                "$defs": st.dictionaries(st.just("A"), inner),
            },
        ),
        st.fixed_dictionaries(
            {"type": st.just("array"), "items": inner}, optional={"minItems": st.integers(-1, 9)}
        ),
        st.builds(
            lambda key, of: {key: of},
            st.sampled_from(["anyOf", "oneOf", "allOf"]),
            st.lists(inner, max_size=3),
        ),
    ),
    max_leaves=5,
).filter(lambda schema: isinstance(schema, dict))
_PRIMITIVES: dict[str, st.SearchStrategy[Any]] = {
    "string": _TEXT,
    "bool": st.booleans(),
    "number": st.floats(allow_nan=False, allow_infinity=False),
    "count": st.one_of(st.integers(0, 5000), st.integers(0, 5000).map(str)),
    "time": st.datetimes(datetime(2026, 2, 1), datetime(2026, 3, 15)).map(  # noqa: DTZ001 - the zone follows
        lambda moment: f"{moment.isoformat()}Z"
    ),
    "id": st.sampled_from(_IDS),
    "dataset_name": st.sampled_from(_IDS).map("accounts/local/datasets/{}".format),
    "job_name": st.sampled_from(_IDS).map("accounts/local/batchInferenceJobs/{}".format),
    "model_name": st.sampled_from(
        [
            MODEL_ID,
            *MODEL_NAMES,
            DEPLOYMENT,
            f"{MODEL_NAMES[1]}#{DEPLOYMENT}",
            "accounts/fireworks/models/another",
        ]
    ),
    "bucket": st.sampled_from(["", "gs://a-bucket/in.jsonl"]),
    "image": st.sampled_from(_IMAGES),
    "json_schema": st.one_of(st.sampled_from([*_SCHEMAS, json.dumps(_SCHEMAS[0])]), _grown),
    "grammar": st.sampled_from(_GRAMMARS),
    "json_text": st.sampled_from(["", "{}", '{"user": "x"}', '{"reasoning_effort": "none"}']),
    "json": st.one_of(st.none(), st.booleans(), st.integers(), _TEXT),
    "nothing": st.just({}),
    "mask": st.sampled_from(["", "*", "name", "name,state", "status.code", "name, create_time"]),
    "filter": st.sampled_from(["", "state=READY", 'displayName="x" AND createTime>"2026-01-01"', "name:a"]),
    "order": st.sampled_from(["", "name", "createTime desc", "create_time desc,name", "displayName"]),
    "token": st.just(""),
    "sizes": st.dictionaries(
        st.sampled_from(["in.jsonl", "b_2.jsonl"]), st.integers(1, 10**9).map(str), min_size=1
    ),
}
_PARAMETERS = {
    "account": st.sampled_from([*["local"] * 8, "fireworks", "another"]),
    "dataset": st.sampled_from(_IDS),
    "job": st.sampled_from(_IDS),
    "model": st.sampled_from(["pagelake-ocr", "another"]),
    "card": st.sampled_from([MODEL_ID, *MODEL_NAMES, "another"]),
    "quota": st.sampled_from(["serverless-inference-rpm", "monthly-spend-usd", "another"]),
    "deployment": st.sampled_from(["pagelake-ocr", "another"]),
}


def values(described: Any) -> st.SearchStrategy[Any]:
    """Values of a type."""
    kind, is_optional = parted(described)
    drawn = _values(kind)
    return st.one_of(drawn, st.none()) if is_optional else drawn


def _values(kind: Any) -> st.SearchStrategy[Any]:
    if isinstance(kind, list):
        return st.sampled_from(kind)
    if (shape := shape_of(kind)) is not None:
        return _of_shape(shape)
    if len(several := alternatives(kind)) > 1:
        return st.one_of([values(one) for one in several])
    if inner := inner_of(kind):
        return _of_many(kind, values(inner))
    return _between(*bounds) if (bounds := bounds_of(kind)) else _PRIMITIVES[kind]


def _of_shape(shape: Shape) -> st.SearchStrategy[Any]:
    drawn = {name: values(described) for name, described in shape.items()}
    needed = {name: drawn[name] for name in drawn if not parted(shape[name])[1]}
    return st.fixed_dictionaries(needed, optional={name: drawn[name] for name in drawn if name not in needed})


def _of_many(kind: str, one: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return (
        st.lists(one, min_size=1, max_size=3) if kind[0] == "[" else st.dictionaries(_TEXT, one, max_size=2)
    )


def _between(number: str, least: int, most: int) -> st.SearchStrategy[Any]:
    return st.integers(least, most) if number == "int" else st.floats(least, most)


_ROW = st.fixed_dictionaries(
    {"custom_id": st.text("xyz", min_size=1, max_size=3), "body": values("question")}
)

_WEIGHTED = [operation for operation in operations() for _ in range(4 if operation.body else 1)]
"""Each operation as often as it is to be drawn: those with a body more often, for there is more to them."""
_QUERIES = {operation.route: values(operation.query) for operation in operations()}
_BODIES = {operation.route: values(operation.body) for operation in operations() if operation.body}


def _form(rows: list[Any], filename: str) -> bytes:
    lines = "\n".join(json.dumps(row) for row in rows)
    head = f'--edge\r\nContent-Disposition: form-data; name="file"; filename="{filename}"\r\n\r\n'
    return f"{head}{lines}\n\r\n--edge--\r\n".encode()


def _as_row(question: dict[str, Any]) -> dict[str, Any]:
    body = {name: value for name, value in question["body"].items() if name not in {"model", "stream"}}
    return {**question, "body": body}


@st.composite
def valid(draw: st.DrawFn) -> Sent:
    """What the description allows, with and without the key, under every prefix."""
    operation = draw(st.sampled_from(_WEIGHTED))
    sent = _addressed(draw, operation)
    query = draw(_QUERIES[operation.route])
    texts = {name: _text(value) for name, value in query.items() if value is not None}
    return replace(sent, query=texts, key=draw(st.sampled_from(["right"] * 6 + ["wrong", "none"])))


def _addressed(draw: st.DrawFn, operation: Operation) -> Sent:
    path = operation.path
    for name, drawn in _PARAMETERS.items():
        path = path.replace(f"{{{name}}}", draw(drawn)) if f"{{{name}}}" in path else path
    if operation.is_data:
        path = draw(st.sampled_from(PREFIXES)) + path.removeprefix("/v1")
    sent = Sent(method=operation.method, path=path, is_valid=True)
    if operation.is_form:
        rows = [_as_row(row) for row in draw(st.lists(_ROW, max_size=3))]
        header = {"content-type": "multipart/form-data; boundary=edge"}
        return replace(sent, headers=header, body=_form(rows, "in.jsonl"))
    if operation.body is None:
        return sent
    body = json.dumps(draw(_BODIES[operation.route])).encode()
    return replace(sent, headers={"content-type": "application/json"}, body=body)


@st.composite
def rows(draw: st.DrawFn) -> bytes:
    """Lines of a dataset, most of them rows of a batch job."""
    lines = [_as_row(row) for row in draw(st.lists(_ROW, min_size=1, max_size=4))]
    if draw(st.booleans()):
        lines = draw(_spoilt(json.loads(json.dumps(lines))))  # the schemas in it are everybody's
    ending = draw(st.sampled_from([b"", b"\n", b"\n\n{"]))
    return b"\n".join(json.dumps(line).encode() for line in lines) + ending or b"{}"


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


odd_text = st.one_of(_TEXT, st.sampled_from(_ODD_TEXTS))
odd_value = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        odd_text,
        st.sampled_from([0, -1, 2**31, 2**63, 1e308, "data:image/png;base64,AAAA", "\ud800"]),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(odd_text, inner, max_size=3)),
    max_leaves=5,
)
odd_header = st.text(
    st.characters(min_codepoint=33, max_codepoint=255, exclude_characters="\x7f"), max_size=20
)
_odd_bytes = st.one_of(
    st.binary(max_size=60),
    st.builds(lambda value: json.dumps(value).encode(), odd_value),
    st.sampled_from([b"", b"{}", b"[" * 50_000, b'{"a":' * 20_000, b"\xff\xfe{", b"NaN", b"--edge\r\n"]),
)


@st.composite
def nearly(draw: st.DrawFn) -> Sent:
    """A valid request with one thing wrong."""
    sent = replace(draw(valid()), is_valid=False, key="right")
    spoilt = draw(st.sampled_from(["body", "body", "body", "query", "path", "method", "header", "bytes"]))
    if spoilt == "body" and sent.headers.get("content-type") == "application/json":
        body = json.loads(sent.body or b"{}")
        for _ in range(draw(st.integers(1, 3))):
            body = draw(_spoilt(body))
        return replace(sent, body=json.dumps(body).encode())
    if spoilt == "query":
        name = draw(st.sampled_from([*sent.query, "pageSize", "pageToken", "filter", "orderBy", "unknown"]))
        return replace(sent, query={**sent.query, name: draw(odd_text)})
    if spoilt == "path":
        return replace(sent, path=draw(_spoilt_path(sent.path)))
    if spoilt == "method":
        return replace(sent, method=draw(st.sampled_from(_METHODS)))
    if spoilt == "header":
        return replace(sent, headers={**sent.headers, draw(st.sampled_from(HEADERS)): draw(odd_header)})
    body = sent.body or b""
    at = draw(st.integers(0, len(body)))
    return replace(
        sent, body=body[:at] + draw(st.sampled_from([b"", b"\0", b"\xff", b"}", b'"'])) + body[at + 1 :]
    )


@st.composite
def _spoilt(draw: st.DrawFn, body: Any) -> Any:
    """The body with one value taken out, put in, or made another."""
    places = list(_places(body)) if isinstance(body, dict | list) else []
    holder, key = draw(st.sampled_from(places)) if places else ({"all": body}, "all")
    change = draw(st.sampled_from(["drop", "odd", "odd", "add"]))
    if change == "drop":
        del holder[key]
    elif change == "odd":
        holder[key] = draw(odd_value)
    elif isinstance(holder, dict):
        holder[draw(st.one_of(odd_text, st.sampled_from(["readMask", "store", "name"])))] = draw(odd_value)
    else:
        holder.append(draw(odd_value))
    return body if places else holder.get("all")


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every value within, as its holder and its key there."""
    pairs = list(value.items()) if isinstance(value, dict) else list(enumerate(value))
    for key, inner in pairs:
        yield value, key
        if isinstance(inner, dict | list):
            yield from _places(inner)


def _spoilt_path(path: str) -> st.SearchStrategy[str]:
    parts = path.split("/")
    odd_part = st.one_of(
        st.binary(min_size=1, max_size=8).map(lambda raw: "".join(f"%{byte:02x}" for byte in raw)),
        st.sampled_from(
            ["A", "-a", "a" * 64, "1a", "..", "%2e%2e", "a%2Fb", "a:b", "kept:upload", "kept%3Aupload"]
        ),
    )
    return st.one_of(
        st.builds(
            lambda at, part: "/".join([*parts[:at], part, *parts[at + 1 :]]),
            st.integers(1, len(parts) - 1),
            odd_part,
        ),
        st.sampled_from(
            [f"{path}/", f"/{path}", f"{path}:nothing", f"{path}/more", path.upper(), f"{path}%00"]
        ),
    )


@st.composite
def wild(draw: st.DrawFn) -> Sent:
    """Anything at all."""
    path = draw(st.sampled_from(operations())).path if draw(st.booleans()) else "/"
    for name in _PARAMETERS:
        path = path.replace(f"{{{name}}}", "local" if name == "account" else KEPT)
    return Sent(
        method=draw(st.sampled_from(_METHODS)),
        path=path if draw(st.booleans()) else draw(_spoilt_path(path)),
        query=draw(st.dictionaries(odd_text, odd_text, max_size=3)),
        headers=draw(st.dictionaries(st.sampled_from(HEADERS), odd_header, max_size=3)),
        body=draw(st.one_of(st.none(), _odd_bytes)),
        key=draw(st.sampled_from(["right", "right", "wrong", "none"])),
        is_chunked=draw(st.booleans()),
    )
