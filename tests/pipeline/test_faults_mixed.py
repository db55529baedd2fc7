"""A service of which every other reply is bad in one of all ways: what is paid, kept and said of it."""

import hashlib
import json
import random
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.cost import Prices
from pipeline.errors import REMEDIES, Category
from pipeline.run import RunConfig
from pipeline.service.retry import Retries
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
    too_many,
    truncated,
)

PRICES = Prices(input=Decimal(3), output=Decimal(5), cached=None)
UNPAID: tuple[Callable[[Reply], Reply], ...] = (
    lambda _: too_many(0.01),
    lambda _: html(503),
    lambda _: html(200),
    lambda _: hang_up(),
    lambda _: garbage(),
    lambda _: refusal(500),
    lambda _: refusal(400, "Failed to decode image"),
    lambda _: refusal(400, "the image is too large"),
    lambda _: refusal(413),
    lambda _: refusal(422, "no"),
    lambda _: json_reply({"error": {"message": "overloaded", "code": 503}}),
    reset,
    truncated,
)
PAID: tuple[Callable[[str], Reply], ...] = (
    lambda text: chat_answer(text[: len(text) // 2], finish_reason="length"),
    lambda _: chat_answer('{"title": "' + "\n" * 3000, finish_reason="length"),
    lambda _: chat_answer('{"title": ' + '"a", "b": ' * 300),
    lambda _: chat_answer(""),
    lambda _: chat_answer(None, finish_reason="content_filter"),
    lambda _: chat_answer("I'm sorry, I can't help with that."),
    lambda text: chat_answer(text[:-1] + ","),
    lambda _: chat_answer({"title": "a", "total": "many", "entries": []}),
    lambda text: chat_answer(f"```json\n{text}\n```"),
    lambda text: chat_answer(f"<think>hm {{</think>{text}"),
)
CATEGORIES = {
    Category.SERVICE_BUSY,
    Category.REQUEST_REJECTED,
    Category.EMPTY_ANSWER,
    Category.TRUNCATED_ANSWER,
    Category.INVALID_ANSWER,
    Category.REFUSED,
}


@dataclass
class Service:
    """Counts what it is paid for: each whole answer, whatever it says.

    Attributes:
        paid: How often each question got a whole answer.
    """

    dice: random.Random
    paid: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, heard: Heard) -> Reply:
        with self._lock:
            bad, which = self.dice.random() < 0.5, self.dice.random()
            faults = len(UNPAID) + len(PAID)
            place = int(which * faults)
            reply = slip_answer(heard)
            if bad and place < len(UNPAID):
                return UNPAID[place](reply)
            self.paid[hashlib.sha256(heard.raw).hexdigest()] += 1
            if bad:
                return PAID[place - len(UNPAID)](_content(reply))
            return reply

    @property
    def cost(self) -> Decimal:
        """A thousand tokens in and twenty out for each answer."""
        return self.paid.total() * (1000 * PRICES.input + 20 * PRICES.output) / 1_000_000


def _content(reply: Reply) -> str:
    text: str = json.loads(reply.body)["choices"][0]["message"]["content"]
    return text


def asked_of(tmp_path: Path, unit: str) -> RunConfig:
    for number in range(4):
        write_pdf(tmp_path / "in" / f"{number}.pdf", [f"{number}/{page}" for page in range(4)])
    return config(
        "",
        tmp_path / "lake",
        tmp_path / "in",
        record=slip_type(unit),
        windows=WindowLimits(max_images=3),
        prices=PRICES,
        retries=Retries(attempts=4, backoff_s=0.001, backoff_max_s=0.002, rate_limit_patience_s=20),
    )


@pytest.mark.parametrize("unit", ["page", "document"])
@pytest.mark.parametrize("seed", range(2))
def test_every_page_ends_as_a_row_or_a_failure_and_no_answer_is_paid_twice(
    seed: int, unit: str, tmp_path: Path
) -> None:
    service = Service(random.Random(seed))  # noqa: S311 - to repeat a failure
    asked = asked_of(tmp_path, unit)

    with FaultServer(service) as server:
        there = replace(asked, endpoint=replace(asked.endpoint, base_url=server.base_url))
        first = run(there)
        cost, failures = service.cost, table(asked.lake, "failures").to_dicts()
        assert table(asked.lake, "answers")["cost"].sum() == cost
        last = [run(there) for _ in range(3)][-1]

    assert first.cost == pytest.approx(float(cost))
    assert (first.pages.found, first.pages.in_records + first.pages.failed) == (16, 16)
    assert sum(len(failure["pages"]) for failure in failures) == first.pages.failed
    for failure in failures:
        assert failure["category"] in CATEGORIES
        assert failure["remedy"] == REMEDIES[failure["category"]]
    assert sum(failure["cost"] or 0 for failure in failures) <= cost
    assert max(service.paid.values()) == 1
    answers = table(asked.lake, "answers")
    assert (answers["cost"].sum(), answers["custom_id"].is_unique().all()) == (service.cost, True)
    assert last.pages.in_records >= first.pages.in_records
    assert len(records(asked.lake)) == last.records
