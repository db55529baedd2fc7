import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.servers import FaultServer, Heard, Reply, chat_answer, held, late, refusal


def ask(server: FaultServer, text: str = "hello") -> httpx.Response:
    body = {"messages": [{"role": "user", "content": text}]}
    return httpx.post(f"{server.base_url}/chat/completions", json=body, timeout=20)


def test_replies_come_in_their_order_and_the_last_again() -> None:
    with FaultServer([refusal(503), chat_answer("a")]) as server:
        assert [ask(server).status_code for _ in range(3)] == [503, 200, 200]


def test_what_was_heard_is_remembered() -> None:
    picture = "data:image/png;base64,aGVsbG8="
    parts = [{"type": "text", "text": "see"}, {"type": "image_url", "image_url": {"url": picture}}]
    body = {"messages": [{"role": "system", "content": "be brief"}, {"role": "user", "content": parts}]}

    with FaultServer([chat_answer("a")]) as server:
        httpx.post(f"{server.base_url}/chat/completions", json=body)
        httpx.get(f"{server.base_url}/models")

    (asked,) = server.asked
    assert (asked.text, asked.images, asked.body) == ("be brief\nsee", [b"hello"], body)
    assert [heard.method for heard in server.heard] == ["POST", "GET"]


def test_requests_at_the_same_time_are_counted() -> None:
    together = threading.Barrier(5)

    def answer(_: Heard) -> Reply:
        together.wait(20)
        return chat_answer("a")

    with FaultServer(answer) as server, ThreadPoolExecutor(5) as threads:
        list(threads.map(lambda _: ask(server), range(5)))

    assert (server.most_at_once, server.connections) == (5, 5)


@pytest.mark.parametrize("waiting", [held(chat_answer("a"), threading.Event()), late(chat_answer("a"), 60)])
def test_a_server_that_stops_keeps_nobody_waiting(waiting: Reply) -> None:
    arrived = threading.Event()

    def answer(_: Heard) -> Reply:
        arrived.set()
        return waiting

    with ThreadPoolExecutor(1) as threads:
        with FaultServer(answer) as server:
            asking = threads.submit(ask, server)
            arrived.wait(20)
        with pytest.raises(httpx.TransportError):
            asking.result(20)


def test_an_error_in_the_answer_is_the_tests_own() -> None:
    def answer(_: Heard) -> Reply:
        raise AssertionError("not what was expected")

    with pytest.raises(AssertionError, match="not what was expected"), FaultServer(answer) as server:
        assert ask(server).status_code == 400
