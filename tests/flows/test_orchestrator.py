"""Whether a Prefect API is configured."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from flows.orchestrator import configured_api


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_the_environment_says_where_the_api_is() -> None:
    assert configured_api({"PREFECT_API_URL": "http://prefect/api"}) == "http://prefect/api"


def test_without_any_sign_of_prefect_there_is_none(tmp_path: Path) -> None:
    assert configured_api({"PREFECT_HOME": str(tmp_path)}) == ""


def test_the_active_profile_says_where_the_api_is(tmp_path: Path) -> None:
    """In a process of its own: Prefect reads its profiles once, when it is imported."""
    profile = 'active = "work"\n[profiles.work]\nPREFECT_API_URL = "http://prefect.example/api"\n'
    (tmp_path / "profiles.toml").write_text(profile)
    script = "import os; from flows.orchestrator import configured_api; print(configured_api(os.environ))"

    ended = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PREFECT_HOME": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=True,
    )

    assert ended.stdout.strip() == "http://prefect.example/api"
