"""The command line: what it shows, how it ends, and that help and code agree."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import typer
from typer.testing import CliRunner

from flows.cli import app, run
from flows.job import NO_SETTINGS, ProcessOptions
from pipeline.settings import Settings
from tests.flows.command import (
    KEY,
    environment,
    interrupt,
    leaves,
    page_answer,
    pagelake,
    started,
    to_the_end,
)
from tests.papers import write_pdf
from tests.pipeline.render.documents import encrypted
from tests.servers import FaultServer, Heard, Reply, chat_answer, held, refusal

PROCESS = ("process", "in", "--schema", "page_text", "--no-prefect")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A working folder with three documents of four pages in `in`, one of them blank."""
    write_pdf(tmp_path / "in" / "a.pdf", ["one", "two"])
    write_pdf(tmp_path / "in" / "b.pdf", ["three"])
    write_pdf(tmp_path / "in" / "c.pdf", [""])
    return tmp_path


def test_every_option_of_a_run_reaches_the_run_and_mirrors_a_setting() -> None:
    command: Any = typer.main.get_command(app)
    process = {parameter.name for parameter in command.commands["process"].params}

    assert set(ProcessOptions.model_fields) <= process
    assert set(ProcessOptions.model_fields) - NO_SETTINGS <= set(Settings.model_fields)
    assert not NO_SETTINGS & set(Settings.model_fields)


def test_what_help_imports_is_light() -> None:
    heavy = ["prefect", "polars", "pydantic", "httpx", "PIL"]
    script = f"import sys, flows.cli; print([name for name in {heavy} if name in sys.modules])"

    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert ended.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "arguments",
    [
        ["process"],
        ["process", "in"],
        ["process", "in", "--schema"],
        ["process", "in", "--schema", "invoice", "--engine", "cloud"],
        ["process", "in", "--schema", "invoice", "--limit", "0"],
        ["process", "in", "--schema", "invoice", "--frobnicate"],
        ["rebuild"],
        ["local", "serve", "--port", "70000"],
        ["nonsense"],
    ],
)
def test_bad_usage_ends_with_2(arguments: list[str]) -> None:
    ended = CliRunner().invoke(app, arguments)

    assert ended.exit_code == 2
    assert "Error" in ended.output


@pytest.mark.parametrize(
    ("arguments", "environ", "says"),
    [
        (["process", "in", "--schema", "invoise"], {}, "invoice"),
        (["process", "in", "--schema", "invoice", "--pages", "3-1"], {}, "3-1"),
        (["process", "in", "--schema", "invoice", "--quality", "0"], {}, "--quality"),
        (["process", "in", "--schema", "invoice"], {"PAGELAKE_MODLE": "x"}, "PAGELAKE_MODEL"),
        (["process", "in", "--schema", "invoice", "--base-url", "example.org"], {}, "--base-url"),
        (["process", "in", "--schema", "invoice", "--model", "m", "--engine", "local"], {}, "--model"),
        (["settings"], {"PAGELAKE_IN_FLIGHT": "many"}, "PAGELAKE_IN_FLIGHT"),
        (["schemas", "show", "nothing"], {}, "nothing"),
    ],
)
def test_bad_configuration_ends_with_2_and_one_line(  # noqa: PLR0913, PLR0917 - three are fixtures
    arguments: list[str],
    environ: dict[str, str],
    says: str,
    place: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(place)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)

    code = run(arguments)

    out, err = capsys.readouterr()
    assert (code, out) == (2, "")
    assert err.startswith("pagelake: ")
    assert err.count("\n") == 1
    assert says in err


@pytest.mark.parametrize("command", ["schemas", *(" ".join(words) for words, _ in leaves(app))])
def test_help_holds_an_example(command: str) -> None:
    told = CliRunner().invoke(app, [*command.split(), "--help"]).output

    assert f"pagelake {command}" in told.partition("Examples:")[2]


def test_a_service_that_is_not_there_ends_with_3(place: Path) -> None:
    ended = pagelake(place, *PROCESS, PAGELAKE_BASE_URL="http://127.0.0.1:9/v1", PAGELAKE_ATTEMPTS="2")

    assert ended.code == 3
    assert ended.err.splitlines()[-1].startswith("pagelake: the connection to 127.0.0.1 failed")


def test_a_run_without_failures_ends_with_0_and_the_next_one_asks_nothing(place: Path) -> None:
    """Both are processes that begin from nothing, as users start them."""
    with FaultServer(page_answer) as server:
        first = to_the_end(started(PROCESS, place, environment(server.base_url)))
        asked = len(server.asked)
        second = to_the_end(started(PROCESS, place, environment(server.base_url)))

    assert (first.code, second.code) == (0, 0)
    assert (asked, len(server.asked)) == (3, 3)
    assert "nothing was asked" in second.out
    assert "without Prefect" in first.err
    assert "lake: lake" in first.out


def test_the_line_that_reads_the_lake_reads_it(place: Path) -> None:
    with FaultServer(page_answer) as server:
        ended = pagelake(place, *PROCESS, "--out", "it's mine", server=server)
    line = next(line for line in ended.out.splitlines() if line.startswith("read it: "))

    code = line.removeprefix("read it: ").replace("pl.read_parquet", "print(pl.read_parquet") + ".height)"
    read = subprocess.run([sys.executable, "-c", code], cwd=place, capture_output=True, text=True, check=True)

    assert read.stdout.strip() == "3"


def test_without_a_key_the_embedded_engine_answers_and_a_rerun_leaves_it_alone(place: Path) -> None:
    first = pagelake(place, *PROCESS, "--json")
    second = pagelake(place, *PROCESS, "--json")

    told, told_again = json.loads(first.out), json.loads(second.out)
    assert (first.code, second.code) == (0, 0)
    assert "embedded engine" in first.err
    assert (told["engine"], told["model"]) == ("local", "local/pagelake-ocr")
    assert (told["requests"], told_again["requests"]) == (3, 0)
    assert "Traceback" not in first.err + second.err
    texts = pl.read_parquet(place / "lake/records/schema=page_text/*.parquet").sort("_source", "_pages")[
        "text"
    ]
    assert [text.strip() for text in texts] == ["one", "two", "three"]


def test_a_run_with_failures_ends_with_1_and_names_them(place: Path) -> None:
    (place / "in" / "bad.pdf").write_bytes(b"<html>sign in</html>")

    with FaultServer(page_answer) as server:
        ended = pagelake(place, *PROCESS, server=server)

    assert ended.code == 1
    assert "bad.pdf" in ended.out
    assert "lake/failures" in ended.out


def test_a_refused_key_ends_with_3_and_no_traceback(place: Path) -> None:
    with FaultServer(lambda _: refusal(401, "bad key", code="UNAUTHORIZED")) as server:
        ended = pagelake(place, *PROCESS, server=server)

    assert ended.code == 3
    assert "stopped by the service" in ended.out
    assert "Traceback" not in ended.err


def test_standard_output_is_the_summary_alone_with_json(place: Path) -> None:
    with FaultServer(page_answer) as server:
        ended = pagelake(place, *PROCESS, "--json", server=server)

    summary = json.loads(ended.out)
    assert summary["pages"] == {"found": 4, "in_records": 3, "blank": 1, "failed": 0, "skipped": 0}
    assert summary["state"] == "complete"


def test_a_dry_run_asks_nothing_and_leaves_no_lake(place: Path) -> None:
    prices = {"PAGELAKE_PRICES": '{"test-model": {"input": 0.5, "output": 2}}'}
    with FaultServer(page_answer) as server:
        shown = pagelake(place, *PROCESS, "--dry-run", server=server, **prices)
        plan = pagelake(place, *PROCESS, "--dry-run", "--json", server=server, **prices)

    assert shown.code == plan.code == 0
    assert not server.asked
    assert not (place / "lake").exists()
    assert re.search(r"cost online +\$.* to \$.*\n *cost by batch jobs +\$.* to \$", shown.out)
    told = json.loads(plan.out)
    assert told["images"] == 4
    assert told["cost_batch"] == [pytest.approx(bound / 2) for bound in told["cost"]]


def test_a_dry_run_says_what_has_no_price_and_what_is_free(place: Path) -> None:
    with FaultServer(page_answer) as server:
        unpriced = pagelake(place, *PROCESS, "--dry-run", server=server)
    free = pagelake(place, *PROCESS, "--dry-run")

    assert "unknown: no price is set for test-model" in unpriced.out
    assert "nothing: the embedded engine is on this machine" in free.out


def test_the_options_go_before_the_settings(place: Path) -> None:
    with FaultServer(page_answer) as server:
        ended = pagelake(
            place, *PROCESS, "--model", "mine", "--max-tokens", "77", server=server, PAGELAKE_MODEL="theirs"
        )

    assert ended.code == 0
    assert {heard.body["model"] for heard in server.asked} == {"mine"}
    assert {heard.body["max_tokens"] for heard in server.asked} == {77}


def test_without_a_model_a_service_that_has_several_is_listed(place: Path) -> None:
    with FaultServer(page_answer, models=[f"model-{number:02}" for number in range(12)]) as server:
        ended = pagelake(place, *PROCESS, server=server)

    assert ended.code == 2
    assert "model-00" in ended.err
    assert "model-09 and 2 more" in ended.err


@pytest.mark.parametrize(
    ("number", "again_by"), [(signal.SIGINT, "press Ctrl-C again"), (signal.SIGTERM, "send SIGTERM again")]
)
def test_one_signal_ends_cleanly_and_the_next_run_goes_on(
    number: signal.Signals, again_by: str, place: Path
) -> None:
    asked, release = threading.Event(), threading.Event()

    def answer(heard: Heard) -> Reply:
        asked.set()
        return held(page_answer(heard), release)

    with FaultServer(answer) as server:
        with started([*PROCESS, "--in-flight", "1"], place, environment(server.base_url)) as process:
            assert asked.wait(60)
            interrupt(process, number)
            assert process.stderr is not None
            told = next(line for line in process.stderr if "stopping after" in line)
            release.set()
            out, err = process.communicate(timeout=60)
        stopped = len(server.asked)
        again = pagelake(place, *PROCESS, server=server)

    assert again_by in told
    assert process.returncode == 128 + number, err
    assert "interrupted" in out
    assert stopped == 1
    assert again.code == 0
    assert len(server.asked) == 3
    assert pl.read_parquet(place / "lake/records/schema=page_text/*.parquet").height == 3


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_second_signal_stops_at_once(number: signal.Signals, place: Path) -> None:
    asked, never = threading.Event(), threading.Event()

    def answer(heard: Heard) -> Reply:
        asked.set()
        return held(page_answer(heard), never)

    with (
        FaultServer(answer) as server,
        started(PROCESS, place, environment(server.base_url)) as process,
    ):
        assert asked.wait(60)
        interrupt(process, number)
        assert process.stderr is not None
        assert any("stopping after" in line for line in process.stderr)
        interrupt(process, number)
        _, err = process.communicate(timeout=60)

    assert process.returncode == 128 + number
    assert "stopped at once" in err
    assert "Traceback" not in err


def test_passwords_open_what_they_are_for_and_are_nowhere_in_what_is_told_or_written(place: Path) -> None:
    by_name, for_all, unknown = "first-0123456789abc", "second-0123456789ab", "third-0123456789abc"
    for name, password in (("x", by_name), ("y", for_all), ("z", unknown)):
        encrypted(place / "in" / "a.pdf", place / "in" / f"locked_{name}.pdf", user=password, owner="own")
    (place / "passwords.toml").write_text(f'"locked_x.pdf" = "{by_name}"\n')
    options = ("--password", for_all, "--password-file", "passwords.toml", "--json", "-vv")

    with FaultServer(page_answer) as server:
        ended = pagelake(place, *PROCESS, *options, server=server)
        shown = pagelake(place, "settings", PAGELAKE_PASSWORD=for_all)

    failures = json.loads(ended.out)["failures"]
    assert [(one["path"], one["category"]) for one in failures] == [("in/locked_z.pdf", "wrong_password")]
    assert "other users can read the passwords in passwords.toml" in ended.err
    written = [path.read_bytes() for path in (place / "lake").rglob("*") if path.is_file()]
    told = [text.encode() for one in (ended, shown) for text in (one.out, one.err)]
    assert not [text for text in (*told, *written) for word in (by_name, for_all) if word.encode() in text]


def test_names_that_would_drive_the_terminal_are_spelled_out(place: Path) -> None:
    (place / "in" / "\x1b[31m[bold]red.pdf").write_bytes(b"nothing")
    Path(os.fsdecode(bytes(place / "in") + b"/\xff.pdf")).write_bytes(b"nothing")

    with FaultServer(page_answer) as server:
        ended = pagelake(place, *PROCESS, server=server)
        as_json = pagelake(place, *PROCESS, "--json", server=server)

    assert ended.code == 1
    assert "\x1b" not in ended.out
    assert "[bold]red.pdf" in ended.out
    assert r"\xff.pdf" in ended.out
    assert json.loads(as_json.out)["failures_total"] == 2


def test_rebuild_asks_nothing_and_gives_the_same_records(place: Path) -> None:
    with FaultServer(page_answer) as server:
        pagelake(place, *PROCESS, server=server)
        pattern = place / "lake/records/schema=page_text/*.parquet"
        before = pl.read_parquet(pattern)["text"].sort().to_list()
        ended = pagelake(place, "rebuild", "lake", "--schema", "page_text")

    assert ended.code == 0
    assert "3 records" in ended.out
    assert pl.read_parquet(pattern)["text"].sort().to_list() == before
    assert len(server.asked) == 3


def test_settings_say_where_each_value_comes_from(place: Path) -> None:
    (place / "pagelake.toml").write_text("in_flight = 7\n")

    shown = pagelake(place, "settings", "--json", PAGELAKE_MODEL="mine", PAGELAKE_API_KEY=KEY)

    values = json.loads(shown.out)
    assert values["in_flight"] == {"value": "7", "origin": "pagelake.toml"}
    assert values["model"] == {"value": "mine", "origin": "PAGELAKE_MODEL"}
    assert values["quality"]["origin"] == "default"
    assert KEY not in shown.out


def test_the_record_types_are_listed_and_shown(place: Path) -> None:
    (place / "mine.py").write_text(
        "from pydantic import BaseModel\nclass Slip(BaseModel):\n    total: float\n"
    )

    listed, shown = pagelake(place, "schemas"), pagelake(place, "schemas", "show", "mine.py:Slip", "--json")

    assert "invoice" in listed.out
    assert json.loads(shown.out)["columns"] == {"total": "Float64"}


def test_the_version_is_shown_either_way(tmp_path: Path) -> None:
    assert pagelake(tmp_path, "version").out == pagelake(tmp_path, "--version").out != ""


def test_a_record_type_of_the_users_is_worked(place: Path) -> None:
    (place / "mine.py").write_text("from pydantic import BaseModel\nclass Slip(BaseModel):\n    total: int\n")

    with FaultServer(lambda _: chat_answer({"total": 5})) as server:
        ended = pagelake(place, "process", "in/a.pdf", "--schema", "mine.py", "--no-prefect", server=server)

    assert ended.code == 0
    assert pl.read_parquet(place / "lake/records/schema=slip/*.parquet")["total"].to_list() == [5]


def test_the_settings_decide_what_a_service_is_told_and_none_of_it_asks_again(tmp_path: Path) -> None:
    write_pdf(tmp_path / "in" / "a.pdf", ["Invoice"])
    asked = ["process", "in", "--schema", "page_text", "--model", "m#accounts/me/deployments/d"]
    told = {"PAGELAKE_USER": "me", "PAGELAKE_SERVICE_TIER": "priority", "PAGELAKE_PERF_METRICS": "1"}
    with FaultServer(page_answer) as server:
        for lake, dialect in (("plain", "auto"), ("whole", "fireworks"), ("plain", "fireworks")):
            ended = pagelake(tmp_path, *asked, "--out", lake, server=server, **told, PAGELAKE_DIALECT=dialect)
            assert ended.code == 0, ended.err

    plain, whole = (heard.body for heard in server.asked)
    assert (plain["user"], plain["service_tier"], plain["model"]) == ("me", "priority", asked[-1])
    assert set(whole) - set(plain) == {"prompt_cache_key", "perf_metrics_in_response"}
    assert asked[-1] in pagelake(tmp_path, "cost", "plain", "--by", "model").out


def fenced(heard: Heard) -> Reply:
    """A page of text as models wrap it that nothing but words holds to a format."""
    (choice,) = json.loads(page_answer(heard).body)["choices"]
    return chat_answer(f"```json\n{choice['message']['content']}\n```\n")


def test_any_json_object_will_do_where_a_service_takes_no_schema(tmp_path: Path) -> None:
    write_pdf(tmp_path / "in" / "a.pdf", ["Invoice"])
    more = {"PAGELAKE_EXTRA_BODY": '{"top_p": 0.5, "seed": 7}'}

    with FaultServer(fenced) as server:
        asked = ["process", "in", "--schema", "page_text", "--response-format", "json_object", "--model", "m"]
        ended = pagelake(tmp_path, *asked, "--no-prefect", server=server, **more)

    (heard,) = server.asked
    assert ended.code == 0, ended.err
    assert heard.body["response_format"] == {"type": "json_object"}
    assert (heard.body["top_p"], heard.body["seed"]) == (0.5, 7)
    assert '"properties":{"title"' in heard.body["messages"][0]["content"]
    assert len(pl.read_parquet(tmp_path / "lake/records/schema=page_text/*.parquet")) == 1


def test_a_format_that_the_service_cannot_take_is_refused_before_it_is_asked(tmp_path: Path) -> None:
    asked = ["process", ".", "--schema", "page_text", "--response-format", "grammar"]

    with FaultServer(page_answer) as server:
        ended = pagelake(tmp_path, *asked, server=server)

    assert (ended.code, len(server.heard)) == (2, 0)
    assert "only Fireworks takes a grammar" in ended.err
    assert "Traceback" not in ended.err
