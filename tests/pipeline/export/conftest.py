from pathlib import Path

import pytest

from tests.pipeline.export.lakes import make_lake


@pytest.fixture(scope="session")
def waybills(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake of three waybills; nobody writes to it."""
    return make_lake(tmp_path_factory.mktemp("waybills"))
