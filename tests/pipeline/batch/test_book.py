"""What is known of the requests of all jobs of a lake."""

from pathlib import Path

from pipeline.batch.book import Book, begin_anew
from pipeline.batch.job import BatchJob, JobFolder, Left, Step
from tests.pipeline.batch.jobs import sealed


def end(folder: JobFolder, job: BatchJob, *left: str, is_final: bool = False) -> None:
    folder.write_left(Left(custom_id=one, reason=f"no {one}", is_final=is_final) for one in left)
    folder.save(job.model_copy(update={"step": Step.COLLECTED}))


def test_requests_of_jobs_under_way_wait_and_those_of_others_do_not(tmp_path: Path) -> None:
    end(*sealed(tmp_path, ["a1", "a2"]), "a2")
    for step, custom_id in zip(
        [one for one in Step if one is not Step.COLLECTED], ("b1", "c1", "d1", "e1"), strict=True
    ):
        folder, job = sealed(tmp_path, [custom_id])
        folder.save(job.model_copy(update={"step": step}))
    book = Book.of(tmp_path)

    assert book.waiting == {"b1", "c1", "d1", "e1"}
    assert (book.left("a1"), book.tries("a1"), book.rounds("a1")) == (None, 0, 0)
    assert (book.left("a2"), book.tries("a2")) == (Left(custom_id="a2", reason="no a2"), 1)


def test_tries_add_up_over_jobs_and_the_last_reason_counts(tmp_path: Path) -> None:
    end(*sealed(tmp_path, ["a1"]), "a1")
    folder, job = sealed(tmp_path, ["a1", "b1"])
    book = Book.of(tmp_path)
    end(folder, job, "a1", is_final=True)
    book.close(folder)
    left = book.left("a1")

    assert (book.tries("a1"), book.rounds("a1"), book.waiting) == (2, 2, set())
    assert left is not None
    assert left.is_final


def test_a_new_run_gives_what_was_left_new_tries_but_not_the_ids_of_old_jobs(tmp_path: Path) -> None:
    end(*sealed(tmp_path, ["a1"]), "a1")
    live, _ = sealed(tmp_path, ["b1"])
    before = live.load()
    begin_anew(tmp_path)
    book = Book.of(tmp_path)

    assert (book.left("a1"), book.tries("a1"), book.rounds("a1")) == (None, 0, 1)
    assert live.load() == before


def test_a_lake_without_jobs_has_an_empty_book(tmp_path: Path) -> None:
    book = Book.of(tmp_path / "nowhere")

    assert (book.waiting, book.left("a1"), book.rounds("a1")) == (set(), None, 0)
