"""One engine for all tests that talk to it, and a page to show it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from PIL import Image

from pipeline.local.launch import LocalEngine
from tests.pipeline.local.bodies import draw_invoice, encoded
from tests.servers import FaultServer, Reply, html, refusal


@pytest.fixture(scope="session")
def invoice_image() -> Image.Image:
    return draw_invoice()


@pytest.fixture(scope="session")
def invoice_png(invoice_image: Image.Image) -> bytes:
    return encoded(invoice_image)


@pytest.fixture(scope="session")
def gallery(invoice_png: bytes) -> Iterator[FaultServer]:
    """A host of images: the invoice, a page that is none, and a way to elsewhere."""
    picture = Reply(headers={"content-type": "image/png"}, body=invoice_png)
    shown = {
        "/invoice.png": picture,
        "/page.html": html(200),
        "/gone": refusal(404),
        "/moved.png": replace(picture, status=302, headers={"location": "/invoice.png"}),
    }
    with FaultServer(lambda heard: shown[heard.path], models=None) as server:
        yield server


@pytest.fixture(scope="session")
def engine(gallery: FaultServer) -> Iterator[LocalEngine]:
    host = gallery.base_url.removeprefix("http://").removesuffix("/v1")
    with LocalEngine(workers=1, fetch_images=(host,)) as engine:
        yield engine


@pytest.fixture(scope="session")
def client(engine: LocalEngine) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {engine.api_key}"}
    with httpx.Client(base_url=engine.base_url, headers=headers, timeout=60) as client:
        yield client


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that ask the engine go to one worker: it is started once, and what it has read stays read."""
    here = Path(__file__).parent
    for item in items:
        asks = isinstance(item, pytest.Function) and "engine" in item.fixturenames
        if asks and item.path.is_relative_to(here) and not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group("engine"))
