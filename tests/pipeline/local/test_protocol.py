import json
from typing import Any

import pytest

from pipeline.local.protocol import MAX_IMAGE_CHARS, Refusal, parse
from tests.pipeline.local.bodies import chat, image_part, text_part

DOT = image_part(b"dot")


def refused(body: object) -> Refusal:
    with pytest.raises(Refusal) as caught:
        parse(json.dumps(body).encode())
    return caught.value


def test_the_page_is_the_one_named_right_before_its_image() -> None:
    parts = [
        text_part("Answer for page 9."),
        text_part("Page 4 of 7:"),
        DOT,
        DOT,
        text_part("Page 6 of 7:"),
        DOT,
    ]

    question = parse(json.dumps(chat(*parts)).encode())

    assert question.pages == (4, 2, 6)


@pytest.mark.parametrize(
    "wanted",
    [
        {"type": "json_schema", "json_schema": {"name": "R", "schema": {"type": "object"}}},
        {"type": "json_schema", "json_schema": {"name": "R", "schema": '{"type": "object"}', "strict": True}},
        {"type": "json_schema", "json_schema": {"type": "object"}},
        {"type": "json_schema", "json_schema": '{"type": "object"}'},
        {"type": "json_object", "schema": {"type": "object"}},
    ],
)
def test_a_schema_is_found_in_every_shape(wanted: dict[str, object]) -> None:
    assert parse(json.dumps(chat(DOT, response_format=wanted)).encode()).wanted.schema == {"type": "object"}


def test_a_schema_may_have_a_property_named_schema() -> None:
    bare = {"type": "object", "properties": {"schema": {"type": "string"}}}
    wanted = {"type": "json_schema", "json_schema": bare}

    assert parse(json.dumps(chat(DOT, response_format=wanted)).encode()).wanted.schema == bare


SCHEMA = {"type": "object", "properties": {"total": {"type": "number"}}}
ANY = {"type": "grammar", "grammar": "root ::= [^x]*"}


@pytest.mark.parametrize("wanted", [{"type": "json_object"}, ANY])
@pytest.mark.parametrize(
    "words",
    [
        json.dumps(SCHEMA),
        f"Answer {{like this}}, by the schema:\n```json\n{json.dumps(SCHEMA, indent=2)}\n```\nand no other.",
        f'For example {{"total": 5}}. {json.dumps({"name": "slip", "schema": SCHEMA})}',
    ],
)
def test_without_a_schema_beside_it_the_one_in_the_words_is_followed(
    words: str, wanted: dict[str, object]
) -> None:
    body = chat(text_part(words), DOT, response_format=wanted)

    assert parse(json.dumps(body).encode()).wanted.schema == SCHEMA


@pytest.mark.parametrize("words", ["{" * 100_000, '{"a":' * 50_000, '{"total": 5}', "{}" * 1000, "[{]}"])
def test_words_without_a_schema_leave_any_object(words: str) -> None:
    wanted = parse(
        json.dumps(chat(text_part(words), DOT, response_format={"type": "json_object"})).encode()
    ).wanted

    assert (wanted.schema, wanted.json_object) == (None, True)


def test_an_earlier_answer_is_no_word_of_the_caller() -> None:
    body: dict[str, Any] = chat(DOT, response_format={"type": "json_object"})
    body["messages"].append({"role": "assistant", "content": json.dumps(SCHEMA)})

    assert parse(json.dumps(body).encode()).wanted.json_object


@pytest.mark.parametrize(
    ("model", "served"),
    [
        ("local/pagelake-ocr#accounts/local/deployments/pagelake-ocr", True),
        ("accounts/fireworks/models/pagelake-ocr#accounts/local/deployments/pagelake-ocr", True),
        ("accounts/local/deployments/pagelake-ocr", True),
        ("local/pagelake-ocr#", False),
        ("local/pagelake-ocr#accounts/local/deployments/other", False),
        ("accounts/x/models/y#accounts/local/deployments/pagelake-ocr", False),
        ("accounts/local/deployments/other", False),
    ],
)
def test_a_deployment_is_named_alone_or_after_its_model(model: str, served: bool) -> None:
    body = json.dumps({**chat(DOT), "model": model}).encode()

    if served:
        assert parse(body).model == model
    else:
        with pytest.raises(Refusal, match="not deployed"):
            parse(body)


def test_more_than_thirty_images_are_refused() -> None:
    assert len(parse(json.dumps(chat(*[DOT] * 30)).encode()).images) == 30
    assert "31 images" in str(refused(chat(*[DOT] * 31)))


def test_ten_million_base64_characters_are_refused() -> None:
    def url(chars: int) -> dict[str, object]:
        return {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "A" * chars}}

    assert parse(json.dumps(chat(url(MAX_IMAGE_CHARS - 1))).encode()).pages == (1,)
    assert refused(chat(url(MAX_IMAGE_CHARS // 2), url(MAX_IMAGE_CHARS // 2))).status == 400


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (chat(text_part("hello")), "reads images"),
        (chat(DOT, tools=[{"type": "function"}]), "tools"),
        (chat(DOT, response_format={"type": "grammar", "grammar": "root ::= x"}), "no rule named 'x'"),
        (chat(DOT, response_format={"type": "grammar"}), "has no grammar"),
        (chat(DOT, response_format={"type": "grammar", "grammar": 5}), "response_format.grammar"),
        (chat(DOT, response_format={"type": "json_object", "schema": "["}), "not valid JSON"),
        (chat(DOT, response_format={"type": "json_schema"}), "no JSON Schema"),
        (chat(DOT, response_format={"type": "json_schema", "json_schema": "{"}), "not valid JSON"),
        (chat(DOT, temperature=3), "temperature"),
        (chat({"type": "video_url", "video_url": {"url": "x"}}), "messages.0.content"),
        ({"model": "local/pagelake-ocr"}, "messages"),
        ([], "object"),
    ],
)
def test_what_it_cannot_do_it_says(body: object, words: str) -> None:
    refusal = refused(body)

    assert refusal.status == 400
    assert words in str(refusal)


def test_a_long_value_is_not_sent_back_whole() -> None:
    assert len(str(refused(chat(DOT, store="x" * 10_000)))) < 200
