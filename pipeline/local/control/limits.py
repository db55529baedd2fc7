"""What an account is granted a minute, and the headers that say what is left of it."""

from pipeline.local.control.ledger import Lately

REQUESTS_PER_MINUTE = 6000
_TOKENS_PER_MINUTE = {"prompt": 21_600_000, "cache-adjusted-prompt": 5_400_000, "generated": 216_000}
"""API reference, rate limits. They are figures only: this server is as fast as it is and holds nobody up."""


def headers(lately: Lately) -> dict[str, str]:
    """Headers that say what is granted a minute and what of it is left.

    Args:
        lately: The answers of the last minute.
    """
    used = {
        "prompt": lately.prompt_tokens,
        "cache-adjusted-prompt": lately.prompt_tokens,
        "generated": lately.completion_tokens,
    }
    granted = {"requests": (REQUESTS_PER_MINUTE, lately.requests)}
    granted |= {f"tokens-{name}": (most, used[name]) for name, most in _TOKENS_PER_MINUTE.items()}
    told = {"x-ratelimit-over-limit": "yes" if any(used > most for most, used in granted.values()) else "no"}
    for name, (most, taken) in granted.items():
        told[f"x-ratelimit-limit-{name}"] = str(most)
        told[f"x-ratelimit-remaining-{name}"] = str(max(0, most - taken))
    return told
