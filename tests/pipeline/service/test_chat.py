import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import RequestRejected, ServiceBusy, ServiceDown, ServiceRefused
from pipeline.records import Completion, Evidence, Usage
from pipeline.service.breaker import OPENS_AFTER
from pipeline.service.chat import complete, read_completion
from pipeline.service.client import Timeouts
from pipeline.service.gate import Closed
from pipeline.service.retry import Retries
from pipeline.service.transport import Reply
from tests.pipeline.service.connecting import KEY, connected, open_gate
from tests.servers import (
    Heard,
    chat_answer,
    garbage,
    hang_up,
    html,
    json_reply,
    late,
    refusal,
    reset,
    too_many,
    truncated,
)
from tests.servers import Reply as Told

QUICK = Retries(backoff_s=0.001)


def reply(body: object, request_id: str = "") -> Reply:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Reply(
        status=200, headers={"x-request-id": request_id} if request_id else {}, body=raw, elapsed_s=1.5
    )


def completion(**changes: Any) -> dict[str, Any]:
    whole: dict[str, Any] = {
        "id": "chatcmpl-1",
        "model": "m",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "{}"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 4}},
    }
    return {**whole, **changes}


def choice(content: object) -> list[dict[str, Any]]:
    return [{"message": {"content": content, "reasoning_content": "hm"}, "finish_reason": "length"}]


def test_a_completion_is_read_whole() -> None:
    assert read_completion(reply(completion(), "req-9")) == Completion(
        content="{}",
        finish_reason="stop",
        model="m",
        usage=Usage(prompt_tokens=10, completion_tokens=2, cached_tokens=4),
        request_id="req-9",
        latency_s=1.5,
        attempts=1,
    )


def test_what_is_not_known_in_an_answer_is_passed_over() -> None:
    def with_more(value: object) -> object:
        if isinstance(value, dict):
            return {
                "raw_output": {"a": [1]},
                **{key: with_more(inner) for key, inner in value.items()},
                "new": None,
            }
        return [*map(with_more, value), "new"] if isinstance(value, list) else value

    assert read_completion(reply(with_more(completion()))) == read_completion(reply(completion()))


def test_without_a_header_the_body_names_the_exchange() -> None:
    assert read_completion(reply(completion())).request_id == "chatcmpl-1"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("plain", "plain"),
        (None, ""),
        ("", ""),
        ([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}], "ab"),
        ([{"type": "image_url"}, {"text": "b"}, "loose"], "b"),
        ({"odd": 1}, ""),
        ("half \ud83d of an emoji", "half ? of an emoji"),
    ],
)
def test_content_of_every_shape_is_text(content: object, text: str) -> None:
    read = read_completion(reply(completion(choices=choice(content))))

    assert (read.content, read.finish_reason) == (text, "length")


def test_no_choice_is_an_empty_answer() -> None:
    read = read_completion(reply(completion(choices=[])))

    assert (read.content, read.finish_reason) == ("", "")


def test_a_reply_may_say_where_its_values_stand() -> None:
    entry = {"path": "total", "page": 3, "confidence": 0.5, "box": [0, 0.25, 0.5, 1], "rule": "label right"}

    read = read_completion(reply(completion(pagelake=[entry, "odd"])))

    assert read.evidence == (
        Evidence(field="total", page=3, confidence=0.5, box=(0, 0.25, 0.5, 1), rule="label right"),
    )


@pytest.mark.parametrize(
    ("usage", "counted"),
    [
        (None, Usage()),
        ({}, Usage()),
        ("many", Usage()),
        ({"prompt_tokens": None, "completion_tokens": 7}, Usage(completion_tokens=7)),
        ({"prompt_tokens": -1, "completion_tokens": 2**70}, Usage()),
        ({"prompt_tokens": True, "completion_tokens": 2.0}, Usage()),
        ({"prompt_tokens": 3, "prompt_tokens_details": None, "extra": {"x": 1}}, Usage(prompt_tokens=3)),
    ],
)
def test_a_paid_answer_is_not_lost_for_an_odd_count(usage: object, counted: Usage) -> None:
    assert read_completion(reply(completion(usage=usage))).usage == counted


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>hello</html>",
        b'{"choices": [{"message": {"content": "cut',
        b"[1, 2]",
        b"null",
        b'{"object": "list", "data": []}',
        b'{"choices": null}',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"error": {"message": "no status"}}',
    ],
)
def test_a_200_that_is_no_completion_is_a_busy_service(body: bytes) -> None:
    with pytest.raises(ServiceBusy, match="no chat completion"):
        read_completion(reply(body))


def test_why_a_model_declined_is_kept_beside_its_content() -> None:
    message = {"role": "assistant", "content": None, "refusal": "I can't do that."}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}

    read = read_completion(reply(completion(choices=[choice])))

    assert (read.content, read.refusal) == ("", "I can't do that.")


def test_a_completion_under_a_wrong_content_type_is_read_all_the_same() -> None:
    labelled = replace(reply(completion()), headers={"content-type": "text/html"})

    assert read_completion(labelled) == read_completion(reply(completion()))


def test_a_200_that_holds_an_error_is_that_error() -> None:
    with pytest.raises(ServiceBusy) as busy:
        read_completion(reply({"error": {"code": 429, "message": "slow down"}}))
    with pytest.raises(ServiceRefused, match=r"401: bad \*"):
        read_completion(
            reply({"error": {"code": 401, "message": f"bad {KEY}"}}), lambda text: text.replace(KEY, "*")
        )

    assert busy.value.status == 429


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["choices", "message", "content", "usage", "text", "error", "prompt_tokens"]),
                inner,
            )
        ),
    )
)
def test_any_json_is_a_completion_or_an_error_of_ours(answer: object) -> None:
    try:
        read = read_completion(reply(answer))
    except (ServiceBusy, RequestRejected, ServiceRefused):
        return

    assert read.content.encode("utf-8").decode("utf-8") == read.content


@pytest.mark.anyio
@pytest.mark.parametrize(
    "fault",
    [
        hang_up(),
        garbage(),
        html(502),
        html(200),
        refusal(503),
        refusal(500),
        refusal(408),
        refusal(520),
        truncated(chat_answer("x" * 100)),
        reset(chat_answer("x" * 100)),
    ],
)
async def test_a_passing_fault_costs_an_attempt_and_no_more(fault: Told) -> None:
    async with connected([fault, fault, chat_answer({"total": 1})]) as (server, client):
        answer = await complete(client, b"{}", gate=open_gate(), retries=QUICK)

    assert json.loads(answer.content) == {"total": 1}
    assert answer.attempts == 3
    assert len(server.heard) == 3


@pytest.mark.anyio
async def test_a_lost_answer_is_asked_for_again() -> None:
    async with connected([late(chat_answer("a"), 30), chat_answer("b")], Timeouts(read_s=0.05)) as (
        _,
        client,
    ):
        answer = await complete(client, b"{}", gate=open_gate(), retries=QUICK)

    assert (answer.content, answer.attempts) == ("b", 2)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("status", "times"), [(503, 4), (500, 3), (400, 1), (413, 1), (422, 1), (401, 1), (404, 1)]
)
async def test_an_error_knows_how_often_it_was_asked(status: int, times: int) -> None:
    async with connected([refusal(status)]) as (server, client):
        with pytest.raises((ServiceBusy, RequestRejected, ServiceRefused)) as caught:
            await complete(client, b"{}", gate=open_gate(), retries=Retries(attempts=4, backoff_s=0.001))

    assert caught.value.attempts == times
    assert len(server.heard) == times


@pytest.mark.anyio
@pytest.mark.parametrize("status", [404, 405])
async def test_a_service_without_chat_completions_stops_the_run(status: int) -> None:
    async with connected([refusal(status)]) as (_, client):
        with pytest.raises(ServiceRefused, match="base URL"):
            await complete(client, b"{}", gate=open_gate(), retries=QUICK)


@pytest.mark.anyio
async def test_a_storm_of_429_costs_no_attempt() -> None:
    async with connected([*[too_many()] * 20, chat_answer("calm")]) as (_, client):
        answer = await complete(
            client,
            b"{}",
            gate=open_gate(),
            retries=Retries(attempts=1, backoff_s=0.001, backoff_max_s=0.002),
        )

    assert (answer.content, answer.attempts) == ("calm", 21)


@pytest.mark.anyio
async def test_nothing_but_429_is_given_up_in_time() -> None:
    patient = Retries(rate_limit_patience_s=0.05, backoff_s=0.01, backoff_max_s=0.01)

    async with connected([too_many()]) as (_, client):
        with pytest.raises(ServiceBusy) as caught:
            await complete(client, b"{}", gate=open_gate(), retries=patient)

    assert caught.value.status == 429
    assert caught.value.attempts > 1


@pytest.mark.anyio
async def test_retry_after_holds_every_request_of_the_gate() -> None:
    """The first is told to wait; those that come after it wait as well, and none asks too early."""
    held = asyncio.Event()
    gate = open_gate()

    def answer(heard: Heard) -> Told:
        return too_many(0.3) if heard.number == 0 else chat_answer(heard.number)

    async def first() -> None:
        await complete(client, b"{}", gate=gate, retries=QUICK)

    async def later() -> None:
        await held.wait()
        await complete(client, b"{}", gate=gate, retries=QUICK)

    async with connected(answer) as (server, client), asyncio.TaskGroup() as group:
        group.create_task(first())
        for _ in range(10):
            group.create_task(later())
        while not gate.pace.hold.left_s:  # noqa: ASYNC110 - nothing tells when the hold begins
            await asyncio.sleep(0)
        held.set()

    times = [heard.at_s for heard in server.heard]
    assert len(times) == 12
    assert min(times[1:]) - times[0] >= 0.3


@pytest.mark.anyio
@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("retry_after", "spelt"), [("1000", "17 minutes"), ("86400", "24 hours"), ("864000", "10 days")]
)
async def test_a_retry_after_beyond_all_patience_ends_the_run_and_is_not_broken(
    status: int, retry_after: str, spelt: str
) -> None:
    async with connected([refusal(status, retry_after=retry_after)]) as (server, client):
        with pytest.raises(ServiceDown, match=rf"not to be asked for {spelt} .*again then$"):
            await complete(client, b"{}", gate=open_gate(), retries=QUICK)

    assert len(server.heard) == 1


@pytest.mark.anyio
async def test_a_429_without_retry_after_holds_nobody_else() -> None:
    gate = open_gate()
    async with connected([too_many(), chat_answer("b")]) as (_, client):
        await complete(client, b"{}", gate=gate, retries=QUICK)

    assert gate.pace.hold.left_s == 0


@pytest.mark.anyio
async def test_a_request_waits_at_a_closed_gate_for_nothing() -> None:
    gate = open_gate()
    async with connected([too_many(30)]) as (server, client):
        waiting = asyncio.create_task(complete(client, b"{}", gate=gate, retries=QUICK))
        while not gate.pace.hold.left_s:  # noqa: ASYNC110 - nothing tells when the hold begins
            await asyncio.sleep(0)
        gate.close()

        with pytest.raises(Closed):
            await waiting

    assert len(server.heard) == 1


@pytest.mark.anyio
async def test_an_outage_costs_no_attempts_and_ends_with_the_first_answer() -> None:
    """Requests of two attempts live through an outage of more, for what is tried meanwhile does not count."""
    failing = True

    def answer(heard: Heard) -> Told:
        return refusal(503) if failing else chat_answer(heard.number)

    gate = open_gate()
    retries = Retries(attempts=2, backoff_s=0.3)  # the first failure of all comes well before a second one
    async with connected(answer) as (_, client), asyncio.TaskGroup() as group:
        for _ in range(OPENS_AFTER):
            group.create_task(complete(client, b"{}", gate=gate, retries=retries))
        while not gate.pace.breaker.is_open:  # noqa: ASYNC110 - nothing tells when it opens
            await asyncio.sleep(0)
        failing = False

    assert [change.reason for change in gate.pace.history] == ["start", "outage", "recovery"]


@pytest.mark.anyio
async def test_a_service_that_never_answers_is_given_up() -> None:
    gate = open_gate()
    retries = Retries(attempts=100, backoff_s=0.001, backoff_max_s=0.001, unanswered_patience_s=0)

    async with connected([refusal(503)]) as (_, client):
        with pytest.raises(ServiceDown, match=r"has not answered for .*503.*check the base URL"):
            await complete(client, b"{}", gate=gate, retries=retries)


@pytest.mark.anyio
async def test_each_attempt_is_announced_and_builds_its_own_body() -> None:
    events: list[str] = []

    def body() -> bytes:
        events.append("built")
        return json.dumps({"events": len(events)}).encode()

    @contextlib.asynccontextmanager
    async def announced() -> AsyncIterator[None]:
        events.append("announced")
        yield

    async with connected([refusal(503), refusal(502), chat_answer("c")]) as (server, client):
        await complete(client, body, gate=open_gate(), retries=QUICK, on_attempt=announced)

    assert events == ["announced", "built"] * 3
    assert [heard.body for heard in server.heard] == [{"events": 2}, {"events": 4}, {"events": 6}]


@pytest.mark.anyio
async def test_the_latency_is_the_last_attempts() -> None:
    async with connected([late(refusal(503), 0.5), chat_answer("b")]) as (_, client):
        answer = await complete(client, b"{}", gate=open_gate(), retries=QUICK)

    assert 0 < answer.latency_s < 0.5


@pytest.mark.anyio
async def test_a_bug_in_the_body_is_not_asked_again() -> None:
    def body() -> bytes:
        raise KeyError("a bug")

    async with connected([chat_answer("a")]) as (server, client):
        with pytest.raises(KeyError):
            await complete(client, body, gate=open_gate(), retries=QUICK)

    assert server.heard == []


@pytest.mark.anyio
async def test_usage_comes_through() -> None:
    async with connected([json_reply(completion())]) as (_, client):
        answer = await complete(client, b"{}", gate=open_gate(), retries=QUICK)

    assert answer.usage == Usage(prompt_tokens=10, completion_tokens=2, cached_tokens=4)


@pytest.mark.anyio
async def test_how_an_answer_was_made_is_for_who_looks_closely(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", "pipeline.service.chat")
    metrics = {"prompt-tokens": 12, "note": KEY}
    async with connected([chat_answer({}, perf_metrics=metrics)]) as (_, client):
        await complete(client, b"{}", gate=open_gate(), retries=Retries())

    assert 'how chatcmpl-1 was answered: {"prompt-tokens": 12' in caplog.text
    assert KEY not in caplog.text
