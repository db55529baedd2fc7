import json

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
    assert parse(json.dumps(chat(DOT, response_format=wanted)).encode()).schema == {"type": "object"}


def test_a_schema_may_have_a_property_named_schema() -> None:
    bare = {"type": "object", "properties": {"schema": {"type": "string"}}}
    wanted = {"type": "json_schema", "json_schema": bare}

    assert parse(json.dumps(chat(DOT, response_format=wanted)).encode()).schema == bare


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
        (chat(DOT, response_format={"type": "grammar", "grammar": "root ::= x"}), "grammars"),
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
