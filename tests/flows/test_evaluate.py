"""The command `pagelake evaluate`, from documents to figures."""

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipeline.cost import Prices
from schemas.registry import load
from tests.flows.command import Ended, page_answer, pagelake
from tests.papers import write_pdf
from tests.pipeline.runs import config, run
from tests.servers import Answer, FaultServer, Heard, Reply, chat_answer

SCHEMA = '''
from decimal import Decimal
from pydantic import BaseModel

class Ticket(BaseModel):
    """A ticket."""
    place: str | None = None
    price: Decimal | None = None
    stops: list[str] = []
'''


def ticket(_: Heard) -> Reply:
    return chat_answer({"place": "Port  MERRIN", "price": 3.5, "stops": ["Quay", "Mill"]})


def dear(_: Heard) -> Reply:
    return chat_answer({"place": "Port Merrin", "price": 30.5, "stops": ["Quay", "Mill"]})


def work(place: Path, lake: str, answer: Answer, schema: str) -> None:
    with FaultServer(answer) as server:
        asked = config(server.base_url, place / lake, place / "in", record=load(schema), model=f"of-{lake}")
        run(replace(asked, prices=Prices(input=Decimal(2), output=Decimal(5))))


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A working folder with documents, a lake of tickets and its truth."""
    write_pdf(tmp_path / "in" / "a.pdf", ["one"])
    write_pdf(tmp_path / "in" / "b.pdf", ["two"])
    (tmp_path / "ticket.py").write_text(SCHEMA)
    work(tmp_path, "lake", ticket, f"{tmp_path}/ticket.py:Ticket")
    record = {"place": "port merrin", "price": "3.50", "stops": ["Mill", "Quay", "[bold]Hill"]}
    write_truth(tmp_path, {"path": "in/a.pdf", "schema": "ticket", "record": record})
    return tmp_path


def write_truth(place: Path, *lines: dict[str, Any]) -> None:
    (place / "truth.jsonl").write_text("\n".join(json.dumps(line) for line in lines))


def evaluate(place: Path, *arguments: str) -> Ended:
    return pagelake(place, "evaluate", *arguments, "--truth", "truth.jsonl", COLUMNS="80")


def test_the_figures_of_a_lake_are_shown(place: Path) -> None:
    ended = evaluate(place, "lake", "--schema", "ticket.py:Ticket")

    assert (ended.code, ended.err) == (0, "")
    rows = {line.split()[0]: line.split()[1:] for line in ended.out.splitlines() if line.strip()}
    assert rows["stops[]"] == ["2", "0", "1", "0", "0", "1.000", "0.667", "0.800", "1.000"]
    assert rows["all"][:8] == ["4", "0", "1", "0", "0", "1.000", "0.800", "0.889"]
    assert rows["stops[2]"] == ["missing", "[bold]Hill"]
    assert "1.0k prompt tokens, 20 completion tokens" in ended.out
    assert "$0.0021" in ended.out
    assert "not scored, for the truth does not speak of them" in ended.out
    assert all(len(line) <= 80 for line in ended.out.splitlines())


def test_the_figures_are_there_for_scripts(place: Path) -> None:
    ended = evaluate(place, "lake", "--schema", "ticket.py:Ticket", "--json")

    (told,) = json.loads(ended.out)["evaluations"]
    assert told["total"] == {
        "right": 4,
        "wrong": 0,
        "missing": 1,
        "invented": 0,
        "both_empty": 0,
        "precision": 1.0,
        "recall": 0.8,
        "f1": pytest.approx(8 / 9),
    }
    assert told["documents"][0]["differences"] == [
        {"field": "stops[2]", "verdict": "missing", "truth": "[bold]Hill", "found": None}
    ]
    assert told["documents"][0]["spent"]["cost"] == pytest.approx(0.0021)
    assert [field["field"] for field in told["fields"]] == ["place", "price", "stops[]"]
    assert told["models"] == ["of-lake"]


@pytest.mark.parametrize(
    ("least", "code", "says"), [("0.88", 0, ""), ("0.9", 1, "ticket in lake is 0.889, below")]
)
def test_a_least_f1_is_a_gate(least: str, code: int, says: str, place: Path) -> None:
    ended = evaluate(place, "lake", "--schema", "ticket.py:Ticket", "--min-f1", least)

    assert ended.code == code
    assert says in ended.err
    assert "all" in ended.out


def test_models_are_compared_side_by_side(place: Path) -> None:
    work(place, "other", dear, f"{place}/ticket.py:Ticket")

    ended = evaluate(place, "lake", "other", "--schema", "ticket.py:Ticket")

    rows = [line.split() for line in ended.out.splitlines()]
    assert ["model", "of-lake", "of-other"] in rows
    assert ["F1", "0.889", "0.667"] in rows
    assert ["price", "1.000", "0.000"] in rows
    assert ["$0.0021", "$0.0021"] in rows


def test_a_tolerance_lets_numbers_pass(place: Path) -> None:
    write_truth(place, {"path": "in/a.pdf", "schema": "ticket", "record": {"price": "3.55"}})
    words = ("lake", "--schema", "ticket.py:Ticket", "--min-f1", "1")

    assert evaluate(place, *words).code == 1
    assert evaluate(place, *words, "--tolerance", "0.05").code == 0


def test_without_a_schema_all_are_scored_that_truth_and_lake_have(place: Path) -> None:
    work(place, "texts", page_answer, "page_text")
    write_truth(
        place,
        {"path": "in/a.pdf", "schema": "invoice", "record": {"total": 1}},
        {"path": "in/b.pdf", "schema": "page_text", "record": {"language": "EN"}},
    )

    ended = evaluate(place, "texts", "--json")

    told = json.loads(ended.out)["evaluations"]
    assert [(one["schema_name"], one["total"]["f1"]) for one in told] == [("page_text", 1.0)]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("in",), "in is not a lake; name the folder that was given to --out"),
        (("lake", "--schema", "invoice"), "the truth has no line for the schema 'invoice'"),
        (("lake",), "there is no record type 'ticket'"),
        (("lake", "--schema", "ticket.py:Ticket", "--truth", "none"), "the truth none cannot be read"),
    ],
)
def test_a_mistake_is_one_line(arguments: tuple[str, ...], says: str, place: Path) -> None:
    ended = pagelake(place, "evaluate", "--truth", "truth.jsonl", *arguments)

    assert (ended.code, ended.out) == (2, "")
    assert says in ended.err
    assert ended.err.count("\n") == 1


def test_truth_and_lake_that_have_no_schema_in_common_are_told(place: Path) -> None:
    write_truth(place, {"path": "a.pdf", "schema": "invoice", "record": {}})

    ended = evaluate(place, "lake")

    assert ended.code == 2
    assert "the truth names invoice and the lake holds ticket; say which to score with --schema" in ended.err
