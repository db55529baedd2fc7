"""What runs in a worker process: OCR of one image, and the reading of recognised pages."""

import os
import resource
import sys
import threading
from dataclasses import replace
from multiprocessing import parent_process
from typing import Any

from pipeline.local import reader
from pipeline.local.images import decode_base64, open_image
from pipeline.local.language import language_of
from pipeline.local.ocr import OcrBackend, default_backend, recognise
from pipeline.local.page import Page
from pipeline.local.reader import Reading

_backend: list[OcrBackend] = []


def begin(memory_bytes: int) -> None:
    """Make this process ready: limit its memory, load the models, end when the server ends."""
    threading.Thread(target=_follow_parent, daemon=True).start()
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    _backend.append(default_backend())
    language_of("The model that tells languages apart is loaded when it is first asked.")


def _follow_parent() -> None:
    """A server killed outright cannot stop its workers, so each watches it."""
    if (parent := parent_process()) is not None:
        parent.join()
        os._exit(1)


def warm() -> None:
    """Do nothing, in a worker that is ready."""


def see(base64_text: str) -> tuple[Page, tuple[int, int]]:
    """The recognised page and the size in pixels of the image as it was sent.

    Raises:
        BadImage: It is none that can be opened.
    """
    image = open_image(decode_base64(base64_text))
    return recognise(image, _backend[0]), image.size


def read(pages: tuple[Page, ...], numbers: tuple[int, ...], schema: dict[str, Any]) -> Reading:
    """The record the pages hold, in the shape of `schema`."""
    numbered = [replace(page, number=number) for page, number in zip(pages, numbers, strict=True)]
    return reader.read(numbered, schema)


def transcribe(pages: tuple[Page, ...]) -> str:
    """The text of the pages in reading order."""
    return reader.transcribe(pages)
