"""What README.md and ARCHITECTURE.md say, held against the code."""

import re
import shlex
from decimal import Decimal
from pathlib import Path

import duckdb
import polars as pl
import pytest
from typer.core import TyperGroup
from typer.main import get_command

from flows.cli import app
from pipeline.errors import REMEDIES, Category
from pipeline.loading import explain, load
from pipeline.settings import Settings
from pipeline.store.columns import columns_of
from pipeline.store.tables import PROVENANCE
from pipeline.structured import compile_schema
from schemas.registry import load as load_schema
from tests.buckets import new_bucket, s3
from tests.flows.command import leaves
from tests.papers import write_pdf
from tests.pipeline.runs import config, run
from tests.servers import FaultServer, chat_answer

__all__ = ["s3"]

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def shown_commands() -> list[list[str]]:
    lines = "\n".join(blocks("sh")).splitlines() + re.findall(r"`(pagelake [a-z][^`]*)`", README)
    return [shlex.split(line, comments=True)[1:] for line in lines if line.startswith("pagelake ")]


@pytest.fixture
def papers(s3: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    new_bucket(s3, "papers")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


@pytest.mark.parametrize("words", shown_commands(), ids=" ".join)
def test_a_shown_command_is_one_that_the_command_line_takes(
    words: list[str], request: pytest.FixtureRequest
) -> None:
    if any(word.startswith("s3://papers/") for word in words):
        request.getfixturevalue("papers")  # lakes are opened with the other arguments
    command = get_command(app)
    while isinstance(command, TyperGroup) and words and words[0] in command.commands:
        command, words = command.commands[words[0]], words[1:]
    assert not isinstance(command, TyperGroup) or command.invoke_without_command

    if words:
        with command.make_context("pagelake", list(words)):
            pass


def test_every_command_is_in_the_readme() -> None:
    missing = [" ".join(words) for words, _ in leaves(app) if f"`pagelake {' '.join(words)}" not in README]

    assert missing == []


def test_every_command_and_every_option_says_what_it_does() -> None:
    for words, command in leaves(app):
        assert getattr(command, "help", None), words
        for parameter in command.params:
            assert getattr(parameter, "help", None), (words, parameter.name)


def test_the_settings_table_is_what_the_settings_are() -> None:
    told = re.findall(r"^\| `PAGELAKE_(\w+)` \| (.*?) ?\| (.*?) \|$", README, re.MULTILINE)
    plain = load({}, environ={}, cwd=Path("/nonexistent"), home=Path("/nonexistent"))

    assert told == [
        (name.upper(), "" if shown == "-" else shown, Settings.model_fields[name].description)
        for name, shown, _ in explain(plain)
    ]


def test_every_column_that_pagelake_adds_is_explained() -> None:
    table = README[README.index("| column | meaning |") : README.index("## The embedded engine")]

    assert set(re.findall(r"`(_\w+)`", table)) == set(PROVENANCE)


def test_the_record_type_in_the_readme_works(tmp_path: Path) -> None:
    (code,) = [block for block in blocks("python") if "class Claim" in block]
    (tmp_path / "claim.py").write_text(code)

    claim = load_schema(f"{tmp_path / 'claim.py'}:Claim")

    assert claim.unit == "document"
    assert compile_schema(claim.model, name=claim.name, page_of_items=True).dropped
    assert isinstance(columns_of(claim.model)["amount"], pl.Decimal)


def test_polars_and_duckdb_read_a_lake_with_the_lines_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_pdf(tmp_path / "in" / "a.pdf", ["Invoice"])
    total = {"path": "total", "page": 1, "confidence": 0.6, "box": [0, 0, 1, 1], "rule": "label right"}
    seen = [total, total | {"path": "invoice_number", "confidence": 0.9}]
    answer = chat_answer({"invoice_number": "A-7", "issue_date": "2024-02-29", "total": 12.5}, pagelake=seen)
    with FaultServer([answer]) as server:
        run(config(server.base_url, tmp_path / "lake", tmp_path / "in", record=load_schema("invoice")))
    monkeypatch.chdir(tmp_path)

    (code,) = [block for block in blocks("python") if "read_parquet" in block]
    names: dict[str, pl.DataFrame] = {}
    exec(code, {}, names)  # noqa: S102 - the lines people will copy
    (query,) = blocks("sql")
    rows = duckdb.execute(query).fetchall()

    assert names["records"]["total"].to_list() == [Decimal("12.5")]
    assert names["doubtful"].select("field", "page").rows() == [("total", 1)]
    assert [(number, str(day), total) for _, number, day, total in rows] == [
        ("A-7", "2024-02-29", Decimal("12.5"))
    ]


def test_every_folder_of_a_lake_is_in_the_readme(tmp_path: Path) -> None:
    write_pdf(tmp_path / "in" / "a.pdf", ["Invoice"])
    (tmp_path / "in" / "b.pdf").write_bytes(b"%PDF-1.4")
    with FaultServer([chat_answer({})]) as server:
        run(config(server.base_url, tmp_path / "lake", tmp_path / "in"))
    tree = README[README.index("```\nlake/\n") + 4 :].partition("```")[0]

    told = {line.split("/")[0].strip() for line in tree.splitlines()[1:]}
    made_by_batch_jobs = {"_jobs"}
    assert told == {path.name for path in (tmp_path / "lake").iterdir()} | made_by_batch_jobs


@pytest.mark.parametrize("text", [README, ARCHITECTURE], ids=["README", "ARCHITECTURE"])
def test_every_file_that_is_named_exists(text: str) -> None:
    named = set(re.findall(r"`((?:schemas|pipeline|flows|sample_docs|tests|benchmarks)/[\w/.]*)`", text))
    named |= set(re.findall(r"\]\(([\w/.]+)\)", text))

    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


def test_every_category_has_a_remedy() -> None:
    assert set(REMEDIES) == set(Category)
