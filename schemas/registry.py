"""Finds a record type by its name, by `package.module:Class`, by `file.py:Class` or by `file.json`."""

import importlib
import importlib.util
import re
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, TypeVar, cast, get_args

from pydantic import BaseModel, RootModel, create_model
from pydantic.errors import PydanticUserError
from pydantic_core import PydanticUndefined

from schemas import json_schema
from schemas.bank_statement import BankStatement
from schemas.contract import Contract
from schemas.document_kind import DocumentKind
from schemas.errors import SchemaError
from schemas.fields import READING_RULES
from schemas.form_fields import FormFields
from schemas.id_document import IdDocument
from schemas.invoice import Invoice
from schemas.page_text import PageText
from schemas.paper import Paper
from schemas.purchase_order import PurchaseOrder
from schemas.receipt import Receipt
from schemas.resume import Resume
from schemas.tables import Tables

Unit = Literal["page", "document"]
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordType:
    """What is extracted from a page or a document.

    Attributes:
        name: Short name in lower case; safe as the name of a folder.
        model: Validates an answer and gives the columns their types.
        unit: Whether there is one record a page or one a document.
        instructions: What a model is told to extract, and how.
        reference: What `load` takes to find it again, from any working directory.
    """

    name: str
    model: type[BaseModel]
    unit: Unit
    instructions: str
    reference: str


def built_in() -> dict[str, str]:
    """Return the names of the built-in record types, each with one line that says what it is."""
    return {name: (model.__doc__ or "").partition("\n")[0] for name, model in _BUILT_IN.items()}


def load(reference: str) -> RecordType:
    """Return the record type behind a reference.

    A file or a module of the user's is run to find the class; what it imports is looked for beside the file,
    and in the working directory, after everything that is installed.

    Args:
        reference: A built-in name, `package.module:Class`, `path/to/file.py:Class`, or `path/to/file.json`
            with JSON Schema in it. A Python file that defines a single model may leave out the class.

    Raises:
        SchemaError: Nothing is found, it cannot be imported, or it is no record type.
    """
    if reference in _BUILT_IN:
        return _record_type(_BUILT_IN[reference], reference)
    if reference.endswith(".json"):
        path = Path(reference).resolve()
        found = json_schema.read(path, reference)
        return _record_type(found.model, str(path), found.declared)
    place, _, class_name = reference.rpartition(":") if ":" in reference else (reference, "", "")
    if place.endswith(".py"):
        path = Path(place).resolve()
        model = _model_in(_run_file(path, place), class_name, place)
        return _record_type(model, f"{path}:{class_name or model.__name__}")
    if class_name and place:
        return _record_type(_model_in(_import(place), class_name, place), reference)
    raise SchemaError(_unknown(reference))


def _unknown(reference: str) -> str:
    close = get_close_matches(reference, _BUILT_IN, n=1)
    meant = f"; did you mean {close[0]}?" if close else ";"
    return (
        f"there is no record type {reference!r}{meant} built in are {', '.join(_BUILT_IN)}; "
        "your own is named as package.module:Class, file.py:Class or file.json"
    )


def _record_type(
    model: type[BaseModel], reference: str, declared: Mapping[str, Any] | None = None
) -> RecordType:
    """Describe a model, taking what it does not say from its name and its docstring."""
    if declared is None:
        names = ("unit", "instructions")
        declared = {name: getattr(model, name) for name in names if name in model.__class_vars__}
    unit = declared.get("unit", "document")
    if unit not in get_args(Unit):
        raise SchemaError(f"{reference}: unit is {unit!r}; it must be 'page' or 'document'")
    instructions = declared.get("instructions") or ""
    if not isinstance(instructions, str):
        raise SchemaError(f"{reference}: instructions are {instructions!r}; they must be a text")
    _check_fields(model, reference)
    name = _folder_name(model.__name__)
    return RecordType(
        name=name,
        model=_with_named_fields(model),
        unit=cast("Unit", unit),
        instructions=instructions or _default_instructions(model, name),
        reference=reference,
    )


def _check_fields(model: type[BaseModel], reference: str) -> None:
    if not model.model_fields:
        raise SchemaError(f"{reference}: {model.__name__} has no fields; give it at least one")
    for name in model.__annotations__:
        # pydantic quietly makes these private; PrivateAttr says that it is meant.
        private = model.__private_attributes__.get(name)
        if private is not None and private.default_factory is None and private.default is PydanticUndefined:
            raise SchemaError(f"{reference}: field {name} starts with _, as only added columns do; rename it")


def _default_instructions(model: type[BaseModel], name: str) -> str:
    purpose = (model.__doc__ or "").strip() or f"Extract the {name.replace('_', ' ')} shown on these pages."
    return f"{purpose}\n{READING_RULES}"


def _with_named_fields(model: type[BaseModel]) -> type[BaseModel]:
    """Return a model of one field around a model that is a lone list or value; any other as it is."""
    if not issubclass(model, RootModel):
        return model
    kind = model.model_json_schema().get("type")
    field: dict[str, Any] = {"entries" if kind == "array" else "value": (model, ...)}
    return create_model(model.__name__, __doc__=model.__doc__, **field)


def _folder_name(name: str) -> str:
    """Return a class name in lower case; of a generic one with its brackets, words alone."""
    return re.sub(r"\W+", "_", _snake_case(name)).strip("_")


def _snake_case(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def _import(module_name: str) -> ModuleType:
    _look_in(Path.cwd())
    try:
        found = importlib.util.find_spec(module_name) is not None
    except (ImportError, ValueError):
        found = False
    if not found:
        raise SchemaError(
            f"there is no module {module_name}, neither installed nor in {Path.cwd()}; "
            "a file is named as path/to/file.py:Class"
        )
    return _run(lambda: importlib.import_module(module_name), module_name)


def _run_file(path: Path, shown: str) -> ModuleType:
    if not path.is_file():
        raise SchemaError(f"there is no file {shown} to load a record type from")
    # A name of its own: a user's json.py must not become the json that others import.
    spec = importlib.util.spec_from_file_location(f"_record_type_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise SchemaError(f"{shown} cannot be loaded as Python")
    module = importlib.util.module_from_spec(spec)
    sys.modules[module.__name__] = module  # pydantic looks here for names in postponed annotations
    _look_in(path.parent)
    execute = spec.loader.exec_module
    _run(lambda: execute(module), shown)
    return module


def _look_in(folder: Path) -> None:
    """Let imports look in a folder, after all other places."""
    if str(folder) not in sys.path:
        sys.path.append(str(folder))


def _run(load_module: Callable[[], T], shown: str) -> T:
    """Run code of the user's, and turn whatever it raises into one sentence."""
    try:
        return load_module()
    except (Exception, SystemExit) as error:
        what = (str(error) or "no message").splitlines()[0]
        raise SchemaError(
            f"{shown} cannot be loaded: {_where(error)}{type(error).__name__}: {what}"
        ) from error


def _where(error: BaseException) -> str:
    """Say in which file and line of the user's an import went wrong, if that is known."""
    if isinstance(error, SyntaxError):
        return ""  # its message names file and line itself
    frames = traceback.extract_tb(error.__traceback__)[1:]
    own = [
        frame for frame in frames if not re.search(r"[/\\<](frozen )?(importlib|pydantic)\b", frame.filename)
    ]
    return f"{Path(own[-1].filename).name} line {own[-1].lineno}: " if own else ""


def _model_in(module: ModuleType, class_name: str, shown: str) -> type[BaseModel]:
    candidate = getattr(module, class_name, None) if class_name else _only_model(module, shown)
    if candidate is None:
        raise SchemaError(f"{shown} has no class {class_name}{_offer(_models_of(module))}")
    if not (isinstance(candidate, type) and issubclass(candidate, BaseModel)) or candidate is BaseModel:
        raise SchemaError(f"{class_name} in {shown} is no pydantic model: derive it from pydantic.BaseModel")
    try:
        candidate.model_rebuild()
    except (PydanticUserError, NameError) as error:
        raise SchemaError(
            f"{candidate.__name__} in {shown} is not complete: {str(error).splitlines()[0]}"
        ) from error
    return candidate


def _only_model(module: ModuleType, shown: str) -> Any:
    models = _models_of(module)
    if len(models) != 1:
        raise SchemaError(
            f"say which class of {shown} is the record type, as in {shown}:Class{_offer(models)}"
        )
    return models[0]


def _models_of(module: ModuleType) -> list[type[BaseModel]]:
    """Return the models a module defines itself, in the order in which it does."""
    return [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, BaseModel) and value.__module__ == module.__name__
    ]


def _offer(models: list[type[BaseModel]]) -> str:
    names = ", ".join(model.__name__ for model in models)
    return f"; it defines {names}" if names else "; it defines no pydantic model"


_BUILT_IN: dict[str, type[BaseModel]] = {
    _snake_case(model.__name__): model
    for model in (
        Invoice,
        Receipt,
        BankStatement,
        PageText,
        PurchaseOrder,
        Contract,
        Resume,
        IdDocument,
        Tables,
        FormFields,
        DocumentKind,
        Paper,
    )
}
