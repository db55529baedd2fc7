"""What a person reads of an evaluation."""

import io

import pytest
from rich.console import Console

from flows.scoreboard import board, excerpts, figure, indented
from pipeline.evaluate.compare import Verdict
from pipeline.evaluate.scores import Counts, Difference, DocumentScore, Evaluation, FieldScore, Spent


def document(path: str, right: int, *differences: Difference, state: str = "scored") -> DocumentScore:
    counts = dict.fromkeys(Verdict, 0)
    for difference in differences:
        counts[difference.verdict] += 1
    return DocumentScore(
        path=path,
        page=None,
        state=state,
        in_lake=state != "missing",
        counts=Counts(right=right, **{str(verdict): count for verdict, count in counts.items() if count}),
        differences=list(differences),
        models=["m"],
        spent=None,
    )


def difference(field: str, truth: str | None, found: str | None) -> Difference:
    both = truth is not None and found is not None
    lonely = Verdict.MISSING if found is None else Verdict.INVENTED
    return Difference(field=field, verdict=Verdict.WRONG if both else lonely, truth=truth, found=found)


def evaluation(
    *documents: DocumentScore, lake: str = "lake", right: int = 2, **changes: object
) -> Evaluation:
    total = sum((each.counts for each in documents), Counts())
    plain: dict[str, object] = {
        "lake": lake,
        "schema_name": "slip",
        "models": ["some/model"],
        "records": 2,
        "perfect": sum(not each.differences for each in documents),
        "total": total,
        "outside_lists": total,
        "inside_lists": Counts(),
        "fields": [FieldScore(field="total", counts=Counts(right=right, wrong=1), text_likeness=None)],
        "documents": list(documents),
        "spent": Spent(prompt_tokens=5000, completion_tokens=100, cost=0.5, seconds=3),
        "not_scored": [],
    }
    return Evaluation.model_validate(plain | changes)


def shown(*found: list[Evaluation], show: int = 10, width: int = 80) -> str:
    console = Console(file=io.StringIO(), width=width, highlight=False, force_terminal=False)
    console.print(board(found, show))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_the_worst_document_comes_first() -> None:
    better = document("better.pdf", 9, difference("total", "1", "2"))
    worse = document("worse.pdf", 1, difference("total", "3", None), difference("title", None, "x"))

    told = shown([evaluation(better, worse, document("fine.pdf", 5))])

    assert told.index("worse.pdf") < told.index("better.pdf")
    assert "3 documents of the truth: 3 with a record; 1 without a difference" in told
    assert "of 17 values found 15 are right, 1 wrong and 1 invented (5.9%)" in told
    assert "a record took 2.5k prompt tokens, 50 completion tokens, 1.5 s, $0.2500" in told
    assert "fine.pdf" not in told


@pytest.mark.parametrize(("show", "hidden"), [(0, ""), (1, "2 more: raise --show"), (3, "")])
def test_as_many_differences_are_shown_as_asked(show: int, hidden: str) -> None:
    many = document("a.pdf", 1, *(difference(f"field{number}", f"true{number}", "no") for number in range(3)))

    told = shown([evaluation(many)], show=show)

    assert [f"true{number}" in told for number in range(3)] == [number < show for number in range(3)]
    assert hidden in told
    assert ("more: raise" in told) == bool(hidden)


def test_what_documents_say_cannot_write_on_the_terminal() -> None:
    hostile = document(
        "\x1b[2Ja.pdf".replace("\x1b", "\\x1b"), 0, difference("t", "\x1b[31mred", "[bold]x[/]")
    )

    told = shown([evaluation(hostile, lake="la\x1bke", not_scored=["[red]b.pdf"])])

    assert "\x1b" not in told
    assert r"\x1b[31mred" in told
    assert "[bold]x[/]" in told
    assert "[red]b.pdf" in told


def test_documents_without_a_record_are_told() -> None:
    lost = document("lost.pdf", 0, difference("total", "1", None), state="missing")
    extra = document("extra.pdf", 0, difference("total", None, "1"), state="unexpected")

    told = shown([evaluation(lost, extra, document("blank.pdf", 0, state="none"))], width=160)

    assert (
        "1 rightly without one, 1 without one that should have it, 1 with one that should have none" in told
    )
    assert "the lake does not list lost.pdf" in told
    assert "lost.pdf (no record)" in told
    assert "extra.pdf (should have none)" in told
    assert "total  missing" not in told
    assert "total  invented" in told


def test_fields_stand_below_what_they_are_part_of() -> None:
    def field(name: str) -> FieldScore:
        return FieldScore(field=name, counts=Counts(right=1, missing=1), text_likeness=None)

    names = ["total", "seller.name", "seller.tax.id", "rows[].text", "rows[].price"]

    rows = [(name, counts.right, score is None) for name, counts, score in indented([*map(field, names)])]

    assert rows == [
        ("total", 1, False),
        ("seller", 2, True),
        ("  name", 1, False),
        ("  tax", 1, True),
        ("    id", 1, False),
        ("rows[]", 2, True),
        ("  text", 1, False),
        ("  price", 1, False),
    ]


def test_several_lakes_stand_side_by_side() -> None:
    wrong = difference("total", "1", "2")
    small = evaluation(document("a.pdf", 1, wrong), lake="small", right=1)
    large = evaluation(document("a.pdf", 3), lake="large", right=9)

    lines = [line.split() for line in shown([small, large]).splitlines()]

    assert ["small", "large"] in lines
    assert ["F1", "0.500", "1.000"] in lines
    assert ["total", "0.500", "0.900"] in lines
    assert ["$0.2500", "$0.2500"] in lines


@pytest.mark.parametrize(
    ("share", "text"), [(None, ""), (0.0, "0.000"), (0.5, "0.500"), (0.99999, "0.999"), (1.0, "1.000")]
)
def test_only_what_is_whole_is_shown_as_one(share: float | None, text: str) -> None:
    assert figure(share) == text


def test_of_long_texts_the_place_is_shown_where_they_part() -> None:
    same = "word " * 100

    truth, found = excerpts(same + "right" + same, same + "wrong" + same)

    assert truth.startswith("…")
    assert truth[:26].endswith("right")
    assert found[:26].endswith("wrong")
    assert len(truth) < 130
    assert excerpts("short", "shirt") == ("short", "shirt")
    assert excerpts("", same) == ("", same[:120] + "…")
