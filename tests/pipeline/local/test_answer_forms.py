"""Whatever holds answers to their schema, the records of a lake are the same."""

from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from pipeline.dialect import AnswerForm, Delivery
from pipeline.local.launch import LocalEngine
from pipeline.local.protocol import DEPLOYMENT, MODEL_ID
from pipeline.service.client import Endpoint
from pipeline.windows import WindowLimits
from schemas.registry import load
from tests.pipeline.local.bodies import SAMPLES
from tests.pipeline.runs import config, records, run, table

PAPERS = [SAMPLES / "invoices" / "harbour_marine_two_pages.pdf"]
OWN = {"_custom_ids", "_run", "_extracted_at", "_latency_s", "_prompt_tokens", "_model"}


def rows(engine: LocalEngine, lake: Path, form: AnswerForm, model: str = MODEL_ID) -> list[dict[str, object]]:
    """The records of the sample pages, asked page by page, without what differs from run to run."""
    plain = config(engine.base_url, lake, *PAPERS, record=load("invoice"), model=model)
    asked = replace(
        plain,
        endpoint=Endpoint(base_url=engine.base_url, api_key=SecretStr(engine.api_key)),
        windows=WindowLimits(max_images=1),
        delivery=Delivery(fireworks=True),
        form=form,
        extra={"top_p": 0.9},
    )

    assert run(asked).pages.failed == 0
    return [
        {key: value for key, value in row.items() if key not in OWN}
        for row in records(lake, "invoice").to_dicts()
    ]


@pytest.fixture(scope="module")
def plain(
    engine: LocalEngine, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[dict[str, object]]]:
    lake = tmp_path_factory.mktemp("plain") / "lake"
    return lake, rows(engine, lake, "json_schema")


@pytest.mark.parametrize("form", ["json_object", "json_object with schema", "grammar"])
def test_the_records_are_those_of_json_schema(
    engine: LocalEngine, tmp_path: Path, plain: tuple[Path, list[dict[str, object]]], form: AnswerForm
) -> None:
    lake, expected = plain

    assert rows(engine, tmp_path, form) == expected
    assert expected[0]["total"] is not None
    ids = [set(table(folder, "answers")["custom_id"]) for folder in (lake, tmp_path)]
    assert len(ids[0]) == len(ids[1]) == 2
    assert ids[0].isdisjoint(ids[1])


def test_a_deployment_of_ones_own_gives_the_same_under_its_name(
    engine: LocalEngine, tmp_path: Path, plain: tuple[Path, list[dict[str, object]]]
) -> None:
    name = f"{MODEL_ID}#{DEPLOYMENT}"

    assert rows(engine, tmp_path, "json_schema", name) == plain[1]
    assert records(tmp_path, "invoice")["_model"].to_list() == [name]
