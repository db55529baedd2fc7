"""Images that the service fetches itself, from an address that a request names."""

import contextlib
from urllib.parse import urlsplit

from pipeline.errors import ConfigError
from pipeline.records import PageImage
from pipeline.service.transport import is_loopback

_USUAL_PX = 1536
"""Side of a square that is at least as many pixels as most pages are sent with."""


def linked_image(
    number: int,
    url: str,
    *,
    width_px: int = _USUAL_PX,
    height_px: int = _USUAL_PX,
    allow_plain_http: bool = False,
) -> PageImage:
    """A page image by its address, to be sent in place of its bytes.

    The service fetches it when it is asked: Fireworks within 1.5 s and up to 5 MB, or the request fails.
    Runs never send any: a document is the SHA-256 of its bytes, and who has these can send them; what lies
    at an address may be another picture each time. So the answer to a request with links is worth what the
    caller knows about the addresses, and its `doc_id` is the caller's to choose.

    Args:
        number: Page number in its document, from 1.
        url: Address that begins with https://, without user and password.
        width_px: Width of the image, where it is known: what it may cost is reckoned from it.
        height_px: Height of the image.
        allow_plain_http: Whether http will do; for this machine it always does.

    Raises:
        ConfigError: It is no such address. The message does not repeat it: signed ones are secret.
    """
    scheme, host = _scheme_and_host(url)
    if scheme not in {"https", "http"} or not host:
        raise ConfigError(
            f"page {number}: an image is linked by a URL that begins with https:// and names a host, without "
            "user, password and blanks"
        )
    if scheme == "http" and not allow_plain_http and not is_loopback(host):
        raise ConfigError(f"page {number}: an image is linked by https; http shows it to everyone on the way")
    return PageImage(
        number=number,
        data=b"",
        media_type="",
        width_px=width_px,
        height_px=height_px,
        width_pt=0,
        height_pt=0,
        grey=False,
        blank=False,
        has_text=False,
        url=url,
    )


def _scheme_and_host(url: str) -> tuple[str, str]:
    """Both empty for a URL that no two readers would take apart alike."""
    with contextlib.suppress(ValueError):  # a port that is no number, a bracket that is not closed
        parts = urlsplit(url)
        if parts.port != 0 and parts.username is None and url.isprintable() and " " not in url:
            return parts.scheme, parts.hostname or ""
    return "", ""
