"""Bodies of the control plane: JSON in camel case or snake case, checked before anything is done with it."""

import json
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel
from starlette.requests import Request
from starlette.responses import Response

from pipeline.local.control.status import invalid
from pipeline.local.protocol import Refusal

MAX_JSON_BYTES = 4 * 2**20
Resource = dict[str, object]


class Wire(BaseModel):
    """A shape that comes from outside."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        extra="forbid",
        allow_inf_nan=False,
    )


W = TypeVar("W", bound=Wire)


def answer(resource: Resource, headers: dict[str, str] | None = None) -> Response:
    """The resource as a reply; keys in order, as the gateway writes them."""
    text = json.dumps(resource, sort_keys=True, allow_nan=False)
    return Response(text, media_type="application/json", headers=headers)


async def body_as(request: Request, shape: type[W]) -> W:
    """The body as the shape; none at all counts as `{}`.

    Raises:
        Refusal: 413, it is larger than `MAX_JSON_BYTES`.
        Status: 400, it is not of that shape.
    """
    received = bytearray()
    async for chunk in request.stream():
        received += chunk
        if len(received) > MAX_JSON_BYTES:
            raise Refusal(413, f"The request body is larger than {MAX_JSON_BYTES:,} bytes.")
    try:
        return shape.model_validate_json(bytes(received) or b"{}")
    except ValidationError as error:
        raise invalid(_complaint(error)) from None


def has_body(request: Request) -> bool:
    """Whether the request brings a body, going by its headers."""
    return request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers


def _complaint(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False)[0]
    where = ".".join(str(step) for step in first["loc"])
    if first["type"] == "json_invalid":
        return "the request body is not valid JSON"
    if first["type"] == "extra_forbidden":
        return f'unknown field "{where}"'
    return f"{where}: {first['msg']}" if where else first["msg"]
