"""Lakes and documents in a bucket, by the command."""

import json
from pathlib import Path

import polars as pl
import pytest

from tests.buckets import bucket, in_bucket, s3
from tests.flows.command import page_answer, pagelake
from tests.papers import write_pdf
from tests.servers import FaultServer

__all__ = ["bucket", "s3"]

pytestmark = pytest.mark.slow


def test_a_lake_in_a_bucket_is_written_gone_on_with_and_read_from_other_machines(
    bucket: str, tmp_path: Path
) -> None:
    lake = f"{bucket}/lakes/papers"
    write_pdf(tmp_path / "in/a.pdf", ["one", "two"])
    with FaultServer(page_answer) as server:
        work = ("process", "in", "--schema", "page_text", "--out", lake, "--model", "m", "--json")
        first = pagelake(tmp_path, *work, server=server, XDG_CACHE_HOME=str(tmp_path / "one"))
        write_pdf(tmp_path / "in/b.pdf", ["three"])
        second = pagelake(tmp_path, *work, server=server, XDG_CACHE_HOME=str(tmp_path / "two"))
        asked = len(server.asked)
    checked = pagelake(tmp_path, "check", lake, XDG_CACHE_HOME=str(tmp_path / "three"))
    cost = pagelake(tmp_path, "cost", lake, "--json", XDG_CACHE_HOME=str(tmp_path / "three"))

    status = pagelake(tmp_path, "status", lake, "--json", XDG_CACHE_HOME=str(tmp_path / "three"))

    assert (first.code, second.code, asked) == (0, 0, 3), first.err + second.err
    told = json.loads(second.out)
    assert (told["lake"], told["documents"], told["documents_reused"]) == (lake, 2, 1)
    assert checked.code == 0, checked.err + checked.out
    assert json.loads(cost.out)["lake"] == lake
    state = json.loads(status.out)
    assert (state["lake"], state["runs_total"], state["now"]["at_work"]) == (lake, 2, False)
    parts = [data for name, data in in_bucket(lake).items() if name.startswith("records/schema=page_text/")]
    assert sum(pl.read_parquet(data).height for data in parts) == 3
    assert not [name for name in in_bucket(lake) if name.startswith("_journal") or "tmp" in name]


@pytest.mark.usefixtures("s3")
def test_a_bucket_that_is_not_there_is_told_in_one_sentence(tmp_path: Path) -> None:
    write_pdf(tmp_path / "in/a.pdf", ["one"])
    with FaultServer(page_answer) as server:
        work = ("process", "in", "--schema", "page_text", "--out", "s3://no-such-bucket/lake", "--model", "m")
        ended = pagelake(tmp_path, *work, server=server, XDG_CACHE_HOME=str(tmp_path))
        asked = len(server.asked)

    assert (ended.code, asked) == (2, 0)
    assert ended.err.splitlines()[-1].startswith("pagelake: there is no bucket for s3://no-such-bucket/lake")
    assert "Traceback" not in ended.err
