"""One engine for all tests that talk to it, and a page to show it."""

from collections.abc import Iterator

import httpx
import pytest
from PIL import Image

from pipeline.local.launch import LocalEngine
from tests.pipeline.local.bodies import draw_invoice, encoded


@pytest.fixture(scope="session")
def invoice_image() -> Image.Image:
    return draw_invoice()


@pytest.fixture(scope="session")
def invoice_png(invoice_image: Image.Image) -> bytes:
    return encoded(invoice_image)


@pytest.fixture(scope="session")
def engine() -> Iterator[LocalEngine]:
    with LocalEngine(workers=1) as engine:
        yield engine


@pytest.fixture(scope="session")
def client(engine: LocalEngine) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {engine.api_key}"}
    with httpx.Client(base_url=engine.base_url, headers=headers, timeout=60) as client:
        yield client
