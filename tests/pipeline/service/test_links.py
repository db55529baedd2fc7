"""An image can be sent as its address; what the service could not fetch, or not safely, is refused before."""

import json

import pytest

from pipeline.errors import ConfigError
from pipeline.requests import RequestBuilder, encode
from pipeline.service.links import linked_image
from tests.pages import page_image
from tests.pipeline.test_requests import QUESTION

URL = 'https://bucket.example/a%20b.png?sig=ab"c/+='


def test_a_request_carries_images_by_data_and_by_address() -> None:
    images = [page_image(1, b"one"), linked_image(2, URL)]

    body = json.loads(encode(RequestBuilder(QUESTION).build("d" * 64, images, 2, partial=False)))

    urls = [part["image_url"]["url"] for part in body["messages"][1]["content"][1::2]]
    assert urls == ["data:image/jpeg;base64,b25l", URL]


@pytest.mark.parametrize(
    "url", ["http://localhost:8080/a.png", "http://127.0.0.1/a.png", "http://[::1]/a.png"]
)
def test_http_will_do_on_this_machine_and_by_permission(url: str) -> None:
    assert linked_image(1, url).url == url
    assert linked_image(1, "http://files.example/a.png", allow_plain_http=True).number == 1


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://files.example/secret.png", "linked by https"),
        ("file:///etc/secret", "begins with https://"),
        ("ftp://files.example/secret", "begins with https://"),
        ("secret.png", "begins with https://"),
        ("https:///secret", "begins with https://"),
        ("https://me:secret@files.example/a.png", "without user"),
        ("https://files.example/secret a.png", "blanks"),
        ("https://files.example/secret\n", "blanks"),
        ("https://files.example:99999/secret", "begins with https://"),
        ("https://[::1/secret", "begins with https://"),
    ],
)
def test_other_addresses_are_refused_and_not_repeated(url: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        linked_image(7, url)

    assert "page 7" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_an_address_is_not_shown_in_passing() -> None:
    assert "sig=" not in repr(linked_image(1, URL))
