"""The chat-completions protocol: what a request may hold, and how a refusal looks."""

import json
import re
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from pipeline.local.formats import BadFormat, ResponseFormat, Wanted, wanted

MODEL_ID = "local/pagelake-ocr"
MODEL_NAMES = ("accounts/local/models/pagelake-ocr", "accounts/fireworks/models/pagelake-ocr")
"""Its resource names, in the account of the server and in the public library; each will do as a model."""
DEPLOYMENT = "accounts/local/deployments/pagelake-ocr"
"""The engine once more, as a deployment of the account's own; `<model>#<deployment>` names it, too."""
CONTEXT_LENGTH = 131_072
MAX_IMAGES = 30
MAX_IMAGE_CHARS = 10_000_000
"""Base64 characters of all images of a request together: the service's documented limit, read strictly."""
_PAGE = re.compile(r"\bpage\s+(\d{1,6})(?:\s+of\s+(\d{1,6}))?\b", re.IGNORECASE)
_DATA_URL = re.compile(r"data:image/([a-z0-9.+-]+);base64,", re.IGNORECASE)
SUBTYPES = frozenset(
    ["png", "jpg", "jpeg", "gif", "bmp", "x-ms-bmp", "tif", "tiff", "ppm", "x-portable-pixmap", "webp"]
)


class Refusal(Exception):
    """A request this server does not answer; carries the status and the error object of the reply."""

    def __init__(
        self, status: int, message: str, *, code: str = "invalid_request_error", param: str | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.param = param

    def body(self, request_id: str) -> dict[str, object]:
        """The reply, in the two shapes the service has: its gateway's, and its inference server's."""
        if self.code.isupper():
            error = {"message": str(self), "param": self.param, "code": self.code, "type": "error"}
            return {"error": error, "request_id": request_id}
        return {"error": {"object": "error", "type": self.code, "code": self.code, "message": str(self)}}


class _Wire(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TextPart(_Wire):
    """Text between images."""

    type: Literal["text"]
    text: str


class ImageUrl(_Wire):
    """Where the image is; `detail` is accepted and has no effect."""

    url: str = Field(repr=False)
    detail: str | None = None


class ImagePart(_Wire):
    """One image."""

    type: Literal["image_url"]
    image_url: ImageUrl


Part = Annotated[TextPart | ImagePart, Field(discriminator="type")]


class ChatMessage(_Wire):
    """One message of the conversation."""

    role: Literal["system", "user", "assistant", "tool"]
    content: str | list[Part] | None = None
    reasoning_content: str | None = None
    tool_calls: JsonValue = None
    tool_call_id: str | None = None


class ChatRequest(_Wire):
    """The body of a chat completion: the fields the service knows, and no others."""

    model: str
    messages: list[ChatMessage] = Field(min_length=1)
    max_tokens: int | None = Field(default=None, ge=0)
    max_completion_tokens: int | None = Field(default=None, ge=0)
    response_format: ResponseFormat | None = None
    stream: bool | None = None
    n: int | None = Field(default=None, ge=1, le=128)
    stop: str | list[str] | None = None
    tools: list[JsonValue] | None = None
    functions: list[JsonValue] | None = None
    temperature: float | None = Field(default=None, ge=0, le=2)
    top_p: float | None = Field(default=None, ge=0, le=1)
    top_k: int | None = Field(default=None, ge=0, le=100)
    min_p: float | None = None
    typical_p: float | None = None
    frequency_penalty: float | None = Field(default=None, ge=-2, le=2)
    presence_penalty: float | None = Field(default=None, ge=-2, le=2)
    repetition_penalty: float | None = Field(default=None, ge=0, le=2)
    mirostat_target: float | None = None
    mirostat_lr: float | None = None
    seed: int | None = None
    ignore_eos: bool | None = None
    logit_bias: dict[str, float] | None = None
    logprobs: bool | int | None = None
    top_logprobs: int | None = Field(default=None, ge=0, le=5)
    echo: bool | None = None
    echo_last: int | None = None
    context_length_exceeded_behavior: Literal["truncate", "error"] | None = None
    prompt_truncate_len: int | None = None
    tool_choice: JsonValue = None
    parallel_tool_calls: bool | None = None
    function_call: JsonValue = None
    reasoning_effort: Literal["low", "medium", "high", "max", "none"] | int | bool | None = None
    reasoning_history: Literal["disabled", "interleaved", "preserved"] | None = None
    thinking: JsonValue = None
    user: str | None = None
    prompt_cache_key: str | None = None
    prompt_cache_isolation_key: str | None = None
    metadata: dict[str, str] | None = None
    service_tier: Literal["auto", "default", "flex", "priority"] | None = None
    perf_metrics_in_response: bool | None = None
    raw_output: bool | None = None
    return_token_ids: bool | None = None
    speculation: JsonValue = None
    prediction: JsonValue = None
    safe_tokenization: bool | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """An image that lies elsewhere."""

    url: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A request this engine can answer.

    Attributes:
        model: As it was asked for.
        images: Base64 text of each image, or where it is, in order.
        pages: Page number of each image, from 1.
        page_count: Pages of the whole document as the request says, 0 when it does not.
        wanted: What the answer has to be.
        text_chars: Characters of text sent along.
        max_tokens: Most tokens of the answer, or None.
        stop: Strings that end the answer.
        choices: Answers wanted.
        stream: Whether the answer comes as server-sent events.
        perf_metrics: Whether it is to say how it was made.
    """

    model: str
    images: tuple[str | Link, ...] = field(repr=False)
    pages: tuple[int, ...]
    page_count: int
    wanted: Wanted
    text_chars: int
    max_tokens: int | None
    stop: tuple[str, ...]
    choices: int
    stream: bool
    perf_metrics: bool


def parse(body: bytes) -> Question:
    """The question a request body asks.

    Raises:
        Refusal: 400 for what the service refuses or this engine cannot do, 404 for an unknown model.
    """
    try:
        request = ChatRequest.model_validate_json(body)
    except ValidationError as error:
        raise Refusal(400, _complaint(error)) from None
    if not is_served(request.model):
        message = "Model not found, inaccessible, and/or not deployed"
        raise Refusal(404, message, code="NOT_FOUND", param="model")
    if request.tools or request.functions:
        raise Refusal(400, "This engine reads documents and cannot call tools; send no tools or functions.")
    images, pages, page_count = _images(request.messages)
    stop = (request.stop,) if isinstance(request.stop, str) else tuple(request.stop or ())
    return Question(
        model=request.model,
        images=images,
        pages=pages,
        page_count=page_count,
        wanted=_wanted(request),
        text_chars=sum(len(text) for message in request.messages for text in _texts(message)),
        max_tokens=request.max_tokens if request.max_tokens is not None else request.max_completion_tokens,
        stop=tuple(text for text in stop if text),
        choices=request.n or 1,
        stream=bool(request.stream),
        perf_metrics=bool(request.perf_metrics_in_response),
    )


def _complaint(error: ValidationError) -> str:
    """One sentence about the first thing wrong, worded as the service words it."""
    first = error.errors(include_url=False, include_context=False)[0]
    where = ".".join(str(step) for step in first["loc"])
    if first["type"] == "json_invalid":
        return "The request body is not valid JSON."
    if first["type"] == "extra_forbidden":
        return f"Extra inputs are not permitted, field: '{where}', value: {_short(first['input'])}"
    return f"{first['msg']}, field: '{where}'" if where else f"{first['msg']}."


def _short(value: object) -> str:
    text = json.dumps(value, default=str)
    return text if len(text) <= 60 else text[:60] + "…"  # noqa: PLR2004 - enough to recognise it


def is_served(model: str) -> bool:
    """Whether a request may name its model so."""
    base, hash_sign, deployment = model.partition("#")
    if hash_sign:
        return base in {MODEL_ID, *MODEL_NAMES} and deployment == DEPLOYMENT
    return model in {MODEL_ID, *MODEL_NAMES, DEPLOYMENT}


def _wanted(request: ChatRequest) -> Wanted:
    said = (message for message in request.messages if message.role in {"system", "user"})
    try:
        return wanted(request.response_format, (text for message in said for text in _texts(message)))
    except BadFormat as error:
        raise Refusal(400, str(error)) from None


def _images(messages: list[ChatMessage]) -> tuple[tuple[str | Link, ...], tuple[int, ...], int]:
    """Base64 text, or address, and page number of every image.

    A page's number is the one its own text part names (`Page 3 of 12:`), else the image's position.
    """
    images: list[str | Link] = []
    pages: list[int] = []
    page_count = 0
    for message in messages:
        named: int | None = None
        for part in message.content if isinstance(message.content, list) else ():
            if isinstance(part, TextPart):
                found = _PAGE.findall(part.text)
                named = int(found[-1][0]) if found else None
                page_count = max(page_count, int(found[-1][1] or 0)) if found else page_count
            else:
                images.append(_image_at(part.image_url.url, len(images) + 1))
                pages.append(named or len(images))
                named = None
    _check_amount(images)
    return tuple(images), tuple(pages), page_count


def _check_amount(images: list[str | Link]) -> None:
    if not images:
        raise Refusal(400, "This engine reads images and the request has none; send image_url parts.")
    if len(images) > MAX_IMAGES:
        raise Refusal(400, f"{len(images)} images are more than the {MAX_IMAGES} a request may have.")
    if (chars := sum(len(image) for image in images if isinstance(image, str))) >= MAX_IMAGE_CHARS:
        raise Refusal(
            400, f"{chars:,} base64 characters of images; fewer than {MAX_IMAGE_CHARS:,} are allowed."
        )


def _image_at(url: str, position: int) -> str | Link:
    head = _DATA_URL.match(url)
    if head is None and url[:8].lower().startswith(("http://", "https://")):
        return Link(url)
    if head is None or head.group(1).lower() not in SUBTYPES:
        shape = "data:image/<png, jpg, jpeg, gif, bmp, tiff, ppm or webp>;base64,… or https://…"
        raise Refusal(400, f"Image {position} is not of the form {shape}")
    return url[head.end() :]


def _texts(message: ChatMessage) -> list[str]:
    if isinstance(message.content, str):
        return [message.content]
    return [part.text for part in message.content or () if isinstance(part, TextPart)]
