import contextlib
import tracemalloc
from pathlib import Path

import pytest

from pipeline.errors import StoreError
from pipeline.service.files import FileBody, PartFile

pytestmark = pytest.mark.anyio


async def whole(body: FileBody) -> bytes:
    return b"".join([piece async for piece in body])


async def test_a_body_is_the_file_between_its_ends(tmp_path: Path) -> None:
    path, counted = tmp_path / "a.jsonl", list[int]()
    path.write_bytes(b"x" * 3_000_000)
    body = FileBody(
        path, 3_000_000, content_type="text/plain", around=(b"<<", b">>"), progress=counted.append
    )

    assert await whole(body) == b"<<" + b"x" * 3_000_000 + b">>"
    assert body.headers == {"content-type": "text/plain", "content-length": "3000004"}
    assert sum(counted) == 3_000_000
    body.take_back()
    assert sum(counted) == 0


async def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    path, size_bytes = tmp_path / "large.jsonl", 100_000_000
    with path.open("wb") as file:
        file.truncate(size_bytes)

    tracemalloc.start()
    sent = 0
    async for piece in FileBody(path, size_bytes):
        sent += len(piece)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert sent == size_bytes
    assert peak < size_bytes / 5


@pytest.mark.parametrize("now", [b"", b"12345", b"1234567"])
async def test_a_file_that_changes_is_not_sent_as_if_it_were_whole(tmp_path: Path, now: bytes) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(now)

    with pytest.raises(StoreError, match=r"a\.jsonl changed while it was uploaded"):
        await whole(FileBody(path, 6))


async def test_a_file_that_is_gone_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"gone\.jsonl cannot be read \(No such file"):
        await whole(FileBody(tmp_path / "gone.jsonl", 6))


def received(part: PartFile, status: int, headers: dict[str, str], *pieces: bytes) -> bool:
    take = part.sink(status, headers)
    for piece in pieces:
        assert take
        take(piece)
    return take is not None


def test_a_file_is_in_its_place_only_when_it_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "a.jsonl"

    with PartFile(target) as part:
        assert received(part, 200, {}, b"one", b"two")
        assert not target.exists()

    assert target.read_bytes() == b"onetwo"
    assert [path.name for path in target.parent.iterdir()] == ["a.jsonl"]


def test_a_file_that_breaks_off_leaves_the_old_one(tmp_path: Path) -> None:
    target = tmp_path / "a.jsonl"
    target.write_bytes(b"old")

    with contextlib.suppress(KeyError), PartFile(target) as part:
        received(part, 200, {}, b"new")
        raise KeyError

    assert target.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.jsonl"]


def test_what_is_missing_is_asked_for_by_the_version_that_was_begun(tmp_path: Path) -> None:
    counted = list[int]()
    with PartFile(tmp_path / "a", counted.append) as part:
        assert part.resume == {}
        received(part, 200, {"etag": '"v1"'}, b"abc")
        assert part.resume == {"range": "bytes=3-", "if-range": '"v1"'}
        assert received(part, 206, {"content-range": "bytes 3-5/6"}, b"def")
        assert sum(counted) == part.size_bytes == 6

    assert (tmp_path / "a").read_bytes() == b"abcdef"


def test_another_version_begins_again(tmp_path: Path) -> None:
    counted = list[int]()
    with PartFile(tmp_path / "a", counted.append) as part:
        received(part, 200, {"etag": '"v1"'}, b"abc")
        received(part, 200, {"etag": '"v2"'}, b"xyz123")

    assert (tmp_path / "a").read_bytes() == b"xyz123"
    assert sum(counted) == 6


@pytest.mark.parametrize("headers", [{}, {"etag": '"v1"', "content-encoding": "gzip"}])
def test_without_a_version_of_the_plain_file_all_of_it_is_asked_for(
    tmp_path: Path, headers: dict[str, str]
) -> None:
    with PartFile(tmp_path / "a") as part:
        received(part, 200, headers, b"abc")

        assert part.resume == {}


@pytest.mark.parametrize(
    ("status", "headers"), [(404, {}), (206, {"content-range": "bytes 0-5/6"}), (206, {}), (416, {})]
)
def test_what_is_not_the_missing_part_is_not_taken(
    tmp_path: Path, status: int, headers: dict[str, str]
) -> None:
    with PartFile(tmp_path / "a") as part:
        received(part, 200, {"etag": '"v1"'}, b"abc")

        assert not received(part, status, headers)


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(StoreError, match=r"cannot be written \("), PartFile(tmp_path / "file" / "a"):
        pass
