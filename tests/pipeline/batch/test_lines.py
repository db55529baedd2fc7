"""One request as a line of a dataset."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.batch.lines import check_line, line_of
from pipeline.errors import StoreError
from pipeline.requests import encode
from tests.pipeline.batch.jobs import request

GOOD: dict[str, Any] = {"custom_id": "r1", "body": {"messages": [{"role": "user", "content": "read"}]}}


def line(**changes: Any) -> bytes:
    return json.dumps(GOOD | changes).encode() + b"\n"


def body(*messages: Any, **fields: Any) -> bytes:
    return line(body={"messages": list(messages), **fields})


@given(text=st.text())
def test_a_line_is_the_id_and_the_body_of_the_online_road_without_its_model(text: str) -> None:
    asked = request("r1", text=text.encode("utf-8", "replace").decode())
    whole = json.loads(line_of(asked))
    online = json.loads(encode(asked))

    assert check_line(line_of(asked)) == "r1"
    assert online.pop("model") == "test-model"
    assert whole == {"custom_id": "r1", "body": online}


@pytest.mark.parametrize("custom_id", ["a", "0123456789abcdef" * 4, "doc-17.p_1:2"])
def test_an_id_of_up_to_64_usual_characters_is_taken(custom_id: str) -> None:
    assert check_line(line(custom_id=custom_id)) == custom_id


@pytest.mark.parametrize(
    ("refused", "says"),
    [
        (line(custom_id=""), "custom_id '' is not 1 to 64"),
        (line(custom_id="a" * 65), "is not 1 to 64"),
        (line(custom_id="a b"), "is not 1 to 64"),
        (line(custom_id="é"), "is not 1 to 64"),
        (line(custom_id=7), "needs a custom_id"),
        (json.dumps({"body": GOOD["body"]}).encode() + b"\n", "needs a custom_id"),
        (line(body=None), "a body with messages"),
        (body(), "a body with messages"),
        (line(body={"messages": "read"}), "a body with messages"),
        (body(*GOOD["body"]["messages"], model="m"), "its body has model"),
        (body(*GOOD["body"]["messages"], stream=True, extra_body={}), "its body has extra_body, stream"),
        (body({"role": "bananas", "content": "x"}), "message 1 has no role"),
        (body({"role": "user", "content": "x"}, {"content": "x"}), "message 2 has no role"),
        (body({"role": "user"}), "or no content"),
        (body("read"), "message 1 has no role"),
        (b"[]\n", "needs a custom_id"),
        (line().rstrip(), "it is not one line"),
        (line().replace(b": ", b":\n", 1), "it is not one line"),
        (line()[:-5] + b"\n", "is no JSON"),
        (b"\xff\xfe{}\n", "is no JSON"),
        (b"\n", "is no JSON"),
    ],
)
def test_a_line_that_would_fail_its_whole_job_is_refused(refused: bytes, says: str) -> None:
    with pytest.raises(StoreError, match=says) as caught:
        check_line(refused)

    assert "\n" not in str(caught.value)


def test_a_refusal_does_not_repeat_what_the_document_says() -> None:
    with pytest.raises(StoreError) as caught:
        check_line(body({"role": "nobody", "content": "secret text"}))

    assert "secret" not in str(caught.value)
