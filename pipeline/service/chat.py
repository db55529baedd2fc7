"""Chat completions: a body goes out, what the model said comes back."""

import contextlib
import json
import logging
from collections.abc import Callable
from dataclasses import replace

from pipeline.errors import RequestRejected, ServiceBusy, ServiceRefused
from pipeline.records import Completion, Usage
from pipeline.service.asking import OnAttempt, ask
from pipeline.service.client import Client
from pipeline.service.evidence import BLOCK, read_evidence
from pipeline.service.gate import Gate
from pipeline.service.replies import error_for
from pipeline.service.retry import Retries
from pipeline.service.transport import Reply

PATH = "chat/completions"
_METRICS_SHOWN = 2000  # characters
_NO_SUCH_PATH = {404, 405}


log = logging.getLogger(__name__)


async def complete(
    client: Client,
    body: Callable[[], bytes] | bytes,
    *,
    gate: Gate,
    retries: Retries,
    on_attempt: OnAttempt = contextlib.nullcontext,
) -> Completion:
    """The model's answer to one request.

    Args:
        client: The service.
        body: JSON text; a function makes it anew for each attempt, and it is let go once it is sent.
        gate: Where each attempt waits for its turn.
        retries: How often and how patiently to ask.
        on_attempt: Entered for each HTTP request; what it raises keeps the request from going out.

    Raises:
        ServiceError: There is no answer; its `attempts` says how often it was asked for.
        ConfigError: The service cannot be asked at its URL.
        Closed: The gate was closed.
    """

    async def exchange() -> Completion:
        return read_completion(await _post(client, body), client.scrub)

    completion, attempts = await ask(
        exchange, gate=gate, retries=retries, on_attempt=on_attempt, tokens=lambda answer: answer.usage.total
    )
    return replace(completion, attempts=attempts)


async def _post(client: Client, body: Callable[[], bytes] | bytes) -> Reply:
    try:
        return await client.post(PATH, body)
    except RequestRejected as error:
        if error.status not in _NO_SUCH_PATH:
            raise
        # No document can make a path disappear: every other request would meet the same.
        raise ServiceRefused(f"there are no chat completions at the base URL, correct it: {error}") from error


def read_completion(reply: Reply, scrub: Callable[[str], str] = str) -> Completion:
    """The answer in a reply of status 200, as the first attempt's; unknown keys are passed over.

    Args:
        reply: As received.
        scrub: Takes secrets out of a text that will be shown.

    Raises:
        ServiceBusy: The body is no chat completion: cut short, an HTML page, or an error after all.
        ServiceError: The body is an error and says of which status.
    """
    answer = _json(reply.body)
    completion = as_completion(answer)
    if completion is None:
        match answer:
            case {"error": {"code": int(status)}} if status // 100 in {4, 5}:  # as some gateways do
                raise error_for(status, reply.headers, reply.body, scrub=scrub)
        raise ServiceBusy(
            "the service's answer is no chat completion: cut short, or not from the service", in_doubt=True
        )
    request_id = reply.request_id or completion.request_id
    if metrics := _at(answer, "perf_metrics"):
        log.debug("how %s was answered: %s", request_id, scrub(json.dumps(metrics)[:_METRICS_SHOWN]))
    return replace(completion, request_id=request_id, latency_s=reply.elapsed_s)


def as_completion(answer: object) -> Completion | None:
    """The first choice of a chat completion, in JSON values; None where that is none."""
    match answer:
        case {"choices": [*choices]}:
            first = choices[0] if choices else None
        case _:
            return None
    return Completion(
        content=_text(_at(first, "message", "content")),
        finish_reason=_text(_at(first, "finish_reason")),
        model=_text(_at(answer, "model")),
        usage=_usage(_at(answer, "usage")),
        request_id=_text(_at(answer, "id")),
        latency_s=0.0,
        attempts=1,
        evidence=read_evidence(_at(answer, BLOCK)),
        refusal=_text(_at(first, "message", "refusal")),
    )


def _json(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _at(value: object, *path: str) -> object:
    """What stands at a path of keys; None where the path ends early."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _text(value: object) -> str:
    """Text, or the text of a list of parts; half a surrogate pair, which no file can hold, becomes `?`."""
    match value:
        case str(text):
            return text.encode("utf-8", "replace").decode()
        case [*parts]:
            return "".join(_text(_at(part, "text")) for part in parts)
        case _:
            return ""


def _usage(usage: object) -> Usage:
    return Usage(
        prompt_tokens=_count(_at(usage, "prompt_tokens")),
        completion_tokens=_count(_at(usage, "completion_tokens")),
        cached_tokens=_count(_at(usage, "prompt_tokens_details", "cached_tokens")),
    )


def _count(value: object) -> int:
    """A paid answer is not lost because the number beside it is odd: then it counts 0."""
    return value if type(value) is int and 0 <= value < 2**63 else 0
