"""Bodies and ids of requests."""

import base64
import json
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.dialect import AnswerForm, Delivery, response_format
from pipeline.records import PageImage
from pipeline.remedies import PLAIN, Remedy
from pipeline.requests import Question, RequestBuilder, Sampling, custom_id, encode
from pipeline.structured import WireSchema, compile_schema
from schemas.registry import load
from tests.pages import page_image

QUESTION = Question(
    model='a "quoted" model',
    instructions="Read it -- all of it, für alle.",
    schema=compile_schema(load("invoice").model, name="invoice", page_of_items=True),
    sampling=Sampling(),
    image_settings={"long_side_px": 1536},
)


def body_of(images: list[PageImage], *, partial: bool = False, question: Question = QUESTION) -> Any:
    request = RequestBuilder(question).build("d" * 64, images, 12, partial=partial)
    return json.loads(encode(request))


def test_a_body_holds_the_pages_in_order_each_after_its_number() -> None:
    parts = body_of([page_image(3, b"three"), page_image(5, b"five")])["messages"][1]["content"]

    assert [part["type"] for part in parts] == ["text", "image_url", "text", "image_url"]
    assert [part["text"] for part in parts[::2]] == ["Page 3 of 12:", "Page 5 of 12:"]
    urls = [part["image_url"]["url"] for part in parts[1::2]]
    assert [base64.b64decode(url.removeprefix("data:image/jpeg;base64,")) for url in urls] == [
        b"three",
        b"five",
    ]


def test_the_schema_is_both_in_the_prompt_and_in_the_response_format() -> None:
    body = body_of([page_image(1)])

    schema = body["response_format"]["json_schema"]["schema"]
    assert json.dumps(schema, separators=(",", ":"), ensure_ascii=False) in body["messages"][0]["content"]


def test_only_fields_that_every_service_takes_are_sent() -> None:
    assert set(body_of([page_image(1)])) == {
        "model",
        "messages",
        "response_format",
        "temperature",
        "max_tokens",
    }


def test_reasoning_effort_is_sent_when_it_is_set() -> None:
    question = replace(QUESTION, sampling=Sampling(reasoning_effort="none"))

    assert body_of([page_image(1)], question=question)["reasoning_effort"] == "none"


@pytest.mark.parametrize(("setting", "sent"), [("max", "max"), ("3000", 3000)])
def test_reasoning_effort_may_be_the_most_tokens_to_think(setting: str, sent: object) -> None:
    question = replace(QUESTION, sampling=Sampling(reasoning_effort=setting))

    assert body_of([page_image(1)], question=question)["reasoning_effort"] == sent


FORMS: list[AnswerForm] = ["json_object", "json_object with schema", "grammar"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("partial", [True, False])
def test_whatever_holds_the_answer_the_schema_stands_in_the_words_at_the_start(
    form: AnswerForm, *, partial: bool
) -> None:
    question = replace(QUESTION, form=form)

    plain, body = (body_of([page_image(1)], partial=partial, question=each) for each in (QUESTION, question))

    schema = QUESTION.schema.partial if partial else QUESTION.schema.full
    assert body["messages"] == plain["messages"]
    assert body["response_format"] == response_format(form, "invoice", schema)
    assert body.keys() == plain.keys()


def test_fields_of_the_users_own_are_sent_and_a_remedy_goes_before_them() -> None:
    question = replace(QUESTION, extra={"frequency_penalty": 0.1, "top_p": 0.9})
    remedy = Remedy(frequency_penalty=0.5)

    builder = RequestBuilder(question)
    plain, remedied = (
        json.loads(encode(builder.build("d" * 64, [page_image(1)], 1, partial=False, remedy=each)))
        for each in (PLAIN, remedy)
    )

    assert (plain["top_p"], plain["frequency_penalty"]) == (0.9, 0.1)
    assert (remedied["top_p"], remedied["frequency_penalty"]) == (0.9, 0.5)


FIREWORKS = Delivery(fireworks=True, user="me", service_tier="priority", perf_metrics=True)


def delivered(delivery: Delivery, *, remedy: Remedy = PLAIN, partial: bool = False) -> Any:
    builder = RequestBuilder(QUESTION, delivery)
    return json.loads(encode(builder.build("d" * 64, [page_image(1)], 3, partial=partial, remedy=remedy)))


def test_fireworks_is_told_what_is_cached_who_asks_and_how_urgent_it_is() -> None:
    body = delivered(FIREWORKS)

    told = {name: text for name, text in body.items() if name not in body_of([page_image(1)])}
    assert told == {
        "prompt_cache_key": QUESTION.digest,
        "user": "me",
        "service_tier": "priority",
        "perf_metrics_in_response": True,
    }


@pytest.mark.parametrize("partial", [True, False])
def test_all_requests_of_a_question_share_the_key_of_its_cache_remedies_too(*, partial: bool) -> None:
    key = delivered(FIREWORKS, partial=partial, remedy=Remedy(max_tokens=9))["prompt_cache_key"]

    assert key == QUESTION.digest


def test_the_key_of_the_cache_can_be_named_or_left_out() -> None:
    assert delivered(Delivery(fireworks=True, prompt_cache_key="mine"))["prompt_cache_key"] == "mine"
    assert "prompt_cache_key" not in delivered(Delivery(fireworks=True, prompt_cache_key="none"))


def test_other_services_get_only_fields_that_all_of_them_know() -> None:
    body = delivered(replace(FIREWORKS, fireworks=False, prompt_cache_key="mine"))

    assert set(body) - set(body_of([page_image(1)])) == {"user", "service_tier"}


def test_what_is_told_beside_the_question_is_no_part_of_the_id() -> None:
    ids = {
        RequestBuilder(QUESTION, delivery).build("d" * 64, [page_image(1)], 3, partial=False).custom_id
        for delivery in (Delivery(), FIREWORKS)
    }

    assert len(ids) == 1


def test_ids_are_what_they_were_so_that_nothing_is_paid_for_twice() -> None:
    """These are in lakes; whoever changes them makes every lake ask again."""
    question = Question(
        model="m",
        instructions="Read it.",
        schema=WireSchema(
            name="s", full={"type": "object"}, partial={"type": "object"}, dropped=(), paged=()
        ),
        sampling=Sampling(),
        image_settings={"long_side_px": 1536},
    )

    assert question.digest == "8e82f90af10be1ab6e6defe2bebe87a753c5fffd"
    assert (
        custom_id(question.digest, "d" * 64, (1, 2), partial=False)
        == "e0fd9c91be2398881b703fb96ddab9905aeff274"
    )


def test_the_name_of_a_deployment_is_sent_as_it_stands() -> None:
    name = "accounts/fireworks/models/vlm#accounts/me/deployments/d1"

    assert body_of([page_image(1)], question=replace(QUESTION, model=name))["model"] == name


def test_what_is_the_same_for_all_documents_comes_first() -> None:
    """So that the service's prompt cache finds it again."""
    one = RequestBuilder(QUESTION).build("a" * 64, [page_image(1, b"x")], 3, partial=False)
    two = RequestBuilder(QUESTION).build("b" * 64, [page_image(2, b"y")], 9, partial=False)

    shared = encode(one).index(b'"Page ')

    assert encode(one)[:shared] == encode(two)[:shared]


@given(st.binary(max_size=100))
def test_any_image_bytes_arrive(data: bytes) -> None:
    url = body_of([page_image(1, data)])["messages"][1]["content"][1]["image_url"]["url"]

    assert base64.b64decode(url.partition(",")[2]) == data


@pytest.mark.parametrize(
    "changed",
    [
        {"model": "other"},
        {"instructions": "Other."},
        {"sampling": Sampling(max_tokens=1)},
        {"sampling": Sampling(temperature=0.1)},
        {"image_settings": {"long_side_px": 1024}},
        {"extra": {"top_p": 0.9}},
        *({"form": form} for form in FORMS),
        {"schema": compile_schema(load("receipt").model, name="receipt", page_of_items=True)},
    ],
)
def test_whatever_can_change_an_answer_changes_the_id(changed: dict[str, Any]) -> None:
    assert replace(QUESTION, **changed).digest != QUESTION.digest


def test_pages_document_and_wholeness_are_part_of_the_id() -> None:
    ids = {
        custom_id("q", "d", (1,), partial=False),
        custom_id("q", "d", (1,), partial=True),
        custom_id("q", "d", (1, 2), partial=False),
        custom_id("q", "e", (1,), partial=False),
        custom_id("r", "d", (1,), partial=False),
    }

    assert len(ids) == 5
    assert all(len(one) == 40 for one in ids)


def test_an_id_is_the_same_in_another_process() -> None:
    code = "from tests.pipeline.test_requests import QUESTION; print(QUESTION.digest)"

    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert printed.strip() == QUESTION.digest
