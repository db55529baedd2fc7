"""A clock that is set in the middle of a run. No machine's clock is touched: one process is told lies."""

import json
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest

from pipeline.check.checking import check
from tests.charts import Draw
from tests.flows.command import environment, page_answer
from tests.papers import write_pdf
from tests.pipeline.runs import table
from tests.servers import FaultServer, Heard, Reply

PAGES = 12
# Found and run by Python when it starts, in the command and in all of its workers. A subclass of datetime
# would do for us, but not for the libraries that look at the type itself: so its one method is exchanged.
LIES = """
import ctypes, datetime, gc, os, pathlib, time

_true, _ahead = time.time, pathlib.Path(os.environ["CLOCK_AHEAD"])

def _now():
    return _true() + float(_ahead.read_text() or 0)

time.time = _now
(_methods,) = gc.get_referents(datetime.datetime.__dict__)
_methods["now"] = classmethod(lambda kind, tz=None: kind.fromtimestamp(_now(), tz))
ctypes.pythonapi.PyType_Modified(ctypes.py_object(datetime.datetime))
"""


@pytest.mark.torture
@pytest.mark.parametrize("hours", [5, -5], ids=["forward", "back"])
def test_a_clock_that_is_set_in_mid_run_loses_nothing(hours: int, tmp_path: Path, chart: Draw) -> None:
    (tmp_path / "lies").mkdir()
    (tmp_path / "lies" / "sitecustomize.py").write_text(LIES, "utf-8")
    ahead = tmp_path / "ahead"
    ahead.write_text("0", "utf-8")
    write_pdf(tmp_path / "in" / "a.pdf", [f"page {number}" for number in range(PAGES)])

    def answer(heard: Heard) -> Reply:
        if len(server.asked) == PAGES // 2:
            ahead.write_text(str(hours * 3600), "utf-8")
        return page_answer(heard)

    with FaultServer(answer) as server:
        paths = f"{tmp_path / 'lies'}{os.pathsep}{Path(__file__).parents[2]}"
        environ = environment(server.base_url, CLOCK_AHEAD=str(ahead), PYTHONPATH=paths)
        words = ["process", "in", "--schema", "page_text", "--no-prefect", "--in-flight", "2", "--json"]
        ends = []
        for more in ([], [], ["--long-side", "512"]):  # the last asks anew, and its rows have to be the newer
            command = [sys.executable, "-m", "flows.cli", *words, *more]
            ends.append(
                subprocess.run(
                    command,
                    cwd=tmp_path,
                    env=environ,
                    capture_output=True,
                    text=True,
                    check=False,
                    timeout=120,
                )
            )

    assert [end.returncode for end in ends] == [0, 0, 0], "".join(end.stderr for end in ends)
    told = [json.loads(end.stdout) for end in ends]
    assert [one["pages"]["in_records"] for one in told] == [PAGES] * 3
    assert len(server.asked) == 2 * PAGES
    assert all(earlier["run"] < later["run"] for earlier, later in pairwise(told))
    assert all(0 <= one["seconds"] < 100 for one in told)
    records = table(tmp_path / "lake", "records/schema=page_text")
    assert records["_run"].unique().to_list() == [told[2]["run"]]
    assert list(check(tmp_path / "lake")) == []
    spread = records.select(pl.col("_extracted_at").max() - pl.col("_extracted_at").min()).item()
    assert spread.total_seconds() < 100
    name = f"clock set {abs(hours)} hours {'forward' if hours > 0 else 'back'}"
    chart("faults", name, f"{PAGES} in_records", 0, 0, f"{told[0]['state']}, in {told[0]['seconds']:.0f} s")
