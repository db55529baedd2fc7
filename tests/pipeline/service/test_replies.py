import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import ImageRefused, RequestRejected, ServiceBusy, ServiceError, ServiceRefused
from pipeline.service.replies import error_for, read_error, retry_after_s

MODEL_MISSING = (
    b'{"error": {"message": "Model not found, inaccessible, and/or not deployed", "code": "NOT_FOUND"}}'
)


def as_json(value: object) -> bytes:
    return json.dumps(value).encode()


@pytest.mark.parametrize(
    ("status", "code", "text", "too_large"),
    [
        (400, "invalid_request_error", "Failed to decode image", False),
        (400, "image_parse_error", "You uploaded an unsupported image.", False),
        (400, "BAD_REQUEST", "Image 1 cannot be read: it is damaged or not one of png, jpg, jpeg.", False),
        (400, "", "cannot identify image file <_io.BytesIO object at 0x7f>", False),
        (415, "", "image format image/webp is not allowed", False),
        (422, "", "messages.1.content.0.image_url: invalid base64", False),
        (400, "", "Image size is 6.1 MB; it exceeds the limit of 5 MB per image", True),
        (400, "image_too_large", "choose another", True),
        (400, "", "Image 2 cannot be read: 9000 x 9000 pixels are more than 50,000,000.", True),
        (400, "", "The image dimensions must be below 8000", True),
    ],
)
def test_an_image_that_is_refused_is_told_from_a_request_that_is(
    status: int, code: str, text: str, too_large: bool
) -> None:
    error = error_for(status, {}, as_json({"error": {"message": text, "code": code}}))

    assert isinstance(error, ImageRefused)
    assert error.too_large is too_large


@pytest.mark.parametrize(
    "text",
    [
        "this model does not support image input",
        "model does not support images",
        "31 images are more than the 30 a request may have.",
        "10,000,004 base64 characters of images; fewer than 10,000,000 are allowed.",
        "Cannot preprocess image len(combined_imgs) = 1, len(image_ranges) = 0, please provide valid images",
        "This engine reads images and the request has none; send image_url parts.",
        "the schema is invalid",
        "sending an image needs a verified organization",
        "prompt is too long",
    ],
)
def test_what_no_other_image_would_mend_is_no_refused_image(text: str) -> None:
    assert (
        type(error_for(400, {}, as_json({"error": {"message": text, "type": "invalid_request_error"}})))
        is RequestRejected
    )


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (301, ServiceRefused),
        (302, ServiceRefused),
        (307, ServiceRefused),
        (400, RequestRejected),
        (401, ServiceRefused),
        (402, ServiceRefused),
        (403, ServiceRefused),
        (404, RequestRejected),
        (405, RequestRejected),
        (407, ServiceRefused),
        (408, ServiceBusy),
        (409, ServiceBusy),
        (412, ServiceRefused),
        (413, RequestRejected),
        (415, RequestRejected),
        (418, RequestRejected),
        (422, RequestRejected),
        (425, ServiceBusy),
        (429, ServiceBusy),
        (499, RequestRejected),
        (500, ServiceBusy),
        (501, RequestRejected),
        (502, ServiceBusy),
        (503, ServiceBusy),
        (504, ServiceBusy),
        (520, ServiceBusy),
        (529, ServiceBusy),
    ],
)
def test_each_status_is_the_error_that_says_what_to_do(status: int, kind: type[ServiceError]) -> None:
    error = error_for(status, {}, b"")

    assert type(error) is kind
    assert str(status) in str(error)
    assert getattr(error, "status", status) == status


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, MODEL_MISSING),
        (404, b'{"object": "error", "message": "The model `x` does not exist.", "code": 404}'),
        (404, b'{"error": {"message": "no such thing", "code": "model_not_found"}}'),
        (400, b'{"error": {"message": "Invalid: x", "code": "invalid_model"}}'),
    ],
)
def test_a_missing_model_stops_the_run(status: int, body: bytes) -> None:
    error = error_for(status, {}, body)

    assert isinstance(error, ServiceRefused)
    assert "--model" in str(error)


def test_a_field_that_the_service_does_not_know_stops_the_run() -> None:
    words = "Extra inputs are not permitted, field: 'top_a', value: 1"
    body = json.dumps({"error": {"object": "error", "code": "invalid_request_error", "message": words}})

    error = error_for(400, {}, body.encode())

    assert isinstance(error, ServiceRefused)
    assert "PAGELAKE_EXTRA_BODY" in str(error)


def test_a_missing_path_concerns_one_request() -> None:
    assert isinstance(error_for(404, {}, b'{"detail": "Not Found"}'), RequestRejected)


def test_a_429_for_lack_of_credit_stops_the_run() -> None:
    body = b'{"error": {"message": "You exceeded your current quota", "code": "insufficient_quota"}}'

    assert isinstance(error_for(429, {"retry-after": "1"}, body), ServiceRefused)


def test_a_suspended_account_is_told_in_the_words_of_the_service() -> None:
    text = "Account my-acct is suspended, possibly due to reaching the monthly spending limit."

    error = error_for(412, {}, as_json({"error": {"message": text, "code": "PRECONDITION_FAILED"}}))

    assert text in str(error)
    assert error.exit_code == 3


@pytest.mark.parametrize(
    ("body", "text", "code"),
    [
        (MODEL_MISSING, "Model not found, inaccessible, and/or not deployed", "not_found"),
        (
            b'{"error": {"object": "error", "type": "invalid", "code": "invalid_request", "message": "No"}}',
            "No",
            "invalid_request",
        ),
        (b'{"error": "Too Many Requests", "message": "over"}', "Too Many Requests: over", ""),
        (b'{"error": "only text"}', "only text", ""),
        (b'{"detail": "Not Found"}', "Not Found", ""),
        (b'{"code": 5, "message": "resource not found", "details": []}', "resource not found", "not_found"),
        (b'{"code": 404, "message": "no number of gRPC"}', "no number of gRPC", ""),
        (b'[{"error": {"message": "in a list"}}]', "in a list", ""),
        (b'"bare text"', "bare text", ""),
        (b"upstream connect error", "upstream connect error", ""),
        (b"<html><head><title>502 Bad Gateway</title></head><body>x</body></html>", "502 Bad Gateway", ""),
        (b"<h1>Oh</h1>\n<p>dear</p>", "Oh dear", ""),
        (b'{"error": {"message": "cut sh', '{"error": {"message": "cut sh', ""),
        (b"", "", ""),
        (b"null", "null", ""),
    ],
)
def test_every_shape_of_error_body_is_read(body: bytes, text: str, code: str) -> None:
    said = read_error(body)

    assert (said.text, said.code) == (text, code)


def test_a_validators_complaint_is_read_without_the_value() -> None:
    body = as_json(
        {
            "detail": [
                {
                    "loc": ["body", "messages", 0],
                    "msg": "Field required",
                    "type": "missing",
                    "input": "private",
                },
                {"msg": "no place"},
            ]
        }
    )

    assert read_error(body).text == "body.messages.0: Field required; no place"


def test_what_looks_like_an_image_is_not_repeated() -> None:
    url = "data:image/jpeg;base64," + "A" * 5000
    body = as_json({"error": {"message": f"bad value: {url} and {'B' * 200}, sorry"}})

    assert read_error(body).text == "bad value: … and …, sorry"


def test_control_characters_do_not_reach_the_terminal() -> None:
    body = as_json({"error": {"message": "\x1b[31mred\x1b[0m\r\nnext \u202eline"}})

    assert read_error(body).text == "[31mred [0m next line"


def test_secrets_are_taken_out_before_anything_is_cut() -> None:
    text = read_error(
        as_json({"error": "x" * 10 + " y" * 140 + " key-1234"}), lambda t: t.replace("key-1234", "***")
    )

    assert "key" not in text.text


@given(
    st.binary(max_size=2000)
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(st.sampled_from(["error", "message", "detail", "code", "loc", "msg"]), inner)
        ),
    ).map(as_json)
)
def test_any_body_becomes_one_short_printable_line(body: bytes) -> None:
    text = read_error(body).text

    assert len(text) <= 300
    assert text.isprintable()


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "3"}, 3),
        ({"retry-after": "0"}, 0),
        ({"retry-after": "-5"}, 0),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after-ms": "250"}, 0.25),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after-ms": "soon", "retry-after": "9"}, 9),
        ({"retry-after": "Thu, 01 Oct 2026 12:00:30 GMT"}, 30),
        ({"retry-after": "Thu, 01 Oct 2026 11:00:00 GMT"}, 0),
        ({"retry-after": "Thu, 01 Oct 2026 12:00:30 GMT", "date": "Thu, 01 Oct 2026 12:00:20 GMT"}, 10),
        ({"retry-after": "Thu, 01 Oct 2026 12:00:30 -0000"}, 30),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "later"}, None),
        ({"retry-after": ""}, None),
        ({}, None),
    ],
)
def test_retry_after_is_read_in_every_form(headers: dict[str, str], seconds: float | None) -> None:
    noon = datetime(2026, 10, 1, 12, tzinfo=UTC)

    assert retry_after_s(headers, noon) == seconds


def test_a_429_says_how_long_to_wait() -> None:
    error = error_for(429, {"retry-after": "3"}, b"")

    assert isinstance(error, ServiceBusy)
    assert error.retry_after_s == 3
