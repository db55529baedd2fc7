"""One server for the tests that need no clock of their own."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from pipeline.local.control.pace import Pace
from tests.pipeline.local.control.twin import Clock, twin


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def client(tmp_path: Path, clock: Clock) -> Iterator[httpx.Client]:
    with twin(tmp_path / "state", Pace(phase_s=0, clock=clock)) as client:
        yield client


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """For questions that leave nothing behind."""
    with twin(tmp_path_factory.mktemp("shared")) as client:
        yield client
