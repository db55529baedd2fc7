"""Images that lie at an address: fetched from hosts that were named for it, and from no others."""

import base64
import ipaddress
import ssl
from collections.abc import Collection
from urllib.parse import SplitResult, urlsplit

import anyio
import httpx

from pipeline.errors import ConfigError
from pipeline.local.protocol import SUBTYPES

# What the service documents for one image: smaller than 5 MB, and there within 1.5 s.
MAX_BYTES = 5_000_000
SECONDS = 1.5
_OK = 200
_PORTS = {"https": 443, "http": 80}


class Unfetchable(Exception):
    """The image cannot be had. The message is a clause for the caller, and does not repeat the address."""


class Fetcher:
    """Fetches images; redirects, proxies and hosts that were not named are not followed.

    Args:
        hosts: Each `host`, or `host:port` for another port than the usual one.
        tls: Certificates to trust; None takes those of certifi, or of SSL_CERT_FILE and SSL_CERT_DIR.
        seconds: Longest time for one image.

    Raises:
        ConfigError: One of them names no host.
    """

    def __init__(
        self, hosts: Collection[str] = (), *, tls: ssl.SSLContext | None = None, seconds: float = SECONDS
    ) -> None:
        self._allowed = {_origin(host) for host in hosts}
        # Loaded once, and not at all where nothing is ever fetched.
        self._tls = tls or (httpx.create_ssl_context() if self._allowed else True)
        self._seconds = seconds

    async def fetch(self, url: str) -> str:
        """The image at an address, in base64.

        Raises:
            Unfetchable: It may not be fetched, or does not come as it should.
        """
        self._check(url)
        try:
            with anyio.fail_after(self._seconds):
                return base64.b64encode(await self._read(url)).decode()
        except TimeoutError:
            raise Unfetchable(f"it did not come within {self._seconds:g} s") from None
        except (httpx.HTTPError, httpx.InvalidURL):
            raise Unfetchable("its host cannot be reached") from None

    def _check(self, url: str) -> None:
        parts = _split(url)
        if parts is None or parts.scheme not in _PORTS or not parts.hostname or parts.username is not None:
            raise Unfetchable("its address is none")
        usual = _PORTS[parts.scheme]
        port = parts.port or usual
        host = parts.hostname.rstrip(".")
        if (host, port) not in self._allowed and not (port == usual and (host, None) in self._allowed):
            raise Unfetchable(
                "this server may not fetch from its host; send a data URL, or serve with --fetch-images HOST"
            )
        if parts.scheme == "http" and not _is_loopback(host):
            raise Unfetchable("its address has to begin with https://")

    async def _read(self, url: str) -> bytes:
        client = httpx.AsyncClient(verify=self._tls, trust_env=False, timeout=self._seconds)
        headers = {"accept": "image/*", "accept-encoding": "identity"}
        async with client, client.stream("GET", url, headers=headers) as response:
            if response.status_code != _OK:
                raise Unfetchable(f"its host answers {response.status_code}")
            kind, _, subtype = response.headers.get("content-type", "").partition(";")[0].partition("/")
            if kind.strip().lower() != "image" or subtype.strip().lower() not in SUBTYPES:
                raise Unfetchable("its host does not say that it is an image of a known format")
            data = bytearray()
            async for chunk in response.aiter_raw():
                data += chunk
                if len(data) >= MAX_BYTES:
                    raise Unfetchable(f"it is not smaller than {MAX_BYTES:,} bytes")
            return bytes(data)


def _origin(text: str) -> tuple[str, int | None]:
    parts = _split(f"//{text}")
    if parts is None or not parts.hostname or parts.username is not None or parts.path or parts.query:
        raise ConfigError(
            f"{text!r} names no host to fetch images from: give it as example.org or example.org:8443"
        )
    return parts.hostname.rstrip("."), parts.port


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        return None if parts.port == 0 or not url.isprintable() else parts
    except ValueError:  # a port that is no number, a bracket that is not closed
        return None


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
