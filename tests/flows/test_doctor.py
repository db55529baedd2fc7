import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from typer.testing import CliRunner

from flows.checkup import prefect
from flows.cli import app
from flows.probe import built_in_page
from tests.servers import Answer, FaultServer, Heard, Reply, chat_answer, json_reply, refusal

KEY = "fw_doctor0123456789abc"
RIGHT = {"order_number": "K-4711", "total": 128.4}


@pytest.fixture(autouse=True)
def _place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("FIREWORKS_API_KEY", "FIREWORKS_BASE_URL", "PREFECT_API_URL", "PREFECT_HOME"):
        monkeypatch.delenv(name, raising=False)


def examined(*arguments: str, **environ: str) -> tuple[int, dict[str, Any], str]:
    """Exit code, findings by what they are about, and all that was told."""
    result = CliRunner().invoke(app, ["doctor", "--json", *arguments], env=environ)
    assert KEY not in result.output
    return result.exit_code, {one["about"]: one for one in json.loads(result.stdout)}, result.output


def asked(answer: Answer, *, models: list[str] | None = None, **environ: str) -> tuple[int, dict[str, Any]]:
    with FaultServer(answer, models=["m"] if models is None else models) as server:
        code, found, _ = examined(
            **{"PAGELAKE_MODEL": "m", **environ}, PAGELAKE_BASE_URL=server.base_url, PAGELAKE_API_KEY=KEY
        )
    return code, found


def test_the_embedded_engine_is_well() -> None:
    code, found, _ = examined()

    assert code == 0
    assert {one["health"] for one in found.values()} == {"ok"}
    assert list(found) == ["settings", "disk", "prefect", "drawing", "model", "limits", "answer"]


def test_a_model_that_reads_the_page_is_well_and_says_what_it_cost() -> None:
    code, found = asked([chat_answer(RIGHT)], PAGELAKE_PRICE_INPUT="1", PAGELAKE_PRICE_OUTPUT="2")

    assert code == 0
    assert found["answer"]["health"] == "ok"
    assert "$0.00104" in found["answer"]["said"]


def test_the_model_is_asked_as_a_run_would_ask_it() -> None:
    heard: list[Heard] = []

    def answer(one: Heard) -> Reply:
        heard.append(one)
        return chat_answer(RIGHT)

    code, found = asked(
        answer,
        PAGELAKE_MODEL="m#accounts/me/deployments/d",
        PAGELAKE_DIALECT="fireworks",
        PAGELAKE_RESPONSE_FORMAT="grammar",
        PAGELAKE_EXTRA_BODY='{"top_p": 0.5}',
    )

    (body,) = (one.body for one in heard if one.path.endswith("/chat/completions"))
    assert (code, found["answer"]["health"]) == (0, "ok")
    assert found["model"]["said"].startswith("accounts/me/deployments/d answers, of one of")
    assert (body["response_format"]["type"], body["top_p"]) == ("grammar", 0.5)
    assert body["model"] == "m#accounts/me/deployments/d"


def test_a_model_that_misreads_is_doubtful() -> None:
    code, found = asked([chat_answer(RIGHT | {"total": 12})])

    assert code == 0
    assert (found["answer"]["health"], found["answer"]["said"].split()[0]) == ("doubtful", "total")


def test_an_answer_that_is_none_is_broken() -> None:
    code, found = asked([chat_answer("I am sorry")])

    assert (code, found["answer"]["health"]) == (1, "broken")


def test_a_model_that_is_not_listed_is_asked_all_the_same() -> None:
    _, found = asked([chat_answer(RIGHT)], models=["other"])

    assert (found["model"]["health"], found["answer"]["health"]) == ("doubtful", "ok")


def test_a_key_that_is_refused_ends_it() -> None:
    with FaultServer([refusal(401, f"no: {KEY}")], models=None) as server:
        code, found, _ = examined(PAGELAKE_BASE_URL=server.base_url, PAGELAKE_API_KEY=KEY, PAGELAKE_MODEL="m")

    assert (code, found["model"]["health"]) == (1, "broken")
    assert "API key" in found["model"]["said"]
    assert "answer" not in found


def test_nothing_is_asked_of_the_model_without_a_probe() -> None:
    with FaultServer([json_reply({"data": [{"id": "m"}]})], models=None) as server:
        code, found, _ = examined(
            "--no-probe", PAGELAKE_BASE_URL=server.base_url, PAGELAKE_API_KEY=KEY, PAGELAKE_MODEL="m"
        )
        paths = [heard.path for heard in server.heard]

    assert code == 0
    assert "answer" not in found
    assert all(path.endswith("/models") for path in paths)


def test_a_misspelt_setting_is_all_that_is_told() -> None:
    code, found, _ = examined(PAGELAKE_MODELL="m")

    assert (code, list(found)) == (1, ["settings"])


def test_a_prefect_api_that_does_not_listen_is_broken() -> None:
    code, found, _ = examined("--no-probe", PREFECT_API_URL="http://127.0.0.1:9/api")

    assert (code, found["prefect"]["health"]) == (1, "broken")


@pytest.mark.parametrize(("status", "health"), [(200, "ok"), (401, "ok"), (404, "doubtful")])
def test_a_prefect_api_is_asked_how_it_is(status: int, health: str) -> None:
    with FaultServer([json_reply(True, status=status)]) as server:
        finding = asyncio.run(prefect({"PREFECT_API_URL": server.base_url}))

    assert finding.health == health
    assert server.heard[0].path.endswith("/health")


def test_the_flags_of_the_services_own_tool_are_taken() -> None:
    environ = {"PREFECT_API_URL": "http://127.0.0.1:9/api"}
    quiet = CliRunner().invoke(app, ["doctor", "--no-probe", "--quiet"], env=environ)
    both = CliRunner().invoke(app, ["doctor", "--no-probe", "-q", "-o", "json"], env=environ)
    rehearsed = CliRunner().invoke(app, ["doctor", "--dry-run"])

    assert [line.split()[:2] for line in quiet.stdout.splitlines()] == [["broken", "prefect"]]
    assert [one["about"] for one in json.loads(both.stdout)] == ["prefect"]
    assert (rehearsed.exit_code, rehearsed.stdout) == (0, "")
    assert rehearsed.stderr.startswith("would check")


def test_a_person_gets_a_line_each() -> None:
    result = CliRunner().invoke(app, ["doctor", "--no-probe"])

    assert [line.split()[:2] for line in result.stdout.splitlines()] == [
        ["ok", about] for about in ("settings", "disk", "prefect", "drawing", "model", "limits")
    ]


def test_free_space_is_that_of_the_lake(tmp_path: Path) -> None:
    _, found, _ = examined("--no-probe", "--out", str(tmp_path / "a" / "b"))

    assert str(tmp_path) in found["disk"]["said"]
    said = float(found["disk"]["said"].split()[0])
    assert said == pytest.approx(shutil.disk_usage(tmp_path).free / (1 << 30), rel=0.1)


def test_the_built_in_page_is_a_whole_pdf() -> None:
    pdf = pypdfium2.PdfDocument(built_in_page())
    page = pdf[0]
    text = page.get_textpage()

    assert "K-4711" in text.get_text_bounded()
    for one in (text, page, pdf):
        one.close()
