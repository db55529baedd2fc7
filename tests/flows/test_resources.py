"""`pagelake datasets`, `jobs`, `models` and `quotas` against a control plane on loopback."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from flows.catalog import models_app, quotas_app
from flows.cli import app
from flows.datasets import datasets_app
from flows.jobs import jobs_app
from pipeline.errors import ConfigError, NotFound
from tests.flows.command import leaves
from tests.gateway import ACCOUNT, KEY, Bucket, Gateway, paged
from tests.servers import FaultServer, Heard, Reply, json_reply

LINES = [{"custom_id": f"page-{number}", "body": {"messages": []}} for number in range(3)]


ARGUMENTS: dict[str, list[str]] = {
    "models list": [],
    "models get": ["m"],
    "quotas list": [],
    "quotas get": ["monthly-spend-usd"],
    "datasets list": [],
    "datasets get": ["evening-1"],
    "datasets create": ["evening-1", "FILE"],
    "datasets upload": ["evening-1", "FILE"],
    "datasets update": ["evening-1", "--display-name", "Monday"],
    "datasets split": ["evening-1", "--chunk-size", "200"],
    "datasets download": ["evening-1"],
    "datasets delete": ["evening-1"],
    "jobs list": [],
    "jobs get": ["night-1"],
    "jobs create": ["-m", "m", "-d", "evening-1"],
    "jobs download": ["night-1"],
    "jobs delete": ["night-1"],
}
"""What each command is told; FILE stands for one."""


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


@pytest.mark.usefixtures("gateway")
def test_at_a_terminal_the_bytes_are_seen_to_go(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")  # takes whatever it is for a terminal
    sent = told("datasets", "create", "a", str(file))
    fetched = told("datasets", "download", "a", "--output-dir", "out")
    quiet = told("datasets", "create", "b", str(file), "--quiet")

    assert "uploading requests.jsonl" in sent.stderr
    assert "bytes" in sent.stderr
    assert "downloading a" in fetched.stderr
    assert quiet.stderr == ""


@pytest.mark.parametrize("command", ARGUMENTS)
def test_every_command_can_be_rehearsed(gateway: Gateway, file: Path, command: str) -> None:
    heard: list[Heard] = []
    gateway.fault = heard.append
    arguments = [file.name if one == "FILE" else one for one in ARGUMENTS[command]]

    rehearsed = told(*command.split(), *arguments, "--dry-run")

    assert heard == []
    assert rehearsed.stdout == ""
    assert rehearsed.stderr.startswith("would ")


def test_every_command_has_the_flags_of_the_services_own_tool() -> None:
    commands = {
        f"{group} {words[0]}": command
        for group, part in {
            "models": models_app,
            "quotas": quotas_app,
            "datasets": datasets_app,
            "jobs": jobs_app,
        }.items()
        for words, command in leaves(part)
    }

    assert set(commands) == set(ARGUMENTS)
    for name, command in commands.items():
        options = {option for parameter in command.params for option in parameter.opts}
        assert {"--output", "-o", "--quiet", "-q", "--dry-run"} <= options, name


def test_a_dry_run_says_how_much_there_is(gateway: Gateway, file: Path) -> None:
    made = told("datasets", "create", "evening-1", str(file), "--dry-run")
    sent = told("datasets", "upload", "evening-1", str(file), "--dry-run")

    assert "3 lines" in made.stderr
    assert "3 lines" in sent.stderr
    assert gateway.datasets == {}


def test_a_dataset_in_a_bucket_is_not_uploaded(gateway: Gateway) -> None:
    place = "gs://mine/requests.jsonl"

    made = json.loads(
        told(
            "datasets", "create", "far", "--external-url", place, "--example-count", "500", "-o", "json"
        ).stdout
    )
    told("datasets", "create", "farther", "--external-url", place)

    assert (made["external_url"], made["example_count"]) == (place, 500)
    assert "exampleCount" not in gateway.datasets["farther"]
    assert not gateway.bucket.objects


def test_a_dataset_can_be_made_first_and_filled_later(gateway: Gateway, file: Path) -> None:
    made = json.loads(told("datasets", "create", "evening-1", "--example-count", "3", "-o", "json").stdout)
    filled = json.loads(told("datasets", "upload", "evening-1", str(file), "-o", "json").stdout)

    assert (made["state"], filled["state"]) == ("UPLOADING", "READY")
    assert list(gateway.bucket.objects.values()) == [file.read_bytes()]


def test_an_upload_of_another_number_of_lines_says_what_to_do(gateway: Gateway, file: Path) -> None:
    told("datasets", "create", "evening-1", "--example-count", "4")

    refused = CliRunner().invoke(app, ["datasets", "upload", "evening-1", str(file)])
    told("datasets", "update", "evening-1", "--example-count", "3")
    told("datasets", "upload", "evening-1", str(file))

    assert isinstance(refused.exception, ConfigError)
    assert "pagelake datasets update evening-1 --example-count 3" in str(refused.exception)
    assert len(gateway.bucket.objects) == 1


def test_a_dataset_is_renamed_and_split(gateway: Gateway) -> None:
    told("datasets", "create", "evening-1", "--example-count", "401")

    renamed = told("datasets", "update", "evening-1", "--display-name", "Monday", "-q").stdout
    pieces = told("datasets", "split", "evening-1", "--chunk-size", "200", "-q").stdout
    shown = json.loads(told("datasets", "split", "evening-1", "--chunk-size", "200", "-o", "json").stdout)

    assert renamed.split() == ["evening-1"]
    assert gateway.datasets["evening-1"]["displayName"] == "Monday"
    assert pieces.split() == ["evening-1-0", "evening-1-1", "evening-1-2"]
    assert [one["name"].rpartition("/")[2] for one in shown] == pieces.split()


def test_what_is_gone_and_what_has_come_is_said_in_json_too(
    gateway: Gateway, file: Path, tmp_path: Path
) -> None:
    out = str(tmp_path / "out")
    told("datasets", "create", "evening-1", str(file))
    told("datasets", "create", "evening-2", str(file))
    told("jobs", "create", "-m", "m", "-d", "evening-1", "-x", "evening-1", "--job-id", "night-1")

    fetched = json.loads(told("datasets", "download", "evening-1", "--output-dir", out, "-o", "json").stdout)
    answers = told("jobs", "download", "night-1", "--output-dir", f"{out}-2", "-q").stdout
    job = json.loads(told("jobs", "delete", "night-1", "-o", "json").stdout)
    one = json.loads(told("datasets", "delete", "evening-1", "-o", "json").stdout)
    other = told("datasets", "delete", "evening-2", "-q").stdout

    assert {name: Path(path).read_bytes() for name, path in fetched.items()} == {
        "requests.jsonl": file.read_bytes()
    }
    assert Path(answers.strip()).read_bytes() == file.read_bytes()
    assert (job, one, other) == ({"deleted": "night-1"}, {"deleted": "evening-1"}, "evening-2\n")
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


def test_a_job_goes_on_with_the_model_of_the_one_it_continues(gateway: Gateway, file: Path) -> None:
    told("datasets", "create", "evening-1", str(file))
    told("jobs", "create", "-m", "m", "-d", "evening-1", "--job-id", "night-1", "-x", "out-1")

    told("jobs", "create", "--continue-from", "night-1", "--job-id", "night-2", "-x", "out-2")

    asked = gateway.jobs["night-2"]
    assert (asked["model"], asked["continuedFromJobName"].rpartition("/")[2]) == ("m", "night-1")


def test_a_service_without_such_lists_says_what_to_look_at(gateway: Gateway) -> None:
    gateway.fault = lambda _: json_reply({"detail": "Not Found"}, status=404)

    result = CliRunner().invoke(app, ["datasets", "list"])

    assert isinstance(result.exception, NotFound)
    assert "PAGELAKE_ACCOUNT_ID" in str(result.exception)


@pytest.mark.usefixtures("gateway")
def test_mistakes_are_said_in_a_sentence(file: Path, tmp_path: Path) -> None:
    def error(*arguments: str) -> BaseException | None:
        return CliRunner().invoke(app, list(arguments)).exception

    assert isinstance(error("datasets", "get", "nowhere"), NotFound)
    assert isinstance(error("datasets", "create", "Evening 1", str(file)), ConfigError)
    assert isinstance(error("datasets", "create", "evening-1", str(tmp_path / "none.jsonl")), ConfigError)
    assert isinstance(error("datasets", "create", "evening-1"), ConfigError)
    assert isinstance(
        error("datasets", "create", "evening-1", str(file), "--example-count", "3"), ConfigError
    )
    assert isinstance(error("datasets", "create", "evening-1", "--external-url", "gs://mine"), ConfigError)
    assert isinstance(error("datasets", "update", "evening-1"), ConfigError)
    assert isinstance(error("jobs", "create", "-m", "m"), ConfigError)
    assert isinstance(error("jobs", "create", "-d", "d"), ConfigError)
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
