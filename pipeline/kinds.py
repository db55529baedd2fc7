"""What a file is, by its first bytes and its name."""

import re
from pathlib import PurePosixPath

from pipeline.errors import Category, DocumentError
from pipeline.records import Kind

HEAD_BYTES = 1024
"""PDF 1.7, implementation note 13: readers look for the header this far."""
_SUFFIX = re.compile(r"\.(?:pdf|png|jpe?g|jpe|jfif|gif|bmp|dib|tiff?|p[pgbn]m|webp)", re.IGNORECASE)
_SIGNATURES: tuple[tuple[re.Pattern[bytes], Kind, str], ...] = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), Kind.IMAGE, "image/png"),
    (re.compile(rb"\xff\xd8\xff"), Kind.IMAGE, "image/jpeg"),
    (re.compile(rb"GIF8[79]a"), Kind.IMAGE, "image/gif"),
    (re.compile(rb"BM.{12}[\x0c\x28\x34\x38\x40\x6c\x7c]\0\0\0", re.DOTALL), Kind.IMAGE, "image/bmp"),
    (re.compile(rb"II(?:\*\0|\+\0\x08\0)|MM(?:\0\*|\0\+\0\x08)"), Kind.IMAGE, "image/tiff"),
    (
        re.compile(rb"P[1-6]\s+(?:#[^\n]*\n\s*)*\d+\s+(?:#[^\n]*\n\s*)*\d+\s"),
        Kind.IMAGE,
        "image/x-portable-anymap",
    ),
    (re.compile(rb"RIFF.{4}WEBP", re.DOTALL), Kind.IMAGE, "image/webp"),
    (re.compile(rb".*?%PDF-", re.DOTALL), Kind.PDF, "application/pdf"),
)
_FOREIGN: tuple[tuple[re.Pattern[bytes], str], ...] = (
    (
        re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html|head|body|!--)", re.IGNORECASE),
        "an HTML page",
    ),
    (re.compile(rb"(?:\xef\xbb\xbf)?\s*<\?xml"), "an XML file"),
    (re.compile(rb"PK\x03\x04"), "a ZIP archive or an Office file"),
    (re.compile(rb"\xd0\xcf\x11\xe0"), "an old Office file"),
    (re.compile(rb"\{\\rtf"), "an RTF file"),
    (re.compile(rb".{4}ftyp(?:hei|hev|mif|avif)", re.DOTALL), "a HEIC or AVIF photo"),
    (re.compile(rb"\0\0\0\x0cjP  |\xff\x4f\xff\x51"), "a JPEG 2000 image"),
    (re.compile(rb"%!PS"), "a PostScript file"),
)


def is_named_like_a_document(name: str) -> bool:
    """Whether a name ends as those of PDFs and of images that are worked do."""
    return _SUFFIX.fullmatch(PurePosixPath(name).suffix) is not None


def kind_of(head: bytes) -> tuple[Kind, str]:
    """How a file is opened, and its media type, by its first bytes.

    Raises:
        DocumentError: EMPTY or NOT_A_DOCUMENT.
    """
    if not head:
        raise DocumentError(Category.EMPTY, "the file is empty")
    if found := signature(head):
        return found
    looks = next((name for pattern, name in _FOREIGN if pattern.match(head)), None)
    seems = f"it is {looks}" if looks else "its first bytes are of no kind that is worked"
    raise DocumentError(Category.NOT_A_DOCUMENT, f"neither a PDF nor an image: {seems}")


def signature(head: bytes) -> tuple[Kind, str] | None:
    """The same, or None for what is neither a PDF nor an image that is worked."""
    return next(
        ((kind, media_type) for pattern, kind, media_type in _SIGNATURES if pattern.match(head)), None
    )
