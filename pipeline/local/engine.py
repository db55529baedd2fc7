"""What the server does for each route: key, limits, and the way from a question to its reply."""

import hmac
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from pipeline.local import worker
from pipeline.local.fetching import Fetcher, Unfetchable
from pipeline.local.gbnf import BadGrammar
from pipeline.local.metrics import dedicated, headers_of, performance
from pipeline.local.pool import Crashed, TookTooLong, Workers
from pipeline.local.protocol import (
    CONTEXT_LENGTH,
    DEPLOYMENT,
    MODEL_ID,
    Link,
    Question,
    Refusal,
    is_served,
    parse,
)
from pipeline.local.reply import Reply, cut, image_tokens, text_tokens
from pipeline.local.seeing.page import BadImage, BadSchema, Page

MAX_BODY_BYTES = 32 * 2**20
REQUESTS_PER_WORKER = 32
"""Requests that may wait for one worker; more are turned away with 429 for a while."""
_MODEL = {
    "id": MODEL_ID,
    "object": "model",
    "owned_by": "pagelake",
    "created": 1_767_225_600,  # 2026-01-01
    "kind": "OCR_AND_RULES",
    "supports_chat": True,
    "supports_image_input": True,
    "supports_tools": False,
    "context_length": CONTEXT_LENGTH,
}


class Engine:
    """Answers questions; knows the key, the workers and how many requests are in flight.

    Args:
        api_key: What callers must bear.
        workers: OCR processes.
        lexicon: TOML file with more words for labels.
        note: Told of each answer to a caller.
        fetcher: Fetches images that lie elsewhere; None fetches none.
    """

    def __init__(
        self,
        api_key: str,
        workers: int,
        lexicon: Path | None = None,
        *,
        note: Callable[[Reply], None] = lambda _reply: None,
        fetcher: Fetcher | None = None,
    ) -> None:
        self._api_key = api_key.encode()
        self._note, self._fetcher = note, fetcher or Fetcher()
        self._workers = Workers(workers, lexicon=lexicon)
        self._limit = REQUESTS_PER_WORKER * workers
        self._in_flight = 0

    @asynccontextmanager
    async def running(self, _app: Starlette) -> AsyncIterator[None]:
        """The worker processes start with the first request, and end with the server."""
        yield
        await anyio.to_thread.run_sync(self._workers.stop)

    def knows(self, request: Request) -> bool:
        """Whether the caller bears the key."""
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        known = hmac.compare_digest(key.strip().encode(), self._api_key)  # in constant time
        return scheme.lower() == "bearer" and known

    def check_key(self, request: Request) -> None:
        """Refuse a caller that does not bear the key."""
        if not self.knows(request):
            raise Refusal(401, "The API key you provided is invalid.", code="UNAUTHORIZED")

    async def models(self, request: Request) -> Response:
        """The list of models: one."""
        self.check_key(request)
        return JSONResponse({"object": "list", "data": [_MODEL]})

    async def model(self, request: Request) -> Response:
        """One model."""
        self.check_key(request)
        if not is_served(request.path_params["model"]):
            raise Refusal(
                404, "Model not found, inaccessible, and/or not deployed", code="NOT_FOUND", param="model"
            )
        return JSONResponse(_MODEL)

    async def chat(self, request: Request) -> Response:
        """A chat completion."""
        self.check_key(request)
        body = await _body(request)
        if self._in_flight >= self._limit:
            raise Refusal(429, "rate limit exceeded, please try again later")
        self._in_flight += 1
        try:
            question, reply = await self.complete(body, request.state.request_id)
        finally:
            self._in_flight -= 1
        self._note(reply)
        return _respond(reply, question)

    async def complete(self, body: bytes, request_id: str) -> tuple[Question, Reply]:
        """The question that a body asks, and its answer.

        Raises:
            Refusal: The service would not answer it, or this engine cannot.
        """
        question = await anyio.to_thread.run_sync(parse, body)
        return question, await self._answer(question, request_id)

    async def _answer(self, question: Question, request_id: str) -> Reply:
        times_s = [time.monotonic()]
        pages, sizes = await self._see(question.images)
        times_s.append(time.monotonic())
        content, evidence = await self._content(question, pages)
        content, finish_reason = cut(content, question)
        times_s.append(time.monotonic())
        prompt_tokens = text_tokens(question.text_chars) + sum(image_tokens(*size) for size in sizes)
        return Reply(
            request_id=request_id,
            model=question.model,
            created=int(time.time()),
            content=content,
            finish_reason=finish_reason,
            prompt_tokens=prompt_tokens,
            completion_tokens=text_tokens(len(content)) * question.choices,
            evidence=evidence,
            metrics=self._metrics(question, prompt_tokens, *times_s),
            shows_metrics=question.perf_metrics,
        )

    def _metrics(
        self, question: Question, prompt_tokens: int, begun_s: float, seen_s: float, over_s: float
    ) -> dict[str, float]:
        told = performance(prompt_tokens, over_s - begun_s)
        if DEPLOYMENT not in question.model:
            return told
        return told | dedicated(seen_s - begun_s, over_s - seen_s, self._in_flight)

    async def _see(self, images: tuple[str | Link, ...]) -> tuple[tuple[Page, ...], list[tuple[int, int]]]:
        seen: dict[int, tuple[Page, tuple[int, int]]] = {}

        async def see(index: int) -> None:
            image = images[index]
            try:
                text = await self._fetcher.fetch(image.url) if isinstance(image, Link) else image
                seen[index] = await self._workers.see(text)
            except Unfetchable as error:
                raise Refusal(400, f"Image {index + 1} cannot be fetched: {error}.") from None
            except (BadImage, Crashed, TookTooLong) as error:
                raise Refusal(400, f"Image {index + 1} cannot be read: {error}.") from None

        try:
            async with anyio.create_task_group() as group:
                for index in range(len(images)):
                    group.start_soon(see, index)
        except* Refusal as several:
            raise several.exceptions[0] from None
        ordered = [seen[index] for index in sorted(seen)]
        return tuple(page for page, _ in ordered), [size for _, size in ordered]

    async def _content(
        self, question: Question, pages: tuple[Page, ...]
    ) -> tuple[str, list[dict[str, object]]]:
        schema, evidence = question.wanted.schema, list[dict[str, object]]()
        try:
            if schema is None:
                text = await self._workers.run(worker.transcribe, pages)
                told = [
                    json.dumps({"text": text}, ensure_ascii=False) if question.wanted.json_object else text
                ]
            else:
                numbers, count = question.pages, question.page_count
                reading = await self._workers.run(worker.read, pages, numbers, count, schema)
                told, evidence = _written(reading.record), reading.evidence
            if question.wanted.grammar is None:
                return told[0], evidence
            return await self._workers.run(worker.conforming, question.wanted.grammar, told), evidence
        except BadGrammar as error:
            raise Refusal(400, f"The grammar {error}.") from None
        except (BadSchema, Crashed, TookTooLong) as error:
            raise Refusal(400, f"The answer cannot be made: {error}.") from None


def _written(record: object) -> list[str]:
    """A record as JSON, in the ways that it is usually written."""
    ways: list[dict[str, Any]] = [{}, {"separators": (",", ":")}, {"indent": 2}]
    return [json.dumps(record, ensure_ascii=False, **way) for way in ways]


async def _body(request: Request) -> bytes:
    received = bytearray()
    async for chunk in request.stream():
        received += chunk
        if len(received) > MAX_BODY_BYTES:
            raise Refusal(413, f"The request body is larger than {MAX_BODY_BYTES:,} bytes.")
    return bytes(received)


def _respond(reply: Reply, question: Question) -> Response:
    headers = headers_of(reply.metrics)
    if DEPLOYMENT in question.model:
        headers |= {"fireworks-deployment": DEPLOYMENT, "fireworks-backend-host": "127.0.0.1"}
    if question.stream:
        return StreamingResponse(
            reply.events(question.choices), headers=headers, media_type="text/event-stream"
        )
    return JSONResponse(reply.body(question.choices), headers=headers)
