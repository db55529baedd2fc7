"""What the server says to others than its caller: nothing of documents, and nothing without the key."""

from collections.abc import Callable

import httpx
import pytest

from pipeline.local.launch import LocalEngine
from pipeline.local.server import listening_on
from tests.pipeline.local.bodies import chat, image_part


def test_nothing_of_a_document_or_a_question_is_logged(
    invoice_png: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    """It takes seconds: a server of its own, whose output is seen, reads a page."""
    word = "zebra4711"
    bad: dict[str, object] = {"text": word, "type": "text"}
    with LocalEngine(workers=1) as engine:
        headers = {"Authorization": f"Bearer {engine.api_key}"}
        with httpx.Client(base_url=engine.base_url, headers=headers, timeout=60, trust_env=False) as client:
            read = client.post("/chat/completions", json=chat(bad, image_part(invoice_png)))
            asked = [
                client.post("/chat/completions", json={**chat(bad), "model": word}),
                client.post("/chat/completions", content=f'{{"{word}'.encode()),
                client.post(
                    "/chat/completions", json=chat({"type": "image_url", "image_url": {"url": word}})
                ),
                client.get(f"/models/{word}"),
                client.post(f"/{word}", headers={"x-word": word}),
            ]
    out, err = capfd.readouterr()

    assert read.status_code == 200
    assert {reply.status_code for reply in asked} <= {400, 404}
    assert word not in out + err
    assert "Invoice" not in out + err


@pytest.mark.parametrize("change", [lambda key: key[:-1], lambda key: key + "x", str.swapcase, lambda _: "é"])
def test_a_key_that_is_nearly_right_is_wrong(change: Callable[[str], str], engine: LocalEngine) -> None:
    header = f"Bearer {change(engine.api_key)}".encode()

    with httpx.Client(trust_env=False) as client:
        status = client.get(f"{engine.base_url}/models", headers=[(b"authorization", header)]).status_code

    assert status == 401


def test_it_listens_on_loopback_alone() -> None:
    with listening_on(0) as listening:
        assert listening.getsockname()[0] == "127.0.0.1"
