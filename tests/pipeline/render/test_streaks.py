"""When the pages of a document are not tried any more."""

from dataclasses import replace

import pytest

from pipeline.errors import Category, DocumentError, DocumentGivenUp
from pipeline.records import Document, Kind
from pipeline.render.streaks import FAILED, FAILED_HARD, WITHOUT_FORMS, Streaks

PAPER = Document(doc_id="a", path="a.pdf", size_bytes=1, kind=Kind.PDF, media_type="application/pdf")
OTHER = replace(PAPER, doc_id="b")


@pytest.mark.parametrize(
    ("category", "most"),
    [(Category.TIMEOUT, FAILED_HARD), (Category.CRASHED, FAILED_HARD), (Category.CORRUPT, FAILED)],
)
def test_after_enough_pages_in_a_row_that_failed_the_rest_is_not_tried(category: Category, most: int) -> None:
    streaks = Streaks()
    for number in range(most):
        streaks.check(PAPER)
        streaks.failed(PAPER, DocumentError(category, f"page {number}: no"))
    streaks.check(OTHER)

    with pytest.raises(
        DocumentGivenUp, match=rf"after {most} pages in a row .*: page {most - 1}: no"
    ) as caught:
        streaks.check(PAPER)

    assert caught.value.category is category


def test_a_page_that_is_drawn_ends_a_run_of_failures() -> None:
    streaks = Streaks()
    for _ in range(FAILED):
        for _ in range(FAILED_HARD - 1):
            streaks.failed(PAPER, DocumentError(Category.CRASHED, "no"))
        streaks.drawn(PAPER, forms=False)
        streaks.check(PAPER)
        streaks.drawn(PAPER, forms=True)


def test_forms_that_had_to_be_left_out_again_and_again_are_not_tried_any_more() -> None:
    streaks = Streaks()
    for _ in range(WITHOUT_FORMS):
        assert streaks.draws_forms(PAPER)
        streaks.drawn(PAPER, forms=False)

    assert not streaks.draws_forms(PAPER)
    assert streaks.draws_forms(OTHER)
