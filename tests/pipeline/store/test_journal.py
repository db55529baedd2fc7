"""The crash net."""

import asyncio
import json
import resource
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.doubts import Doubt
from pipeline.errors import StoreError
from pipeline.records import Answer, Completion, Evidence, Usage
from pipeline.store.journal import SYNC_S, Flushes, Journal
from pipeline.store.leftovers import Noted, leftovers, noted_in
from pipeline.store.tables import answer_of, answer_row
from pipeline.views import Band

ANSWER = Answer(
    custom_id="a" * 40,
    schema="slip",
    doc_id="d" * 64,
    pages=(1, 3),
    partial=True,
    model="m",
    road="online",
    completion=Completion(
        content='{"text": "ü\\n\\ud800"}\n',
        finish_reason="stop",
        model="m-2",
        usage=Usage(prompt_tokens=3, completion_tokens=2, cached_tokens=1),
        request_id="r",
        latency_s=0.5,
        attempts=2,
        evidence=(Evidence(field="total", page=3, confidence=0.1, box=(0, 0.1, 0.2, 1), rule="label"),),
        refusal="no",
    ),
    cost=Decimal("0.0000000001"),
    received_at=1.5,
    band=Band(3, 4),
)


def send(journal: Journal, custom_id: str) -> None:
    asyncio.run(journal.sent(Doubt(custom_id=custom_id)))


def ids(doubts: Iterable[Doubt]) -> list[str]:
    return [doubt.custom_id for doubt in doubts]


def test_an_answer_comes_back_as_it_was(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "run-1")
    send(journal, ANSWER.custom_id)
    journal.answered(ANSWER)
    journal.close()

    left = leftovers(tmp_path)

    assert left.answers == (ANSWER,)
    assert left.unanswered == ()


def test_a_note_of_an_older_version_says_nothing_of_where_values_stand(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "run-1")
    journal.answered(ANSWER)
    journal.close()
    note = json.loads((tmp_path / "run-1.jsonl").read_bytes())
    del (
        note["answer"]["completion"]["evidence"],
        note["answer"]["completion"]["refusal"],
        note["answer"]["band"],
    )
    (tmp_path / "run-1.jsonl").write_text(json.dumps(note) + "\n")

    (answer,) = leftovers(tmp_path).answers

    plain = replace(ANSWER.completion, evidence=(), refusal="")
    assert answer == replace(ANSWER, completion=plain, band=None)


def test_an_answer_comes_back_from_its_row() -> None:
    stored = replace(ANSWER.completion, content='{"text": "ü\\n\\ud800"}\n')

    assert answer_of(answer_row(replace(ANSWER, completion=stored))) == replace(ANSWER, completion=stored)


def test_what_was_sent_and_not_answered_is_in_doubt(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "run-1")
    for custom_id in ("one", "two", "three"):
        send(journal, custom_id)
    journal.answered(replace(ANSWER, custom_id="one"))
    journal.gave_up("two")
    journal.close()

    assert ids(leftovers(tmp_path).unanswered) == ["three"]


def test_an_answer_in_another_journal_settles_the_doubt(tmp_path: Path) -> None:
    for name, note in (("run-1", False), ("run-2", True)):
        journal = Journal(tmp_path, name)
        send(journal, ANSWER.custom_id)
        if note:
            journal.answered(ANSWER)
        journal.close()

    left = leftovers(tmp_path)

    assert (left.answers, left.unanswered) == ((ANSWER,), ())


@pytest.mark.parametrize("cut", [2, 20, 200])
def test_a_line_cut_by_a_kill_is_left_out(cut: int, tmp_path: Path) -> None:
    journal = Journal(tmp_path, "run-1")
    journal.answered(ANSWER)
    journal.answered(replace(ANSWER, custom_id="b"))
    journal.close()
    file = tmp_path / "run-1.jsonl"
    file.write_bytes(file.read_bytes()[:-cut])

    assert [answer.custom_id for answer in leftovers(tmp_path).answers] == [ANSWER.custom_id]


def test_a_journal_is_private_and_absent_until_something_is_noted(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "run-1")
    assert list(tmp_path.iterdir()) == []

    send(journal, "one")

    assert (tmp_path / "run-1.jsonl").stat().st_mode & 0o077 == 0
    journal.settle()
    assert list(tmp_path.iterdir()) == []


def test_a_journal_begun_anew_keeps_what_is_open_and_lets_go_of_the_rest(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "run-1")
    for custom_id in (ANSWER.custom_id, "open", "in vain"):
        send(journal, custom_id)
    journal.answered(ANSWER)
    journal.gave_up("in vain")
    full = journal.begin_anew()
    between = leftovers(tmp_path)  # as a kill would leave it now
    assert full is not None
    full.unlink()
    was_behind = journal.is_behind
    journal.close()
    after = leftovers(tmp_path)

    assert (between.answers, ids(between.unanswered)) == ((ANSWER,), ["open"])
    assert (after.answers, ids(after.unanswered), was_behind) == ((), ["open"], False)


def test_an_answer_after_the_journal_was_begun_anew_settles_the_doubt(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "run-1")
    send(journal, ANSWER.custom_id)
    send(journal, "two")
    journal.begin_anew()
    journal.answered(ANSWER)
    journal.gave_up("two")
    journal.close()

    left = leftovers(tmp_path)

    assert (left.answers, left.unanswered, len(left.files)) == ((ANSWER,), (), 2)


def test_a_journal_is_not_begun_anew_without_notes_or_with_a_lost_answer(tmp_path: Path) -> None:
    empty, doubtful = Journal(tmp_path, "run-1"), Journal(tmp_path, "run-2")
    doubtful.lost(Doubt(custom_id="one"))

    assert (empty.begin_anew(), doubtful.begin_anew()) == (None, None)
    doubtful.close()
    assert [file.name for file in tmp_path.iterdir()] == ["run-2.jsonl"]


def test_what_is_known_of_a_request_comes_back_with_the_doubt(tmp_path: Path) -> None:
    doubt = Doubt(custom_id="one", doc_id="d" * 64, pages=(2, 5), possible_cost=0.0123)
    journal = Journal(tmp_path, "run-1")
    asyncio.run(journal.sent(doubt))
    journal.close()

    assert leftovers(tmp_path).unanswered == (doubt,)


def test_an_answer_that_was_lost_stays_in_doubt_when_the_request_is_answered_the_second_time(
    tmp_path: Path,
) -> None:
    journal = Journal(tmp_path, "run-1")
    send(journal, ANSWER.custom_id)
    journal.lost(Doubt(custom_id=ANSWER.custom_id))
    journal.answered(ANSWER)
    journal.close()
    before = leftovers(tmp_path)
    journal.settle()
    after = leftovers(tmp_path)

    assert (before.answers, before.unanswered, ids(before.lost)) == ((ANSWER,), (), [ANSWER.custom_id])
    assert (after.answers, after.unanswered, after.lost) == ((), (), before.lost)
    assert (tmp_path / "run-1.jsonl").stat().st_mode & 0o077 == 0


def test_a_request_goes_out_when_all_that_was_noted_before_is_on_disk(tmp_path: Path) -> None:
    flushes = Flushes()
    one, other = Journal(tmp_path, "run-1", flushes), Journal(tmp_path, "run-2", flushes)
    one.answered(ANSWER)
    before = one.is_behind

    asyncio.run(other.sent(Doubt(custom_id="two")))

    assert (before, one.is_behind, other.is_behind) == (True, False, False)
    one.close()
    other.close()


def test_a_journal_that_cannot_be_written_says_which(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"gone/run-1\.jsonl could not be written"):
        send(Journal(tmp_path / "gone", "run-1"), "one")


def test_a_full_disk_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "run-1.jsonl").symlink_to("/dev/full")
    journal = Journal(tmp_path, "run-1")

    with pytest.raises(StoreError, match=r"run-1\.jsonl could not be written: .*No space left"):
        send(journal, "one")

    journal.close()


def test_a_note_after_half_a_line_can_be_read(tmp_path: Path) -> None:
    """A disk that was full for a moment has taken a part of one."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    journal = Journal(tmp_path, "run-1")
    send(journal, "one")
    resource.setrlimit(resource.RLIMIT_FSIZE, (40, before[1]))
    try:
        with pytest.raises(StoreError, match="File too large"):
            journal.answered(ANSWER)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    journal.answered(replace(ANSWER, custom_id="two"))
    journal.close()

    assert [answer.custom_id for answer in leftovers(tmp_path).answers] == ["two"]
    assert noted_in(tmp_path / "run-1.jsonl") == Noted(answers=1, in_doubt=1, unreadable=1)


def test_notes_are_with_the_disk_soon_and_what_it_says_is_told(tmp_path: Path) -> None:
    """No write to /dev/null fails, and every flush of it does: so the flush is seen, and that it is told."""
    (tmp_path / "run-1.jsonl").symlink_to("/dev/null")
    journal = Journal(tmp_path, "run-1")
    journal.answered(ANSWER)
    assert journal._timer is not None
    journal._timer.join(10 * SYNC_S + 5)

    with pytest.raises(StoreError, match="could not be written"):
        journal.gave_up("two")

    journal.close()


def test_no_flush_is_left_running_behind_a_journal_that_is_closed(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "run-1")
    send(journal, "one")
    journal.close()
    assert journal._timer is not None
    journal._timer.join(5)

    journal.answered(ANSWER)
    journal.close()

    assert leftovers(tmp_path).answers == (ANSWER,)


@pytest.mark.parametrize(
    "garbage",
    [
        b"\xff\xfe",
        b"{",
        b"5",
        b"null",
        b'{"sent":7}',
        b'{"answer":{}}',
        b'{"answer":{"custom_id":"x"}}',
        b"\0" * 99,
    ],
)
def test_a_line_that_is_no_note_hides_no_other(garbage: bytes, tmp_path: Path) -> None:
    journal = Journal(tmp_path, "run-1")
    send(journal, "one")
    journal.close()
    with (tmp_path / "run-1.jsonl").open("ab") as file:
        file.write(garbage + b"\n")
    journal.answered(ANSWER)
    journal.close()

    left = leftovers(tmp_path)

    assert (left.answers, ids(left.unanswered)) == ((ANSWER,), ["one"])
