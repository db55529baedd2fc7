"""The embedded server in a thread, with a clock that only the test moves; and what tests say to it."""

import asyncio
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from pipeline.local.control.folder import opened
from pipeline.local.control.pace import Pace
from pipeline.local.server import Serving, app, listening_on

KEY = "a-key-of-this-test"
HOME = "/v1/accounts/local"
SSL = ssl.create_default_context()
"""Made once, for it takes long, and never used: all is on loopback."""
DATASETS = f"{HOME}/datasets"
TYPE = "application/octet-stream"


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 4, 12, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **ahead: float) -> None:
        self.now += timedelta(**ahead)


@contextmanager
def twin(folder: Path, pace: Pace | None = None) -> Iterator[httpx.Client]:
    """A client of a server that keeps its state in the folder."""
    serving = Serving(port=0, api_key=KEY, workers=1, pace=pace or Pace(phase_s=0))
    with opened(folder) as held:
        config = uvicorn.Config(app(serving, held), log_config=None, access_log=False)
        server = uvicorn.Server(config)
        listening = listening_on(0)
        listening.listen()  # who connects before the server is up waits for it
        thread = threading.Thread(target=asyncio.run, args=[server.serve([listening])])
        thread.start()
        try:
            host = f"http://127.0.0.1:{listening.getsockname()[1]}"
            headers = {"Authorization": f"Bearer {KEY}"}
            with httpx.Client(base_url=host, headers=headers, timeout=60) as client:
                yield client
        finally:
            server.should_exit = True
            thread.join()
            listening.close()


def create(client: httpx.Client, name: str, rows: int = 1, **fields: object) -> httpx.Response:
    dataset = {"userUploaded": {}, "exampleCount": str(rows), **fields}
    return client.post(DATASETS, json={"datasetId": name, "dataset": dataset})


def upload(client: httpx.Client, name: str, data: bytes, filename: str = "rows.jsonl") -> httpx.Response:
    return client.post(f"{DATASETS}/{name}:upload", files={"file": (filename, data)})


def filled(client: httpx.Client, name: str, rows: list[Any]) -> str:
    """The full name of a new dataset with these rows."""
    data = "".join(json.dumps(row) + "\n" for row in rows).encode()
    assert create(client, name, len(rows)).status_code == 200
    assert upload(client, name, data).status_code == 200
    return f"accounts/local/datasets/{name}"


def put_url(client: httpx.Client, name: str, sizes: dict[str, int]) -> dict[str, str]:
    asked = {"filenameToSize": {file: str(size) for file, size in sizes.items()}}
    response = client.post(f"{DATASETS}/{name}:getUploadEndpoint", json=asked)
    assert response.status_code == 200, response.text
    urls: dict[str, str] = response.json()["filenameToSignedUrls"]
    return urls


def put(url: str, data: bytes, **more: str) -> httpx.Response:
    size = len(data)
    headers = {"Content-Type": TYPE, "x-goog-content-length-range": f"{size},{size}"}
    return httpx.put(
        url, verify=SSL, content=data, headers=headers | {k.replace("_", "-"): v for k, v in more.items()}
    )


def urls_of(client: httpx.Client, name: str, **query: str) -> dict[str, str]:
    response = client.get(f"{DATASETS}/{name}:getDownloadEndpoint", params=query)
    assert response.status_code == 200, response.text
    urls: dict[str, str] = response.json()["filenameToSignedUrls"]
    return urls


def complaint(response: httpx.Response) -> tuple[int, int, str]:
    """HTTP status, code and message of a refusal of the control plane."""
    body = response.json()
    assert body["details"] == []
    return response.status_code, body["code"], body["message"]


def fetch(url: str, headers: dict[str, str] | None = None) -> httpx.Response:
    """What a signed URL gives to whoever has it."""
    return httpx.get(url, headers=headers, verify=SSL)
