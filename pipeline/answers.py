"""From the text a model answered with to values, and from values to a validated record."""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from pydantic import BaseModel, ValidationError

from pipeline.absent import without_refused_nulls
from pipeline.coercion import coerce
from pipeline.errors import AnswerInvalid, Category
from pipeline.lenient import settle
from pipeline.locations import path_of
from pipeline.records import Coercion, Completion, Evidence, Reading
from pipeline.refusals import declines
from pipeline.structured import PAGE_FIELD

_THINKING = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)
_FENCE = re.compile(r"\A```[a-zA-Z]*\s*\n(.*?)\n?```\s*\Z", re.DOTALL)
_SHOWN_PROBLEMS = 3
_DEEPEST = 200
"""Levels of nesting; pydantic's parser takes no more, and no document needs as many."""


def read(completion: Completion, pages: Sequence[int], paged: Collection[str]) -> Reading:
    """The values of an answer.

    Args:
        completion: What came back.
        pages: Numbers of the pages that were sent.
        paged: Names of the lists whose items were asked for their page.

    Raises:
        AnswerInvalid: The answer is empty, a refusal, cut short, or not a JSON object.
    """
    values = _json_object(completion)
    item_pages = {
        name: [_take_page(item, pages) for item in value]
        for name, value in values.items()
        if name in paged and isinstance(value, list) and all(isinstance(item, dict) for item in value)
    }
    evidence = tuple(_on_pages(completion.evidence, pages))
    return Reading(pages=tuple(pages), values=values, item_pages=item_pages, evidence=evidence)


def validate(values: dict[str, Any], model: type[BaseModel]) -> tuple[BaseModel, list[Coercion]]:
    """The record that `values` are, with every constraint of its type checked, and what was read anew for it.

    A null where the type wants a value says that there is none: the field takes its default, if it has one.
    Other values that their type refuses are read as documents write them, where a rule says how. Half a
    surrogate pair, which no file can hold, becomes `?`.

    Raises:
        AnswerInvalid: They do not fit; the message names the fields and rules, never the values.
    """
    values, settled = settle(values, model)
    try:
        return _in_json(values, model), settled
    except ValidationError as error:
        refused = [(one["loc"], one["type"]) for one in error.errors(include_input=False, include_url=False)]
        changed, coerced = coerce(without_refused_nulls(values, error), refused)
        try:
            return _or_defaults(changed, model), settled + coerced
        except ValidationError as second:
            raise _unfit(second if coerced else error, settled + coerced) from None


def _or_defaults(values: dict[str, Any], model: type[BaseModel]) -> BaseModel:
    """The record, with defaults where a value that could not be read was left empty."""
    try:
        return _in_json(values, model)
    except ValidationError as error:
        with_defaults = without_refused_nulls(values, error)
        try:
            return _in_json(with_defaults, model)
        except ValidationError:
            raise error from None


def _in_json(values: dict[str, Any], model: type[BaseModel]) -> BaseModel:
    text = json.dumps(values, ensure_ascii=False, default=str).encode("utf-8", "replace")
    try:
        return model.model_validate_json(text)
    except ValidationError:
        raise
    except Exception as error:  # noqa: BLE001 - validators are the user's own code; only this answer pays
        kind = type(error).__name__
        message = f"a validator of {model.__name__} broke on the answer with {kind}"
        raise AnswerInvalid(Category.INVALID_ANSWER, message) from None


def _json_object(completion: Completion) -> dict[str, Any]:
    text = _THINKING.sub("", completion.content).strip()
    if fenced := _FENCE.match(text):
        text = fenced[1]
    try:
        value = _parsed(text) if completion.finish_reason == "length" else _in_words(text)
    except (ValueError, RecursionError) as error:
        raise _not_json(completion, text, error) from None
    if not isinstance(value, dict):
        raise AnswerInvalid(Category.INVALID_ANSWER, "the answer is JSON, but not an object")
    if _is_deep(value):
        raise AnswerInvalid(Category.INVALID_ANSWER, f"the answer is nested deeper than {_DEEPEST} levels")
    return value


def _in_words(text: str) -> object:
    """What is said in JSON, without words around it: what nothing but a prompt holds to JSON adds some.

    One object from the first brace to the last will do, no list before it that it may be an item of, and no
    second one: then it is not clear what was meant.
    """
    try:
        return _parsed(text)
    except ValueError:
        words, brace, rest = text.partition("{")
        inner, closing, _ = rest.rpartition("}")
        with suppress(ValueError):
            if "[" not in words:
                return _parsed(f"{brace}{inner}{closing}")
        raise


def _parsed(text: str) -> object:
    value: object = json.loads(text, parse_float=_number)
    return value


def _is_deep(value: dict[str, Any]) -> bool:
    level: list[Any] = [value]
    for _ in range(_DEEPEST):
        level = [inner for one in level for inner in (one.values() if isinstance(one, dict) else one)]
        level = [inner for inner in level if isinstance(inner, dict | list)]
        if not level:
            return False
    return True


def _number(text: str) -> float | Decimal:
    """A number with a fraction; a Decimal, which travels as text, where a float would lose digits."""
    number = float(text)
    try:
        exact = Decimal(text)
    except InvalidOperation:  # an exponent of many digits
        return number
    return number if Decimal(repr(number)) == exact else exact


def _not_json(completion: Completion, text: str, error: Exception) -> AnswerInvalid:
    reason = f"(finish reason {completion.finish_reason!r})"
    if declines(completion, text):
        return AnswerInvalid(Category.REFUSED, f"the model declined to answer {reason}")
    if not text:
        return AnswerInvalid(Category.EMPTY_ANSWER, f"the answer is empty {reason}")
    if completion.finish_reason == "length":
        tokens = completion.usage.completion_tokens
        return AnswerInvalid(
            Category.TRUNCATED_ANSWER, f"the answer was cut at the token limit after {tokens} tokens"
        )
    where = f" (character {error.pos})" if isinstance(error, json.JSONDecodeError) else ""
    return AnswerInvalid(Category.INVALID_ANSWER, f"the answer is not JSON{where}")


def _take_page(item: dict[str, Any], pages: Sequence[int]) -> int | None:
    """Remove the page key from an item; a lone page needs no word of the model."""
    page = item.pop(PAGE_FIELD, None)
    if len(pages) == 1:
        return pages[0]
    return page if type(page) is int and page in pages else None


def _on_pages(evidence: Iterable[Evidence], pages: Sequence[int]) -> Iterator[Evidence]:
    """The evidence on pages that were sent; a lone page is the one that is meant."""
    for one in evidence:
        if len(pages) == 1:
            yield replace(one, page=pages[0])
        elif one.page in pages:
            yield one


def _unfit(error: ValidationError, coercions: Sequence[Coercion]) -> AnswerInvalid:
    reasons = {one.field: one.rule for one in coercions}
    found = [
        (one["loc"], _rule(one, reasons)) for one in error.errors(include_url=False, include_context=False)
    ]
    shown = "; ".join(
        f"{'.'.join(str(step) for step in place) or 'record'}: {rule}"
        for place, rule in found[:_SHOWN_PROBLEMS]
    )
    more = f" and {len(found) - _SHOWN_PROBLEMS} more" if len(found) > _SHOWN_PROBLEMS else ""
    message = f"the answer does not fit the schema: {shown}{more}"
    broken = [(path_of(place), rule) for place, rule in found]
    return AnswerInvalid(Category.INVALID_ANSWER, message, broken=broken)


def _rule(problem: Any, reasons: Mapping[str, str]) -> str:
    """What was broken, or why a value was left empty that may not be.

    A validator of the user's own may quote the document: only its kind is told.
    """
    if problem["input"] is None and (reason := reasons.get(path_of(problem["loc"]))):
        return reason
    kind: str = problem["type"]
    message: str = problem["msg"]
    return kind if kind in {"value_error", "assertion_error"} else message
