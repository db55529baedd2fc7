"""Which pages of a document share a request."""

from dataclasses import dataclass

from pipeline.records import PageImage


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowLimits:
    """How much of a document one request may carry.

    Attributes:
        max_images: Images in one request; the service documents 30.
        max_encoded_bytes: Characters of base64 image data in one request; the service documents 10 MB.
    """

    max_images: int = 30
    max_encoded_bytes: int = 10_000_000

    def excess(self, image: PageImage) -> str:
        """Why no request can carry this image, in a sentence; empty when one can."""
        size = encoded_bytes(image.size_bytes)
        if size < self.max_encoded_bytes:
            return ""
        return (
            f"the page image is {size / 1e6:.1f} MB in base64 and a request takes less than "
            f"{self.max_encoded_bytes / 1e6:.1f} MB: lower --long-side or --quality"
        )


def encoded_bytes(size_bytes: int) -> int:
    """Characters of base64 that `size_bytes` bytes become."""
    return (size_bytes + 2) // 3 * 4


class Packer:
    """Packs page images, in page order, into windows within the limits of one request."""

    def __init__(self, limits: WindowLimits) -> None:
        self._limits = limits
        self._window: list[PageImage] = []
        self._encoded = 0

    def add(self, image: PageImage) -> list[PageImage]:
        """Add the next page. Returns the window that it did not fit into any more, else an empty list."""
        size = encoded_bytes(image.size_bytes)
        full = len(self._window) >= self._limits.max_images
        closed = self.rest() if full or self._encoded + size >= self._limits.max_encoded_bytes else []
        self._window.append(image)
        self._encoded += size
        return closed

    def rest(self) -> list[PageImage]:
        """The window begun last, which may be empty; the next page begins another."""
        window, self._window, self._encoded = self._window, [], 0
        return window
