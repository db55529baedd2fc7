"""A real Prefect server for the tests of the flow, once a session."""

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session")
def prefect_api() -> Iterator[None]:
    from prefect.testing.utilities import prefect_test_harness  # noqa: PLC0415 - seconds, for one worker only

    with prefect_test_harness(server_startup_timeout=180):
        yield
