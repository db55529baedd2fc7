import io
import json
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from PIL import Image

from pipeline.grammar import grammar_of
from pipeline.local.gbnf import accepts, parse
from pipeline.local.launch import LocalEngine
from tests.pipeline.local.bodies import MODEL, chat, encoded, image_part, text_part, wanting
from tests.servers import FaultServer

SCHEMA = {
    "type": "object",
    "properties": {
        "invoice_number": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "issue_date": {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]},
        "total": {"anyOf": [{"type": "number"}, {"type": "null"}]},
        "customer_iban": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "line_items": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "description": {"type": "string"},
                    "amount": {"type": "number"},
                    "_page": {"type": "integer"},
                },
            },
        },
    },
    "required": ["invoice_number", "issue_date", "total", "customer_iban", "line_items"],
    "additionalProperties": False,
}


def link(url: str) -> dict[str, object]:
    return {"type": "image_url", "image_url": {"url": url}}


def ask(client: httpx.Client, body: object) -> httpx.Response:
    return client.post("/chat/completions", json=body)


def complaint(response: httpx.Response) -> str:
    message: str = response.json()["error"]["message"]
    return message


def test_an_invoice_is_read_into_the_schema(client: httpx.Client, invoice_png: bytes) -> None:
    body = chat(text_part("Page 3 of 12:"), image_part(invoice_png), response_format=wanting(SCHEMA))

    reply = ask(client, body).json()

    assert json.loads(reply["choices"][0]["message"]["content"]) == {
        "invoice_number": "W-2024-311",
        "issue_date": "2024-05-07",
        "total": 368.9,
        "customer_iban": None,
        "line_items": [
            {"description": "Brillenfassung Titan", "amount": 298.0, "_page": 3},
            {"description": "Putztuch", "amount": 12.0, "_page": 3},
        ],
    }
    assert reply["choices"][0]["finish_reason"] == "stop"
    assert (reply["object"], reply["model"]) == ("chat.completion", MODEL)


def test_the_reply_says_where_each_value_stands(
    client: httpx.Client, invoice_image: Image.Image, invoice_png: bytes
) -> None:
    body = chat(image_part(invoice_png), response_format=wanting(SCHEMA))

    evidence = {entry["path"]: entry for entry in ask(client, body).json()["pagelake"]}

    total = evidence["total"]
    left, top, right, bottom = total["box"]
    width, height = invoice_image.size
    assert 900 < left * width < right * width < 1010
    assert 620 < top * height < bottom * height < 670
    assert total["page"] == 1
    assert 0.5 < total["confidence"] <= 1
    assert total["rule"].startswith("label")


def test_tokens_are_counted_by_patches_of_28_pixels(client: httpx.Client, invoice_image: Image.Image) -> None:
    body = chat(text_part("12345678"), image_part(encoded(invoice_image.resize((560, 280)))))

    response = ask(client, body)

    assert response.json()["usage"]["prompt_tokens"] == 20 * 10 + 2 + 2
    assert response.headers["fireworks-prompt-tokens"] == "204"
    assert response.headers["x-request-id"] == response.json()["id"]


def test_the_headers_say_how_an_answer_was_made_and_what_is_left_of_the_limits(
    client: httpx.Client, invoice_png: bytes
) -> None:
    body = chat(image_part(invoice_png), response_format=wanting(SCHEMA), perf_metrics_in_response=True)

    response = ask(client, body)

    metrics, told = response.json()["perf_metrics"], response.headers
    assert set(metrics) == {
        "prompt-tokens",
        "cached-prompt-tokens",
        "server-time-to-first-token",
        "server-processing-time",
        "speculation-prompt-tokens",
        "speculation-prompt-matched-tokens",
    }
    assert {name: float(told[f"fireworks-{name}"]) for name in metrics} == metrics
    assert json.loads(told["fireworks-sampling-options"]) == {"temperature": 0.0}
    assert told["x-ratelimit-over-limit"] == "no"
    for name in ("requests", "tokens-prompt", "tokens-cache-adjusted-prompt", "tokens-generated"):
        assert int(told[f"x-ratelimit-remaining-{name}"]) < int(told[f"x-ratelimit-limit-{name}"])


def test_metrics_are_in_the_body_only_on_demand(client: httpx.Client) -> None:
    blank = image_part(encoded(Image.new("RGB", (64, 64), "white")))

    plain = ask(client, chat(blank)).json()
    streamed = ask(client, chat(blank, stream=True, perf_metrics_in_response=True)).text

    assert "perf_metrics" not in plain
    assert '"perf_metrics": {"prompt-tokens"' in streamed


def test_a_refusal_has_its_name_and_the_limits_as_well(client: httpx.Client) -> None:
    response = ask(client, {})

    assert response.headers["x-request-id"]
    assert response.headers["x-ratelimit-limit-requests"] == "6000"
    assert "fireworks-prompt-tokens" not in response.headers


def test_without_a_schema_the_page_is_transcribed(client: httpx.Client, invoice_png: bytes) -> None:
    text = ask(client, chat(image_part(invoice_png))).json()["choices"][0]["message"]["content"]

    assert text.index("Winterfeld Optik GmbH") < text.index("Brillenfassung") < text.index("368,90")


def test_a_json_object_without_a_schema_holds_the_text(client: httpx.Client, invoice_png: bytes) -> None:
    body = chat(image_part(invoice_png), response_format={"type": "json_object"})

    content = json.loads(ask(client, body).json()["choices"][0]["message"]["content"])

    assert "Putztuch" in content["text"]


GRAMMAR = grammar_of(SCHEMA)
WORDS = text_part(f"Answer by this schema: {json.dumps(SCHEMA)}")


@pytest.mark.parametrize(
    "wanted",
    [
        {"type": "json_object"},
        {"type": "json_object", "schema": SCHEMA},
        {"type": "grammar", "grammar": GRAMMAR},
        {"type": "grammar", "grammar": GRAMMAR.replace('ws ::= " "?', 'ws ::= ""')},
        {"type": "grammar", "grammar": r"root ::= [{] [ \n] [^\x00]+"},
    ],
)
def test_any_format_holds_the_same_answer(
    client: httpx.Client, invoice_png: bytes, wanted: dict[str, object]
) -> None:
    plain = ask(client, chat(image_part(invoice_png), response_format=wanting(SCHEMA))).json()

    reply = ask(client, chat(WORDS, image_part(invoice_png), response_format=wanted)).json()

    content = reply["choices"][0]["message"]["content"]
    assert json.loads(content) == json.loads(plain["choices"][0]["message"]["content"])
    assert reply["pagelake"] == plain["pagelake"]
    assert "grammar" not in wanted or accepts(parse(str(wanted["grammar"])), content)


def test_a_grammar_for_text_takes_the_transcript(client: httpx.Client, invoice_png: bytes) -> None:
    wanted = {"type": "grammar", "grammar": "root ::= .*"}

    reply = ask(client, chat(image_part(invoice_png), response_format=wanted)).json()

    assert "Putztuch" in reply["choices"][0]["message"]["content"]


@pytest.mark.parametrize(
    ("grammar", "words"),
    [
        ('root ::= "yes" | "no"', "takes nothing that this engine has to say"),
        ("root ::= root [x]", "begins with itself"),
        ("root ::= (", "not closed"),
        ("\x00", "cannot be read"),
    ],
)
def test_a_grammar_that_cannot_be_followed_is_a_bad_request(
    client: httpx.Client, invoice_png: bytes, grammar: str, words: str
) -> None:
    wanted = {"type": "grammar", "grammar": grammar}

    response = ask(client, chat(WORDS, image_part(invoice_png), response_format=wanted))

    assert response.status_code == 400
    assert words in complaint(response)


def test_an_image_at_an_address_is_fetched_from_a_host_that_was_named(
    client: httpx.Client, gallery: FaultServer, invoice_png: bytes
) -> None:
    there = gallery.base_url.removesuffix("/v1")
    parts = [text_part("Page 3 of 12:"), image_part(invoice_png)]

    own, linked = (
        ask(client, chat(parts[0], part, response_format=wanting(SCHEMA))).json()
        for part in (parts[1], link(f"{there}/invoice.png"))
    )

    assert linked["choices"] == own["choices"]
    assert linked["usage"] == own["usage"]
    assert "authorization" not in gallery.heard[-1].headers


@pytest.mark.parametrize(
    ("path", "words"),
    [("/page.html", "known format"), ("/moved.png", "answers 302"), ("/gone", "answers 404")],
)
def test_an_image_that_cannot_be_fetched_is_a_bad_request_that_counts_it(
    client: httpx.Client, gallery: FaultServer, invoice_png: bytes, path: str, words: str
) -> None:
    there = gallery.base_url.removesuffix("/v1")

    response = ask(client, chat(image_part(invoice_png), link(there + path)))

    assert response.status_code == 400
    assert "Image 2 cannot be fetched" in complaint(response)
    assert words in complaint(response)


def test_a_deployment_of_ones_own_answers_and_is_named(client: httpx.Client, invoice_png: bytes) -> None:
    name = f"{MODEL}#accounts/local/deployments/pagelake-ocr"

    reply = ask(client, {**chat(image_part(invoice_png), response_format=wanting(SCHEMA)), "model": name})

    assert reply.json()["model"] == name
    assert reply.headers["fireworks-deployment"] == "accounts/local/deployments/pagelake-ocr"
    assert int(reply.headers["fireworks-num-concurrent-requests"]) >= 1
    durations = [float(reply.headers[f"fireworks-{name}-duration"]) for name in ("prefill", "generation")]
    whole = float(reply.headers["fireworks-server-processing-time"])
    assert sum(durations) == pytest.approx(whole, abs=0.003)


def test_an_answer_over_the_token_limit_is_cut_and_says_so(client: httpx.Client, invoice_png: bytes) -> None:
    body = chat(image_part(invoice_png), response_format=wanting(SCHEMA), max_tokens=5)

    reply = ask(client, body).json()

    assert reply["choices"][0]["finish_reason"] == "length"
    assert len(reply["choices"][0]["message"]["content"]) == 20
    assert reply["usage"]["completion_tokens"] == 5


def test_a_stream_ends_with_usage_and_done(client: httpx.Client, invoice_png: bytes) -> None:
    body = chat(image_part(invoice_png), response_format=wanting(SCHEMA), stream=True)

    response = ask(client, body)

    events = [line.removeprefix("data: ") for line in response.text.splitlines() if line]
    chunks = [json.loads(event) for event in events[:-1]]
    assert response.headers["content-type"].startswith("text/event-stream")
    assert events[-1] == "[DONE]"
    content = "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks)
    assert json.loads(content)["invoice_number"] == "W-2024-311"
    assert chunks[-1]["usage"]["prompt_tokens"] > 2000


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "TIFF", "PPM", "WEBP"])
def test_every_image_format_is_taken(client: httpx.Client, kind: str) -> None:
    data = encoded(Image.new("RGB", (64, 64), "white"), kind)

    response = ask(client, chat(image_part(data, kind.lower())))

    assert response.status_code == 200
    assert response.json()["choices"][0]["message"]["content"] == ""


@pytest.mark.parametrize("prefix", ["/v1", "/inference/v1"])
def test_the_model_is_listed_under_both_prefixes(engine: LocalEngine, prefix: str) -> None:
    root = engine.base_url.removesuffix("/v1") + prefix
    headers = {"Authorization": f"Bearer {engine.api_key}"}

    listed = httpx.get(f"{root}/models", headers=headers).json()
    single = httpx.get(f"{root}/models/{MODEL}", headers=headers).json()

    assert listed["object"] == "list"
    assert [model["id"] for model in listed["data"]] == [MODEL]
    assert single["supports_image_input"] is True


def test_an_answer_is_not_held_back_for_an_acknowledgement(client: httpx.Client) -> None:
    taken_s = [client.get("/models").elapsed.total_seconds() for _ in range(10)]

    assert min(taken_s) < 0.03  # each would take 0.04 s and more


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic x"}])
def test_a_caller_without_the_key_is_refused(engine: LocalEngine, header: dict[str, str]) -> None:
    response = httpx.post(f"{engine.base_url}/chat/completions", headers=header, json={})

    assert response.status_code == 401
    assert response.json()["error"]["code"] == "UNAUTHORIZED"
    assert response.json()["request_id"] == response.headers["x-request-id"]


def test_an_unknown_field_is_refused_by_name(client: httpx.Client, invoice_png: bytes) -> None:
    response = ask(client, chat(image_part(invoice_png), store=True))

    assert response.status_code == 400
    assert complaint(response) == "Extra inputs are not permitted, field: 'store', value: true"


def test_an_unknown_model_is_not_found(client: httpx.Client, invoice_png: bytes) -> None:
    response = ask(client, {**chat(image_part(invoice_png)), "model": "accounts/x/models/y"})

    assert response.status_code == 404
    assert response.json()["error"]["code"] == "NOT_FOUND"


def test_the_wrong_method_and_the_wrong_path_have_their_status(client: httpx.Client) -> None:
    assert client.get("/chat/completions").status_code == 405
    assert client.get("/nothing").status_code == 404
    assert client.get("/models/other").json()["error"]["code"] == "NOT_FOUND"


def test_a_body_that_is_no_json_is_refused(client: httpx.Client) -> None:
    response = client.post("/chat/completions", content=b"{")

    assert response.status_code == 400
    assert complaint(response) == "The request body is not valid JSON."


@pytest.mark.parametrize(
    ("part", "words"),
    [
        (image_part(b"no image at all"), "damaged"),
        (image_part(b""), "empty"),
        ({"type": "image_url", "image_url": {"url": "data:image/png;base64,****"}}, "base64"),
        (link("https://example.org/a.png"), "--fetch-images HOST"),
        (link("http://127.0.0.1:9/a.png"), "may not fetch from its host"),
        ({"type": "image_url", "image_url": {"url": "data:image/svg+xml;base64,AAAA"}}, "data:image/"),
    ],
)
def test_a_bad_image_is_refused_and_counted(
    client: httpx.Client, part: dict[str, object], words: str
) -> None:
    response = ask(client, chat(part))

    assert response.status_code == 400
    assert "Image 1" in complaint(response)
    assert words in complaint(response)


def test_a_truncated_image_is_refused(client: httpx.Client, invoice_png: bytes) -> None:
    response = ask(client, chat(image_part(invoice_png[: len(invoice_png) // 2])))

    assert response.status_code == 400


def test_a_huge_image_is_refused_before_it_is_decoded(client: httpx.Client) -> None:
    stream = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(stream, "PNG")

    response = ask(client, chat(image_part(stream.getvalue())))

    assert response.status_code == 400
    assert "pixels" in complaint(response)


def test_a_schema_that_leads_nowhere_is_refused(client: httpx.Client, invoice_png: bytes) -> None:
    schema: dict[str, object] = {"type": "object", "properties": {"a": {"$ref": "#/$defs/Gone"}}}

    response = ask(client, chat(image_part(invoice_png), response_format=wanting(schema)))

    assert response.status_code == 400
    assert "leads nowhere" in complaint(response)


def test_a_body_over_the_limit_is_refused(client: httpx.Client) -> None:
    response = client.post("/chat/completions", content=b" " * (32 * 2**20 + 1))

    assert response.status_code == 413


def test_more_requests_than_may_wait_are_turned_away(engine: LocalEngine) -> None:
    body = chat(image_part(encoded(Image.new("RGB", (900, 1200), "white"))))
    headers = {"Authorization": f"Bearer {engine.api_key}"}
    limits = httpx.Limits(max_connections=None)

    with httpx.Client(headers=headers, timeout=60, limits=limits) as many, ThreadPoolExecutor(80) as pool:
        url = f"{engine.base_url}/chat/completions"
        replies = list(pool.map(lambda _: many.post(url, json=body), range(160)))

    assert {reply.status_code for reply in replies} <= {200, 429}
    turned = [reply for reply in replies if reply.status_code == 429]
    assert all(reply.headers["retry-after"] == "1" for reply in turned)
    assert any(reply.status_code == 200 for reply in replies)
