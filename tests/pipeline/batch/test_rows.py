"""What a batch job wrote."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.batch.job import Left
from pipeline.batch.rows import Row, read_rows
from tests.servers import chat_answer

COMPLETION = json.loads(chat_answer({"total": 1}).body)


def only(value: Any) -> Row:
    (row,) = read_rows([value if isinstance(value, bytes) else json.dumps(value).encode() + b"\n"])
    return row


@pytest.mark.parametrize("name", ["custom_id", "customId", "request_id"])
@pytest.mark.parametrize(
    "response",
    [COMPLETION, {"status_code": 200, "body": COMPLETION}, {"request_id": "x", "body": COMPLETION}],
)
def test_a_success_is_read_in_either_shape(name: str, response: Any) -> None:
    row = only({name: "r1", "response": response, "error": None})

    assert row.custom_id == "r1"
    assert row.completion is not None
    assert json.loads(row.completion.content) == {"total": 1}
    assert (row.completion.usage.prompt_tokens, row.completion.usage.completion_tokens) == (1000, 20)


@pytest.mark.parametrize(
    ("written", "text", "status", "is_final"),
    [
        ({"error": {"code": "400", "message": "too long"}}, "too long", 400, True),
        ({"error": {"code": 422, "message": "too long"}}, "too long", 422, True),
        ({"error": {"code": 429, "message": "slow down"}}, "slow down", 429, False),
        ({"error": {"code": "503", "message": "away"}}, "away", 503, False),
        ({"error": {"code": 408}}, "error 408", 408, False),
        ({"error": {"code": "INTERNAL", "message": "oh"}}, "oh", 0, False),
        ({"error": {"code": 13, "message": "oh"}}, "oh", 0, False),
        ({"error": {"code": True, "message": "oh"}}, "oh", 0, False),
        ({"error": "it went\n wrong"}, "it went wrong", 0, False),
        ({"error": {}}, "neither an answer nor an error", 0, False),
        ({"error": 500}, "neither an answer nor an error", 0, False),
        ({"response": None}, "neither an answer nor an error", 0, False),
        ({"response": {"error": {"message": "no"}, "status_code": 400}}, "no", 400, True),
        ({"response": {"status_code": 413, "body": {"error": {"message": "big"}}}}, "big", 413, True),
        ({"response": {"status_code": 500, "body": "x"}, "error": None}, "neither an", 500, False),
        ({}, "neither an answer nor an error", 0, False),
    ],
)
def test_an_error_says_why_and_whether_asking_again_is_any_use(
    written: dict[str, Any], text: str, status: int, is_final: bool
) -> None:
    row = only({"custom_id": "r1", **written})

    assert (row.custom_id, row.completion) == ("r1", None)
    assert row.error.startswith(text)
    assert (row.status, row.is_final) == (status, is_final)


@pytest.mark.parametrize(
    "broken",
    [
        b'{"custom_id": "r1", "resp\n',
        b"null\n",
        b'"r1"\n',
        b"[1]\n",
        b"\xff\xff\n",
        b"[" * 100_000,
        b'{"custom_id": 7}\n',
        b'{"custom_id": null}\n',
        b'{"custom_id": ' + b"9" * 5000 + b"}\n",
    ],
)
def test_a_broken_line_is_a_row_without_an_id(broken: bytes) -> None:
    row = only(broken)

    assert (row.custom_id, row.completion, row.is_final) == ("", None, False)
    assert row.error


def test_empty_lines_are_no_rows_and_a_last_line_needs_no_end() -> None:
    lines = [
        b"\n",
        b"  \r\n",
        b'{"custom_id": "r1", "error": "no"}\r\n',
        b'{"custom_id": "r2", "error": "no"}',
    ]

    assert [row.custom_id for row in read_rows(lines)] == ["r1", "r2"]


def test_an_error_is_short_and_can_be_kept_and_shown() -> None:
    row = only(b'{"custom_id": "r1", "error": {"message": "\\ud800 \\u001b[31m ' + b"long " * 200 + b'"}}')
    left = Left(custom_id="r1", reason=row.error)

    assert len(row.error) == 300
    assert "\x1b" not in row.error
    assert Left.model_validate_json(left.model_dump_json()) == left


def test_half_a_pair_of_surrogates_in_an_answer_does_no_harm() -> None:
    completion = COMPLETION | {"choices": [{"message": {"content": "a\ud800b"}, "finish_reason": "stop"}]}
    row = only({"custom_id": "r1", "response": completion})

    assert row.completion is not None
    assert row.completion.content == "a?b"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
keys = ("custom_id", "response", "error", "body", "choices", "code", "message", "status_code", "usage")


@given(
    value=st.recursive(
        json_values, lambda inner: st.dictionaries(st.sampled_from(keys), inner), max_leaves=20
    )
)
def test_whatever_json_stands_there_is_a_row(value: Any) -> None:
    row = only(value)

    assert row.completion is not None or row.error
