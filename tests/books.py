"""What a service counts of its answers, and the bill that it makes of that."""

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from threading import Lock
from typing import Any
from urllib.parse import parse_qsl

from tests.gateway import ACCOUNT
from tests.pipeline.runs import slip_answer
from tests.servers import Heard, Reply, json_reply

HALF = 2
"""By so much batch jobs are cheaper."""


@dataclass
class Books:
    """Answers as a model does, and bills its answers in whole billionths of a dollar.

    Attributes:
        nanos: Price of a token of the prompt and of one of the answer, by model; even numbers.
        used: Tokens so far, by model and whether they were a batch job's.
        more: Tokens of the prompt that were used by others, by model.
    """

    nanos: Mapping[str, tuple[int, int]]
    used: dict[tuple[str, bool], list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    more: dict[str, int] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def answer(self, heard: Heard) -> Reply:
        """A chat completion; each one uses other numbers of tokens. Rows of batch jobs have no headers."""
        body = json.loads(slip_answer(heard).body)
        with self.lock:
            used = self.used[heard.body["model"], not heard.headers]
            prompt, completion = 1000 * len(heard.images) + len(self.used) + used[0] % 7, 20 + used[0] % 3
            used[0], used[1] = used[0] + prompt, used[1] + completion
        body["usage"] = {"prompt_tokens": prompt, "completion_tokens": completion}
        return json_reply(body)

    def bill(self, heard: Heard) -> Reply | None:
        """The answer to a question about money, if it is one."""
        path, _, query = heard.path.partition("?")
        asked = dict(parse_qsl(query))
        home = f"/v1/accounts/{ACCOUNT}/"
        today = datetime.now(UTC).date().isoformat()
        if path not in {f"{home}billingUsage", f"{home}billing/summary"}:
            return None
        is_today = asked["startTime"][:10] <= today < asked["endTime"][:10]
        if path.endswith("Usage"):
            return json_reply({"serverlessCosts": self._days(today) if is_today else []})
        lines = [self._line(*key, *used) for key, used in self.used.items()]
        return json_reply({"lineItems": lines if is_today else []})

    def _days(self, today: str) -> list[dict[str, Any]]:
        sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for (model, _), (prompt, completion) in self.used.items():
            sums[model] = [sums[model][0] + prompt, sums[model][1] + completion]
        for model, tokens in self.more.items():
            sums[model][0] += tokens
        return [
            {
                "promptTokens": str(prompt),
                "completionTokens": str(completion),
                "startTime": f"{today}T00:00:00Z",
                "group": {"model_name": model},
            }
            for model, (prompt, completion) in sums.items()
        ]

    def _line(self, model: str, is_batch: bool, prompt: int, completion: int) -> dict[str, Any]:
        prompt += 0 if is_batch else self.more.get(model, 0)
        of_prompt, of_completion = self.nanos[model]
        nanos = (prompt * of_prompt + completion * of_completion) // (HALF if is_batch else 1)
        units, rest = divmod(nanos, 10**9)
        return {
            "groupingKey": "model",
            "groupingValue": model.rpartition("/")[2],
            "secondaryGroupingKey": "is_batch",
            "secondaryGroupingValue": str(is_batch).lower(),
            "totalCost": {"currencyCode": "USD", "units": str(units), "nanos": rest},
        }


def dollars_a_million(nanos: int) -> Decimal:
    """The price of a token as settings have it."""
    return Decimal(nanos) / 1000
