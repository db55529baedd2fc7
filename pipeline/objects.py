"""Folders of object stores by address: s3://bucket/folder, gs://…, az://…, and what speaks like them."""

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import (
    AlreadyExistsError,
    BaseError,
    PermissionDeniedError,
    PreconditionError,
    UnauthenticatedError,
)
from obstore.store import ObjectStore, from_url

from pipeline.errors import ConfigError, StoreError

if TYPE_CHECKING:
    from obstore import ObjectMeta

_ADDRESS = re.compile(r"(?P<scheme>s3a?|gs|az|abfss?)://", re.IGNORECASE)
_PATIENCE = timedelta(seconds=120)
"""So long a request that fails is made again: stores are back by then, and signatures still hold."""
_LISTED_AT_ONCE = 1000
_BLOCK_BYTES = 4 << 20
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_SAID = re.compile(r"<Code>(?P<code>[^<]*)</Code>.*?<Message>(?P<message>[^<]*)</Message>", re.DOTALL)
_QUERY = re.compile(r"\?\S*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Object:
    """One object of a folder.

    Attributes:
        path: Below the folder, with slashes.
        version: Its entity tag: other bytes have another one. Empty where the store gives none.
    """

    path: str
    size_bytes: int
    version: str
    modified: datetime


def is_address(text: str) -> bool:
    """Whether a text names a place in an object store, not a file."""
    return _ADDRESS.match(text) is not None


class ObjectFolder:
    """A bucket, or what is below a prefix in it. Every call blocks; requests that fail are made again.

    Credentials come from where each cloud's own tools look: the environment, the machine's or the pod's
    identity, and for S3 the profiles of `~/.aws`. S3_ENDPOINT and AWS_ENDPOINT_URL name compatible servers.

    Args:
        address: Such as `s3://bucket/folder`.

    Raises:
        ConfigError: It is no address, or its credentials cannot be read.
    """

    def __init__(self, address: str) -> None:
        self.address = address.rstrip("/")
        self._store = _opened(self.address)

    def __str__(self) -> str:
        return self.address

    def list(self, below: str = "") -> Iterator[Object]:
        """Everything in it, or in a folder of it, at any depth, sorted as the store sorts.

        Raises:
            ConfigError: There is no such bucket, or these credentials may not list it.
            StoreError: The store does not answer.
        """
        with self._errors("list"):
            for group in obstore.list(self._store, below or None, chunk_size=_LISTED_AT_ONCE):
                yield from map(_object, group)

    def about(self, path: str) -> Object | None:
        """One object, or None when there is none; raises as `list`."""
        try:
            with self._errors(f"read {path} of"):
                return _object(obstore.head(self._store, path))
        except FileNotFoundError:
            return None

    def head(self, path: str, size_bytes: int) -> bytes:
        """The first bytes of an object that is not empty.

        Raises:
            FileNotFoundError: There is no such object.
            ConfigError: As `list`.
            StoreError: As `list`.
        """
        with self._errors(f"read {path} of"):
            return bytes(obstore.get_range(self._store, path, start=0, end=size_bytes))

    def read(self, path: str) -> bytes | None:
        """The bytes of a small object, or None when there is none; raises as `list`."""
        try:
            with self._errors(f"read {path} of"):
                return bytes(obstore.get(self._store, path).bytes())
        except FileNotFoundError:
            return None

    def fetch(self, path: str, file: Path) -> str:
        """Write the bytes of an object into a file; returns the version they are of.

        Raises:
            FileNotFoundError: There is no such object.
            ConfigError: As `list`.
            StoreError: The store does not answer, or the file cannot be written.
        """
        with self._errors(f"read {path} of"):
            found = obstore.get(self._store, path)
            with file.open("wb") as sink:
                for block in found.stream(min_chunk_size=_BLOCK_BYTES):
                    sink.write(block)
            return found.meta["e_tag"] or ""

    def put(self, path: str, content: bytes | Path) -> str:
        """Write an object, whole or not at all, over one that is there; returns its version.

        Raises:
            ConfigError: There is no such bucket, or these credentials may not write to it.
            StoreError: The store does not answer.
        """
        with self._errors(f"write {path} to"):
            return obstore.put(self._store, path, content)["e_tag"] or ""

    def create(self, path: str, content: bytes) -> bool:
        """Write an object unless there is one; returns whether it was written. Raises as `put`."""
        with self._errors(f"write {path} to"):
            try:
                obstore.put(self._store, path, content, mode="create")
            except (AlreadyExistsError, PreconditionError):
                return False
            return True

    def remove(self, paths: Iterable[str]) -> None:
        """Remove objects, as far as they are there; raises as `put`."""
        for path in paths:
            with suppress(FileNotFoundError), self._errors(f"remove {path} from"):
                obstore.delete(self._store, path)

    @contextmanager
    def _errors(self, doing: str) -> Iterator[None]:
        try:
            yield
        except (PermissionDeniedError, UnauthenticatedError) as error:
            raise ConfigError(
                f"these credentials may not {doing} {self.address} ({_reason(error)}): see that they are the "
                "ones that you mean, and what they are allowed"
            ) from None
        except (BaseError, FileNotFoundError) as error:
            if "NoSuchBucket" in str(error) or "ContainerNotFound" in str(error):
                raise ConfigError(
                    f"there is no bucket for {self.address}: create it, or correct its name"
                ) from None
            if isinstance(error, FileNotFoundError):
                raise
            raise StoreError(f"could not {doing} {self.address}: {_reason(error)}") from None


def _object(told: "ObjectMeta") -> Object:
    return Object(
        path=told["path"],
        size_bytes=told["size"],
        version=told["e_tag"] or "",
        modified=told["last_modified"],
    )


def _opened(address: str) -> ObjectStore:
    match = _ADDRESS.match(address)
    if match is None or not urlsplit(address).netloc:
        raise ConfigError(
            f"{address!r} names no bucket; an address is like s3://bucket/folder, gs://… or az://…"
        )
    options: dict[str, Any] = {
        "retry_config": {"max_retries": 10, "retry_timeout": _PATIENCE},
        "client_options": {"timeout": timedelta(minutes=10)},
    }
    if match["scheme"].lower().startswith("s3"):
        options["client_options"] |= _plain_http()
        options |= _s3_credentials()
    try:
        return from_url(address, **options)
    except (BaseError, ValueError) as error:
        raise ConfigError(f"{address} cannot be opened: {_reason(error)}") from None


def _plain_http() -> dict[str, bool]:
    """Plain http is for servers on this machine; to others only where AWS_ALLOW_HTTP says so."""
    names = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT")
    name = next((name for name in names if os.environ.get(name)), "")
    endpoint = urlsplit(os.environ.get(name, ""))
    if (
        endpoint.scheme == "http"
        and endpoint.hostname not in _LOOPBACK
        and not os.environ.get("AWS_ALLOW_HTTP")
    ):
        raise ConfigError(
            f"{name} is {endpoint.geturl()}, and documents would go there in the open: use https, or set "
            "AWS_ALLOW_HTTP=true where you trust the way"
        )
    return {"allow_http": True} if endpoint.hostname in _LOOPBACK else {}


def _s3_credentials() -> dict[str, object]:
    """A provider that reads the profiles of `~/.aws`, where there are any and the environment has no key."""
    files = (("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials"), ("AWS_CONFIG_FILE", "~/.aws/config"))
    there = any(Path(os.environ.get(name, usual)).expanduser().is_file() for name, usual in files)
    if "AWS_ACCESS_KEY_ID" in os.environ or not there:
        return {}
    try:
        from obstore.auth.boto3 import Boto3CredentialProvider  # noqa: PLC0415 - few need it
    except ImportError:
        raise ConfigError(
            "the profiles of ~/.aws are read with a package that is missing: pip install 'pagelake[aws]', or "
            "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        ) from None
    with suppress(ValueError):  # the profile has no key
        return {"credential_provider": Boto3CredentialProvider()}
    return {}


def _reason(error: Exception) -> str:
    """What the store said, without addresses that may carry a signature."""
    text = str(error)
    if said := _SAID.search(text):
        return f"{said['code']}: {said['message']}".strip(" :.")
    return _QUERY.sub("", text.splitlines()[0] if text else type(error).__name__)[:300]
