"""Lakes made by real runs, beside their truth."""

import json
import shutil
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipeline.cost import Prices
from pipeline.errors import ConfigError
from pipeline.evaluate.evaluation import evaluate
from pipeline.evaluate.scores import Counts, Evaluation
from pipeline.evaluate.truth import read_truth
from pipeline.store.results import records_in
from pipeline.windows import WindowLimits
from tests.papers import write_pdf
from tests.pipeline.runs import Slip, config, run, slip_answer, slip_type
from tests.servers import FaultServer, Heard, Reply, chat_answer

ONE_PAGE = {"title": "from page 1", "total": "12.50", "entries": [{"text": "entry of page 1", "amount": 1.5}]}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A lake of two documents of one and two pages, one blank, one broken."""
    write_pdf(tmp_path / "in" / "a.pdf", ["one"])
    write_pdf(tmp_path / "in" / "sub" / "b.pdf", ["one", "two"])
    write_pdf(tmp_path / "in" / "blank.pdf", [""])
    (tmp_path / "in" / "broken.pdf").write_bytes(b"%PDF-1.4")
    work(tmp_path, tmp_path / "lake")
    return tmp_path


def work(place: Path, lake: Path, unit: str = "document", **changes: Any) -> None:
    with FaultServer(slip_answer) as server:
        asked = config(server.base_url, lake, place / "in", record=slip_type(unit))
        run(replace(asked, **changes))


def scored(place: Path, *lines: dict[str, Any], unit: str = "document", folder: str = "") -> Evaluation:
    file = place / folder / "truth.jsonl"
    file.parent.mkdir(exist_ok=True)
    file.write_text("\n".join(json.dumps(line) for line in lines))
    return evaluate(place / "lake", slip_type(unit), read_truth(file))


def states(evaluation: Evaluation) -> dict[str, str]:
    return {document.path: document.state for document in evaluation.documents}


def test_a_record_is_scored_field_by_field(place: Path) -> None:
    truth = {
        "title": "From Page 1",
        "total": 12.51,
        "entries": [
            {"text": "entry of page 2", "amount": "2.5"},
            {"text": "entry of page 1", "amount": None},
            {"text": "Carriage", "amount": 9},
        ],
    }

    told = scored(place, {"path": "b.pdf", "schema": "slip", "record": truth})

    assert {
        field.field: field.counts.model_dump(include={*Counts.model_fields}) for field in told.fields
    } == {
        "title": dict.fromkeys(Counts.model_fields, 0) | {"right": 1},
        "total": dict.fromkeys(Counts.model_fields, 0) | {"wrong": 1},
        "entries[].text": dict.fromkeys(Counts.model_fields, 0) | {"right": 2, "missing": 1},
        "entries[].amount": dict.fromkeys(Counts.model_fields, 0) | {"right": 1, "missing": 1, "invented": 1},
    }
    assert told.total == Counts(right=4, wrong=1, missing=2, invented=1)
    assert (told.outside_lists.right, told.inside_lists.right) == (1, 3)
    assert (told.total.precision, told.total.recall) == (4 / 6, 4 / 7)
    assert told.total.f1 == pytest.approx(8 / 13)
    assert [(one.field, one.truth, one.found) for one in told.documents[0].differences] == [
        ("total", "12.51", "12.5"),
        ("entries[1].amount", None, "1.5"),
        ("entries[2].text", "Carriage", None),
        ("entries[2].amount", "9", None),
    ]
    assert told.models == ["test-model"]


def test_documents_without_a_record_count_by_what_truth_expects(place: Path) -> None:
    told = scored(
        place,
        {"path": "in/a.pdf", "record": None},
        {"path": "in/blank.pdf", "record": None},
        {"path": "in/broken.pdf", "record": {"title": "lost", "total": None}},
        {"path": "in/never.pdf", "record": {"total": 1}},
        {"path": "in/note.txt", "record": None},
    )

    assert states(told) == {
        "in/a.pdf": "unexpected",
        "in/blank.pdf": "none",
        "in/broken.pdf": "missing",
        "in/never.pdf": "missing",
    }
    assert [document.in_lake for document in told.documents] == [True, True, True, False]
    assert told.total == Counts(missing=2, invented=4)
    assert told.perfect == 1


def test_records_without_truth_are_named_and_not_scored(place: Path) -> None:
    told = scored(place, {"path": "a.pdf", "record": ONE_PAGE})

    assert told.not_scored == [str(place / "in" / "sub" / "b.pdf")]
    assert told.total == Counts(right=4)


def test_a_renamed_document_is_known_by_its_bytes(place: Path) -> None:
    (place / "elsewhere").mkdir()
    shutil.copy(place / "in" / "a.pdf", place / "elsewhere" / "renamed.pdf")

    told = scored(place, {"path": "renamed.pdf", "record": ONE_PAGE}, folder="elsewhere")

    assert told.total == Counts(right=4)


def test_equal_files_are_scored_once(place: Path) -> None:
    shutil.copy(place / "in" / "a.pdf", place / "in" / "copy.pdf")
    lines = [{"path": f"in/{name}.pdf", "record": ONE_PAGE} for name in ("a", "copy")]

    assert scored(place, *lines).total == Counts(right=4)
    with pytest.raises(ConfigError, match=r"line 2 says something else about in/copy\.pdf"):
        scored(place, lines[0], lines[1] | {"record": {"title": "other"}})


def test_a_path_that_fits_several_documents_is_refused(place: Path) -> None:
    write_pdf(place / "in" / "a" / "b.pdf", ["another"])
    work(place, place / "lake")

    with pytest.raises(ConfigError, match=r"may be .*b\.pdf or .*b\.pdf; give more of its path"):
        scored(place, {"path": "b.pdf", "record": ONE_PAGE})
    assert scored(place, {"path": "sub/b.pdf", "record": {"title": "from page 1"}}).total == Counts(right=1)


def test_pages_are_scored_one_by_one(place: Path) -> None:
    shutil.rmtree(place / "lake")
    work(place, place / "lake", unit="page")

    told = scored(
        place,
        {"path": "b.pdf", "page": 2, "record": {"title": "from page 2"}},
        {"path": "a.pdf", "record": {"title": "from page 1"}},
        unit="page",
    )

    assert told.total == Counts(right=2)
    assert told.not_scored == [f"{place / 'in' / 'sub' / 'b.pdf'} page 1"]


def test_of_several_pages_truth_says_which(place: Path) -> None:
    shutil.rmtree(place / "lake")
    work(place, place / "lake", unit="page")

    with pytest.raises(ConfigError, match=r"line 1: b\.pdf gave a record a page; say which it is with"):
        scored(place, {"path": "b.pdf", "record": {"title": "from page 2"}}, unit="page")


def test_what_records_took_is_told(place: Path) -> None:
    shutil.rmtree(place / "lake")
    prices = Prices(input=Decimal(2), output=Decimal(5))
    work(place, place / "lake", prices=prices, windows=WindowLimits(max_images=1))

    told = scored(place, {"path": "a.pdf", "record": ONE_PAGE}, {"path": "b.pdf", "record": {}})

    assert (told.spent.prompt_tokens, told.spent.completion_tokens) == (3000, 60)
    assert told.spent.cost == pytest.approx(3 * 0.0021)
    assert told.spent.seconds > 0
    assert [document.spent.prompt_tokens for document in told.documents if document.spent] == [1000, 2000]


def test_a_document_that_was_worked_again_is_scored_by_its_last_record(place: Path) -> None:
    def better(_: Heard) -> Reply:
        return chat_answer({"title": "better", "total": None, "entries": []})

    with FaultServer(better) as server:
        run(config(server.base_url, place / "lake", place / "in", model="better-model"))

    told = scored(place, {"path": "a.pdf", "record": {"title": "better"}})

    assert (told.total, told.models) == (Counts(right=1), ["better-model"])


def test_parts_that_were_never_committed_are_not_scored(place: Path) -> None:
    shutil.rmtree(place / "lake" / "documents")
    (place / "lake" / "documents").mkdir()

    assert records_in(place / "lake", "slip", {}, ["any"]) == []


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ({"path": "a.pdf", "schema": "invoice", "record": {}}, "no line for the schema 'slip'"),
        ({"path": "a.pdf", "record": {"titel": "x"}}, "did you mean title"),
    ],
)
def test_truth_that_does_not_fit_is_refused(line: dict[str, Any], says: str, place: Path) -> None:
    with pytest.raises(ConfigError, match=says):
        scored(place, line)


def test_a_lake_without_the_schema_is_refused(place: Path) -> None:
    (place / "truth.jsonl").write_text('{"path": "a.pdf", "record": {}}')
    other = replace(slip_type(), name="other")

    with pytest.raises(ConfigError, match="holds no document of the schema 'other'"):
        evaluate(place / "lake", other, read_truth(place / "truth.jsonl"))


def test_records_of_another_shape_are_refused(place: Path) -> None:
    class Wider(Slip):
        further: int | None = None

    (place / "truth.jsonl").write_text('{"path": "a.pdf", "record": {}}')

    with pytest.raises(ConfigError, match=r"have no column further; .* pagelake rebuild"):
        evaluate(place / "lake", replace(slip_type(), model=Wider), read_truth(place / "truth.jsonl"))
