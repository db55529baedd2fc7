"""A run that is killed outright, and the one after it."""

import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.summary import RunState
from tests.papers import write_pdf
from tests.pipeline.runs import config, records, run, slip_answer, table
from tests.servers import FaultServer, Heard, Reply, chat_answer, late, refusal

DOCUMENTS = 12
IN_FLIGHT = 3

RUN = """
import sys
from pathlib import Path
from tests.pipeline.runs import config, run
run(config(sys.argv[1], Path(sys.argv[2]), sys.argv[3], in_flight=int(sys.argv[4]), shard_pages=4))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number in range(DOCUMENTS):
        write_pdf(tmp_path / "in" / f"{number:02}.pdf", [f"document {number}", f"back of {number}"])
    return tmp_path / "in"


def kill_after(
    requests: int, folder: Path, lake: Path, reply: Callable[[Heard], Reply] = slip_answer
) -> list[str]:
    """Run in a process of its own and kill it when the server has heard so many; returns what was asked."""
    reached = threading.Event()

    def answer(heard: Heard) -> Reply:
        if heard.number + 1 >= requests:
            reached.set()
        return late(reply(heard), 0.05)

    with FaultServer(answer) as server:
        command = [sys.executable, "-c", RUN, server.base_url, str(lake), str(folder), str(IN_FLIGHT)]
        with subprocess.Popen(command, start_new_session=True) as process:
            assert reached.wait(60)
            os.killpg(process.pid, signal.SIGKILL)
        return [heard.text for heard in server.asked]


def comparable(lake: Path) -> list[dict[str, object]]:
    varies = {"_run", "_extracted_at", "_latency_s"}
    rows = records(lake).sort("_source").to_dicts()
    return [{name: value for name, value in row.items() if name not in varies} for row in rows]


@pytest.mark.parametrize(
    "requests", [7, *(pytest.param(count, marks=pytest.mark.torture) for count in (1, 4, DOCUMENTS))]
)
def test_after_a_kill_the_next_run_gives_the_rows_of_an_undisturbed_one(
    requests: int, folder: Path, tmp_path: Path
) -> None:
    asked_before = kill_after(requests, folder, tmp_path / "killed")
    with FaultServer(slip_answer) as server:
        after = run(config(server.base_url, tmp_path / "killed", folder, in_flight=IN_FLIGHT))
        asked_after = len(server.asked)
        run(config(server.base_url, tmp_path / "whole", folder))

    assert after.state == RunState.COMPLETE
    assert comparable(tmp_path / "killed") == comparable(tmp_path / "whole")
    assert len(asked_before) + asked_after <= DOCUMENTS + IN_FLIGHT
    assert len(after.in_doubt) <= IN_FLIGHT
    for name in ("documents", "pages", "failures"):
        assert table(tmp_path / "killed", name).height == table(tmp_path / "whole", name).height


def test_no_answer_is_kept_twice_after_a_kill(folder: Path, tmp_path: Path) -> None:
    kill_after(6, folder, tmp_path / "lake")
    with FaultServer(slip_answer) as server:
        run(config(server.base_url, tmp_path / "lake", folder))

    answers = table(tmp_path / "lake", "answers")
    assert answers["custom_id"].n_unique() == answers.height == DOCUMENTS


class Troublesome:
    """A service that takes PNG alone, cuts answers about whole pages, and errs about strips at first.

    Attributes:
        paid: How often each question got an answer.
    """

    def __init__(self) -> None:
        self.paid: Counter[bytes] = Counter()

    def __call__(self, heard: Heard) -> Reply:
        if any(image.startswith(b"\xff\xd8") for image in heard.images):
            return refusal(400, "Failed to decode image")
        self.paid[heard.raw] += 1
        if "strip" not in heard.text:
            return chat_answer('{"title": "fr', finish_reason="length")
        if len(heard.body["messages"]) == 2:
            return chat_answer({"title": None, "total": "many", "entries": []})
        return slip_answer(heard)


def test_the_next_run_begins_with_the_remedies_that_a_killed_one_had_found(tmp_path: Path) -> None:
    service, again, whole = Troublesome(), Troublesome(), Troublesome()
    for number in range(3):
        write_pdf(tmp_path / "in" / f"{number}.pdf", [f"document {number}", f"back of {number}"])
    kill_after(14, tmp_path / "in", tmp_path / "killed", service)
    with FaultServer(again) as server:
        after = run(config(server.base_url, tmp_path / "killed", tmp_path / "in", in_flight=IN_FLIGHT))
    with FaultServer(whole) as server:
        run(config(server.base_url, tmp_path / "whole", tmp_path / "in"))

    remedies = [
        table(tmp_path / lake, "pages").sort("doc_id", "page")["remedy"].to_list()
        for lake in ("killed", "whole")
    ]
    assert (after.state, after.records) == (RunState.COMPLETE, 3)
    assert comparable(tmp_path / "killed") == comparable(tmp_path / "whole")
    assert remedies[0] == remedies[1]
    assert "fewer pages, other format, more tokens, more tokens, bands, repair" in remedies[0]
    assert set(whole.paid.values()) == {1}
    assert (service.paid + again.paid).keys() == whole.paid.keys()
    assert (service.paid + again.paid).total() <= whole.paid.total() + IN_FLIGHT
