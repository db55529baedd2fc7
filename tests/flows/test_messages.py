"""What a command says on standard error, for people and for machines."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.flows.command import KEY, Ended, page_answer, pagelake
from tests.papers import write_pdf
from tests.servers import FaultServer, Heard, Reply, refusal

PROCESS = ["process", "in", "--schema", "page_text", "--no-prefect"]


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """A run over two documents whose second pages are refused in words that repeat the key; one is broken."""
    place = tmp_path_factory.mktemp("messages")
    for name in ("a", "b"):
        write_pdf(place / "in" / f"{name}.pdf", ["fine", f"CONFIDENTIAL {name}"])
    (place / "in" / "c\n.pdf").write_bytes(b"%PDF-1.4")

    def answer(heard: Heard) -> Reply:
        said = heard.headers["authorization"]
        return refusal(400, f"no, not with {said}") if "Page 2" in heard.text else page_answer(heard)

    with FaultServer(answer) as server:
        return pagelake(place, *PROCESS, "-vv", PAGELAKE_LOG_FORMAT="json", server=server)


@pytest.fixture(scope="module")
def lines(ended: Ended) -> list[dict[str, Any]]:
    return [json.loads(line) for line in ended.err.splitlines()]


def test_each_line_is_an_object_with_time_level_logger_and_message(
    ended: Ended, lines: list[dict[str, Any]]
) -> None:
    assert ended.code == 1
    assert all({"time", "level", "logger", "message"} <= line.keys() for line in lines)
    assert all(line["time"].endswith("+00:00") for line in lines)


def test_documents_are_named_with_run_shard_and_digest(lines: list[dict[str, Any]]) -> None:
    told = [line for line in lines if line["logger"] == "pipeline.shard" and "document" in line]

    assert {line["path"].rpartition("/")[2] for line in told} == {"a.pdf", "b.pdf"}
    assert {(line["schema"], line["shard"]) for line in told} == {("page_text", 1)}
    assert len({line["run"] for line in lines if "run" in line}) == 1
    assert all(len(line["document"]) == 64 for line in told)


def test_a_failed_page_is_named(lines: list[dict[str, Any]]) -> None:
    failed = [line for line in lines if line["logger"] == "pipeline.document"]

    assert {line["path"].rpartition("/")[2] for line in failed} == {"a.pdf", "b.pdf"}
    assert {(line["message"], line["page"]) for line in failed} == {
        ("no record: request, request_rejected", 2)
    }


def test_what_people_are_told_is_among_the_lines(lines: list[dict[str, Any]]) -> None:
    told = [line["message"] for line in lines if line["logger"] == "pagelake"]

    assert any("without Prefect" in one for one in told)
    assert "the run is over: failures, 2 of 4 pages failed" in [line["message"] for line in lines]


def test_neither_keys_nor_page_content_are_logged(ended: Ended) -> None:
    assert KEY not in ended.err + ended.out
    assert "CONFIDENTIAL" not in ended.err


def test_why_a_command_ends_is_a_line_too(tmp_path: Path) -> None:
    gone = pagelake(
        tmp_path, "process", "gone", "--schema", "page_text", "--log-format", "json", "--no-prefect"
    )

    last = json.loads(gone.err.splitlines()[-1])
    assert (gone.code, last["level"]) == (2, "error")
    assert "gone" in last["message"]


def test_text_lines_name_shard_and_page(tmp_path: Path) -> None:
    write_pdf(tmp_path / "in" / "a.pdf", ["fine"])
    with FaultServer([refusal(400, "no")]) as server:
        ended = pagelake(tmp_path, *PROCESS, "-v", server=server)

    (line,) = [line for line in ended.err.splitlines() if "no record" in line]
    assert line.startswith("INFO pipeline.document: no record: ")
    assert line.endswith("[shard 1, in/a.pdf, page 1]")
