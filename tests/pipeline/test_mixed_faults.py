"""A service that fails every other request, each time in another way, and keeps a book of its own."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from pipeline.cost import Prices
from pipeline.errors import REMEDIES
from pipeline.local.faults import Fault, FaultPlan
from pipeline.remedies import Budgets
from pipeline.render.sizing import ImageOptions
from pipeline.store.spent import spent_in
from pipeline.summary import RunSummary
from pipeline.windows import WindowLimits
from tests.papers import write_pdf
from tests.pipeline.runs import config, records, run, slip_answer, slip_type, table
from tests.servers import (
    FaultServer,
    Heard,
    Reply,
    chat_answer,
    garbage,
    hang_up,
    html,
    json_reply,
    refusal,
    reset,
    slow,
    too_many,
    truncated,
)

pytestmark = [pytest.mark.xdist_group("mixed faults"), pytest.mark.waits]

PAGES = 240
SHARES = {
    "rate_limit": 0.02,
    "error": 0.04,
    "server error": 0.02,
    "html": 0.02,
    "html as an answer": 0.02,
    "error as an answer": 0.02,
    "no http": 0.01,
    "reset": 0.02,
    "paid reset": 0.03,
    "half a body": 0.02,
    "slow": 0.02,
    "no such image": 0.02,
    "image too large": 0.02,
    "too large": 0.02,
    "rejected": 0.01,
    "cut": 0.02,
    "blanks": 0.01,
    "loop": 0.02,
    "broken": 0.02,
    "other types": 0.02,
    "empty": 0.02,
    "declined": 0.01,
    "declined in words": 0.01,
    "fenced": 0.01,
    "thinking": 0.01,
}
HOPELESS = {
    30: "cut",
    60: "empty",
    90: "declined in words",
    120: "image too large",
    150: "error",
    180: "broken",
}
"""Pages that meet the same fault each time."""
REASONS = {
    **dict.fromkeys(
        ["error", "server error", "html", "html as an answer", "error as an answer"], "service_busy"
    ),
    **dict.fromkeys(["no http", "reset", "paid reset", "half a body"], "service_busy"),
    **dict.fromkeys(["no such image", "image too large", "too large", "rejected"], "request_rejected"),
    **dict.fromkeys(["cut", "blanks"], "truncated_answer"),
    **dict.fromkeys(["loop", "broken", "other types"], "invalid_answer"),
    "empty": "empty_answer",
    **dict.fromkeys(["declined", "declined in words"], "refused"),
}
UNANSWERED = {"service_busy", "request_rejected"}
GOOD = {"good", "slow", "fenced", "thinking"}
LOST = {"paid reset", "half a body"}
LIKE_LOST = {*LOST, "reset", "no http", "html as an answer"}
DELIVERED = {
    *GOOD,
    *(fate for fate, reason in REASONS.items() if reason not in UNANSWERED),
}

INPUT, CACHED, OUTPUT = Decimal("0.15"), Decimal("0.075"), Decimal("0.60")


@dataclass(frozen=True)
class Entry:
    """What was asked, what became of it, and what was charged, in millionths of a dollar."""

    question: str
    fate: str
    charged: Decimal


@dataclass
class Book:
    """The service. The n-th request about a page meets the same fate in every run of the test.

    Attributes:
        entries: For each page what was asked about it, in order.
    """

    entries: dict[int, list[Entry]] = field(default_factory=dict)

    def __call__(self, heard: Heard) -> Reply:
        page = page_of(heard)
        before = self.entries.setdefault(page, [])
        fate, usage = self._fate(page, len(before)), usage_of(heard.raw)
        is_charged = fate in DELIVERED | LOST
        question = hashlib.sha256(heard.raw).hexdigest()
        before.append(Entry(question, fate, price_of(usage) if is_charged else Decimal(0)))
        return REPLIES[fate](heard, usage)

    def sum_of(self, fates: set[str]) -> Decimal:
        return sum(
            (entry.charged for told in self.entries.values() for entry in told if entry.fate in fates),
            Decimal(0),
        )

    def _fate(self, page: int, nth: int) -> str:
        if page in HOPELESS:
            return HOPELESS[page]
        drawn = PLAN.of_request(1000 * page + nth, 0.0)
        return list(SHARES)[int(drawn.seconds)] if drawn else "good"


# The engine's own plan of faults; which of ours it is stands in its seconds. So seeded, every reason occurs.
PLAN = FaultPlan(
    seed=6,
    fault=[
        Fault.model_validate({"kind": "slow", "share": share, "seconds": number})
        for number, share in enumerate(SHARES.values())
    ],
)


def page_of(heard: Heard) -> int:
    return next(int(line.split()[1]) for line in heard.text.splitlines() if line.startswith("Page "))


def usage_of(raw: bytes) -> dict[str, object]:
    """Tokens that differ from question to question."""
    dice = hashlib.sha256(raw).digest()
    prompt, cached, answer = 1000 + dice[0], dice[1], 20 + dice[2]
    return {
        "prompt_tokens": prompt,
        "completion_tokens": answer,
        "total_tokens": prompt + answer,
        "prompt_tokens_details": {"cached_tokens": cached},
    }


def price_of(usage: dict[str, object]) -> Decimal:
    match usage:
        case {
            "prompt_tokens": int(prompt),
            "completion_tokens": int(answer),
            "prompt_tokens_details": {"cached_tokens": int(cached)},
        }:
            return (prompt - cached) * INPUT + cached * CACHED + answer * OUTPUT
    raise AssertionError(usage)


def good_text(heard: Heard) -> str:
    text: str = json.loads(slip_answer(heard).body)["choices"][0]["message"]["content"]
    return text


def good(heard: Heard, usage: dict[str, object]) -> Reply:
    return chat_answer(good_text(heard), usage=usage)


REPLIES: dict[str, Callable[[Heard, dict[str, object]], Reply]] = {
    "good": good,
    "rate_limit": lambda _heard, _usage: too_many(0.02),
    "error": lambda _heard, _usage: refusal(503),
    "server error": lambda _heard, _usage: refusal(500),
    "html": lambda _heard, _usage: html(502),
    "html as an answer": lambda _heard, _usage: html(200),
    "error as an answer": lambda _heard, _usage: json_reply({"error": {"message": "busy", "code": 503}}),
    "no http": lambda _heard, _usage: garbage(),
    "reset": lambda _heard, _usage: hang_up(),
    "paid reset": lambda heard, usage: reset(good(heard, usage), after=200),
    "half a body": lambda heard, usage: truncated(good(heard, usage)),
    "slow": lambda heard, usage: slow(good(heard, usage), 0.1),
    "no such image": lambda _heard, _usage: refusal(400, "Failed to decode image"),
    "image too large": lambda _heard, _usage: refusal(400, "the image is too large"),
    "too large": lambda _heard, _usage: refusal(413),
    "rejected": lambda _heard, _usage: refusal(422, "no"),
    "cut": lambda _heard, usage: chat_answer('{"title": "from', finish_reason="length", usage=usage),
    "blanks": lambda _heard, usage: chat_answer(
        '{"title": "' + "\n" * 3000, finish_reason="length", usage=usage
    ),
    "loop": lambda _heard, usage: chat_answer('{"title": ' + '"a", "b": ' * 300, usage=usage),
    "broken": lambda _heard, usage: chat_answer('{"title": "from page",}', usage=usage),
    "other types": lambda _heard, usage: chat_answer(
        {"title": "a", "total": "many", "entries": []}, usage=usage
    ),
    "empty": lambda _heard, usage: chat_answer("", usage=usage),
    "declined": lambda _heard, usage: chat_answer(None, finish_reason="content_filter", usage=usage),
    "declined in words": lambda _heard, usage: chat_answer("I'm sorry, I can't help with that.", usage=usage),
    "fenced": lambda heard, usage: chat_answer(f"```json\n{good_text(heard)}\n```", usage=usage),
    "thinking": lambda heard, usage: chat_answer(f"<think>hm {{</think>{good_text(heard)}", usage=usage),
}


@dataclass(frozen=True)
class Mix:
    """A run through all of it, and another one on a good day."""

    lake: Path
    first: RunSummary
    book: Book
    failures: pl.DataFrame
    costs: Decimal
    second: RunSummary
    asked_again: list[Heard]


@pytest.fixture(scope="module")
def mix(tmp_path_factory: pytest.TempPathFactory) -> Mix:
    place = tmp_path_factory.mktemp("mix")
    write_pdf(place / "a.pdf", [f"page {number}" for number in range(1, PAGES + 1)])
    book = Book()
    plain = {
        "record": slip_type("page"),
        "prices": Prices(input=INPUT, cached=CACHED, output=OUTPUT),
        "in_flight": 256,
        "images": ImageOptions(long_side_px=128),
        "budgets": Budgets(ceiling_tokens=2 * 8192),
    }
    with FaultServer(book) as server:
        first = run(config(server.base_url, place / "lake", place / "a.pdf", **plain))
    failures, (spent,) = table(place / "lake", "failures"), spent_in(place / "lake", ())
    with FaultServer(slip_answer) as server:
        second = run(config(server.base_url, place / "lake", place / "a.pdf", **plain))
    return Mix(place / "lake", first, book, failures, spent.cost, second, server.asked)


def test_half_of_the_requests_meet_a_fault_and_every_kind_of_it_is_met(mix: Mix) -> None:
    met = Counter(entry.fate for told in mix.book.entries.values() for entry in told)

    assert set(met) == {"good", *SHARES}
    assert 0.45 < 1 - met["good"] / met.total() < 0.55


def test_every_page_is_a_row_or_a_failure_with_the_reason_of_its_last_reply(mix: Mix) -> None:
    fates = {page: told[-1].fate for page, told in mix.book.entries.items()}
    failed = {page: row["category"] for row in mix.failures.iter_rows(named=True) for page in row["pages"]}

    assert sorted(fates) == list(range(1, PAGES + 1))
    assert failed == {page: REASONS[fate] for page, fate in fates.items() if fate not in GOOD}
    assert set(failed.values()) == set(REASONS.values())
    assert (mix.first.pages.found, mix.first.pages.failed) == (PAGES, len(failed))
    assert mix.first.pages.missing == 0


def test_nothing_is_asked_again_once_its_answer_came(mix: Mix) -> None:
    for told in mix.book.entries.values():
        fates = [entry.fate for entry in told]
        delivered = [entry.question for entry in told if entry.fate in DELIVERED]
        assert not GOOD & set(fates[:-1])
        assert len(set(delivered)) == len(delivered)


def test_the_lake_costs_what_the_service_counted_for_the_answers_it_delivered(mix: Mix) -> None:
    assert mix.costs == mix.book.sum_of(DELIVERED) / 1_000_000
    assert mix.first.cost == pytest.approx(float(mix.costs))


def test_what_was_charged_for_and_lost_on_its_way_is_named_once_for_each_time(mix: Mix) -> None:
    """A reset before the work and one after it look alike: only the service knows which was charged for."""
    fates = Counter(entry.fate for told in mix.book.entries.values() for entry in told)

    assert len(mix.first.lost) == sum(fates[fate] for fate in LIKE_LOST)
    assert mix.book.sum_of(LOST) > 0


def test_the_next_run_asks_only_for_the_pages_that_got_no_answer(mix: Mix) -> None:
    unanswered = {page for page, told in mix.book.entries.items() if REASONS.get(told[-1].fate) in UNANSWERED}
    paid = {entry.question for told in mix.book.entries.values() for entry in told if entry.fate in DELIVERED}

    assert {page_of(heard) for heard in mix.asked_again} == unanswered
    assert not paid & {hashlib.sha256(heard.raw).hexdigest() for heard in mix.asked_again}
    assert mix.second.pages.failed == mix.first.pages.failed - len(unanswered)
    assert records(mix.lake).height == mix.second.pages.in_records


def test_windows_of_several_pages_are_paid_for_once_over_all_runs(tmp_path: Path) -> None:
    """They are halved, and their halves cut into strips; what any run got an answer to is not asked again."""
    for number in range(4):
        write_pdf(tmp_path / "in" / f"{number}.pdf", [f"{number}/{page}" for page in range(4)])
    prices = Prices(input=INPUT, cached=CACHED, output=OUTPUT)
    book, lake = Book(), tmp_path / "lake"
    with FaultServer(book) as server:
        asked = config(
            server.base_url, lake, tmp_path / "in", prices=prices, windows=WindowLimits(max_images=3)
        )
        summaries = []
        for _ in range(3):
            summaries.append(run(asked))
            assert spent_in(lake, ())[0].cost == book.sum_of(DELIVERED) / 1_000_000

    for summary in summaries:
        assert summary.pages.in_records + summary.pages.failed == summary.pages.found == 16
    delivered = [
        entry.question for told in book.entries.values() for entry in told if entry.fate in DELIVERED
    ]
    assert len(set(delivered)) == len(delivered)
    done = [summary.pages.in_records for summary in summaries]
    assert done == sorted(done)
    assert len(records(lake)) == summaries[-1].records
    failures = table(lake, "failures").to_dicts()
    assert sum(len(failure["pages"]) for failure in failures) == summaries[-1].pages.failed
    assert all(failure["remedy"] == REMEDIES[failure["category"]] for failure in failures)
    assert sum(failure["cost"] or 0 for failure in failures) <= spent_in(lake, ())[0].cost
