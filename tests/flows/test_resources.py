"""`pagelake datasets`, `jobs`, `models` and `quotas` against a control plane on loopback."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from flows.cli import app
from pipeline.errors import ConfigError, NotFound
from tests.gateway import ACCOUNT, KEY, Bucket, Gateway, paged
from tests.servers import FaultServer, Heard, Reply, json_reply

LINES = [{"custom_id": f"page-{number}", "body": {"messages": []}} for number in range(3)]


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Gateway]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    bucket = Bucket()
    with FaultServer(bucket, models=None) as storage:
        plane = Gateway(bucket, storage.base_url, looks=1)
        with FaultServer(plane, models=None) as server:
            monkeypatch.setenv("PAGELAKE_BASE_URL", server.base_url.removesuffix("/v1") + "/inference/v1")
            monkeypatch.setenv("PAGELAKE_API_KEY", KEY)
            monkeypatch.setenv("PAGELAKE_ACCOUNT_ID", ACCOUNT)
            yield plane


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "requests.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in LINES) + "\n")
    return path


def told(*arguments: str) -> Result:
    result = CliRunner().invoke(app, list(arguments))
    assert KEY not in result.output
    assert result.exit_code == 0, result.output
    return result


def listing(collection: str, *entries: dict[str, object]) -> Reply:
    return paged(collection, list(entries), {}, size=200)


def test_a_dataset_is_made_listed_shown_fetched_and_deleted(
    gateway: Gateway, file: Path, tmp_path: Path
) -> None:
    made = json.loads(told("datasets", "create", "evening-1", str(file), "-o", "json").stdout)
    listed = told("datasets", "list").stdout
    shown = told("datasets", "get", "evening-1").stdout
    (fetched,) = told(
        "datasets", "download", "evening-1", "--output-dir", str(tmp_path / "out")
    ).stdout.split()
    told("datasets", "delete", "evening-1")

    assert (made["state"], made["example_count"]) == ("READY", 3)
    assert listed.splitlines()[1].split()[:3] == ["evening-1", "ready", "3"]
    assert f"accounts/{ACCOUNT}/datasets/evening-1" in shown
    assert Path(fetched).read_bytes() == file.read_bytes()
    assert gateway.datasets == {}


@pytest.mark.usefixtures("gateway")
def test_quiet_prints_ids_alone(file: Path) -> None:
    for name in ("a", "b", "c"):
        told("datasets", "create", name, str(file), "--quiet")

    assert told("datasets", "list", "-q").stdout.split() == ["a", "b", "c"]


def test_a_dry_run_does_nothing(gateway: Gateway, file: Path) -> None:
    made = told("datasets", "create", "evening-1", str(file), "--dry-run")
    told("datasets", "delete", "evening-1", "--dry-run")
    started = told("jobs", "create", "-m", "m", "-d", "evening-1", "--dry-run")
    told("jobs", "delete", "job-1", "--dry-run")

    assert "3 lines" in made.stderr
    assert "evening-1" in started.stderr
    assert (gateway.datasets, gateway.jobs) == ({}, {})


def test_a_job_is_started_listed_shown_and_deleted(gateway: Gateway, file: Path) -> None:
    told("datasets", "create", "evening-1", str(file))
    made = told(
        *("jobs", "create", "-m", "accounts/fireworks/models/m", "-d", "evening-1", "-x", "evening-1-out"),
        *("--job-id", "night-1", "--max-tokens", "100", "--extra-body", '{"user": "u"}', "-o", "json"),
    )
    asked = gateway.jobs["night-1"]
    listed = told("jobs", "list").stdout
    state = json.loads(told("jobs", "get", "night-1", "-o", "json").stdout)["state"]
    told("jobs", "delete", "night-1")

    assert json.loads(made.stdout)["name"].endswith("/night-1")
    assert asked["inputDatasetId"] == f"accounts/{ACCOUNT}/datasets/evening-1"
    assert asked["inferenceParameters"] == {"maxTokens": 100, "extraBody": '{"user": "u"}'}
    assert listed.splitlines()[1].split()[:2] == ["night-1", "validating"]
    assert state == "VALIDATING"
    assert gateway.jobs == {}


@pytest.mark.usefixtures("gateway")
def test_mistakes_are_said_in_a_sentence(file: Path, tmp_path: Path) -> None:
    def error(*arguments: str) -> BaseException | None:
        return CliRunner().invoke(app, list(arguments)).exception

    assert isinstance(error("datasets", "get", "nowhere"), NotFound)
    assert isinstance(error("datasets", "create", "Evening 1", str(file)), ConfigError)
    assert isinstance(error("datasets", "create", "evening-1", str(tmp_path / "none.jsonl")), ConfigError)
    assert isinstance(error("jobs", "create", "-m", "m"), ConfigError)
    assert isinstance(error("jobs", "create", "-m", "m", "-d", "d", "--extra-body", "{"), ConfigError)


def test_models_that_read_pages_are_listed(gateway: Gateway) -> None:
    public = {"state": "READY", "supportsServerless": True}

    def library(heard: Heard) -> Reply | None:
        if not heard.path.startswith("/v1/accounts/fireworks/models"):
            return None
        return listing(
            "models",
            {
                **public,
                "name": "accounts/fireworks/models/sees",
                "supportsImageInput": True,
                "contextLength": 8192,
            },
            {**public, "name": "accounts/fireworks/models/blind", "supportsImageInput": False},
        )

    gateway.fault = library

    assert told("models", "list", "-q").stdout.split() == ["sees"]
    assert told("models", "list", "--all", "-q").stdout.split() == ["sees", "blind"]
    assert told("models", "list").stdout.splitlines()[1].split()[:2] == [
        "accounts/fireworks/models/sees",
        "8192",
    ]


def test_quotas_are_listed_and_shown(gateway: Gateway) -> None:
    quota = {
        "name": f"accounts/{ACCOUNT}/quotas/monthly-spend-usd",
        "value": "50",
        "maxValue": "500",
        "usage": 12.5,
    }

    def limits(heard: Heard) -> Reply | None:
        path = heard.path.partition("?")[0]
        if path.endswith("/quotas"):
            return listing("quotas", quota)
        return json_reply(quota) if "/quotas/" in path else None

    gateway.fault = limits

    assert told("quotas", "list").stdout.splitlines()[1].split() == ["monthly-spend-usd", "50", "12.5", "500"]
    assert json.loads(told("quotas", "get", "monthly-spend-usd", "-o", "json").stdout)["usage"] == 12.5


def test_without_a_service_there_is_nothing_to_list(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("FIREWORKS_API_KEY", "FIREWORKS_BASE_URL", "PAGELAKE_API_KEY", "PAGELAKE_BASE_URL"):
        monkeypatch.delenv(name, raising=False)

    result = CliRunner().invoke(app, ["jobs", "list"])

    assert isinstance(result.exception, ConfigError)
    assert "PAGELAKE_API_KEY" in str(result.exception)
