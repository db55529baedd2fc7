"""The rows of a batch job: found in its files, made requests, and what became of them written down."""

import json
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic_core import from_json

from pipeline.local.control.job import Job, Progress
from pipeline.local.protocol import Refusal

OUTPUT, ERRORS = "BIJOutputSet.jsonl", "error-data"
MAX_LINE_BYTES = 64 * 2**20
_ROLES = ("system", "user", "assistant", "tool")


class BadDataset(Exception):
    """A row is not one; the whole job fails. The message is the service's."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row stands.

    Attributes:
        custom_id: Its id.
        path: Its file.
        offset: Bytes before it.
    """

    custom_id: str
    path: Path
    offset: int


def places_in(paths: Iterable[Path]) -> list[Place]:
    """Every row.

    Raises:
        BadDataset: One of them is broken, has no id, or one that was there before.
        OSError: A file is gone.
    """
    found: dict[str, Place] = {}
    for path in paths:
        for number, offset, line in _lines(path):
            try:
                custom_id = _checked(line, found)
            except ValueError as error:
                where = f"Dataset has a syntax error: chat dataset validation failed on {path.name}:{number}"
                raise BadDataset(f"{where}: {error}") from None
            found[custom_id] = Place(custom_id, path, offset)
    return list(found.values())


def _lines(path: Path) -> Iterator[tuple[int, int, bytes]]:
    """Number, offset and content of the lines that are not blank."""
    with path.open("rb") as file:
        offset, number = 0, 1
        while line := file.readline(MAX_LINE_BYTES):
            if line.strip():
                yield number, offset, line
            offset, number = offset + len(line), number + 1


def _checked(line: bytes, known: Container[str]) -> str:
    """The id of a row.

    Raises:
        ValueError: The service would not take the dataset; the message says why.
    """
    try:
        row = from_json(line)
    except ValueError:
        raise ValueError("not a JSON object") from None
    if not isinstance(row, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 - what is wrong is the text
    custom_id, body = row.get("custom_id"), row.get("body")
    if not isinstance(custom_id, str) or not custom_id:
        raise ValueError("custom_id is missing")
    if custom_id in known:
        raise ValueError(f"custom_id {custom_id[:64]!r} is there twice")
    if not isinstance(body, dict):
        raise ValueError("body is missing")  # noqa: TRY004 - what is wrong is the text
    _check_messages(body.get("messages", []))
    return custom_id


def _check_messages(messages: object) -> None:
    if not isinstance(messages, list):
        raise ValueError("messages is not a list")  # noqa: TRY004 - what is wrong is the text
    for number, message in enumerate(messages, 1):
        role = message.get("role") if isinstance(message, dict) else None
        if role not in _ROLES:
            must = "must be 'system', 'user', 'assistant' or 'tool'"
            raise ValueError(f"invalid role {str(role)[:40]} in message {number}, {must}")


def request_at(place: Place, job: Job) -> bytes:
    """The chat completion that a row asks for.

    Raises:
        Refusal: 400, it asks for a stream.
    """
    with place.path.open("rb") as file:
        file.seek(place.offset)
        body: dict[str, Any] = from_json(file.readline(MAX_LINE_BYTES))["body"]
    if "stream" in body:
        raise Refusal(400, "Extra inputs are not permitted, field: 'stream'; a row of a batch has no stream.")
    messages = body.get("messages")
    if job.system_prompt and messages and messages[0].get("role") != "system":
        body["messages"] = [{"role": "system", "content": job.system_prompt}, *messages]
    return json.dumps({**job.parameters.fields(), **body, "model": job.model}).encode()


def succeeded_in(path: Path) -> Iterator[str]:
    """The ids of the rows that a file of results has answers for."""
    if path.is_file():
        with path.open("rb") as lines:
            yield from (json.loads(line)["custom_id"] for line in lines)


@dataclass(slots=True)
class Results:
    """What became of the rows so far, in two files that grow line by line.

    Attributes:
        folder: Where they are.
        done: Ids of the rows that are over.
        progress: The same in numbers.
    """

    folder: Path
    done: set[str] = field(default_factory=set)
    progress: Progress = field(default_factory=Progress)

    def __post_init__(self) -> None:
        """Take up what an earlier server wrote, without a last line that it did not finish."""
        for path in self.paths:
            path.touch()
            whole = 0
            with path.open("r+b") as lines:
                for line in lines:
                    if line.endswith(b"\n"):
                        self._count(json.loads(line))
                        whole += len(line)
                lines.truncate(whole)

    @property
    def paths(self) -> tuple[Path, Path]:
        """The files."""
        return self.folder / OUTPUT, self.folder / ERRORS

    def succeed(self, custom_id: str, response: dict[str, Any]) -> None:
        """A row has its answer."""
        self._add(OUTPUT, {"custom_id": custom_id, "response": response})

    def fail(self, custom_id: str, status: int, message: str) -> None:
        """A row has none and never will."""
        self._add(ERRORS, {"custom_id": custom_id, "error": {"code": str(status), "message": message}})

    def _add(self, filename: str, row: dict[str, Any]) -> None:
        with (self.folder / filename).open("ab") as file:
            file.write(json.dumps(row).encode() + b"\n")
        self._count(row)

    def _count(self, row: dict[str, Any]) -> None:
        self.done.add(row["custom_id"])
        if "response" not in row:
            self.progress.failed += 1
            return
        usage = row["response"]["usage"]
        self.progress.succeeded += 1
        self.progress.input_tokens += usage["prompt_tokens"]
        self.progress.output_tokens += usage["completion_tokens"]
