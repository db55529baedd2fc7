"""A sample document as it is made: its file, its truth, and what it was drawn as."""

from typing import NamedTuple

from _truth import Record


class Made(NamedTuple):
    """A document.

    Attributes:
        path: Below the folder of samples.
        data: The file.
        truth: What truth.jsonl says of it.
        drawn: The PDF that it was before a machine made an image of it, with its text; empty for others.
    """

    path: str
    data: bytes
    truth: Record
    drawn: bytes = b""


def good(path: str, data: bytes, schema: str, record: Record, pages: int = 1) -> Made:
    """Return a document that gives a record."""
    truth: Record = {
        "schema": schema,
        "pages": pages,
        "blank_pages": [],
        "expect": "record",
        "record": record,
    }
    return Made(path, data, truth)


def blank(path: str, data: bytes, pages: int) -> Made:
    """Return a document with nothing on it."""
    numbers = list(range(1, pages + 1))
    truth: Record = {
        "schema": "page_text",
        "pages": pages,
        "blank_pages": numbers,
        "expect": "blank",
        "record": None,
    }
    return Made(path, data, truth)


def failed(path: str, data: bytes, category: str, **more: str) -> Made:
    """Return an invoice that cannot be opened."""
    truth: Record = {
        "schema": "invoice",
        "pages": None,
        "blank_pages": [],
        "expect": "failed",
        "category": category,
    }
    return Made(path, data, truth | more | {"record": None})
