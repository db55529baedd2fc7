"""What to ask anew when an answer came that gives no record. Nothing is asked here."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from pipeline.errors import AnswerInvalid, Category
from pipeline.records import Completion
from pipeline.views import PLAIN_VIEW, WHOLE_PAGE, Band, View

_CEILING_TOKENS = 32_768
_SHOWN_CHARACTERS = 20_000
_TAIL_CHARACTERS = 2_000
_LONGEST_UNIT = 200
_REPEATED = 400
"""An answer is stuck when as many characters at its end are blank, or only repeat a shorter text."""
_MOST_HALVINGS = 2
_MOST_BANDS = 4
_LASTING = ("fewer pages", "other format", "smaller image", "more tokens", "bands")
"""Steps that also hold for the strips of a page; what an answer made necessary does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budgets:
    """How far to go for one window of pages; each further request is paid.

    Attributes:
        ceiling_tokens: Longest answer that is asked for when a shorter one was cut.
        repairs: How often an answer that breaks the schema is shown to the model with what is wrong with it.
        decodings: How often an answer that is stuck or empty is asked anew with other decoding.
    """

    ceiling_tokens: int = _CEILING_TOKENS
    repairs: int = 1
    decodings: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """What is other in a request than in the plain one. All of it is part of the request's id.

    Attributes:
        steps: What was changed, in order, in words: `fewer pages`, `smaller image`, `other format`, `bands`,
            `more tokens`, `other decoding`, `repair`.
        max_tokens: In place of the plain request's.
        temperature: In place of the plain request's.
        frequency_penalty: From -2 to 2; the plain request has none.
        earlier: The answer that would not do.
        complaint: What was wrong with it.
        view: How the page images are other than the plain ones.
    """

    steps: tuple[str, ...] = ()
    max_tokens: int | None = None
    temperature: float | None = None
    frequency_penalty: float | None = None
    earlier: str = ""
    complaint: str = ""
    view: View = PLAIN_VIEW

    @property
    def name(self) -> str:
        """The steps in one text; empty for the plain request."""
        return ", ".join(self.steps)

    @property
    def identity(self) -> dict[str, Any]:
        """What of it goes into the request's id."""
        fields = asdict(self)
        if self.view == PLAIN_VIEW:
            del fields["view"]  # as it was before there were other views
        return fields


PLAIN = Remedy()
FEWER_PAGES = Remedy(steps=("fewer pages",))
"""Half of a window begins anew, but for its mark: so the next run sees that the window was too much."""


def next_remedy(
    tried: Remedy, error: AnswerInvalid, completion: Completion, *, budgets: Budgets, max_tokens: int
) -> Remedy | None:
    """What to try after an answer that would not do; None when nothing is left but fewer pages.

    Args:
        tried: What the answer was asked with.
        error: What is wrong with it.
        completion: The answer.
        budgets: How far to go.
        max_tokens: The plain request's.
    """
    if is_stuck(completion.content):
        return _other_decoding(tried, budgets)
    if error.category is Category.REFUSED:  # there is nothing in it to repair
        return _other_decoding(tried, budgets)
    if completion.finish_reason == "length":  # cut, or all of it spent on thinking
        return _more_tokens(tried, budgets, tried.max_tokens or max_tokens)
    if error.category is Category.EMPTY_ANSWER:
        return _other_decoding(tried, budgets)
    return repair(tried, str(error), completion, budgets)


def next_view(tried: Remedy, *, too_large: bool) -> Remedy | None:
    """What to show in place of a page image that the service refuses; None when nothing is left.

    Args:
        tried: What it was refused with.
        too_large: Whether the service finds it too large, so that a smaller one is tried first.
    """
    view = tried.view
    smaller = other = None
    if view.halvings < _MOST_HALVINGS:
        shrunk = replace(view, halvings=view.halvings + 1)
        smaller = replace(tried, steps=_with(tried.steps, "smaller image"), view=shrunk)
    if not view.other_format:
        other = replace(
            tried, steps=_with(tried.steps, "other format"), view=replace(view, other_format=True)
        )
    return (smaller or other) if too_large else (other or smaller)


def views_after(tried: Remedy) -> Iterator[Remedy]:
    """Everything that `next_view` may lead to, whatever the service says on the way."""
    following = (next_view(tried, too_large=too_large) for too_large in (True, False))
    for remedy in dict.fromkeys(one for one in following if one is not None):
        yield remedy
        yield from views_after(remedy)


def strips_of(tried: Remedy) -> tuple[Remedy, ...]:
    """How to ask about the upper and the lower half of what was shown of a page; empty when that is too fine.

    An answer as long as the last one may be is allowed at once: what went before was all shorter.
    """
    band = tried.view.band or WHOLE_PAGE
    if band.count >= _MOST_BANDS:
        return ()
    return tuple(_strip(tried, half) for half in band.halves())


def _strip(tried: Remedy, band: Band) -> Remedy:
    steps = tuple(step for step in tried.steps if step in _LASTING)
    view = replace(tried.view, band=band)
    return Remedy(steps=_with(steps, "bands"), max_tokens=tried.max_tokens, view=view)


def is_stuck(content: str) -> bool:
    """Whether a text ends in nothing but blanks, or in one short text over and over."""
    tail = content[-_TAIL_CHARACTERS:]
    if len(tail) - len(tail.rstrip()) >= _REPEATED:
        return True
    end = tail[-_REPEATED:]
    return len(end) == _REPEATED and any(
        end[unit:] == end[:-unit] for unit in range(1, min(_LONGEST_UNIT, _REPEATED // 2) + 1)
    )


def _more_tokens(tried: Remedy, budgets: Budgets, so_far: int) -> Remedy | None:
    larger = min(2 * so_far, budgets.ceiling_tokens)
    if larger <= so_far:
        return None
    return replace(tried, steps=_with(tried.steps, "more tokens"), max_tokens=larger)


def _other_decoding(tried: Remedy, budgets: Budgets) -> Remedy | None:
    """Some chance and a price on repetition lead out of a loop that the likeliest answer runs into."""
    done = tried.steps.count("other decoding")
    if done >= budgets.decodings:
        return None
    return replace(
        tried,
        steps=_with(tried.steps, "other decoding"),
        temperature=min(0.3 * (done + 1), 1.0),
        frequency_penalty=0.2 * (done + 1),
    )


def repair(tried: Remedy, complaint: str, completion: Completion, budgets: Budgets) -> Remedy | None:
    """The answer shown to the model with what is wrong with it; None when that was done often enough."""
    if tried.steps.count("repair") >= budgets.repairs:
        return None
    return replace(
        tried,
        steps=_with(tried.steps, "repair"),
        earlier=completion.content[:_SHOWN_CHARACTERS],
        complaint=complaint,
    )


def _with(steps: Sequence[str], step: str) -> tuple[str, ...]:
    return (*steps, step)
