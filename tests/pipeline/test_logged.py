"""What log lines say beside their sentence."""

import asyncio
import json
import logging

import pytest

from pipeline.logged import JsonLine, TextLine, about, here, these


def record(message: str, *arguments: object, **more: object) -> logging.LogRecord:
    plain = {"name": "pipeline.x", "levelname": "INFO", "levelno": 20, "msg": message, "args": arguments}
    return logging.makeLogRecord({**plain, **more})


def test_a_line_for_machines_says_when_what_and_about_what() -> None:
    with about(run="r", schema="invoice"), about(shard=3), about(document="d", path="a.pdf", page=7):
        told = json.loads(JsonLine().format(record("%d pages", 2, created=1.5)))

    assert told == {
        "time": "1970-01-01T00:00:01.500+00:00",
        "level": "info",
        "logger": "pipeline.x",
        "message": "2 pages",
        "run": "r",
        "schema": "invoice",
        "shard": 3,
        "document": "d",
        "path": "a.pdf",
        "page": 7,
    }


@pytest.mark.parametrize("hostile", ['"}\n{"level": "error"', "\x1b[31m red \u2028 \u202e"])
def test_nothing_in_a_sentence_makes_a_second_line_or_moves_the_cursor(hostile: str) -> None:
    line = JsonLine().format(record("%s", hostile))

    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line)["message"] == hostile


def test_a_defect_is_one_line_with_its_traceback() -> None:
    with pytest.raises(KeyError) as defect:
        json.loads('{"mine": 1}')["yours"]
    line = JsonLine().format(record("bad", exc_info=(defect.type, defect.value, defect.tb)))

    assert "\n" not in line
    assert json.loads(line)["exception"].endswith("KeyError: 'yours'\n")


def test_a_person_reads_shard_document_and_page_and_nothing_twice() -> None:
    form = TextLine("%(message)s")
    with about(run="r", shard=3, document="d", path="a.pdf", **these([7])):
        assert form.format(record("slow")) == "slow [shard 3, a.pdf, page 7]"
        assert form.format(record("page 7 of a.pdf is slow")) == "page 7 of a.pdf is slow [shard 3]"
    with about(**these([1, 2])):
        assert form.format(record("slow")) == "slow [pages 1, 2]"
    assert form.format(record("slow")) == "slow"


def test_tasks_side_by_side_speak_of_their_own_page() -> None:
    heard = list[object]()

    async def draw(page: int) -> None:
        with about(page=page):
            await asyncio.sleep(0)
            heard.append(here()["page"])

    async def all_of_them() -> None:
        async with asyncio.TaskGroup() as group:
            for page in (1, 2, 3):
                group.create_task(draw(page))

    asyncio.run(all_of_them())

    assert sorted(map(str, heard)) == ["1", "2", "3"]
    assert dict(here()) == {}
