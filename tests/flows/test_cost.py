"""`pagelake cost`: sums of a lake of both roads, held against the bill of the service that answered."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from flows.cli import app
from pipeline.cost import Prices
from pipeline.errors import ConfigError, ServiceRefused
from tests.batches import BatchService, served
from tests.books import Books, dollars_a_million
from tests.gateway import ACCOUNT, KEY
from tests.papers import write_pdf
from tests.pipeline.batch_runs import asked, to_the_end
from tests.pipeline.runs import run
from tests.servers import refusal

M, N, BATCH = "accounts/fireworks/models/m", "accounts/fireworks/models/n", "test-model"
NANOS = {M: (400, 1600), N: (120, 600), BATCH: (60, 300)}


def prices(model: str) -> Prices:
    prompt, completion = map(dollars_a_million, NANOS[model])
    return Prices(input=prompt, output=completion, batch_discount=Decimal("0.5"))


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Books, BatchService, str]]:
    """Two answers of one model, one of another and one without a price, one by a batch job; who gave them."""
    place, books = tmp_path_factory.mktemp("cost"), Books(NANOS)
    with served(books.answer, fault=books.bill) as (service, server):

        def wanted(name: str, model: str, *, priced: bool = True) -> Any:
            write_pdf(place / f"{name}.pdf", [name])
            price = prices(model) if priced else None
            return asked(server.base_url, place / "lake", place / f"{name}.pdf", model=model, prices=price)

        for name, model, priced in (("a", M, True), ("b", M, True), ("c", N, True), ("d", N, False)):
            run(wanted(name, model, priced=priced))
        to_the_end(wanted("e", BATCH))
        yield place / "lake", books, service, server.base_url


@pytest.fixture
def lake(worked: tuple[Path, Books, BatchService, str]) -> Path:
    return worked[0]


@pytest.fixture
def service(
    worked: tuple[Path, Books, BatchService, str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[BatchService, Books]]:
    """The service as the settings name it, with its books; as it was, afterwards."""
    monkeypatch.setenv("PAGELAKE_BASE_URL", worked[3])
    monkeypatch.setenv("PAGELAKE_API_KEY", KEY)
    monkeypatch.setenv("PAGELAKE_ACCOUNT_ID", ACCOUNT)
    yield worked[2], worked[1]
    worked[2].fault = worked[1].bill


def shown(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["cost", *arguments])
    assert result.exit_code == 0, result.output
    return result.stdout


def sums(lake: Path, *groups: str) -> list[dict[str, Any]]:
    options = [word for group in groups for word in ("--by", group)]
    found: list[dict[str, Any]] = json.loads(shown(str(lake), *options, "--json"))["by"]
    return found


def test_costs_are_summed_by_model_schema_and_road(
    worked: tuple[Path, Books, BatchService, str],
) -> None:
    told = json.loads(shown(str(worked[0]), "--json"))

    assert [(one["model"], one["schema"], one["road"], one["answers"]) for one in told["by"]] == [
        (M, "slip", "online", 2),
        (N, "slip", "online", 2),
        (BATCH, "slip", "batch", 1),
    ]
    assert [one["unpriced"] for one in told["by"]] == [0, 1, 0]
    prompt, completion = worked[1].used[M, False]
    assert told["by"][0]["cost"] == pytest.approx((400 * prompt + 1600 * completion) / 1e9)
    prompt, completion = worked[1].used[BATCH, True]
    assert told["by"][2]["cost"] == pytest.approx((60 * prompt + 300 * completion) / 2e9)
    assert told["total"]["answers"] == 5


@pytest.mark.parametrize(
    ("groups", "answers"),
    [
        (("run",), [1, 1, 1, 1, 1]),
        (("model",), [2, 2, 1]),
        (("schema",), [5]),
        (("road",), [1, 4]),
        (("day",), [5]),
        (("road", "model"), [1, 2, 2]),
        (("run", "model", "schema", "road"), [1, 1, 1, 1, 1]),
    ],
)
def test_every_way_to_sum_counts_every_answer_once(
    lake: Path, groups: tuple[str, ...], answers: list[int]
) -> None:
    found = sums(lake, *groups)

    assert [one["answers"] for one in found] == answers
    assert [list(one)[: len(groups)] for one in found] == [list(groups)] * len(found)
    assert sum(one["cost"] for one in found) == pytest.approx(sums(lake, "schema")[0]["cost"])


def test_a_table_ends_with_the_sum(lake: Path) -> None:
    lines = shown(str(lake), "--by", "road").splitlines()

    assert lines[0].split()[:2] == ["road", "answers"]
    assert lines[-1].split()[:2] == ["all", "5"]


def test_a_long_name_is_folded_and_not_cut(lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "68")

    assert "…" not in shown(str(lake), "--by", "run", "--by", "model", "--by", "schema")


def test_a_folder_that_is_no_lake_is_said_to_be_none(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["cost", str(tmp_path)])

    assert result.exit_code != 0
    assert "is not a lake" in str(result.exception)


def test_the_cost_of_a_lake_is_what_the_service_billed_by_model_day_and_road(
    lake: Path, service: tuple[BatchService, Books]
) -> None:
    bill = json.loads(shown(str(lake), "--billing", "--json"))["billing"]

    used = service[1].used
    assert bill["account"] == ACCOUNT
    assert {one["day"] for one in bill["tokens"]} == {datetime.now(UTC).date().isoformat()}
    assert [(one["model"], one["lake"], one["difference"], one["reason"]) for one in bill["tokens"]] == [
        (model, dict(zip(("prompt_tokens", "completion_tokens"), used[model, road], strict=True)), 0, "")
        for model, road in ((M, False), (N, False), (BATCH, True))
    ]
    assert all(one["lake"] == one["service"] for one in bill["tokens"])
    dollars = {(one["model"], one["road"]): one for one in bill["dollars"]}
    assert list(dollars) == [(M, "online"), (N, "online"), (BATCH, "batch")]
    for key in ((M, "online"), (BATCH, "batch")):
        assert dollars[key]["lake"] == dollars[key]["service"] > 0
        assert (dollars[key]["difference"], dollars[key]["reason"]) == (0, "")
    assert dollars[N, "online"]["reason"] == "answers that came while no price was set: 1"
    assert bill["tokens_of_other_models"] == 0


def test_what_others_use_of_the_account_is_told_apart(
    lake: Path, service: tuple[BatchService, Books], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    busy = replace(service[1], more={M: 500, "theirs": 77})
    service[0].fault = busy.bill

    lines = [line.rstrip() for line in shown(str(lake), "--billing").splitlines()]

    (of_tokens,) = [line for line in lines if M in line and "+500" in line]
    assert of_tokens.endswith("the account was used otherwise, or answers were lost or have not come yet")
    (of_dollars,) = [line for line in lines if M in line and "+$0.0002" in line]
    assert of_dollars.endswith("as the tokens differ")
    assert f"account {ACCOUNT} used 77 tokens of other models" in lines[-1]


def test_a_key_that_may_not_see_the_bill_is_told_so(lake: Path, service: tuple[BatchService, Books]) -> None:
    service[0].fault = lambda heard: refusal(403, "no permission") if "illing" in heard.path else None

    result = CliRunner().invoke(app, ["cost", str(lake), "--billing"])

    assert isinstance(result.exception, ServiceRefused)
    assert "does not show this key what it billed" in str(result.exception)
    assert result.stdout == ""


def test_a_bill_needs_a_service(lake: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))

    result = CliRunner().invoke(app, ["cost", str(lake), "--billing"])

    assert isinstance(result.exception, ConfigError)
    assert "name a service first" in str(result.exception)
