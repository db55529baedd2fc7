"""Whole runs against each fault between them and the service: no page is lost, none paid twice unsaid."""

import contextlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from flows import cli
from pipeline.check.checking import check
from pipeline.summary import RunSummary
from tests.canary import CANARY, files_with_it
from tests.charts import Draw
from tests.faults import FAULTS, Book, Fault
from tests.flows.command import page_answer
from tests.papers import write_pdf
from tests.pipeline.runs import table
from tests.servers import FaultServer

PAGES = 4
SHORT = {
    "more bytes than said",
    "compressed, and not so",
    "half-open: says nothing",
    "name unknown for a while",
    "certificate not valid yet",
    "handshake without an end",
    "Retry-After: a date in ten years",
}
"""Those that `make test` has, too."""
PROCESS = ["process", "in", "--schema", "page_text", "-vv", "--no-prefect"]


@contextlib.contextmanager
def service_of(fault: Fault, book: Book, folder: Path) -> Iterator[str]:
    if fault.service:
        with fault.service(folder) as base_url:
            yield base_url
    else:
        with FaultServer(book) as server:
            yield server.base_url


def manifest(lake: Path) -> RunSummary:
    newest = max((lake / "_runs").glob("*.json"))
    return RunSummary.model_validate(json.loads(newest.read_text("utf-8")))


def marked(fault: Fault) -> ParameterSet:
    return pytest.param(
        fault, id=fault.name, marks=pytest.mark.charted if fault.name in SHORT else pytest.mark.torture
    )


@pytest.mark.parametrize("fault", [marked(fault) for fault in FAULTS])
def test_a_run_ends_well_or_says_why(
    fault: Fault,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    chart: Draw,
) -> None:
    write_pdf(tmp_path / "in" / "a.pdf", [f"page {number}" for number in range(PAGES)])
    monkeypatch.chdir(tmp_path)
    common = {"PAGELAKE_API_KEY": CANARY, "PAGELAKE_MODEL": "test-model", "PAGELAKE_WORKERS": "1"}
    for name, value in (common | dict(fault.settings)).items():
        monkeypatch.setenv(name, value)
    book = Book(fault.spoil, fault.times, fault.is_paid)
    (tmp_path / "service").mkdir()

    with service_of(fault, book, tmp_path / "service") as base_url:
        code = cli.run([*PROCESS, "--base-url", base_url])
    told = "".join(capfd.readouterr())
    first, failures = manifest(tmp_path / "lake"), table(tmp_path / "lake", "failures")
    with FaultServer(page_answer) as server:
        again = cli.run([*PROCESS, "--base-url", server.base_url])
    second = manifest(tmp_path / "lake")

    assert code == fault.exit, told
    said = next((line for line in told.splitlines() if re.search(fault.says, line)), "")
    assert said, told
    assert "Traceback" not in told
    assert CANARY not in told
    assert files_with_it(tmp_path / "lake") == []
    assert first.pages.missing == 0 or code == 3
    assert sum(len(row["pages"]) for row in failures.to_dicts()) == first.pages.failed
    assert sum(times - 1 for times in book.charged.values()) <= len(first.lost)
    assert (again, second.pages.in_records, len(server.asked)) == (0, PAGES, PAGES - first.pages.in_records)
    assert list(check(tmp_path / "lake")) == []
    pages = ", ".join(
        f"{count} {name}" for name, count in first.pages.model_dump().items() if count and name != "found"
    )
    chart("faults", fault.name, pages or "left for later", len(first.lost), code, said.strip())
