"""Signed URLs: what they allow is in them, until they expire."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import quote, urlencode

Verb = Literal["PUT", "GET"]
LIVES = {"PUT": timedelta(hours=1), "GET": timedelta(minutes=10)}
"""How long a URL is good for: API reference, upload by signed URL, and download."""
PREFIX = "/storage"


class Refused(Exception):
    """The storage turns a request away; carries the status and the code of its XML."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code


class Signer:
    """Makes and checks signed URLs; its secret is as old as the server."""

    def __init__(self) -> None:
        self._secret = secrets.token_bytes(32)

    def url(self, verb: Verb, path: str, host: str, now: datetime, size: int = 0) -> str:
        """A URL that allows one thing.

        Args:
            verb: PUT to store, GET to fetch.
            path: What, below `PREFIX`, from `/` on.
            host: Scheme, address and port.
            now: It expires `LIVES` later.
            size: Bytes that are to be put.
        """
        expires = int((now + LIVES[verb]).timestamp())
        query = {"X-Goog-Expires": expires, "X-Goog-Signature": self._signature(verb, path, expires, size)}
        return f"{host}{PREFIX}{quote(path)}?{urlencode(query)}"

    def check(self, verb: Verb, path: str, query: Mapping[str, str], now: datetime, size: int = 0) -> None:
        """Do nothing if the URL allows it.

        Raises:
            Refused: It does not, or no longer.
        """
        expires = query.get("X-Goog-Expires", "")
        known = expires.isascii() and expires.isdecimal() and len(expires) < 13  # noqa: PLR2004 - a time
        wanted = self._signature(verb, path, int(expires) if known else 0, size)
        given = query.get("X-Goog-Signature", "")
        if not known or not hmac.compare_digest(wanted.encode(), given.encode()):
            raise Refused(
                403, "SignatureDoesNotMatch", "Method, path, headers or size are not the signed ones."
            )
        if int(expires) <= now.timestamp():
            raise Refused(400, "ExpiredToken", "The signed URL has expired; ask for a new one.")

    def _signature(self, verb: Verb, path: str, expires: int, size: int) -> str:
        text = f"{verb}\n{path}\n{expires}\n{size}"
        return hmac.new(self._secret, text.encode(), hashlib.sha256).hexdigest()
