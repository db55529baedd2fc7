"""The values that travel from a file to its row."""

import unicodedata
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from pipeline.errors import Category
from pipeline.views import Band


class Stage(StrEnum):
    """Where on its way something stopped."""

    SOURCE = "source"
    RENDER = "render"
    REQUEST = "request"
    ANSWER = "answer"


class Outcome(StrEnum):
    """What became of a page. Each page of the lake has exactly one."""

    RECORD = "record"
    BLANK = "blank"
    FAILED = "failed"
    SKIPPED = "skipped"


class Kind(StrEnum):
    """How a file is opened, told by its first bytes and not by its name."""

    PDF = "pdf"
    IMAGE = "image"


@dataclass(frozen=True, slots=True)
class Source:
    """A file somebody asked for.

    Attributes:
        path: As the file system spells it; bytes that are not UTF-8 stand as lone surrogates.
        size_bytes: Size when it was listed.
        stamp: What changes with its bytes, as the file system told when it was listed; empty when unknown.
    """

    path: str
    size_bytes: int
    stamp: str = ""


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that was found and is not worked.

    Attributes:
        path: As in `Source`.
        reason: One sentence for a person.
    """

    path: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A file whose bytes are known.

    Attributes:
        doc_id: SHA-256 of its bytes, 64 hexadecimal digits.
        path: As in `Source`.
        size_bytes: Bytes that were hashed.
        kind: How it is opened.
        media_type: Such as `application/pdf` or `image/tiff`.
        modified_ns: When the hashed file was last written, in nanoseconds since 1970; 0 when nobody knows.
        place: Its path from the root of the file system; empty when nobody knows.
        stamp: As in `Source`, of the hashed file; empty when its bytes may change without it.
    """

    doc_id: str
    path: str
    size_bytes: int
    kind: Kind
    media_type: str
    modified_ns: int = 0
    place: str = ""
    stamp: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageImage:
    """One page as it is sent.

    Attributes:
        number: Page number in its document, from 1.
        data: Encoded image; empty when the page is blank.
        media_type: `image/jpeg` or `image/png`.
        width_px: Width of the image.
        height_px: Height of the image.
        width_pt: Width of the page in points of 1/72 inch; for an image file, at its own resolution.
        height_pt: Height of the page in points.
        grey: Whether it is encoded without colour.
        blank: Whether there is nothing on the page to read.
        has_text: Whether the page carries a text layer.
        absent_bytes: Size of the encoded image where only that is known of it and `data` is empty.
    """

    number: int
    data: bytes = field(repr=False)
    media_type: str
    width_px: int
    height_px: int
    width_pt: float
    height_pt: float
    grey: bool
    blank: bool
    has_text: bool
    url: str = field(default="", repr=False)
    absent_bytes: int = 0

    @property
    def size_bytes(self) -> int:
        """Size of the encoded image, whether it is here or not."""
        return len(self.data) or self.absent_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One question to the model.

    Attributes:
        custom_id: Digest of everything that can change the answer; the same in every run and on both roads.
        doc_id: The document asked about.
        pages: Numbers of the pages whose images are sent, ascending, from 1.
        partial: Whether it asks about a part of the document, so that fields may be missing.
        model: Id of the model to ask.
        max_tokens: Most tokens of the answer.
        head: Body up to the first image, in JSON text, without the model.
        images: The images with the JSON text that follows each, in page order.
        band: The strip of the page that is sent; None for whole pages.
    """

    custom_id: str
    doc_id: str
    pages: tuple[int, ...]
    partial: bool
    model: str
    max_tokens: int
    head: bytes = field(repr=False)
    images: tuple[tuple[PageImage, bytes], ...] = field(repr=False)
    band: Band | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens the service counted for one answer."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0

    @property
    def total(self) -> int:
        """Tokens of the prompt and the answer; a cached one counts as any other."""
        return self.prompt_tokens + self.completion_tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Where a value of an answer stands, as whoever answered says.

    Attributes:
        field: `total`, or `line_items[3].amount`, items counted from 0.
        page: Page number.
        confidence: 0 to 1.
        box: Left, top, right and bottom edge as shares of the page image, 0 to 1 from its top left corner.
        rule: How it was found, in the engine's own words.
    """

    field: str
    page: int
    confidence: float
    box: tuple[float, float, float, float]
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """What the service sent back for one request, before anything else looks at it.

    Attributes:
        content: Text of the first choice; empty when there was none.
        finish_reason: As the service says it (`stop`, `length`, …), or empty.
        model: The model that the service says has answered.
        usage: Tokens.
        request_id: The service's own name for the exchange, or empty.
        latency_s: Seconds from sending the last attempt to its whole answer.
        attempts: HTTP requests made, the good one included.
        evidence: Where the values stand; empty from services that do not say.
        refusal: Why the model declined to answer, in its own words; empty when it did not.
    """

    content: str = field(repr=False)
    finish_reason: str
    model: str
    usage: Usage
    request_id: str
    latency_s: float
    attempts: int
    evidence: tuple[Evidence, ...] = field(default=(), repr=False)
    refusal: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A paid answer as the lake keeps it.

    Attributes:
        custom_id: The request it answers.
        schema: Name of the record type that was asked for.
        doc_id: The document.
        pages: Page numbers that were sent.
        partial: As in `Request`.
        model: Id of the model that was asked.
        road: `online` or `batch`.
        completion: What came back.
        cost: Price in US dollars, or None when no price is set.
        received_at: Seconds since 1970, UTC.
        band: The strip of the page that was sent; None for whole pages.
    """

    custom_id: str
    schema: str
    doc_id: str
    pages: tuple[int, ...]
    partial: bool
    model: str
    road: str
    completion: Completion
    cost: Decimal | None
    received_at: float
    band: Band | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The values of one answer.

    Attributes:
        pages: The pages that were sent.
        values: The JSON object, without page keys.
        item_pages: For each list of objects, the page of each item; None where the answer gives none of
            the pages that were sent.
        evidence: Where the values stand, on pages that were sent.
    """

    pages: tuple[int, ...]
    values: dict[str, Any]
    item_pages: dict[str, list[int | None]]
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value was read.

    Attributes:
        field: `total`, or `line_items[3]` for an item of a list, counted from 0.
        first_page: First page it can stand on.
        last_page: Last page it can stand on; the same as the first when the page is known.
    """

    field: str
    first_page: int
    last_page: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Coercion:
    """A value that its type refused as it was given.

    Attributes:
        field: Where it stands: `total`, `line_items[3].amount`.
        given: What the answer gave.
        rule: How it was read, or why it was left empty.
    """

    given: str = field(repr=False)
    field: str
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A page, or a whole document, that gave no record.

    Attributes:
        stage: Where it stopped.
        category: Which entry of the closed list.
        message: What happened, in one sentence, without document text or keys.
        pages: Page numbers concerned; empty when the document could not be opened.
        attempts: HTTP requests made for it; 0 when none was.
        custom_id: The request, or empty when there was none.
        usage: Tokens of all answers that were paid for it in vain.
        cost: Price of these answers in US dollars, or None when no price is set.
    """

    stage: Stage
    category: Category
    message: str
    pages: tuple[int, ...] = ()
    attempts: int = 0
    custom_id: str = ""
    usage: Usage = field(default_factory=Usage)
    cost: Decimal | None = None

    @property
    def reason(self) -> str:
        """Category and message, as the pages table tells it."""
        return f"{self.category}: {self.message}"


def printable(text: str) -> str:
    r"""The text as it may stand in a terminal, a log or a UTF-8 table.

    Bytes that are not UTF-8, control characters and marks that turn or hide text come out as `\xNN`, `\n` or
    `\uNNNN`. That cannot be turned back; `os.fsencode` keeps the exact bytes of a path.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(character) for character in text)


def _shown(character: str) -> str:
    if "\udc80" <= character <= "\udcff":  # where os.fsdecode puts the bytes 0x80 to 0xFF
        return f"\\x{ord(character) & 0xFF:02x}"
    if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}:
        return character.encode("unicode_escape").decode()
    return character
