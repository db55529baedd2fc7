"""What holds for every test: no settings of the user's, a Prefect home of its own, no outbound calls."""

import atexit
import gc
import os
import shutil
import tempfile
from collections.abc import Generator

import pytest
from hypothesis import HealthCheck, settings

from tests.charts import chart, pytest_terminal_summary

__all__ = ["chart", "pytest_collection", "pytest_collection_modifyitems", "pytest_terminal_summary"]

for _name in [
    name for name in os.environ if name.startswith(("PAGELAKE_", "FIREWORKS_", "PREFECT_", "AWS_"))
]:
    del os.environ[_name]
_home = tempfile.mkdtemp(prefix="pagelake-tests-")
atexit.register(shutil.rmtree, _home, ignore_errors=True)
# Prefect reads the environment once, when it is imported: this has to come before.
os.environ.update(
    AWS_METADATA_ENDPOINT="http://127.0.0.1:9",  # nobody answers there: no test looks for a cloud
    HOME=_home,
    PREFECT_HOME=f"{_home}/prefect",
    PREFECT_LOGGING_LEVEL="WARNING",
    PREFECT_LOGGING_TO_API_ENABLED="false",
    PREFECT_SERVER_ANALYTICS_ENABLED="false",
    PREFECT_EVENTS_WORKER_MAX_QUEUE_SIZE="100",
    DO_NOT_TRACK="1",
)

# A slow machine is no failure: how long an example takes says nothing about the law it tests.
settings.register_profile("pagelake", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("pagelake")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What mostly waits begins first, so that other workers have work meanwhile."""
    items.sort(key=lambda item: item.get_closest_marker("waits") is None)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collecting makes much and throws nothing away: there is no garbage to look for, nor in that later."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()
