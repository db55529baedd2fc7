"""The storage behind signed URLs: files go there and come from there, the key never does."""

import random
import re
import ssl
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import httpx

from pipeline.errors import RequestRejected, ServiceBusy
from pipeline.service.asking import ask
from pipeline.service.client import Client, Endpoint, Timeouts
from pipeline.service.files import FileBody, PartFile
from pipeline.service.gate import Gate
from pipeline.service.pace import Pace
from pipeline.service.replies import retry_after_s
from pipeline.service.retry import Retries
from pipeline.service.transport import Call, Reply, is_loopback
from pipeline.service.trust import trusted

_AT_ONCE = 4
# Pieces may be ten minutes apart, as the service's own tools allow; a file of many gigabytes takes hours.
_TIMEOUTS = Timeouts(connect_s=30, read_s=600, write_s=600, total_s=6 * 3600)
_PARTIAL, _BAD_RANGE = 206, 416
_EXPIRED = {400, 401, 403, 410}
_PASSING = {408, 425, 429}
_SERVER_ERROR = 500


class Expired(RequestRejected):
    """A signed URL is not, or no longer, taken; another one may be."""


class Storage:
    """Whatever host a signed URL names. Messages name the host alone: the rest of the URL is a secret too.

    Args:
        retries: How often and how patiently to ask.
        proxies: As for `Client`.
        tls: As for `Client`.
        ca_file: As for `Endpoint`.
    """

    def __init__(
        self,
        *,
        retries: Retries,
        proxies: Mapping[str, str] | None,
        tls: ssl.SSLContext | None,
        ca_file: Path | None,
    ) -> None:
        self._retries, self._proxies, self._tls, self._ca_file = retries, proxies, tls, ca_file
        self._gate = Gate(Pace(_AT_ONCE, clock=time.monotonic, dice=random.random))

    async def put(self, url: str, body: Callable[[], FileBody], headers: Mapping[str, str]) -> None:
        """Send a file to a signed URL.

        Args:
            url: To the letter.
            body: Makes the body, anew for each attempt.
            headers: Those that were signed, beside those of the body.

        Raises:
            Expired: The URL is not taken.
            ServiceError: The storage does not take the file.
            StoreError: The file cannot be read, or has changed.
        """

        async def once() -> None:
            stream = body()
            about = {**stream.headers, **headers}
            _check(await self._exchange(url, Call(method="PUT", headers=about, stream=stream)), url)

        await self._ask(once)

    async def get(self, url: str, part: PartFile) -> None:
        """Receive a file from a signed URL, going on where an earlier attempt ended.

        Raises:
            Expired: The URL is not taken.
            ServiceError: The storage does not give the file.
            StoreError: The file cannot be written.
        """

        async def once() -> None:
            asked = part.resume
            reply = await self._exchange(url, Call(method="GET", headers=asked, sink=part.sink))
            if asked and (reply.status == _BAD_RANGE or (reply.status == _PARTIAL and reply.body)):
                part.forget()
                raise ServiceBusy(f"{_host(url)} does not give the rest of a file alone")
            _check(reply, url)

        await self._ask(once)

    async def _ask(self, once: Callable[[], Awaitable[None]]) -> None:
        await ask(once, gate=self._gate, retries=self._retries)

    async def _exchange(self, url: str, call: Call) -> Reply:
        async with Client(
            Endpoint(base_url=_safe(url), api_key=None), _TIMEOUTS, proxies=self._proxies, tls=self._trusted()
        ) as client:
            return await client.exchange(call)

    def _trusted(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = trusted(self._ca_file)
        return self._tls


def _safe(url: str) -> str:
    """The URL, if documents may go there: in the clear they go nowhere but to this machine."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise ServiceBusy("the service names a place for a file that is no URL") from error
    if not parsed.host or parsed.userinfo or parsed.scheme not in {"http", "https"}:
        raise ServiceBusy("the service names a place for a file that is not on the web")
    if parsed.scheme == "http" and not is_loopback(parsed.host):
        raise RequestRejected(f"the service would have a file travel to {parsed.host} in the clear", status=0)
    return url


def _host(url: str) -> str:
    return httpx.URL(url).host


def _check(reply: Reply, url: str) -> None:
    """Raise the error that a reply stands for, if it does."""
    if httpx.codes.is_success(reply.status):
        return
    # Of a storage's own words only its code: the rest repeats what it was asked, signature and all.
    code = re.search(rb"<Code>(\w{1,64})</Code>", reply.body)
    words = f"{reply.status} {code[1].decode()}" if code else str(reply.status)
    message = f"the storage at {_host(url)} refuses a file ({words})"
    if reply.status in _PASSING or reply.status >= _SERVER_ERROR:
        raise ServiceBusy(message, status=reply.status, retry_after_s=retry_after_s(reply.headers))
    kind = Expired if reply.status in _EXPIRED else RequestRejected
    raise kind(message, status=reply.status)
