"""The audit of dependencies that needs no network: what is installed is what is locked, and may be used."""

import re
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution, distributions

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.audit import LOCKS, ROOT, withdrawn

TOOLS = {"pip", "setuptools", "wheel", "pagelake"}
"""What a virtual environment brings along, and ourselves."""

PERMISSIVE = re.compile(
    r"""\W*(?:(?:MIT(?:-0|-CMU)?|BSD|[23]-Clause|BSD-[23]-Clause|0BSD|Apache(?:-2\.0)?|ISC|ISCL|Zlib|CC0-1\.0|PSF-2\.0
    |CNRI-Python|MPL-2\.0|Mozilla\ Public\ License\ 2\.0|MPL\ 2\.0|Python\ Software\ Foundation|Unlicense
    |License|Software|The|OSI\ Approved|DFSG\ approved|AND|OR|Version|2\.0)\b\W*)+""",
    re.VERBOSE | re.IGNORECASE,
)
LOOKED_AT = {
    "text-unidecode": "Artistic or GPL, as one likes; comes with Prefect",
    "pebble": "LGPL; used as it is, as a library",
    "pypdfium2": "BSD and Apache; its last words are about what PDFium itself is made of",
    "httpx-aiohttp": "BSD, told by its text; in the development tools alone",
}
"""Licences that are worded in another way, and why they are no obstacle."""


def locked() -> Iterator[Requirement]:
    """What is to be installed on this machine."""
    for wanted, _ in entries():
        if wanted.marker is None or wanted.marker.evaluate():
            yield wanted


def entries() -> Iterator[tuple[Requirement, list[str]]]:
    """Everything that is locked, with the hashes of its files."""
    for lock in LOCKS:
        for entry in (ROOT / lock).read_text("utf-8").replace("\\\n", "").splitlines():
            wanted, *hashes = entry.split("--hash=")
            yield Requirement(wanted), [one.strip() for one in hashes]


def licence(found: Distribution) -> str:
    """What a distribution says of its licence: an expression, else classifiers, else a line of text."""
    about = found.metadata
    told = [text.split("::")[-1] for text in about.get_all("Classifier") or [] if text.startswith("License")]
    return about["License-Expression"] or "; ".join(told) or (about["License"] or "").partition("\n")[0]


def test_every_dependency_is_locked_to_one_version() -> None:
    loose = [str(wanted) for wanted in locked() if not re.fullmatch(r"==[\w.+!]+", str(wanted.specifier))]

    assert loose == []


def test_every_file_of_every_dependency_has_its_hash() -> None:
    without = [str(wanted) for wanted, hashes in entries() if not hashes]
    odd = [one for _, hashes in entries() for one in hashes if not re.fullmatch(r"sha256:[0-9a-f]{64}", one)]
    install = re.findall(r"pip install .*\.lock$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)

    assert (without, odd) == ([], [])
    assert len(install) == len(LOCKS)
    assert all("--require-hashes" in line for line in install)


def test_no_lock_names_the_place_that_files_come_from() -> None:
    assert [lock for lock in LOCKS if "://" in (ROOT / lock).read_text("utf-8")] == []


def test_what_is_installed_is_what_is_locked() -> None:
    wrong = {
        wanted.name: distribution(wanted.name).version
        for wanted in locked()
        if not wanted.specifier.contains(distribution(wanted.name).version, prereleases=True)
    }

    assert wrong == {}


def test_nothing_is_installed_that_is_not_locked() -> None:
    known = {canonicalize_name(wanted.name) for wanted in locked()} | TOOLS

    assert {canonicalize_name(one.name) for one in distributions()} - known == set()


def test_the_licences_let_everybody_use_them() -> None:
    told = {wanted.name: licence(distribution(wanted.name)) for wanted in locked()}

    assert {
        name: text for name, text in told.items() if not PERMISSIVE.fullmatch(text)
    }.keys() <= LOOKED_AT.keys()


def test_a_withdrawn_version_is_found_in_what_pip_says() -> None:
    said = (
        "WARNING: The candidate selected for download or install is a yanked version: 'attrs' candidate "
        "(version 21.1.0 at https://files.example/attrs-21.1.0-py2.py3-none-any.whl)\n"
        "Reason for being yanked: <none given>\nWARNING: something else\n"
    )

    assert withdrawn(said) == ["attrs"]
    assert withdrawn("WARNING: something else\n") == []


@pytest.mark.xdist_group("together")
def test_tests_of_a_group_are_handed_to_one_worker(request: pytest.FixtureRequest) -> None:
    """Not every pytest and pytest-xdist agree on where the group is noted: then it is lost without a word."""
    grouped = getattr(request.config.option, "loadgroup", False)

    assert request.node.nodeid.endswith("@together") == grouped
