from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.errors import ConfigError
from pipeline.objects import ObjectFolder, _reason, is_address
from tests.buckets import bucket, s3

__all__ = ["bucket", "s3"]


@pytest.mark.parametrize("text", ["s3://b/x", "S3://b", "gs://b/x", "az://container/x", "s3a://b/x"])
def test_addresses_are_told_from_paths(text: str) -> None:
    assert is_address(text)


@pytest.mark.parametrize(
    "text", ["s3:/b", "lake", "/s3://b", "http://host/x", "c:\\lakes", "file:///x", "@s3://b"]
)
def test_what_is_no_address(text: str) -> None:
    assert not is_address(text)


def test_what_is_put_is_listed_read_and_fetched(bucket: str, tmp_path: Path) -> None:
    folder = ObjectFolder(f"{bucket}/in/")
    (tmp_path / "two").write_bytes(b"22")
    versions = {
        "a.pdf": folder.put("a.pdf", b"1"),
        "below/b.pdf": folder.put("below/b.pdf", tmp_path / "two"),
    }
    ObjectFolder(bucket).put("elsewhere.pdf", b"3")

    assert {one.path: (one.size_bytes, one.version) for one in folder.list()} == {
        "a.pdf": (1, versions["a.pdf"]),
        "below/b.pdf": (2, versions["below/b.pdf"]),
    }
    assert [one.path for one in folder.list("below")] == ["below/b.pdf"]
    assert folder.read("a.pdf") == b"1"
    assert folder.fetch("below/b.pdf", tmp_path / "fetched") == versions["below/b.pdf"]
    assert (tmp_path / "fetched").read_bytes() == b"22"


def test_a_listing_goes_on_beyond_one_page(bucket: str) -> None:
    folder = ObjectFolder(bucket)
    for number in range(1001):
        folder.put(f"{number:04}", b"")

    assert len(list(folder.list())) == 1001


def test_what_is_not_there_is_told(bucket: str, tmp_path: Path) -> None:
    folder = ObjectFolder(bucket)

    assert folder.read("nothing") is None
    with pytest.raises(FileNotFoundError):
        folder.fetch("nothing", tmp_path / "x")
    folder.remove(["nothing"])


def test_only_the_first_makes_an_object(bucket: str) -> None:
    folder = ObjectFolder(bucket)

    assert [folder.create("lock", b"1"), folder.create("lock", b"2")] == [True, False]
    assert folder.read("lock") == b"1"


def test_what_is_removed_is_gone(bucket: str) -> None:
    folder = ObjectFolder(bucket)
    folder.put("a", b"1")
    folder.remove(["a"])

    assert list(folder.list()) == []


@pytest.mark.parametrize("call", [lambda folder: list(folder.list()), lambda folder: folder.put("a", b"")])
@pytest.mark.usefixtures("s3")
def test_a_bucket_that_does_not_exist_is_named(call: Callable[[ObjectFolder], object]) -> None:
    with pytest.raises(ConfigError, match=r"^there is no bucket for s3://nowhere-at-all/x: create it"):
        call(ObjectFolder("s3://nowhere-at-all/x"))


@pytest.mark.parametrize("address", ["s3://", "s3:///x"])
def test_an_address_without_a_bucket_is_refused(address: str) -> None:
    with pytest.raises(ConfigError, match="names no bucket"):
        ObjectFolder(address)


def test_plain_http_to_another_machine_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://storage.invalid")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "k")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")

    with pytest.raises(
        ConfigError, match=r"AWS_ENDPOINT_URL is http://storage\.invalid, and documents would go"
    ):
        ObjectFolder("s3://bucket/x")


def test_profiles_are_read_where_the_environment_has_no_key(
    bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "credentials").write_text("[default]\naws_access_key_id = a\naws_secret_access_key = b\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")

    ObjectFolder(bucket).put("a", b"1")
    assert ObjectFolder(bucket).read("a") == b"1"


def test_what_the_store_says_is_told_without_the_address_that_was_signed() -> None:
    said = "<Error><Code>SlowDown</Code><Message>Reduce your rate.</Message></Error>"

    assert _reason(ValueError(f"GET https://x/y?sig=secret 503 {said}")) == "SlowDown: Reduce your rate"
    assert _reason(ValueError("GET https://x/y?sig=secret failed\nmore")) == "GET https://x/y failed"
