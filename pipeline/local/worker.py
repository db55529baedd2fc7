"""What runs in a worker process: OCR of one image, and the reading of recognised pages.

The server imports this module only to name the functions: what they need is imported in the workers.
"""

import os
import sys
import threading
from dataclasses import replace
from multiprocessing import parent_process
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.local.gbnf import BadGrammar, accepts, parse
from pipeline.local.seeing.page import Page, Reading

if TYPE_CHECKING:
    from pipeline.local.seeing.ocr import OcrBackend

NEEDED = [
    "pipeline.local.seeing.images",
    "pipeline.local.seeing.ocr",
    "pipeline.local.rules.reader",
    "py3langid",
]
"""Modules that workers share, to be imported once before they are forked."""
_backend: list["OcrBackend"] = []


def begin(memory_bytes: int, lexicon: Path | None) -> None:
    """Make this process ready: limit its memory, load the models, end when the server ends."""
    threading.Thread(target=_follow_parent, daemon=True).start()
    if sys.platform == "linux":
        import resource  # noqa: PLC0415 - not on every system

        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    from pipeline.local.seeing.ocr import default_backend  # noqa: PLC0415
    from pipeline.local.words.language import language_of  # noqa: PLC0415 - see above

    if lexicon:
        from pipeline.local.words.lexicon import extend  # noqa: PLC0415

        extend(lexicon)
    _backend.append(default_backend())
    language_of("The model that tells languages apart is loaded when it is first asked.")


def _follow_parent() -> None:
    """A server killed outright cannot stop its workers, so each watches it."""
    if (parent := parent_process()) is not None:
        parent.join()
        os._exit(1)


def see(base64_text: str) -> tuple[Page, tuple[int, int]]:
    """The recognised page and the size in pixels of the image as it was sent.

    Raises:
        BadImage: It is none that can be opened.
    """
    from pipeline.local.seeing.images import decode_base64, open_image  # noqa: PLC0415
    from pipeline.local.seeing.ocr import recognise  # noqa: PLC0415

    image = open_image(decode_base64(base64_text))
    return recognise(image, _backend[0]), image.size


def read(
    pages: tuple[Page, ...], numbers: tuple[int, ...], page_count: int, schema: dict[str, Any]
) -> Reading:
    """The record the pages hold, in the shape of `schema`; `page_count` pages has the whole document."""
    from pipeline.local.rules import reader  # noqa: PLC0415

    numbered = [
        replace(page, number=number, of=page_count) for page, number in zip(pages, numbers, strict=True)
    ]
    return reader.read(numbered, schema)


def transcribe(pages: tuple[Page, ...]) -> str:
    """The text of the pages in reading order."""
    from pipeline.local.rules import reader  # noqa: PLC0415

    return reader.transcribe(pages)


def conforming(grammar: str, texts: list[str]) -> str:
    """The first of some texts that a grammar takes: rules cannot be led by one, but they can be held to it.

    Raises:
        BadGrammar: It takes none of them.
    """
    rules = parse(grammar)
    for text in texts:
        if accepts(rules, text):
            return text
    raise BadGrammar(
        "takes nothing that this engine has to say; it goes by a JSON Schema in the words of the prompt"
    )
