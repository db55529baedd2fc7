"""Sample documents by both roads through the embedded engine: the tables are the same."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from polars.testing import assert_frame_equal
from pydantic import SecretStr

from pipeline.config import RunConfig
from pipeline.cost import Prices
from pipeline.local.launch import LocalEngine
from pipeline.local.protocol import MODEL_ID
from pipeline.render.workers import RenderLimits
from pipeline.service.client import Endpoint
from pipeline.summary import RunState
from schemas.registry import load
from tests.pipeline.batch_runs import to_the_end
from tests.pipeline.runs import records, run, table

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("client and engine")]

DOCS = Path(__file__).parents[2] / "sample_docs"
INVOICES = ["harbour_marine_two_pages.pdf", "verdant_gardens_blank_back.pdf"]
PRICES = Prices(input=Decimal(1), output=Decimal(4), batch_discount=Decimal("0.5"))
OF_THE_RUN = {"_run", "_extracted_at", "_latency_s", "_road", "_cost"}


@pytest.fixture(scope="module")
def engine() -> Iterator[LocalEngine]:
    with LocalEngine(workers=1, phase_s=0.01) as engine:
        yield engine


def config(engine: LocalEngine, lake: Path) -> RunConfig:
    return RunConfig(
        sources=tuple(str(DOCS / "invoices" / name) for name in INVOICES),
        record=load("invoice"),
        lake=lake,
        endpoint=Endpoint(base_url=engine.base_url, api_key=SecretStr(engine.api_key)),
        engine="local",
        model=MODEL_ID,
        limits=RenderLimits(workers=1),
        prices=PRICES,
    )


def test_online_and_batch_give_equal_tables_over_sample_documents(
    engine: LocalEngine, tmp_path: Path
) -> None:
    online = run(config(engine, tmp_path / "online"))
    batch = to_the_end(config(engine, tmp_path / "batch"), rows=2, account_id=None)

    assert (online.state, batch.state) == (RunState.COMPLETE, RunState.COMPLETE)
    assert batch.pages == online.pages
    assert (batch.prompt_tokens, batch.completion_tokens) == (online.prompt_tokens, online.completion_tokens)
    first, second = (records(tmp_path / road, "invoice").sort("_source") for road in ("online", "batch"))
    assert first.schema == second.schema
    assert_frame_equal(first.drop(OF_THE_RUN), second.drop(OF_THE_RUN))
    assert first["invoice_number"].null_count() == 0
    assert set(second["_road"]) == {"batch"}
    assert second["_cost"].to_list() == [cost / 2 for cost in first["_cost"]]
    for name, key in (("pages", ["doc_id", "page"]), ("documents", ["path"])):
        tables = [table(tmp_path / road, name).sort(key) for road in ("online", "batch")]
        assert_frame_equal(*(one.drop({"run", "at", "listed"} & set(one.columns)) for one in tables))
    assert first.height == len(INVOICES)
