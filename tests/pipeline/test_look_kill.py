"""A run that only finds what became of files, killed before each change that it makes to the lake."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline.check.checking import check
from pipeline.check.findings import Kind
from tests.pipeline.folders import Folder
from tests.pipeline.runs import config, run, slip_answer, table
from tests.servers import FaultServer

TABLES = ("documents", "pages", "failures", "answers", "records/schema=slip", "records/schema=slip.entries")
VARIES = {"run", "_run", "listed", "stamp", "at", "_extracted_at", "_latency_s", "received_at"}


def look_again(sources: str, lake: str, *, prune: bool) -> None:
    """The run: nobody is asked anything."""
    asked = config(
        "http://127.0.0.1:9/v1", Path(lake), sources, shard_pages=2, explode=("entries",), prune=prune
    )
    run(asked)


def killed_before(change: int, sources: str, lake: str, *, prune: bool) -> bool:
    """Look again in a child that is killed before it changes the lake for so many times; whether it was."""
    child = os.fork()
    if child == 0:
        os.setsid()
        left = [change]

        def hook(event: str, args: tuple[Any, ...]) -> None:
            if event in {"os.rename", "os.remove"} and os.fsdecode(args[0]).startswith(lake):
                left[0] -= 1
                if not left[0]:
                    os.killpg(0, signal.SIGKILL)

        sys.addaudithook(hook)
        look_again(sources, lake, prune=prune)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) == -signal.SIGKILL


def kill_at_each(sources: str, lake: str, *, prune: bool, step: int) -> None:
    """Copies of a lake, `LAKE.1` and so on, each killed at another step; in a process of its own."""
    change = 1
    while True:
        copy = shutil.copytree(lake, f"{lake}.{change}")
        if not killed_before(change, sources, copy, prune=prune):
            break
        change += step


def told(lake: Path) -> dict[str, list[str]]:
    """What the tables of a lake say, but for the times and runs at which it came about."""
    found = {}
    for name in TABLES:
        rows = table(lake, name)
        removed = [column for column in rows.columns if column.endswith("removed_at")]
        rows = rows.with_columns(pl.col(removed).is_not_null()).drop(VARIES & set(rows.columns))
        found[name] = sorted(map(repr, rows.to_dicts()))
    return found


@pytest.mark.parametrize(
    ("prune", "step"),
    [
        pytest.param(True, 13, id="pruned, some"),
        pytest.param(True, 1, id="pruned", marks=pytest.mark.torture),
        pytest.param(False, 1, id="marked", marks=pytest.mark.torture),
    ],
)
def test_what_became_of_files_is_told_in_full_after_a_kill_at_any_step(
    prune: bool, step: int, tmp_path: Path
) -> None:
    with FaultServer(slip_answer) as server:
        folder = Folder(tmp_path, server)
        for name in "abcdef":
            folder.put(f"{name}.pdf", f"this is {name}")
        (folder.files / "broken.pdf").write_bytes(b"%PDF-1.4 nothing")
        folder.run()
    (folder.files / "deep").mkdir()
    (folder.files / "a.pdf").rename(folder.files / "deep" / "z.pdf")
    (folder.files / "b.pdf").unlink()
    (folder.files / "broken.pdf").unlink()
    shutil.copy(folder.files / "d.pdf", folder.files / "c.pdf")
    whole = Path(shutil.copytree(folder.lake, tmp_path / "whole"))
    look_again(str(folder.files), str(whole), prune=prune)
    order = f"kill_at_each({str(folder.files)!r}, {str(folder.lake)!r}, prune={prune}, step={step})"
    subprocess.run(
        [sys.executable, "-c", f"from tests.pipeline.test_look_kill import kill_at_each; {order}"], check=True
    )

    killed = sorted(tmp_path.glob("lake.*"))
    expected = told(whole)
    assert len(killed) >= 3
    for lake in killed:
        # child tables follow once all records say what they have to
        assert [one for one in check(lake) if one.wrong and one.kind is not Kind.CHILDREN] == [], lake
        look_again(str(folder.files), str(lake), prune=prune)
        assert [one for one in check(lake) if one.wrong] == [], lake
        assert told(lake) == expected, lake
        assert not list((lake / "_journal").glob("sources-*")), lake
