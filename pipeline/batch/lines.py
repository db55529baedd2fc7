"""One request as a line of a dataset, and whether it would be taken: one bad line fails a whole job."""

import json
import re

from pipeline.errors import StoreError
from pipeline.records import Request
from pipeline.requests import encode_without_model

_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")
"""What a `custom_id` may look like; the service does not say, and takes this."""
_ROLES = {"system", "user", "assistant", "tool"}
_OF_THE_JOB = {"model", "stream", "extra_body"}
"""Fields of a chat completion that a line of a dataset must not have."""


def line_of(request: Request) -> bytes:
    """A request as a line of a dataset, its end included. Costs a copy of all images."""
    about = f'{{"custom_id":{json.dumps(request.custom_id)},"body":'.encode()
    return b"".join([about, encode_without_model(request), b"}\n"])


def check_line(line: bytes) -> str:
    """The id of a line that the service would take.

    Raises:
        StoreError: It would not; the message says why, without text of the document.
    """
    try:
        whole = json.loads(line)
    except ValueError as error:
        raise StoreError(f"a line of a dataset is no JSON ({error})") from error
    custom_id = ""
    match whole:
        case {"custom_id": str(custom_id), "body": {"messages": [*messages]} as body} if messages:
            problem = _problem(custom_id, messages, body)
        case _:
            problem = "it needs a custom_id, and a body with messages"
    if problem or not line.endswith(b"\n") or line.count(b"\n") > 1:
        raise StoreError(f"a line of a dataset would fail its whole job: {problem or 'it is not one line'}")
    return custom_id


def _problem(custom_id: str, messages: list[object], body: dict[str, object]) -> str:
    if not _ID.fullmatch(custom_id):
        return f"the custom_id {custom_id!r} is not 1 to 64 letters, digits, dots, colons and hyphens"
    if unfit := _OF_THE_JOB & body.keys():
        return f"its body has {', '.join(sorted(unfit))}"
    for number, message in enumerate(messages, start=1):
        match message:
            case {"role": str(role), "content": str() | [*_]} if role in _ROLES:
                pass
            case _:
                return f"message {number} has no role that the service knows, or no content"
    return ""
