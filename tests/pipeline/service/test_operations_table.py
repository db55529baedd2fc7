"""OPERATIONS.md is true: nothing is missing from it, and what it names is there."""

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

import pipeline.service
from pipeline.service.control import ControlPlane
from pipeline.service.storage import Storage
from tests.pipeline.local.operations import operations
from tests.pipeline.service.test_every_operation import OF_CHAT, OF_MODELS, STATUSES

TABLE = Path(__file__).with_name("OPERATIONS.md")
TESTS = Path(__file__).parents[1]
MACHINERY = {"asking.ask", "polling.poll"}
"""Ask nothing of their own."""
METHODS = {"ControlPlane.account_of_key": ControlPlane, "Storage.put": Storage, "Storage.get": Storage}
"""Operations that are methods, with their classes, whose other methods carry operations of any kind."""
_NAMED = re.compile(r"`((?:[a-z_]+/)*test_[a-z_]+)::(test_[a-z0-9_]+)`")


def section(title: str) -> Iterator[list[str]]:
    """Rows of the table below a heading, as cells."""
    text = TABLE.read_text("utf-8").partition(f"## {title}\n")[2].partition("\n## ")[0]
    lines = [line for line in text.splitlines() if line.startswith("|")]
    for line in lines[2:]:
        yield [cell.strip() for cell in line.strip("|").split("|")]


def is_asking(function: object) -> bool:
    return inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function)


def asked_in(module: ModuleType) -> Iterator[str]:
    """Public functions of a module that ask something of the service."""
    for name, value in vars(module).items():
        if is_asking(value) and value.__module__ == module.__name__ and not name.startswith("_"):
            yield f"{module.__name__.rpartition('.')[2]}.{name}"


def every_function() -> set[str]:
    names = [found.name for found in pkgutil.iter_modules(pipeline.service.__path__)]
    modules = [importlib.import_module(f"pipeline.service.{name}") for name in names]
    return {name for module in modules for name in asked_in(module)} - MACHINERY


@cache
def functions_of(file: str) -> set[str]:
    nodes = ast.walk(ast.parse((TESTS / f"{file}.py").read_text("utf-8")))
    return {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_every_operation_of_the_client_has_its_row() -> None:
    named = {row[0].strip("`") for row in section("What the client asks")}

    assert named == every_function() | METHODS.keys()
    assert all(is_asking(getattr(kind, name.partition(".")[2])) for name, kind in METHODS.items())


def test_every_route_that_is_described_has_its_row_and_no_other() -> None:
    rows = [*section("What the client asks"), *section("What the client does not ask")]
    routes = {cell for row in rows for cell in re.findall(r"`([A-Z]+ /[^`]+)`", "|".join(row[:2]))}
    not_served = {"POST /v1/completions", "POST /v1/responses"}

    assert routes - not_served == {operation.route for operation in operations()}


def test_every_status_has_its_row_with_its_errors() -> None:
    rows = {
        int(row[0]): [cell.strip("`") for cell in row[1:4]] for row in section("What each status becomes")
    }

    assert rows == {
        status: [kinds[status].__name__ for kinds in (OF_CHAT, OF_MODELS, STATUSES)]
        for status in sorted(STATUSES)
    }


@pytest.mark.parametrize(("file", "test"), sorted(set(_NAMED.findall(TABLE.read_text("utf-8")))))
def test_every_test_that_is_named_is_there(file: str, test: str) -> None:
    assert test in functions_of(file)


@pytest.mark.parametrize("row", [*section("What the client asks")], ids=lambda row: row[0])
def test_each_row_names_two_tests_in_files_that_use_the_function(row: list[str]) -> None:
    name = row[0].strip("`").rpartition(".")[2]
    through = {"put": "upload", "get": "download", "account_of_key": "account", "upload_whole": "upload"}
    through |= {"upload_signed": "upload", "download_urls": "download"}

    tests = [found for cell in row[2:] for found in _NAMED.findall(cell)]

    assert len(tests) == 2
    for file, test in tests:
        source = (TESTS / f"{file}.py").read_text("utf-8")
        assert re.search(rf"\b({name}|{through.get(name, name)})\b", source), test
