"""Terms of payment: the clause that says them, told from what else stands in the text."""

import re

from pipeline.local.words.dates import dates_spans
from pipeline.local.words.lexicon import lexicon, squeeze

_SENTENCE = re.compile(r"(?<=[^\W\d_]{3})\.(?:\s|$)")


def terms_in(text: str, *, sure: bool) -> str:
    """The terms a text begins with, without its further sentences and the day itself; empty when it has none.

    Args:
        text: What stands beside or below a label.
        sure: Whether the label says that terms follow, so that any words will do.
    """
    clause = _SENTENCE.split(text, maxsplit=1)[0]
    parts = re.split(r",\s+", clause)
    while len(parts) > 1 and dates_spans(parts[-1]):
        parts.pop()
    clause = ", ".join(parts).strip(" .,;")
    return clause if sure or _speaks_of_days(clause) else ""


def _speaks_of_days(text: str) -> bool:
    """Whether it counts days or says that the sum is due net or at once."""
    return any(squeeze(word) in lexicon().words["terms"] for word in re.findall(r"[^\W\d_]+", text))
