"""Folders, patterns, lists and single files become sources; bytes decide what a source is."""

import hashlib
import os
import socket
import sys
from pathlib import Path

import pytest
from PIL import Image

from pipeline.errors import Category, ConfigError, DocumentError
from pipeline.records import Kind, Skipped, Source, printable
from pipeline.sources import MAX_BYTES, find, identify
from tests.privileges import unprivileged

PDF = b"%PDF-1.4\n%%EOF\n"


def put(place: Path, content: bytes = PDF) -> Path:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)
    return place


def names(found: list[Source | Skipped], root: Path) -> list[str]:
    return [str(Path(one.path).relative_to(root)) for one in found if isinstance(one, Source)]


def skipped(found: list[Source | Skipped], root: Path) -> dict[str, str]:
    return {str(Path(one.path).relative_to(root)): one.reason for one in found if isinstance(one, Skipped)}


def refused(path: Path, max_bytes: int = MAX_BYTES) -> DocumentError:
    with pytest.raises(DocumentError) as caught:
        identify(Source(str(path), 0), max_bytes=max_bytes)
    return caught.value


def test_a_folder_is_walked_in_a_stable_order_with_any_spelling_of_the_suffix(tmp_path: Path) -> None:
    for name in ("b/2.PDF", "b/10.pdf", "a.Pdf", "c.jpeg", "b/deep/er/x.tiff"):
        put(tmp_path / name)

    found = list(find([str(tmp_path)]))

    assert names(found, tmp_path) == ["a.Pdf", "b/10.pdf", "b/2.PDF", "b/deep/er/x.tiff", "c.jpeg"]
    assert all(one.size_bytes == len(PDF) for one in found if isinstance(one, Source))


def test_what_is_hidden_or_foreign_is_named_and_not_worked(tmp_path: Path) -> None:
    put(tmp_path / ".hidden.pdf")
    put(tmp_path / ".git/a.pdf")
    put(tmp_path / "notes.txt", b"just text")
    put(tmp_path / "page.html", b"<html></html>")

    found = list(find([str(tmp_path)]))

    assert skipped(found, tmp_path) == {
        ".git": "hidden",
        ".hidden.pdf": "hidden",
        "notes.txt": "not a PDF or an image",
        "page.html": "not a PDF or an image",
    }
    assert not names(found, tmp_path)


def test_a_document_without_its_suffix_is_found_by_its_bytes(tmp_path: Path) -> None:
    put(tmp_path / "scan.dat")
    Image.new("L", (4, 4)).save(tmp_path / "photo", "PNG")

    assert names(list(find([str(tmp_path)])), tmp_path) == ["photo", "scan.dat"]


def test_a_file_with_the_suffix_but_other_bytes_becomes_a_failure_and_is_not_lost(tmp_path: Path) -> None:
    page = put(tmp_path / "page.pdf", b"<!DOCTYPE html><html></html>")
    empty = put(tmp_path / "empty.pdf", b"")

    assert names(list(find([str(tmp_path)])), tmp_path) == ["empty.pdf", "page.pdf"]
    assert refused(empty).category is Category.EMPTY
    assert refused(page).category is Category.NOT_A_DOCUMENT
    assert "HTML" in str(refused(page))


def test_a_foreign_file_named_outright_is_a_failure(tmp_path: Path) -> None:
    notes = put(tmp_path / "notes.txt", b"just text")

    (found,) = find([str(notes)])

    assert isinstance(found, Source)
    assert refused(notes).category is Category.NOT_A_DOCUMENT


def test_hidden_things_named_outright_are_worked(tmp_path: Path) -> None:
    put(tmp_path / ".inbox/a.pdf")

    assert names(list(find([str(tmp_path / ".inbox")])), tmp_path) == [".inbox/a.pdf"]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*.pdf", ["a.pdf", "b.pdf"]),
        ("?.pdf", ["a.pdf", "b.pdf"]),
        ("[a].pdf", ["a.pdf"]),
        ("**/*.pdf", ["a.pdf", "b.pdf", "sub/c.pdf"]),
        ("s*", ["sub/c.pdf"]),
    ],
)
def test_patterns_match_as_in_a_shell(tmp_path: Path, pattern: str, expected: list[str]) -> None:
    for name in ("a.pdf", "b.pdf", "sub/c.pdf"):
        put(tmp_path / name)

    assert names(list(find([f"{tmp_path}/{pattern}"])), tmp_path) == expected


def test_patterns_are_relative_to_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / "in/a.pdf")
    monkeypatch.chdir(tmp_path / "in")

    assert [one.path for one in find(["*.pdf"])] == ["a.pdf"]
    assert [one.path for one in find(["../in/*.pdf"])] == ["../in/a.pdf"]


def test_names_that_look_like_patterns_or_lists_are_taken_literally(tmp_path: Path) -> None:
    put(tmp_path / "in [2024]/a*.pdf")
    put(tmp_path / "in [2024]/ab.pdf")
    put(tmp_path / "@a.pdf")

    assert names(list(find([f"{tmp_path}/in [2024]/a*.pdf"])), tmp_path) == ["in [2024]/a*.pdf"]
    assert names(list(find([f"{tmp_path}/in [2024]/a?.pdf"])), tmp_path) == [
        "in [2024]/a*.pdf",
        "in [2024]/ab.pdf",
    ]
    assert names(list(find([f"{tmp_path}/@a.pdf"])), tmp_path) == ["@a.pdf"]


@pytest.mark.parametrize("asked", ["nowhere", "*.pdf", "@nolist.txt", "a**b/*.pdf", ""])
def test_what_does_not_exist_is_said_in_one_sentence(
    tmp_path: Path, asked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    with pytest.raises(ConfigError) as caught:
        list(find([asked]))

    assert "\n" not in str(caught.value)
    assert asked.lstrip("@") in str(caught.value)


def test_nothing_is_yielded_before_everything_asked_for_is_known_to_exist(tmp_path: Path) -> None:
    put(tmp_path / "a.pdf")

    with pytest.raises(ConfigError):
        next(find([str(tmp_path), "nowhere"]))


def test_a_list_has_a_path_a_line_comments_and_blank_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "a.pdf")
    put(tmp_path / "sub/b[1].pdf")
    put(
        tmp_path / "list.txt", b"\xef\xbb\xbf# mine\r\n\r\na.pdf\r\n  sub/b[1].pdf  \n  # more\nmissing.pdf\n"
    )
    monkeypatch.chdir(tmp_path)

    found = list(find(["@list.txt"]))

    assert [one.path for one in found] == ["a.pdf", "sub/b[1].pdf", "missing.pdf"]
    assert refused(tmp_path / "missing.pdf").category is Category.UNREADABLE


def test_a_file_reached_twice_is_yielded_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / "in/a.pdf")
    put(tmp_path / "in/sub/b.pdf")
    monkeypatch.chdir(tmp_path)

    found = list(find(["in/*.pdf", "in", "./in/../in/a.pdf", str(tmp_path / "in"), "in/sub"]))

    assert [one.path for one in found] == ["in/a.pdf", "in/sub/b.pdf"]


def test_the_same_bytes_under_two_names_are_two_sources(tmp_path: Path) -> None:
    first = put(tmp_path / "a.pdf")
    (tmp_path / "b.pdf").symlink_to(first)
    (tmp_path / "c.pdf").hardlink_to(first)

    found = list(find([str(tmp_path)]))

    assert names(found, tmp_path) == ["a.pdf", "b.pdf", "c.pdf"]
    assert len({identify(one).doc_id for one in found if isinstance(one, Source)}) == 1


def test_folders_that_link_in_circles_are_walked_once(tmp_path: Path) -> None:
    put(tmp_path / "real/a.pdf")
    (tmp_path / "real/up").symlink_to(tmp_path)
    (tmp_path / "again").symlink_to(tmp_path / "real")
    (tmp_path / "self").symlink_to(tmp_path / "self")

    for asked in (str(tmp_path), f"{tmp_path}/**"):
        found = list(find([asked]))

        assert names(found, tmp_path) == ["real/a.pdf"]
        assert skipped(found, tmp_path) == {
            "self": "a link that leads nowhere",
            "again": "a link to a folder that is listed already",
            "real/up": "a link to a folder that is listed already",
        }


def test_a_linked_folder_elsewhere_is_walked(tmp_path: Path) -> None:
    put(tmp_path / "elsewhere/a.pdf")
    (tmp_path / "in").mkdir()
    (tmp_path / "in/link").symlink_to(tmp_path / "elsewhere")

    assert names(list(find([str(tmp_path / "in")])), tmp_path) == ["in/link/a.pdf"]


def test_pipes_and_sockets_never_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.pdf")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "s.pdf"))

        found = list(find([str(tmp_path)]))

        assert skipped(found, tmp_path) == {"pipe.pdf": "not a regular file", "s.pdf": "not a regular file"}
        assert refused(tmp_path / "pipe.pdf").category is Category.UNREADABLE
        assert refused(tmp_path / "s.pdf").category is Category.UNREADABLE


@pytest.mark.skipif(sys.platform != "linux", reason="gives up privileges as Linux does")
def test_a_file_that_may_not_be_read_is_unreadable(tmp_path: Path) -> None:
    shut = put(tmp_path / "a.pdf")
    shut.chmod(0)

    error = unprivileged(lambda: refused(shut))

    assert error.category is Category.UNREADABLE
    assert "Permission denied" in str(error)


def test_a_file_that_fails_while_it_is_read_is_unreadable(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").symlink_to("/proc/self/mem")  # its first page is never there

    error = refused(tmp_path / "a.pdf")

    assert error.category is Category.UNREADABLE
    assert "Input/output error" in str(error)


def test_a_document_that_vanishes_while_folders_are_listed_is_no_less_asked_for(tmp_path: Path) -> None:
    for name in ("a.pdf", "b.pdf", "c.txt", "d.pdf"):
        put(tmp_path / name)
    found = find([str(tmp_path)])
    first = next(found)
    for name in ("b.pdf", "c.txt"):
        (tmp_path / name).unlink()

    rest = list(found)

    assert [Path(one.path).name for one in (first, *rest)] == ["a.pdf", "b.pdf", "c.txt", "d.pdf"]
    assert isinstance(rest[0], Source)
    assert isinstance(rest[1], Skipped)


@pytest.mark.skipif(sys.platform != "linux", reason="gives up privileges as Linux does")
def test_an_unreadable_folder_is_named(tmp_path: Path) -> None:
    put(tmp_path / "shut/a.pdf").parent.chmod(0)

    found = unprivileged(lambda: list(find([str(tmp_path)])))
    (tmp_path / "shut").chmod(0o700)

    assert "cannot be read" in skipped(found, tmp_path)["shut"]


def test_a_document_is_its_bytes(tmp_path: Path) -> None:
    content = b"junk before\n" + PDF * 100_000
    path = put(tmp_path / "a.bin", content)

    document = identify(Source(str(path), 0))

    assert document.doc_id == hashlib.sha256(content).hexdigest()
    assert (document.kind, document.media_type) == (Kind.PDF, "application/pdf")
    assert document.size_bytes == len(content)
    assert document.modified_ns == path.stat().st_mtime_ns


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("png", "image/png"),
        ("jpeg", "image/jpeg"),
        ("gif", "image/gif"),
        ("bmp", "image/bmp"),
        ("tiff", "image/tiff"),
        ("webp", "image/webp"),
        ("ppm", "image/x-portable-anymap"),
    ],
)
def test_images_are_told_by_their_first_bytes(tmp_path: Path, name: str, media_type: str) -> None:
    Image.new("RGB", (5, 4), "red").save(tmp_path / "a.pdf", name.upper())

    document = identify(Source(str(tmp_path / "a.pdf"), 0))

    assert (document.kind, document.media_type) == (Kind.IMAGE, media_type)


@pytest.mark.parametrize(
    "head",
    [
        b"II+\0\x08\0\0\0",
        b"MM\0+\0\x08\0\0",
        b"P4\n# made by hand\n10 20\n",
        b"P5 7 5 255\n",
        b"MM\0*\0\0\0\x08",
    ],
)
def test_rarer_images_are_told_too(tmp_path: Path, head: bytes) -> None:
    assert identify(Source(str(put(tmp_path / "a", head + bytes(64))), 0)).kind is Kind.IMAGE


@pytest.mark.parametrize(
    "content",
    [
        b"P1 is the best",
        b"BMW service report",
        b"RIFFxxxxWAVE",
        b"x" * 1020 + b"%PDF-1.4",
        b"GIF88a",
        b"\0" * 100,
    ],
)
def test_what_only_looks_like_a_document_is_none(tmp_path: Path, content: bytes) -> None:
    path = put(tmp_path / "a.pdf", content)

    assert refused(path).category is Category.NOT_A_DOCUMENT


def test_a_file_over_the_limit_is_refused_unread(tmp_path: Path) -> None:
    path = put(tmp_path / "sparse.pdf")
    os.truncate(path, 8 << 30)

    refusal = refused(path)

    assert refusal.category is Category.TOO_LARGE
    assert str(8 << 30) in str(refusal)
    assert refused(put(tmp_path / "a.pdf"), max_bytes=3).category is Category.TOO_LARGE


def test_names_that_are_not_utf8_survive(tmp_path: Path) -> None:
    raw = os.fsencode(tmp_path) + b"/caf\xe9.pdf"
    put(Path(os.fsdecode(raw)))
    listed = put(tmp_path / "list.txt", raw + b"\n")

    for asked in (str(tmp_path), f"{tmp_path}/*.pdf", f"@{listed}"):
        (found,) = (one for one in find([asked]) if isinstance(one, Source))

        assert os.fsencode(found.path) == raw
        assert os.fsencode(identify(found).path) == raw
        assert printable(found.path).endswith("caf\\xe9.pdf")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a/b c.pdf", "a/b c.pdf"),
        ("Größe 表.pdf", "Größe 表.pdf"),
        ("a\x1b[31m.pdf", "a\\x1b[31m.pdf"),
        ("a\nb", "a\\nb"),
        ("a\u202efdp.exe", "a\\u202efdp.exe"),
        ("\ud800x", "\\ud800x"),
        ("at 5\u202fPM.png", "at 5\u202fPM.png"),
    ],
)
def test_printable_text_is_harmless(text: str, shown: str) -> None:
    assert printable(text) == shown
    printable(text).encode()


def test_a_lake_among_the_documents_is_left_out_in_one_line(tmp_path: Path) -> None:
    for name in ("a.pdf", "lake/pages/part.parquet", "lake/b.pdf", "z.pdf"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"%PDF-1.7")
    lake = tmp_path / "lake"

    found = list(find([str(tmp_path)], lake))

    assert names(found, tmp_path) == ["a.pdf", "z.pdf"]
    assert [one for one in found if isinstance(one, Skipped)] == [Skipped(str(lake), "the lake of this run")]
    assert names(list(find([str(lake)], lake)), tmp_path) == ["lake/b.pdf", "lake/pages/part.parquet"]


def test_a_list_with_zero_bytes_is_refused(tmp_path: Path) -> None:
    (tmp_path / "list").write_bytes(b"a.pdf\0b.pdf\0")

    with pytest.raises(ConfigError, match="one path a line"):
        list(find([f"@{tmp_path}/list"]))
