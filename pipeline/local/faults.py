"""Faults on purpose, so that users can see what their own code and settings make of a bad day.

The plan says what share of the requests meets which fault, and when. The seed decides which ones: the same
requests in the same order meet the same faults.
"""

import asyncio
import json
import random
import time
import tomllib
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from starlette.datastructures import MutableHeaders
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline.errors import ConfigError
from pipeline.local.protocol import Refusal

PATH = "/chat/completions"
_PIECES = 16
Kind = Literal["rate_limit", "error", "html", "reset", "slow", "cut", "broken", "empty", "expire"]


class Fault(BaseModel):
    """One kind of fault.

    Attributes:
        kind: `rate_limit` a 429; `error` another status; `html` the page of some box in between; `reset` a
            connection that ends in mid-body; `slow` an answer in pieces; `cut` one that ends at the
            token limit; `broken` one that is no JSON; `empty` one without a word; `expire` a batch job
            that ends with half of its rows, the larger one, whatever the time.
        share: Which share of the requests meets it, of `expire` which share of the jobs, from 0 to 1.
        status: Of `error` and `html`.
        paid: Of `reset`, whether the answer is made and charged for first, and breaks off in its middle; else
            nothing is read and nothing is charged.
        retry_after_s: What `rate_limit` and `error` ask to wait; None does not say.
        seconds: How long the body of `slow` takes.
        from_s: Seconds after the first request when it begins.
        until_s: Seconds after the first request when it ends.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind
    share: float = Field(ge=0, le=1)
    status: int = Field(503, ge=400, le=599)
    paid: bool = False
    retry_after_s: float | None = Field(None, ge=0)
    seconds: float = Field(1.0, ge=0)
    from_s: float = Field(0.0, ge=0)
    until_s: float = Field(float("inf"), ge=0)

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if self.paid and self.kind != "reset":
            raise ValueError("only a reset can be paid")
        return self


class FaultPlan(BaseModel):
    """Every fault, and the seed.

    Attributes:
        seed: Decides which requests meet a fault.
        faults: In the file `[[fault]]`; the shares of all of them together are at most 1.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    seed: int = 0
    faults: list[Fault] = Field(default=[], alias="fault")

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        if sum(fault.share for fault in self._of_chat()) > 1:
            raise ValueError("the shares of all faults together are more than 1")
        return self

    def of_request(self, number: int, elapsed_s: float) -> Fault | None:
        """The fault that a request meets, or None.

        Args:
            number: Position among the requests, from 0.
            elapsed_s: Seconds since the first of them.
        """
        drawn = random.Random(f"{self.seed}/{number}").random()  # noqa: S311 - nobody is to be surprised
        for fault in self._of_chat():
            drawn -= fault.share
            if drawn < 0:
                return fault if fault.from_s <= elapsed_s < fault.until_s else None
        return None

    def expires(self, job: str) -> bool:
        """Whether a batch job of this id ends with half of its rows."""
        share = max((fault.share for fault in self.faults if fault.kind == "expire"), default=0.0)
        return random.Random(f"{self.seed}/{job}").random() < share  # noqa: S311 - as above

    def _of_chat(self) -> list[Fault]:
        return [fault for fault in self.faults if fault.kind != "expire"]


def read_plan(path: Path) -> FaultPlan:
    """The plan in a TOML file.

    Raises:
        ConfigError: It cannot be read, or holds no such plan.
    """
    try:
        return FaultPlan.model_validate(tomllib.loads(path.read_text("utf-8")))
    except OSError as error:
        raise ConfigError(f"the plan of faults {path} cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"the plan of faults {path} is not valid TOML: {error}") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(step) for step in first["loc"]) or "the plan"
        raise ConfigError(f"the plan of faults {path} is not one: {where}: {first['msg']}") from error


class Faulty:
    """The application with the faults of a plan around its chat completions."""

    def __init__(self, app: ASGIApp, plan: FaultPlan, clock: Callable[[], float] = time.monotonic) -> None:
        self._app, self._plan, self._clock = app, plan, clock
        self._numbers = count()
        self._began_s: float | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or let it meet its fault."""
        fault = self._next() if scope["type"] == "http" and scope["path"].endswith(PATH) else None
        if fault is None:
            await self._app(scope, receive, send)
        elif fault.kind in {"cut", "broken", "empty"} or fault.paid:
            await _spoilt(self._app, fault.kind, scope, receive, send)
        elif fault.kind == "slow":
            await _trickled(self._app, fault.seconds, scope, receive, send)
        else:
            await _drain(receive)
            if fault.kind == "reset":
                await _reset(send)
            else:
                await _refusal(fault, scope)(scope, receive, send)

    def _next(self) -> Fault | None:
        now = self._clock()
        self._began_s = now if self._began_s is None else self._began_s
        return self._plan.of_request(next(self._numbers), now - self._began_s)


async def _drain(receive: Receive) -> None:
    """Take the whole request, or the client would not get to reading the reply."""
    while (await receive()).get("more_body", False):
        pass


async def _reset(send: Send) -> None:
    """Announce more than is sent: the server ends the connection of an application that returns so."""
    headers = [(b"content-type", b"application/json"), (b"content-length", b"1000")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b'{"choices": [', "more_body": True})


def _refusal(fault: Fault, scope: Scope) -> Response:
    headers = {} if fault.retry_after_s is None else {"retry-after": f"{fault.retry_after_s:g}"}
    if fault.kind == "html":
        page = f"<html><head><title>{fault.status} on purpose</title></head><body></body></html>"
        return HTMLResponse(page, fault.status, headers)
    if fault.kind == "rate_limit":
        refusal = Refusal(429, "rate limit exceeded, please try again later")
    else:
        refusal = Refusal(fault.status, "This is a fault on purpose.", code="INTERNAL")
    return JSONResponse(refusal.body(scope["state"]["request_id"]), refusal.status, headers)


async def _trickled(app: ASGIApp, seconds: float, scope: Scope, receive: Receive, send: Send) -> None:
    """The reply of the application, its body in pieces over so many seconds."""
    start, body = await _reply(app, scope, receive)
    await send(start)
    size = max(1, -(-len(body) // _PIECES))
    for begin in range(0, len(body), size):
        await asyncio.sleep(seconds / _PIECES)
        piece = body[begin : begin + size]
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body"})


async def _reply(app: ASGIApp, scope: Scope, receive: Receive) -> tuple[Message, bytes]:
    """How the reply of the application begins, and its body."""
    start: Message = {}
    body = bytearray()

    async def keep(message: Message) -> None:
        nonlocal start
        if message["type"] == "http.response.start":
            start = message
        else:
            body.extend(message.get("body", b""))

    await app(scope, receive, keep)
    return start, bytes(body)


async def _spoilt(app: ASGIApp, kind: Kind, scope: Scope, receive: Receive, send: Send) -> None:
    """The reply of the application with another answer in it, if it is one."""
    start, body = await _reply(app, scope, receive)
    spoilt = _spoil(body, kind)
    MutableHeaders(scope=start)["content-length"] = str(len(spoilt))
    await send(start)
    breaks_off = kind == "reset"
    whole = {"body": spoilt[: len(spoilt) // 2] if breaks_off else spoilt, "more_body": breaks_off}
    await send({"type": "http.response.body", **whole})


def _spoil(body: bytes, kind: Kind) -> bytes:
    if kind == "reset":
        return body
    try:
        reply: dict[str, Any] = json.loads(body)
    except ValueError:  # an event stream
        return body
    for choice in reply.get("choices", []):
        content: str = choice["message"]["content"]
        if kind == "cut":
            choice["finish_reason"] = "length"
        kept = {"cut": content[: len(content) // 2], "broken": content[:-1] + ",", "empty": ""}
        choice["message"]["content"] = kept[kind]
    return json.dumps(reply, ensure_ascii=False).encode()
