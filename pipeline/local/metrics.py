"""How an answer was made, in the names of the service: in its headers, and on demand in its body."""

import json

_SAMPLING = json.dumps({"temperature": 0.0})
"""What the service echoes as used; this engine has no dice."""


def performance(prompt_tokens: int, seconds: float) -> dict[str, float]:
    """How an answer was made, in the service's names.

    Args:
        prompt_tokens: Of the request; none of them are ever cached here.
        seconds: From the request to the answer, which is made whole before its first token is sent.
    """
    return {
        "prompt-tokens": prompt_tokens,
        "cached-prompt-tokens": 0,
        "server-time-to-first-token": round(seconds, 3),
        "server-processing-time": round(seconds, 3),
        "speculation-prompt-tokens": 0,
        "speculation-prompt-matched-tokens": 0,
    }


def dedicated(seeing_s: float, writing_s: float, in_flight: int) -> dict[str, float]:
    """What a deployment of one's own tells beside it: pages are seen where a model would prefill.

    Args:
        seeing_s: Seconds until all images were seen.
        writing_s: Seconds from there to the answer.
        in_flight: Requests under way, this one among them.
    """
    return {
        "num-concurrent-requests": in_flight,
        "tokenizer-queue-duration": 0.0,
        "tokenizer-duration": 0.0,
        "prefill-queue-duration": 0.0,
        "prefill-duration": round(seeing_s, 3),
        "generation-queue-duration": 0.0,
        "generation-duration": round(writing_s, 3),
        "speculation-generated-tokens": 0,
        "speculation-acceptance": 0.0,
    }


def headers_of(metrics: dict[str, float]) -> dict[str, str]:
    """The same as headers, with what was sampled how."""
    told = {f"fireworks-{name}": str(value) for name, value in metrics.items()}
    return {**told, "fireworks-sampling-options": _SAMPLING}
