"""What a batch job wrote: each line an answer or an error, in any of the shapes that are known."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pipeline.records import Completion, printable
from pipeline.service.chat import as_completion

_PASSING = {408, 409, 425, 429}
_SERVER_ERROR = 500
_LONGEST = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of a job's output.

    Attributes:
        custom_id: The request it is about; empty when the line does not say.
        completion: The answer; None for an error.
        error: What the service says went wrong.
        status: HTTP status of the error; 0 when it does not say.
    """

    custom_id: str
    completion: Completion | None = None
    error: str = ""
    status: int = 0

    @property
    def is_final(self) -> bool:
        """Whether the same request would be refused again."""
        return self.status in range(400, _SERVER_ERROR) and self.status not in _PASSING


def read_rows(lines: Iterable[bytes]) -> Iterator[Row]:
    """The rows of a file; a line that is broken is a row without an id.

    Success is `{"custom_id", "response": <chat completion>}`, or as OpenAI has it with the completion in
    `response.body`; an error is `{"custom_id", "error"}` with an object or a text.
    """
    for line in lines:
        if line.strip():
            yield _row(_json(line))


def _json(line: bytes) -> object:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _row(value: object) -> Row:
    if not isinstance(value, dict):
        return Row(custom_id="", error="a line that is no JSON object")
    named = (value.get(key) for key in ("custom_id", "customId", "request_id"))
    custom_id = next((name for name in named if isinstance(name, str)), "")
    response = value.get("response")
    for body in (response, response.get("body") if isinstance(response, dict) else None):
        if (completion := as_completion(body)) is not None:
            return Row(custom_id=custom_id, completion=completion)
    text, status = _error(value.get("error")), _status(value.get("error"))
    if isinstance(response, dict):
        text = text or _error(response.get("error")) or _error(_at(response, "body", "error"))
        status = status or _status({"code": response.get("status_code")})
    return Row(custom_id=custom_id, error=text or "neither an answer nor an error", status=status)


def _at(value: object, *path: str) -> object:
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _error(error: object) -> str:
    match error:
        case str(text) | {"message": str(text)}:
            line = printable(" ".join(text.split()))
            return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
        case {"code": code}:
            return f"error {code}"
        case _:
            return ""


def _status(error: object) -> int:
    """The HTTP status of an error; it may be a number or its digits."""
    code = _at(error, "code")
    if isinstance(code, str) and code.isdecimal() and len(code) == 3:  # noqa: PLR2004 - digits of a status
        return int(code)
    return code if type(code) is int and code in range(100, 600) else 0
