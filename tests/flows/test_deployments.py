"""The files that deploy the flows, and runs that a worker begins."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml  # type: ignore[import-untyped]  # it comes without types
from prefect.events.schemas.automations import AutomationCore
from prefect.flows import load_flow_from_entrypoint
from prefect.server import api

from tests.flows.command import environment, page_answer
from tests.flows.prefects import asked, prefect_server, runs, until
from tests.papers import write_pdf
from tests.servers import FaultServer, Heard, Reply, late

pytestmark = pytest.mark.xdist_group("prefect")
ROOT = Path(__file__).parents[2]
KUBERNETES = ROOT / "deploy/kubernetes"
TEMPLATE = json.loads((KUBERNETES / "base-job-template.json").read_text("utf-8"))
KNOWN = Path(api.__file__).parent / "collections_data/views/aggregate-worker-metadata.json"


def deployments(file: Path) -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in yaml.safe_load(file.read_text("utf-8"))["deployments"]}


ALL = {**deployments(ROOT / "prefect.yaml"), **deployments(KUBERNETES / "prefect.yaml")}


def names_in(template: object) -> set[str]:
    """The variables that a template asks for."""
    return set(re.findall(r"\{\{ (\w+) \}\}", json.dumps(template)))


def test_every_flow_has_its_deployment() -> None:
    assert set(ALL) == {"process", "batch-submit", "batch-collect", "export", "process-kubernetes"}


@pytest.mark.parametrize("name", ALL)
def test_a_deployment_names_a_flow_and_gives_it_what_it_takes(name: str) -> None:
    deployment = ALL[name]

    flow: Any = load_flow_from_entrypoint(deployment["entrypoint"])

    assert flow.validate_parameters(deployment["parameters"])
    assert deployment["concurrency_limit"]["limit"] == 1


@pytest.mark.parametrize("name", ALL)
def test_a_flow_is_not_retried_by_itself(name: str) -> None:
    """The service has been asked again already, and a document that failed fails again."""
    assert load_flow_from_entrypoint(ALL[name]["entrypoint"]).retries == 0


def test_lost_runs_alone_begin_again_and_not_for_ever() -> None:
    text = (ROOT / "deploy/automations.yaml").read_text("utf-8")
    lost, again = (AutomationCore.model_validate(one) for one in yaml.safe_load(text)["automations"])

    assert lost.trigger.after == {"prefect.flow-run.heartbeat"}  # type: ignore[union-attr]  # an event trigger
    assert again.trigger.after == {"prefect.flow-run.Crashed"}  # type: ignore[union-attr]  # an event trigger
    assert again.trigger.match["prefect.run-count"] == ["0", "1", "2"]  # type: ignore[union-attr]  # the same


def test_the_template_of_kubernetes_jobs_asks_for_what_it_declares() -> None:
    declared = set(TEMPLATE["variables"]["properties"])

    assert names_in(TEMPLATE["job_configuration"]) == declared
    assert set(ALL["process-kubernetes"]["work_pool"]["job_variables"]) <= declared


def test_the_template_of_kubernetes_jobs_has_the_shape_of_prefects_own() -> None:
    known = json.loads(KNOWN.read_text("utf-8"))["prefect-kubernetes"]["kubernetes"]
    own = known["default_base_job_configuration"]["job_configuration"]

    ours = TEMPLATE["job_configuration"]
    assert set(ours) <= set(own)
    assert set(ours["job_manifest"]) == set(own["job_manifest"])
    assert set(ours["job_manifest"]["metadata"]) == set(own["job_manifest"]["metadata"])


def test_runs_in_kubernetes_are_not_root_and_are_not_begun_again_behind_prefects_back() -> None:
    job = TEMPLATE["job_configuration"]["job_manifest"]["spec"]

    assert job["backoffLimit"] == 0
    assert job["template"]["spec"]["securityContext"]["runAsNonRoot"] is True


def test_the_image_is_made_of_files_that_are_there_and_of_pinned_ones() -> None:
    told = (ROOT / "deploy/Dockerfile").read_text("utf-8")
    kept = (ROOT / "deploy/Dockerfile.dockerignore").read_text("utf-8").splitlines()

    copied = " ".join(re.findall(r"^COPY (?!--)(.*) /\S+$", told, re.MULTILINE)).split()
    assert copied
    assert [name for name in copied if not (ROOT / name).exists()] == []
    assert [name for name in copied if f"!{name}" not in kept] == []
    assert "--require-hashes --requirement /src/requirements.lock" in told
    assert told.index("\nUSER 10001") < told.index("\nCMD")


def prefect(environ: Mapping[str, str], place: Path, *words: str) -> str:
    """What a command of Prefect says."""
    ended = subprocess.run(
        [sys.executable, "-m", "prefect", *words],
        cwd=place,
        env={**environ, "PYTHONPATH": str(ROOT), "PWD": str(place)},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return ended.stdout


@contextmanager
def working(environ: Mapping[str, str], place: Path) -> Iterator[None]:
    """A worker of the pool, until it is not needed any more."""
    words = [sys.executable, "-m", "prefect", "worker", "start", "--pool", "pagelake"]
    with (
        (place / "worker.log").open("wb") as log,
        subprocess.Popen(
            words, cwd=place, env={**environ, "PYTHONPATH": str(ROOT)}, stdout=log, stderr=log
        ) as worker,
    ):
        try:
            yield
        finally:
            worker.terminate()


def deployed(environ: Mapping[str, str], place: Path) -> None:
    """The deployments and automations of the project, with record types and a patience for this test."""
    text = (ROOT / "prefect.yaml").read_text("utf-8").replace(": invoice\n", ": page_text\n")
    (place / "prefect.yaml").write_text(text)
    automations = (ROOT / "deploy/automations.yaml").read_text("utf-8").replace("within: 60", "within: 25")
    (place / "automations.yaml").write_text(automations)
    prefect(environ, place, "work-pool", "create", "pagelake", "--type", "process")
    prefect(environ, place, "--no-prompt", "deploy", "--all")
    prefect(environ, place, "work-queue", "set-concurrency-limit", "lake", "1", "--pool", "pagelake")
    prefect(environ, place, "automation", "create", "--from-file", "automations.yaml")


def engines(environ: Mapping[str, str]) -> list[int]:
    """The processes of runs that a worker of this server has begun."""
    mark = f"PREFECT_API_URL={environ['PREFECT_API_URL']}".encode()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if b"prefect.engine" in (process / "cmdline").read_bytes():
                found += [int(process.name)] if mark in (process / "environ").read_bytes() else []
        except OSError:
            continue
    return found


@pytest.mark.torture
@pytest.mark.timeout(900)
def test_deployed_runs_take_what_is_new_and_begin_again_when_they_were_killed(tmp_path: Path) -> None:
    to_kill, killed = threading.Event(), list[int]()

    def killing(heard: Heard) -> Reply:
        """Answer; but a request kills the process that sent it, once, when it is time for that."""
        if to_kill.is_set() and not killed:
            killed.extend(engines(environ))
            os.kill(killed[0], signal.SIGKILL)
        return late(page_answer(heard), 0.2)

    write_pdf(tmp_path / "scans" / "a.pdf", ["first"])
    with FaultServer(killing) as service, prefect_server(tmp_path / "prefect") as server:
        environ = environment(service.base_url, **server)
        deployed(environ, tmp_path)
        with working(environ, tmp_path):
            prefect(environ, tmp_path, "deployment", "run", "pagelake process/process")
            until(lambda: len(runs(server, "COMPLETED")) == 1, 180)
            write_pdf(tmp_path / "scans" / "b.pdf", ["second"])
            to_kill.set()
            prefect(environ, tmp_path, "deployment", "run", "pagelake process/process")
            until(lambda: len(runs(server, "COMPLETED")) == 2, 300)
            prefect(environ, tmp_path, "deployment", "run", "pagelake export/export")
            until(lambda: len(runs(server, "COMPLETED")) == 3, 180)
        done = runs(server, "COMPLETED")
        known = asked(server, "deployments/filter", limit=9)

    assert len(killed) == 1
    assert [run["run_count"] for run in done] == [1, 2, 1]
    assert len(service.asked) <= 3
    rows = pl.read_parquet(tmp_path / "invoices.parquet")
    assert sorted(rows["_source"].to_list()) == ["scans/a.pdf", "scans/b.pdf"]
    assert {one["name"] for one in known} == {"process", "batch-submit", "batch-collect", "export"}
