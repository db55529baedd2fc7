"""The key is told to the service alone: searched for in all that a run says, writes and starts."""

import logging
import signal
import threading
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from flows import cli
from pipeline.service.client import Endpoint
from pipeline.shard import ShardResult
from tests.batches import served
from tests.canary import CANARY, arguments_with_it, files_with_it, processes_with_it
from tests.flows.command import environment, page_answer, started
from tests.gateway import ACCOUNT, Bucket, Gateway
from tests.papers import write_pdf
from tests.pipeline.runs import config, run, slip_answer
from tests.servers import FaultServer, Heard, Reply, chat_answer, held, refusal

PROCESS = ["process", "in", "--schema", "page_text", "-vv", "--no-prefect"]
COMMANDS = [
    ("doctor", "-o", "json"),
    ("models", "list"),
    ("quotas", "list", "-o", "json"),
    ("datasets", "create", "evening-1", "lines.jsonl"),
    ("jobs", "create", "-m", "m", "-d", "evening-1", "-x", "evening-2"),
    ("export", "in", "--schema", "page_text", "--format", "batch", "--upload", "--out", "set"),
]
Answer = Callable[[Heard], Reply]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("a", "b"):
        write_pdf(tmp_path / "in" / f"{name}.pdf", [f"page of {name}"])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PAGELAKE_API_KEY", CANARY)
    monkeypatch.setenv("PAGELAKE_MODEL", "test-model")
    monkeypatch.setenv("PAGELAKE_ATTEMPTS", "1")
    monkeypatch.setenv("PAGELAKE_BATCH_POLL_S", "0.01")
    return tmp_path


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> Callable[[], str]:
    """All that was printed, and logged by anybody at any level."""
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, "pipeline")  # the command sets it, and this sets it back

    def text() -> str:
        out, err = capfd.readouterr()
        traces = [traceback.format_exception(*log.exc_info) for log in caplog.records if log.exc_info]
        return "".join([out, err, caplog.text, *(line for trace in traces for line in trace)])

    return text


def loose_tongued(status: int) -> Answer:
    """A service that repeats the key in its refusals."""

    def answer(heard: Heard) -> Reply:
        key = heard.headers["authorization"]
        return refusal(status, f"no, not with {key} ({key.removeprefix('Bearer ')})")

    return answer


@pytest.mark.parametrize(
    ("answer", "code"),
    [(page_answer, 0), (loose_tongued(401), 3), (loose_tongued(400), 1), (loose_tongued(503), 1)],
    ids=["good", "refused", "refused pages", "away"],
)
def test_a_run_tells_the_key_to_the_service_alone(
    answer: Answer, code: int, place: Path, told: Callable[[], str]
) -> None:
    with FaultServer(answer) as server:
        ended = cli.run([*PROCESS, "--base-url", server.base_url])
        cli.run(["settings"])

    said = told()
    assert ended == code, said
    assert {heard.headers["authorization"] for heard in server.asked} == {f"Bearer {CANARY}"}
    assert "DEBUG" in said
    assert CANARY not in said
    assert files_with_it(place) == []


def test_batch_jobs_keep_it_neither_while_they_wait_nor_afterwards(
    place: Path, told: Callable[[], str]
) -> None:
    with served(page_answer) as (_, server):
        at = ["--base-url", server.base_url]
        submitted = cli.run(["batch", "submit", "in", "--schema", "page_text", "--no-prefect", *at])
        waiting = files_with_it(place)
        collected = cli.run(["batch", "collect", "lake", "--wait", "--no-prefect"])

    said = told()
    assert (submitted, collected) == (0, 0), said
    assert (place / "lake/_jobs").is_dir()
    assert CANARY not in said
    assert waiting == files_with_it(place) == []


def test_it_is_in_no_argument_and_in_no_child_and_a_kill_leaves_it_nowhere(place: Path) -> None:
    arguments: list[bytes] = []
    asked, never = threading.Event(), threading.Event()

    def answer(heard: Heard) -> Reply:
        if heard.number == 0:
            return page_answer(heard)
        arguments.extend(arguments_with_it())
        asked.set()
        return held(page_answer(heard), never)

    with (
        FaultServer(answer, models=None) as server,
        started(PROCESS, place, environment(server.base_url, PAGELAKE_API_KEY=CANARY)) as process,
    ):
        assert asked.wait(60)
        known = processes_with_it(process.pid)
        process.send_signal(signal.SIGKILL)
        out, err = process.communicate(timeout=60)

    assert list((place / "lake/_journal").glob("*.jsonl"))
    assert arguments == []
    assert known == [process.pid]
    assert CANARY not in out + err
    assert files_with_it(place) == []


async def crashing(_label: str, call: Callable[[], Awaitable[ShardResult]]) -> ShardResult:
    """A shard whose work ends in a bug."""
    await call()
    raise RuntimeError("a bug")


def test_a_crash_shows_it_neither_in_its_chain_nor_among_its_variables(place: Path) -> None:
    with FaultServer(slip_answer) as server:
        at = Endpoint(base_url=server.base_url, api_key=SecretStr(CANARY))
        asked = replace(config(server.base_url, place / "lake", place / "in"), endpoint=at)
        with pytest.raises(BaseException, match=r"a bug|unhandled") as caught:
            run(asked, wrap=crashing)
    shown = traceback.TracebackException.from_exception(caught.value, capture_locals=True)

    trace = "".join(shown.format())
    assert "RuntimeError: a bug" in trace
    assert "asked = RunConfig(" in trace
    assert CANARY not in trace
    assert files_with_it(place) == []


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("answer", [None, loose_tongued(400)], ids=["good", "refused"])
def test_commands_about_things_at_the_service_do_not_tell_it(
    words: tuple[str, ...],
    answer: Answer | None,
    place: Path,
    told: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (place / "lines.jsonl").write_text('{"custom_id": "a", "body": {"messages": []}}\n' * 3, "utf-8")
    monkeypatch.setenv("PAGELAKE_ACCOUNT_ID", ACCOUNT)
    bucket = Bucket()
    with FaultServer(bucket, models=None) as storage:
        plane = Gateway(bucket, storage.base_url, looks=1)
        with FaultServer(answer or plane, models=None) as server:
            monkeypatch.setenv("PAGELAKE_BASE_URL", server.base_url)
            cli.run(words)
        heard = server.heard

    said = told()
    assert CANARY not in said
    assert {each.headers.get("authorization") for each in heard} == {f"Bearer {CANARY}"}
    assert "DEBUG" in said
    assert not [each for each in storage.heard if "authorization" in each.headers]
    assert files_with_it(place) == []


def test_a_netrc_and_a_redirect_lead_nothing_anywhere(
    place: Path, told: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither is a login taken that nobody named, nor does the key, or a page, go where an answer points."""
    monkeypatch.setenv("HOME", str(place))
    (place / ".netrc").write_text("default login me password of-netrc\n", "utf-8")
    with FaultServer(page_answer) as elsewhere:
        at = elsewhere.base_url.replace("127.0.0.1", "localhost")
        moved = Reply(status=307, headers={"location": f"{at}/chat/completions"})
        with FaultServer([moved]) as server:
            code = cli.run([*PROCESS, "--base-url", server.base_url])

    assert code == 3
    assert "set the base URL to where it leads" in told()
    assert {heard.headers["authorization"] for heard in server.asked} == {f"Bearer {CANARY}"}
    assert elsewhere.heard == []


@pytest.mark.parametrize("name", ["HTTP_PROXY", "all_proxy"])
def test_this_machine_is_asked_through_no_proxy(
    name: str, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with FaultServer(page_answer) as proxy, FaultServer(page_answer) as server:
        monkeypatch.setenv(name, proxy.base_url)
        code = cli.run([*PROCESS, "--base-url", server.base_url])

    assert (code, len(server.asked), proxy.heard) == (0, 2, [])
    assert files_with_it(place) == []


SAID = "zebra4711 of the north"


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize(
    "content",
    [
        {"title": SAID, "language": SAID, "text": SAID},
        {"title": [SAID], "language": "en", "text": {"a": SAID}},
        f'{{"title": "{SAID}',
        SAID,
    ],
    ids=["good", "of other types", "cut", "no JSON"],
)
def test_what_a_page_says_is_told_to_the_lake_alone(
    content: object, told: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAGELAKE_PERF_METRICS", "true")
    with FaultServer([chat_answer(content)]) as server:
        cli.run([*PROCESS, "--base-url", server.base_url])

    said = told()
    assert "DEBUG" in said
    assert SAID not in said
