"""The temporary Prefect server, as `pagelake process --prefect` starts it."""

import json
import sqlite3
from pathlib import Path
from uuid import UUID

import pytest

from flows.server import QUIET, hush
from tests.flows.command import KEY, page_answer, pagelake
from tests.papers import write_pdf
from tests.servers import FaultServer


def rows(database: Path, query: str) -> list[tuple[str, ...]]:
    connection = sqlite3.connect(database)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


@pytest.mark.slow
def test_a_run_with_prefect_is_a_flow_run_without_noise_and_without_secrets(tmp_path: Path) -> None:
    """One start of a server, some 20 s, for everything there is to see of it."""
    write_pdf(tmp_path / "in" / "a.pdf", ["one", "two"])
    (tmp_path / "in" / "bad.pdf").write_bytes(b"nothing")
    home = tmp_path / "prefect"
    theirs = {
        "PREFECT_API_DATABASE_CONNECTION_URL": "postgresql+asyncpg://nowhere",
        "HTTP_PROXY": "http://127.0.0.1:9",
    }

    with FaultServer(page_answer) as server:
        ended = pagelake(
            tmp_path,
            *("process", "in", "--schema", "page_text", "--prefect"),
            server=server,
            PREFECT_HOME=str(home),
            **theirs,
        )

    database = home / "prefect.db"
    (run,) = rows(database, "select id, name, state_type, state_name, parameters from flow_run")
    said = [line for line in ended.err.splitlines() if "pages/s" not in line]
    assert ended.code == 1
    assert said == [
        "starting a temporary Prefect server; its first start takes some 20 s",
        "pagelake: service at 127.0.0.1, as a flow on a temporary Prefect server",
        f"flow run: {run[1]} ({UUID(run[0])})",
    ]
    assert run[1:4] == ("page_text: in to lake", "COMPLETED", "With failures")
    assert json.loads(run[4])["sources"] == ["in"]
    assert rows(database, "select name, state_type from task_run") == [
        ("shard 1: 1 document, 2 pages", "COMPLETED")
    ]
    assert {key for (key,) in rows(database, "select key from artifact")} == {
        "pagelake-failures",
        "pagelake-pages",
        "pagelake-summary",
    }
    assert (home / "server.log").read_bytes() == b""
    assert not [path for path in home.rglob("*") if path.is_file() and KEY.encode() in path.read_bytes()]


def test_what_the_user_has_set_for_prefect_stays() -> None:
    environ = {"PREFECT_CLIENT_MAX_RETRIES": "9"}

    hush(environ)

    assert environ == {**QUIET, "PREFECT_CLIENT_MAX_RETRIES": "9"}
