"""One HTTP exchange with the service; every foreign error becomes one of ours here."""

import asyncio
import os
import re
import ssl
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.request import getproxies

import httpx
from pydantic import SecretStr

from pipeline.errors import (
    NO_MORE_FILES,
    NO_MORE_FILES_ADVICE,
    ConfigError,
    PagelakeError,
    ServiceBusy,
    ServiceError,
    ServiceRefused,
)
from pipeline.service.replies import error_for
from pipeline.service.transport import Call, OneTimeBody, Reply, Slots, is_loopback, proxy_for
from pipeline.service.trust import trusted


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where the service is and who asks.

    Attributes:
        base_url: Any OpenAI-compatible API, such as `https://api.fireworks.ai/inference/v1`.
        api_key: Sent as a bearer token; None sends none.
        allow_plain_http: Whether pages and the key may go over http to another machine.
        ca_file: Certificates of authorities to trust beside the usual ones; None for no more.
    """

    base_url: str
    api_key: SecretStr | None
    allow_plain_http: bool = False
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Seconds after which an exchange is given up.

    Attributes:
        connect_s: To reach the service, and again for TLS; at most a third of the total each.
        read_s: Between two pieces of the response; so, mostly, for the model to think.
        write_s: Between two pieces of the request.
        total_s: For the whole exchange.
    """

    connect_s: float = 10
    read_s: float = 300
    write_s: float = 60
    total_s: float = 360


class Client:
    """A connection to one service; a context manager, for any number of exchanges at the same time.

    Args:
        endpoint: Where and who.
        timeouts: When to give up.
        proxies: A proxy for each scheme and `no`; None takes those of the environment.
        tls: Certificates to trust; None takes the usual ones and those of the endpoint's file.
        limit_bytes: Longest response body that is read; far beyond any answer, so that none fills the memory.

    Attributes:
        scrub: Takes the key, and what looks like one, out of a text.

    Raises:
        ConfigError: The URL, the key, the proxy or the file of certificates cannot be used, or pages would
            travel in the clear.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        timeouts: Timeouts | None = None,
        *,
        proxies: Mapping[str, str] | None = None,
        tls: ssl.SSLContext | None = None,
        limit_bytes: int = 64 * 1024 * 1024,
    ) -> None:
        self._url, self._headers = _url(endpoint), _headers(endpoint)
        self._timeouts = timeouts or Timeouts()
        self.scrub = _scrubber(endpoint.api_key)
        proxy = proxy_for(self._url, getproxies() if proxies is None else proxies)
        wants_tls = self._url.scheme == "https" or (proxy or "").startswith("https:")
        tls = tls or (trusted(endpoint.ca_file) if wants_tls else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
        self._slots = Slots(tls=tls, proxy=proxy, limit_bytes=limit_bytes)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._slots.aclose()

    async def post(self, path: str, body: bytes | Callable[[], bytes]) -> Reply:
        """The service's reply to a JSON body.

        Args:
            path: Below the base URL.
            body: JSON text, or what makes it: then it is let go as soon as it is sent.

        Raises:
            ServiceBusy: It may answer later.
            RequestRejected: It will not answer this.
            ServiceRefused: It will not answer anything from us.
            ConfigError: It cannot be asked at this URL.
        """
        stream = OneTimeBody(body() if callable(body) else body)
        about = {"content-type": "application/json", "content-length": str(stream.size_bytes)}
        return self._answered(
            await self.exchange(Call(method="POST", path=path, headers=about, stream=stream))
        )

    async def get(self, path: str) -> Reply:
        """What the service has at `path`; raises as `post` does."""
        return self._answered(await self.exchange(Call(method="GET", path=path)))

    def _answered(self, reply: Reply) -> Reply:
        if not httpx.codes.is_success(reply.status):
            raise error_for(reply.status, reply.headers, reply.body, scrub=self.scrub)
        return reply

    async def exchange(self, call: Call) -> Reply:
        """The service's reply, of whatever status.

        Raises:
            ServiceBusy: There was no reply, or not all of it.
            RequestRejected: It is too long.
            ServiceRefused: There will be none, such as from a host that cannot be trusted.
            ConfigError: It cannot be asked at this URL.
        """
        request, sent = self._request(call), _Sent()
        request.extensions["trace"] = sent
        try:
            async with asyncio.timeout(self._timeouts.total_s):
                return await self._slots.exchange(request, call.sink)
        except TimeoutError as error:
            raise ServiceBusy(
                f"{self._url.host} gave no answer in {self._timeouts.total_s:g} s", in_doubt=sent.is_begun
            ) from error
        except FOREIGN as error:
            raise translated(error, self._url.host) from error

    def _request(self, call: Call) -> httpx.Request:
        url = self._url
        if call.path:
            url = url.copy_with(path=f"{url.path.rstrip('/')}/{call.path}")
        if call.query:
            url = url.copy_merge_params(dict(call.query))
        headers = httpx.Headers(self._headers)
        headers.update({"host": url.netloc.decode("ascii"), **call.headers})
        limits = self._timeouts
        # For TCP, then for TLS: a handshake that the total cuts short would leave its socket open.
        connect_s = min(limits.connect_s, limits.total_s / 3)
        timeout = {"connect": connect_s, "read": limits.read_s, "write": limits.write_s, "pool": None}
        body = call.stream or httpx.ByteStream(b"")
        return httpx.Request(call.method, url, headers=headers, stream=body, extensions={"timeout": timeout})


class _Sent:
    """Told by the connection what it does; knows whether the request has begun to go out.

    Attributes:
        is_begun: Whether it has.
    """

    is_begun = False

    async def __call__(self, event: str, _about: Mapping[str, object]) -> None:
        self.is_begun |= event == "http11.send_request_headers.started"


# All that httpx and the sockets below it raise; httpx has no base class for the last three of its own.
FOREIGN = (httpx.HTTPError, httpx.InvalidURL, httpx.CookieConflict, httpx.StreamError, OSError, UnicodeError)


def translated(error: Exception, host: str) -> PagelakeError:
    """The error of ours that a foreign one stands for; its text never repeats what was sent."""
    if isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol | UnicodeError):
        return ConfigError(f"the base URL names no host that can be asked ({host}): correct it")
    if any(isinstance(cause, OSError) and cause.errno in NO_MORE_FILES for cause in _causes(error)):
        return ServiceRefused(f"{host} cannot be reached: {NO_MORE_FILES_ADVICE}")
    if isinstance(error, httpx.TimeoutException):
        told = f"{host} took too long {_WHAT_FOR.get(type(error), '')}".rstrip()
        return ServiceBusy(told, in_doubt=isinstance(error, _AFTER_SENDING))
    if tls := next((cause for cause in _causes(error) if isinstance(cause, ssl.SSLError)), None):
        broken = _tls_error(tls, host)
        broken.in_doubt = isinstance(error, _AFTER_SENDING)
        return broken
    if isinstance(error, httpx.ProxyError) and str(error)[:3] in {"401", "403", "407"}:
        return ServiceRefused(f"the proxy does not let us through to {host} ({error}): correct HTTPS_PROXY")
    return ServiceBusy(
        f"the connection to {host} failed ({_reason(error)})", in_doubt=isinstance(error, _AFTER_SENDING)
    )


# What httpx raises once the request is sent: the service may have answered, and charged for it.
_AFTER_SENDING = (httpx.ReadTimeout, httpx.ReadError, httpx.RemoteProtocolError, httpx.DecodingError)


_WHAT_FOR = {
    httpx.ConnectTimeout: "to be reached",
    httpx.ReadTimeout: "to answer",
    httpx.WriteTimeout: "to take the request",
}


_UNKNOWN_AUTHORITY = "check the base URL, or name the certificates of your own authority in PAGELAKE_CA_FILE"
_WRONG_TIME = "check this machine's clock; if that is right, the service needs another certificate"
_WRONG_HOST = "correct the base URL, it has to name the host as the certificate does"
# Numbers of OpenSSL: not valid yet, expired, another host, another address.
_CERTIFICATE_ADVICE = {9: _WRONG_TIME, 10: _WRONG_TIME, 62: _WRONG_HOST, 64: _WRONG_HOST}


def _tls_error(error: ssl.SSLError, host: str) -> ServiceError:
    if isinstance(error, ssl.SSLCertVerificationError):
        advice = _CERTIFICATE_ADVICE.get(error.verify_code, _UNKNOWN_AUTHORITY)
        return ServiceRefused(f"the certificate of {host} is not trusted ({error.verify_message}); {advice}")
    reason = getattr(error, "reason", None)  # those that Python raises itself have none
    if reason in {"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST"}:
        return ServiceRefused(f"{host} does not speak https at this port; check the base URL")
    return ServiceBusy(f"the encrypted connection to {host} failed ({reason or 'broken off'})")


def _reason(error: Exception) -> str:
    """The system's own words where it has some."""
    for cause in _causes(error):
        if isinstance(cause, OSError) and cause.strerror:
            return os.strerror(cause.errno) if cause.errno and cause.errno > 0 else cause.strerror
    return "it was closed early, or what came was not HTTP"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _url(endpoint: Endpoint) -> httpx.URL:
    try:
        url = httpx.URL(endpoint.base_url)
    except httpx.InvalidURL as error:
        raise ConfigError(f"the base URL is not a URL ({error})") from error
    if url.userinfo:
        raise ConfigError("the base URL must not hold a password; the key has a setting of its own")
    if url.scheme not in {"http", "https"} or not url.host:
        raise ConfigError(
            f"the base URL is {endpoint.base_url!r}; it must begin with https:// and name a host"
        )
    in_the_clear = url.scheme == "http" and not is_loopback(url.host)
    if in_the_clear and not endpoint.allow_plain_http:
        raise ConfigError(
            f"pages{' and the API key' if endpoint.api_key else ''} would travel to {url.host} in the clear; "
            "use https or PAGELAKE_ALLOW_PLAIN_HTTP"
        )
    return url


def _headers(endpoint: Endpoint) -> httpx.Headers:
    headers = httpx.Headers(
        {
            "accept": "application/json",
            "accept-encoding": "identity",
            "user-agent": f"pagelake/{version('pagelake')}",
        }
    )
    if endpoint.api_key:
        headers["authorization"] = f"Bearer {_checked(endpoint.api_key)}"
    return headers


def _checked(key: SecretStr) -> str:
    """The key; a character that cannot stand in a header is found here, before httpx shows it in an error."""
    text = key.get_secret_value()
    if not re.fullmatch(r"[!-~]+", text):
        raise ConfigError("the API key holds a character that no key has, such as a space: copy it again")
    return text


def _scrubber(key: SecretStr | None) -> Callable[[str], str]:
    """What takes the key, and anything that looks like one, out of a text."""
    ours = re.escape(key.get_secret_value()) if key else "(?!)"
    pattern = re.compile(rf"{ours}|(?<=Bearer )\S+|\b(?:fw|sk)[_-][\w-]{{12,}}")
    return lambda text: pattern.sub("***", text)
