"""The control plane: where datasets, jobs, models and the account are asked for, and how."""

import json
import random
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import replace
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx

from pipeline.errors import ConfigError, NotFound, ServiceBusy
from pipeline.service.asking import ask
from pipeline.service.client import Client, Endpoint, Timeouts
from pipeline.service.files import FileBody
from pipeline.service.gate import Gate
from pipeline.service.names import bare_account, full_name
from pipeline.service.pace import Pace
from pipeline.service.replies import control_error_for
from pipeline.service.retry import Retries
from pipeline.service.storage import Storage
from pipeline.service.transport import Call, OneTimeBody, Reply
from pipeline.service.wire import objects

T = TypeVar("T")

PAGE_SIZE = 200
"""Entries of a list that are asked for at once; the service gives no more."""
_AT_ONCE = 8
_NAMED = 10
_ACCOUNT_HEADER = "x-fireworks-account-id"
# An upload through the control plane is at most 150 MB, for which a slow line takes an hour.
_TIMEOUTS = Timeouts(connect_s=10, read_s=120, write_s=120, total_s=3600)


def control_url(base_url: str) -> str:
    """The URL below which `v1/accounts` lies, for the URL below which `chat/completions` lies.

    Both planes are on one host; `https://…/inference/v1` and `https://…/v1` both give `https://…`.
    """
    url, mark, query = base_url.strip().partition("?")
    url = url.rstrip("/")
    for end in ("/v1", "/inference"):
        url = url.removesuffix(end)
    return url + mark + query


class ControlPlane:
    """A connection to the control plane of a service; a context manager, for any number of calls at once.

    Args:
        endpoint: The service, by the URL of its chat completions or of its control plane.
        account_id: Whose datasets and jobs; None finds it out from the key.
        retries: How often and how patiently to ask.
        proxies: As for `Client`.
        tls: As for `Client`.

    Attributes:
        storage: Where signed URLs are asked, without the key.

    Raises:
        ConfigError: The account cannot be one, or as for `Client`.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        account_id: str | None = None,
        retries: Retries | None = None,
        proxies: Mapping[str, str] | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        at = replace(endpoint, base_url=control_url(endpoint.base_url))
        self._account = bare_account(account_id) if account_id else None
        self._retries = retries or Retries()
        self._client = Client(at, _TIMEOUTS, proxies=proxies, tls=tls)
        self._gate = Gate(Pace(_AT_ONCE, clock=time.monotonic, dice=random.random))
        self.storage = Storage(retries=self._retries, proxies=proxies, tls=tls, ca_file=endpoint.ca_file)

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.__aexit__(kind, error, trace)

    async def call(
        self, method: str, path: str, *, query: Mapping[str, str] | None = None, body: object = None
    ) -> dict[str, Any]:
        """The object that the service answers with.

        Args:
            method: Of HTTP.
            path: Below the control plane, such as `v1/accounts`.
            query: Parameters of the URL.
            body: A JSON value; None sends no body.

        Raises:
            NotFound: There is no such thing.
            AlreadyExists: There is one already.
            ServiceError: There is no answer.
            ConfigError: The service cannot be asked at its URL.
        """
        content = None if body is None else json.dumps(body).encode()

        async def once() -> dict[str, Any]:
            about, stream = {}, None
            if content is not None:
                about = {"content-type": "application/json", "content-length": str(len(content))}
                stream = OneTimeBody(content)
            call = Call(method=method, path=path, query=query or {}, headers=about, stream=stream)
            return _object(await self._exchange(call))

        return await self._ask(once)

    async def upload(self, path: str, body: Callable[[], FileBody]) -> dict[str, Any]:
        """The object that the service answers with to a file; raises as `call` does.

        Args:
            path: Below the control plane.
            body: Makes it, anew for each attempt.
        """

        async def once() -> dict[str, Any]:
            stream = body()
            call = Call(method="POST", path=path, headers=stream.headers, stream=stream)
            return _object(await self._exchange(call))

        return await self._ask(once)

    async def entries(
        self, path: str, key: str, query: Mapping[str, str] | None = None
    ) -> AsyncIterator[dict[str, Any]]:
        """Each entry of a list, however many pages it has.

        Args:
            path: Below the control plane.
            key: What the list is called in the answer.
            query: The same for every page: `filter` (AIP-160), `orderBy`, `readMask`.

        Raises:
            ServiceError: There is no list, or no end of it.
        """
        asked, seen = {"pageSize": str(PAGE_SIZE), **(query or {})}, set[str]()
        while True:
            answer = await self._list(path, asked)
            for entry in objects(answer, key):
                yield entry
            token = answer.get("nextPageToken")
            if not token or not isinstance(token, str):
                return
            if token in seen:
                raise ServiceBusy(f"the service's list of {key} goes round in circles")
            seen.add(token)
            asked["pageToken"] = token

    async def _list(self, path: str, query: Mapping[str, str]) -> dict[str, Any]:
        try:
            return await self.call("GET", path, query=query)
        except NotFound as error:
            raise NotFound(
                f"{error}; check PAGELAKE_ACCOUNT_ID and PAGELAKE_CONTROL_URL: not every service has these",
                status=error.status,
                code=error.code,
            ) from error

    async def owned(self, collection: str, *, matching: str, order_by: str) -> AsyncIterator[dict[str, Any]]:
        """Every entry of a collection of the account; raises as `entries` does.

        Args:
            collection: Such as `datasets`.
            matching: Only those, in the syntax of AIP-160; empty for all.
            order_by: Fields, each with or without `desc`; empty leaves it to the service.
        """
        query = {key: text for key, text in (("orderBy", order_by), ("filter", matching)) if text}
        async for entry in self.entries(
            f"v1/accounts/{await self.account()}/{collection}", collection, query
        ):
            yield entry

    async def remove(self, collection: str, text: str) -> None:
        """Delete what has an id or a full name; raises as `call` does.

        When an attempt's answer was lost, that it has gone by the next one is no error.
        """
        try:
            await self.call("DELETE", f"v1/{await self.name(collection, text)}")
        except NotFound as error:
            if error.attempts == 1:
                raise

    async def account(self) -> str:
        """The account: the one that was given, else the one of the key, else the only one there is.

        Raises:
            ConfigError: The key has several, or none is to be found.
            ServiceError: The service does not say.
        """
        if self._account is None:
            self._account = await self.account_of_key() or await self._only_account()
        return self._account

    async def account_of_key(self) -> str | None:
        """The account that the key belongs to; None where the service does not say.

        Raises:
            ServiceRefused: The key is not valid.
            ServiceError: There is no answer.
        """

        async def once() -> Reply:
            return await self._exchange(Call(method="GET", path="verifyApiKey"))

        try:
            reply = await self._ask(once)
        except NotFound:  # other servers of this protocol have no such path
            return None
        account = reply.headers.get(_ACCOUNT_HEADER, "").strip()
        return bare_account(account) if account else None

    async def name(self, collection: str, text: str) -> str:
        """The full name of something of the account that is given by its id or its full name.

        Raises:
            ConfigError: It cannot be a name.
            ServiceError: The account is not known.
        """
        account = "" if "/" in text else await self.account()
        return full_name(account, collection, text)

    async def _only_account(self) -> str:
        names = [entry.get("name") async for entry in self.entries("v1/accounts", "accounts")]
        ids = [bare_account(name) for name in names if isinstance(name, str) and name]
        if len(ids) == 1:
            return ids[0]
        if not ids:
            raise ConfigError("the key says no account: set PAGELAKE_ACCOUNT_ID")
        raise ConfigError(f"set PAGELAKE_ACCOUNT_ID; the key reaches {', '.join(ids[:_NAMED])}")

    async def _ask(self, once: Callable[[], Awaitable[T]]) -> T:
        result, _ = await ask(once, gate=self._gate, retries=self._retries)
        return result

    async def _exchange(self, call: Call) -> Reply:
        reply = await self._client.exchange(call)
        if httpx.codes.is_success(reply.status):
            return reply
        raise control_error_for(
            reply.status,
            reply.headers,
            reply.body,
            what=call.path.removeprefix("v1/"),
            scrub=self._client.scrub,
        )


def _object(reply: Reply) -> dict[str, Any]:
    try:
        answer = json.loads(reply.body)
    except (ValueError, RecursionError):
        answer = None
    if isinstance(answer, dict):
        return answer
    raise ServiceBusy("the service's answer is no JSON object: cut short, or not from the service")
