"""Connections: one small httpx transport for each request in flight, and which proxy it goes through."""

import ipaddress
import ssl
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field

import httpx

from pipeline.errors import ConfigError, RequestRejected

# An idle connection is closed after so many seconds; load balancers give up on theirs after 60 or more.
_KEEP_S = 55

Take = Callable[[bytes], None]
Sink = Callable[[int, Mapping[str, str]], Take | None]
"""Told status and headers of a response; gives what takes its body in pieces, or None to have it whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request.

    Attributes:
        method: Of HTTP.
        path: Below the base URL; empty for the base URL to the letter.
        query: Added to the URL's own.
        headers: Added to those of every request.
        stream: The body; its length belongs into the headers. None for no body.
        sink: Takes the body of the response piece by piece, where it wants to.
    """

    method: str
    path: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    stream: httpx.AsyncByteStream | None = None
    sink: Sink | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A response.

    Attributes:
        status: HTTP status.
        headers: Names in any case.
        body: Decoded, complete.
        elapsed_s: Seconds from connecting or the first byte sent to the last received.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    elapsed_s: float

    @property
    def request_id(self) -> str:
        """The service's name for the exchange, or empty."""
        return self.headers.get("x-request-id", "")


class OneTimeBody(httpx.AsyncByteStream):
    """A request body that is let go as soon as it is sent, so that it does not wait for the answer too.

    Attributes:
        size_bytes: Its length.
    """

    def __init__(self, body: bytes) -> None:
        self._body: bytes | None = body
        self.size_bytes = len(body)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        body, self._body = self._body, None
        if body is None:
            raise httpx.StreamConsumed
        yield body


class Slots:
    """As many transports of one connection as there were ever requests in flight, the last used first.

    httpx's own pool looks at every connection for every request and stands still with a few hundred of them.

    Args:
        tls: Shared by all connections; reading the certificates again for each costs 50 ms.
        proxy: URL of the proxy, or None.
        limit_bytes: Longest response body that is read.

    Raises:
        ConfigError: The proxy is of a kind that cannot be used.
    """

    def __init__(self, *, tls: ssl.SSLContext, proxy: str | None, limit_bytes: int) -> None:
        self._tls, self._limit_bytes = tls, limit_bytes
        self._proxy = _proxy(proxy, tls) if proxy else None
        self._free: list[httpx.AsyncHTTPTransport] = []
        self._all: list[httpx.AsyncHTTPTransport] = []
        self._free.append(self._open())

    async def exchange(self, request: httpx.Request, sink: Sink | None = None) -> Reply:
        """The whole response, of any status; without its body where the sink took that.

        Raises:
            httpx.HTTPError: The exchange broke off.
            RequestRejected: The body is longer than the limit.
        """
        begun, is_over = time.perf_counter(), True
        slot = self._free.pop() if self._free else self._open()
        try:
            response = await slot.handle_async_request(request)
            try:
                take = sink and sink(response.status_code, response.headers)
                body = await (_pour(response, take) if take else self._read(response))
                is_over = _is_whole(body)
            finally:
                await response.aclose()
        finally:
            await self._return(slot, is_over=is_over)
        elapsed_s = time.perf_counter() - begun
        return Reply(status=response.status_code, headers=response.headers, body=body, elapsed_s=elapsed_s)

    async def aclose(self) -> None:
        """Close every connection."""
        for slot in self._all:
            await slot.aclose()

    async def _return(self, slot: httpx.AsyncHTTPTransport, *, is_over: bool) -> None:
        if is_over:
            self._free.append(slot)
        else:
            self._all.remove(slot)
            await slot.aclose()

    def _open(self) -> httpx.AsyncHTTPTransport:
        one = httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=_KEEP_S)
        try:
            slot = httpx.AsyncHTTPTransport(verify=self._tls, limits=one, proxy=self._proxy, trust_env=False)
        except ImportError as error:
            raise ConfigError(
                "a SOCKS proxy is set and this Python has no SOCKS: pip install socksio"
            ) from error
        self._all.append(slot)
        return slot

    async def _read(self, response: httpx.Response) -> bytes:
        body = bytearray()
        async for piece in response.aiter_bytes():
            body += piece
            if len(body) > self._limit_bytes:
                raise self._too_long(response.status_code)
        return bytes(body)

    def _too_long(self, status: int) -> RequestRejected:
        error = RequestRejected(
            f"the service's answer is longer than {self._limit_bytes} bytes", status=status
        )
        error.in_doubt = httpx.codes.is_success(status)
        return error


def _is_whole(body: bytes) -> bool:
    """Whether JSON, or nothing, ends here.

    If not, the service may have sent more than it announced: on the same connection the rest would be taken
    for the beginning of the next answer, and that one would be lost.
    """
    return not body or body[-64:].rstrip().endswith((b"}", b"]"))


async def _pour(response: httpx.Response, take: Take) -> bytes:
    async for piece in response.aiter_bytes():
        take(piece)
    return b""


def proxy_for(url: httpx.URL, proxies: Mapping[str, str]) -> str | None:
    """URL of the proxy for requests to `url`, or None. This machine itself is never asked through a proxy.

    Args:
        url: Where the request goes.
        proxies: As `urllib.request.getproxies` gives them: a proxy for each scheme (`http`, `https`, `all`),
            and under `no` the hosts, domains and networks that are reached without.
    """
    proxy = proxies.get(url.scheme) or proxies.get("all")
    if not proxy or is_loopback(url.host) or _is_exempt(url, proxies.get("no", "")):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def is_loopback(host: str) -> bool:
    """Whether a host name means this machine whatever the network says."""
    address = _address(host)
    # Names below localhost ought to be this machine too, but there are resolvers that ask the network.
    return host == "localhost" or (address is not None and address.is_loopback)


def _is_exempt(url: httpx.URL, exempt: str) -> bool:
    return any(_covers(entry.strip().lower(), url) for entry in exempt.split(",") if entry.strip())


def _covers(entry: str, url: httpx.URL) -> bool:
    """Whether an entry of NO_PROXY means `url`: a host with all below it, maybe a port; a network; or `*`."""
    address = _address(url.host)
    if address is not None and (network := _network(entry)):
        return address in network
    name, _, port = entry.partition(":")
    if port and port != str(url.port or {"http": 80, "https": 443}[url.scheme]):
        return False
    name = name.removeprefix("*").removeprefix(".")
    return not name or url.host == name or url.host.endswith(f".{name}")


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _proxy(url: str, tls: ssl.SSLContext) -> httpx.Proxy:
    try:
        return httpx.Proxy(url, ssl_context=tls if url.startswith("https:") else None)
    except (httpx.InvalidURL, ValueError) as error:
        raise ConfigError(
            "the proxy in the environment is not a http, https or socks5 address: correct HTTPS_PROXY"
        ) from error
