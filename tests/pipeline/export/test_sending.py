"""Datasets sent to the embedded server, and taken from the official client as well."""

import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fireworks
import httpx
import pytest
from pydantic import SecretStr

from pipeline.export.asking import AskingOptions, RequestsManifest, export_requests
from pipeline.export.export import ExportTally
from pipeline.export.manifest import Manifest
from pipeline.export.sending import Sent, parcels, send
from pipeline.export.splits import Splits
from pipeline.export.training import TrainingOptions, export_training
from pipeline.local.control import rows
from pipeline.render.workers import RenderLimits
from pipeline.service.client import Endpoint
from pipeline.service.control import ControlPlane
from tests.papers import write_pdf
from tests.pipeline.local.control.twin import DATASETS, KEY, SSL, twin, urls_of
from tests.pipeline.runs import config, run, slip_type
from tests.servers import FaultServer, chat_answer

PAPERS = 8


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sending")
    for number in range(PAPERS):
        write_pdf(folder / "in" / f"{number}.pdf", [f"paper {number}"])
    with FaultServer(lambda heard: chat_answer({"title": f"{heard.number}", "entries": []})) as server:
        run(config(server.base_url, folder / "lake", folder / "in"))
    return folder


@pytest.fixture(scope="module")
def training(papers: Path) -> Manifest:
    """One split, in two files."""
    options = TrainingOptions(
        lake=papers / "lake",
        record=slip_type(),
        out=papers / "set",
        splits=Splits.parse("train=1"),
        limits=RenderLimits(workers=2),
        max_file_bytes=70_000,
    )
    return asyncio.run(export_training(options, ExportTally()))


@pytest.fixture(scope="module")
def asking(papers: Path) -> RequestsManifest:
    asked = config("http://127.0.0.1:9/v1", papers / "never", papers / "in")
    return asyncio.run(export_requests(AskingOptions(config=asked, out=papers / "asked"), ExportTally()))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with twin(tmp_path_factory.mktemp("twin")) as client:
        yield client


def sent(
    server: httpx.Client,
    manifest: Manifest | RequestsManifest,
    folder: Path,
    tally: ExportTally | None = None,
) -> list[Sent]:
    async def go() -> list[Sent]:
        endpoint = Endpoint(base_url=f"{server.base_url}/v1", api_key=SecretStr(KEY))
        async with ControlPlane(endpoint, account_id="local") as control:
            return await send(control, parcels(manifest, folder), tally or ExportTally())

    return asyncio.run(go())


def shown(server: httpx.Client, dataset: str) -> dict[str, Any]:
    told: dict[str, Any] = server.get(f"{DATASETS}/{dataset}").raise_for_status().json()
    return told


def held(server: httpx.Client, dataset: str) -> dict[str, bytes]:
    """The files that a dataset has at the server."""
    urls = urls_of(server, dataset)
    return {name.rpartition("/")[2]: httpx.get(url, verify=SSL).content for name, url in urls.items()}


def test_a_split_becomes_one_dataset_with_all_its_files(
    server: httpx.Client, papers: Path, training: Manifest
) -> None:
    tally = ExportTally()
    for dataset in server.get(DATASETS).json()["datasets"]:  # another test may have sent it before
        server.delete(f"/v1/{dataset['name']}").raise_for_status()

    (one,) = sent(server, training, papers / "set", tally)

    told = shown(server, one.dataset)
    assert (told["state"], told["exampleCount"], told["displayName"]) == ("READY", str(PAPERS), "slip train")
    files = [file.path for file in training.splits["train"].files]
    assert len(files) > 1
    assert held(server, one.dataset) == {name: (papers / "set" / name).read_bytes() for name in files}
    assert tally.sent_bytes == tally.to_send_bytes > 0


def test_what_is_sent_again_is_there_already(server: httpx.Client, papers: Path, training: Manifest) -> None:
    first = sent(server, training, papers / "set")
    before = server.get(DATASETS).json()["totalSize"]
    tally = ExportTally()

    again = sent(server, training, papers / "set", tally)

    assert again == first
    assert tally.sent_bytes == 0
    assert server.get(DATASETS).json()["totalSize"] == before


def test_requests_are_a_dataset_of_the_id_in_their_manifest(
    server: httpx.Client, papers: Path, asking: RequestsManifest
) -> None:
    (one,) = sent(server, asking, papers / "asked")

    assert one.dataset == asking.datasets[0].dataset
    assert (shown(server, one.dataset)["state"], one.examples) == ("READY", PAPERS)


def test_the_official_client_takes_the_same_file(
    server: httpx.Client, papers: Path, training: Manifest
) -> None:
    file = papers / "set" / training.splits["train"].files[0].path
    count = str(file.read_bytes().count(b"\n"))
    with fireworks.Fireworks(
        base_url=str(server.base_url), api_key=KEY, account_id="local", max_retries=0
    ) as client:
        client.datasets.create(dataset_id="sdk-sft", dataset={"user_uploaded": {}, "example_count": count})
        client.datasets.upload(dataset_id="sdk-sft", file=file)
        until = time.monotonic() + 10
        while client.datasets.get(dataset_id="sdk-sft").state != "READY":
            assert time.monotonic() < until

    assert held(server, "sdk-sft") == {file.name: file.read_bytes()}


def test_lines_are_conversations_as_the_service_documents_them(papers: Path, training: Manifest) -> None:
    for file in training.splits["train"].files:
        for line in (papers / "set" / file.path).read_bytes().splitlines():
            row = json.loads(line)
            assert list(row) == ["messages"]
            rows._check_messages(row["messages"])
            system, user, assistant = row["messages"]
            assert (system["role"], user["role"], assistant["role"]) == ("system", "user", "assistant")
            assert isinstance(assistant["content"], str)
            urls = [part["image_url"]["url"] for part in user["content"] if part["type"] == "image_url"]
            assert urls
            assert all(url.startswith(("data:image/jpeg;base64,", "data:image/png;base64,")) for url in urls)
