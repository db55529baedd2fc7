"""An answer in the shapes of the protocol: one body, or server-sent events; and the tokens it counts."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.local.protocol import Question

_CELL_PX = 28
"""An image costs one token for each square of this side, as Qwen2.5-VL counts, and two that frame it."""
_CHARS_PER_TOKEN = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What is sent back for one question.

    Attributes:
        request_id: Name of this exchange.
        model: As it was asked for.
        created: Seconds since 1970.
        content: The answer, possibly cut.
        finish_reason: `stop`, or `length` when it was cut.
        prompt_tokens: Estimate.
        completion_tokens: Estimate.
        evidence: Where the values stand; the protocol's clients ignore keys they do not know.
        metrics: How it was made.
        shows_metrics: Whether that is asked for in the body.
    """

    request_id: str
    model: str
    created: int
    content: str
    finish_reason: str
    prompt_tokens: int
    completion_tokens: int
    evidence: list[dict[str, object]]
    metrics: dict[str, float]
    shows_metrics: bool

    @property
    def usage(self) -> dict[str, object]:
        """Token counts as the protocol words them."""
        return {
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "total_tokens": self.prompt_tokens + self.completion_tokens,
            "prompt_tokens_details": {"cached_tokens": 0},
        }

    def body(self, choices: int) -> dict[str, object]:
        """The whole reply, its one answer given `choices` times: this engine has no dice."""
        message = {"role": "assistant", "content": self.content}
        return {
            **self._frame("chat.completion"),
            "choices": [
                {"index": index, "message": message, "finish_reason": self.finish_reason}
                for index in range(choices)
            ],
            **self._told(),
        }

    def events(self, choices: int) -> Iterator[str]:
        """The same as server-sent events, usage on the last one before `[DONE]`."""
        frame = self._frame("chat.completion.chunk")
        for index in range(choices):
            delta = {"role": "assistant", "content": self.content}
            yield _event({**frame, "choices": [{"index": index, "delta": delta, "finish_reason": None}]})
        ends = [
            {"index": index, "delta": {}, "finish_reason": self.finish_reason} for index in range(choices)
        ]
        yield _event({**frame, "choices": ends, **self._told()})
        yield "data: [DONE]\n\n"

    def _told(self) -> dict[str, object]:
        metrics = {"perf_metrics": self.metrics} if self.shows_metrics else {}
        return {"usage": self.usage, **metrics, "pagelake": self.evidence}

    def _frame(self, kind: str) -> dict[str, object]:
        return {"id": self.request_id, "object": kind, "created": self.created, "model": self.model}


def _event(chunk: dict[str, object]) -> str:
    return f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n"


def image_tokens(width: int, height: int) -> int:
    """Tokens an image of so many pixels counts for."""
    return max(1, round(width / _CELL_PX)) * max(1, round(height / _CELL_PX)) + 2


def text_tokens(chars: int) -> int:
    """Tokens so many characters count for, roughly."""
    return -(-chars // _CHARS_PER_TOKEN)


def cut(content: str, question: Question) -> tuple[str, str]:
    """The answer up to a stop string or the token limit, and its finish reason."""
    for stop in question.stop:
        content = content.partition(stop)[0]
    if question.max_tokens is not None and text_tokens(len(content)) > question.max_tokens:
        return content[: question.max_tokens * _CHARS_PER_TOKEN], "length"
    return content, "stop"
