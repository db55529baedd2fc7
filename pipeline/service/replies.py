"""What the service says when it does not answer: any shape of body, read as one error of ours."""

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Literal

from pipeline.errors import (
    AlreadyExists,
    ImageRefused,
    NotFound,
    RequestRejected,
    ServiceBusy,
    ServiceError,
    ServiceRefused,
)

_LONGEST = 300  # characters of the service's words that a message carries
_READ = 65_536  # bytes of a body that are looked at; an error is never longer

# 408, 409 (aborted), 425 and 429 pass; so do 5xx, but for what the server does not know how to do.
_PASSING = {408, 409, 425, 429}
_LASTING = {501, 505}
_ELSEWHERE = range(300, 400)
# Words for a missing model and for an empty account, of this service and of others that speak its protocol.
_NO_MODEL_CODES = {"model_not_found", "invalid_model", "deploymentnotfound"}
_NO_CREDIT_CODES = {"insufficient_quota", "billing_hard_limit_reached"}

# What services say of an image they cannot use; a model that takes none, or not so many, is another matter.
_IMAGE_STATUS = {400, 415, 422}
_IMAGE_LARGE = re.compile(
    r"too (?:large|big|many pixels)|exceed|more than|dimension|resolution|pixels|max\w* size"
)
_IMAGE_BROKEN = re.compile(
    r"decod|identif|corrupt|damaged|unsupported|not supported|invalid|format|media type|mime|base64"
    r"|(?:cannot|could not|can't|unable to|failed to) (?:be )?(?:read|load|open|parse|process)"
)
_NOT_ONE_IMAGE = re.compile(
    r"(?<!un)support\w* (?:for )?(?:image|vision|multi-?modal)|\bimages\b|image_ranges"
)

_NO_MODEL = "choose a model that the service has (--model)"
_NO_FIELD_WORDS = "Extra inputs are not permitted, field: "
_NO_FIELD = "leave it out of PAGELAKE_EXTRA_BODY, or set PAGELAKE_DIALECT to what the service speaks"
_SETTLE = "settle it with the service, then run the same command again"
_LEADS_AWAY = "set the base URL to where it leads"
_REMEDIES = {
    401: "check the API key (PAGELAKE_API_KEY or FIREWORKS_API_KEY)",
    402: _SETTLE,
    403: "check that the API key may use this service and model",
    407: "put the proxy's user and password into HTTPS_PROXY",
    412: _SETTLE,
}


GRPC_CODES = (
    *("ok", "cancelled", "unknown", "invalid_argument", "deadline_exceeded", "not_found", "already_exists"),
    *("permission_denied", "resource_exhausted", "failed_precondition", "aborted", "out_of_range"),
    *("unimplemented", "internal", "unavailable", "data_loss", "unauthenticated"),
)
"""Names of the numbers from 0 that stand for errors beside datasets, jobs and accounts; gRPC's own."""


@dataclass(frozen=True, slots=True)
class ErrorBody:
    """An error in the service's own words.

    Attributes:
        text: One line, safe to show; empty when it said nothing.
        code: The service's word for it, lower case, or gRPC's for its number; empty when there is none.
    """

    text: str
    code: str


def error_for(
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    scrub: Callable[[str], str] = str,
    now: datetime | None = None,
) -> ServiceError:
    """The error that a response stands for.

    Args:
        status: Anything but 2xx.
        headers: Names in lower case, or a mapping that does not mind.
        body: As received.
        scrub: Takes secrets out of a text that will be shown.
        now: Time for a Retry-After that is a date without a Date beside it; None takes the clock's.
    """
    said = read_error(body, scrub)
    words = f"{status}: {said.text}" if said.text else str(status)
    remedy = _remedy(status, said)
    if remedy:
        return ServiceRefused(f"the service refuses to work ({words}); {remedy}")
    if _passes(status):
        return ServiceBusy(
            f"the service is not able to answer now ({words})",
            status=status,
            retry_after_s=retry_after_s(headers, now),
        )
    return rejection(f"the service refuses this request ({words})", status, said)


def rejection(message: str, status: int, said: ErrorBody) -> RequestRejected:
    """The refusal of one request, and whether it is for an image of it."""
    if status in _IMAGE_STATUS and (trouble := _image_trouble(said)):
        return ImageRefused(message, status=status, code=said.code, too_large=trouble == "size")
    return RequestRejected(message, status=status, code=said.code)


def control_error_for(
    status: int, headers: Mapping[str, str], body: bytes, *, what: str, scrub: Callable[[str], str] = str
) -> ServiceError:
    """The error that a response about a dataset, a job or an account stands for.

    Args:
        status: Anything but 2xx.
        headers: As for `error_for`.
        body: As received.
        what: What was asked about, for the message.
        scrub: Takes secrets out of a text that will be shown.
    """
    said = read_error(body, scrub)
    words = f"{status}: {said.text}" if said.text else str(status)
    if status == HTTPStatus.NOT_FOUND:
        return NotFound(f"the service has no {what} ({words})", status=status, code=said.code)
    if status == HTTPStatus.CONFLICT and said.code != "aborted":
        return AlreadyExists(
            f"the service has one of {what} already ({words})", status=status, code=said.code
        )
    return error_for(status, headers, body, scrub=scrub)


def read_error(body: bytes, scrub: Callable[[str], str] = str) -> ErrorBody:
    """Text and code of an error body, whether JSON, HTML or plain text."""
    raw = body[:_READ].decode("utf-8", "replace")
    try:
        answer: object = json.loads(body)
    except (ValueError, RecursionError):
        return ErrorBody(_line(_visible(raw), scrub), "")
    return ErrorBody(_line(_text(answer) or raw, scrub), _code(answer))


def retry_after_s(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds the service asks to wait, at least 0; None when it does not say so intelligibly.

    A date is compared with the response's own Date, so that clocks that differ do no harm.
    """
    for name, unit_s in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        number = _number(headers.get(name, ""))
        if number is not None:
            return max(0.0, number * unit_s)
    until = _date(headers.get("retry-after", ""))
    if until is None:
        return None
    start = _date(headers.get("date", "")) or now or datetime.now(UTC)
    return max(0.0, (until - start).total_seconds())


def _passes(status: int) -> bool:
    return status in _PASSING or (status >= HTTPStatus.INTERNAL_SERVER_ERROR and status not in _LASTING)


def _remedy(status: int, said: ErrorBody) -> str | None:
    """What to do about a refusal of everything; None when only this request is concerned."""
    match status:
        case HTTPStatus.NOT_FOUND:
            return _NO_MODEL if said.code in _NO_MODEL_CODES or "model" in said.text.lower() else None
        case HTTPStatus.BAD_REQUEST:
            if said.text.startswith(_NO_FIELD_WORDS):  # so it would say of every other request
                return _NO_FIELD
            return _NO_MODEL if said.code in _NO_MODEL_CODES else None
        case HTTPStatus.FORBIDDEN if said.code == "unauthorized":  # a bad key, where one is managed
            return _REMEDIES[HTTPStatus.UNAUTHORIZED]
        case HTTPStatus.TOO_MANY_REQUESTS:
            return _SETTLE if said.code in _NO_CREDIT_CODES else None
        case _:
            return _LEADS_AWAY if status in _ELSEWHERE else _REMEDIES.get(status)


def _image_trouble(said: ErrorBody) -> Literal["size", "form"] | None:
    """What is wrong with an image of the request, if that is what the service complains of."""
    code = said.code.replace("_", " ") if "image" in said.code else ""
    text = f"{code} {said.text.lower()}"
    if "image" not in text or _NOT_ONE_IMAGE.search(text):
        return None
    if _IMAGE_LARGE.search(text):
        return "size"
    return "form" if _IMAGE_BROKEN.search(text) else None


def _text(answer: object) -> str:
    match answer:
        case str(text) | {"error": {"message": str(text)}}:
            return text
        case {"error": str(short), "message": str(text)}:
            return f"{short}: {text}"
        case {"error": str(text)} | {"message": str(text)} | {"detail": str(text)}:
            return text
        case {"detail": [*problems]}:
            return "; ".join(_problem(problem) for problem in problems)
        case [first, *_]:
            return _text(first)
        case _:
            return ""


def _problem(problem: object) -> str:
    """A complaint of a validator, without the value it complains about: that may be document text."""
    match problem:
        case {"loc": [*where], "msg": str(text)}:
            return f"{_dotted(where)}: {text}"
        case {"msg": str(text)} | str(text):
            return text
        case _:
            return ""


def _dotted(where: Iterable[object]) -> str:
    return ".".join(str(step) for step in where)


def _code(answer: object) -> str:
    match answer:
        case {"error": {"code": str(code)}} | {"code": str(code)} | {"error": {"type": str(code)}}:
            return code.lower()
        case {"code": int(number)} | {"error": {"code": int(number)}} if number in range(len(GRPC_CODES)):
            return GRPC_CODES[number]
        case _:
            return ""


def _visible(text: str) -> str:
    """An HTML page's title, or the text between its tags; other text as it is."""
    if title := re.search(r"<title[^>]*>([^<]*)", text, re.IGNORECASE):
        return title[1]
    return re.sub(r"<[^>]*>", " ", text) if text.lstrip().startswith("<") else text


def _line(text: str, scrub: Callable[[str], str]) -> str:
    """One short printable line: no secrets, no images, no control characters."""
    text = scrub(text[:_READ])
    text = re.sub(r"data:[\w/+.-]*;base64,[\w+/=-]*|[\w+/=-]{100,}", "…", text)
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
