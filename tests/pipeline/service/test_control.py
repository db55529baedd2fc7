import traceback
from collections.abc import Callable
from urllib.parse import unquote_plus

import pytest

from pipeline.errors import (
    AlreadyExists,
    ConfigError,
    NotFound,
    PagelakeError,
    RequestRejected,
    ServiceBusy,
    ServiceError,
    ServiceRefused,
)
from pipeline.service.control import ControlPlane, control_url
from pipeline.service.replies import GRPC_CODES
from tests.gateway import ACCOUNT, KEY, QUICK, grpc, opened, paged
from tests.pipeline.service.connecting import endpoint
from tests.servers import (
    FaultServer,
    Heard,
    Reply,
    garbage,
    hang_up,
    html,
    json_reply,
    refusal,
    reset,
    too_many,
    truncated,
)

pytestmark = pytest.mark.anyio

BODIES: dict[str, Callable[[int], Reply]] = {
    "gateway": lambda status: refusal(status, f"no, {KEY}"),
    "inference": lambda status: json_reply(
        {"error": {"object": "error", "message": f"no {KEY}"}}, status=status
    ),
    "edge": lambda status: json_reply({"error": "no", "message": f"no, {KEY}"}, status=status),
    "short": lambda status: json_reply({"error": f"Bearer {KEY}"}, status=status),
    "validation": lambda status: json_reply(
        {"detail": [{"loc": ["body"], "msg": f"no {KEY}"}]}, status=status
    ),
    "html": html,
    "empty": lambda status: Reply(status=status),
}
KINDS: dict[int, type[ServiceError]] = {
    **dict.fromkeys((400, 405, 413, 422), RequestRejected),
    **dict.fromkeys((401, 402, 403, 412), ServiceRefused),
    404: NotFound,
    409: AlreadyExists,
    499: RequestRejected,
    **dict.fromkeys((408, 429, 500, 502, 503, 504, 520), ServiceBusy),
}


async def answered(*replies: Reply) -> tuple[FaultServer, object]:
    with FaultServer(replies, models=None) as server:
        async with ControlPlane(
            endpoint(server.base_url, key=KEY), account_id="a", retries=QUICK, proxies={}
        ) as control:
            return server, await control.call("GET", "v1/accounts/a/datasets/x")


@pytest.mark.parametrize(
    ("base_url", "control"),
    [
        ("https://api.fireworks.ai/inference/v1", "https://api.fireworks.ai"),
        ("https://api.fireworks.ai/inference/v1/", "https://api.fireworks.ai"),
        ("https://api.fireworks.ai/v1", "https://api.fireworks.ai"),
        ("https://us.api.fireworks.ai/inference", "https://us.api.fireworks.ai"),
        ("http://127.0.0.1:8080/v1", "http://127.0.0.1:8080"),
        ("https://proxy.example/fw/inference/v1", "https://proxy.example/fw"),
        ("https://api.fireworks.ai", "https://api.fireworks.ai"),
        ("https://model.example/v1/?version=2", "https://model.example?version=2"),
    ],
)
def test_where_the_control_plane_is(base_url: str, control: str) -> None:
    assert control_url(base_url) == control


@pytest.mark.parametrize("status", KINDS)
@pytest.mark.parametrize("shape", BODIES)
async def test_each_status_is_the_error_that_says_what_to_do(status: int, shape: str) -> None:
    with pytest.raises(ServiceError) as caught:
        await answered(BODIES[shape](status))

    assert type(caught.value) is KINDS[status]
    assert str(status) in str(caught.value)
    assert KEY not in str(caught.value)
    assert getattr(caught.value, "status", status) == status


@pytest.mark.parametrize(
    ("status", "attempts"), [(400, 1), (401, 1), (404, 1), (409, 1), (412, 1), (500, 3), (503, 3), (429, 4)]
)
async def test_only_what_passes_is_asked_again(status: int, attempts: int) -> None:
    with FaultServer([refusal(status)] * 3 + [refusal(400)], models=None) as server:
        async with ControlPlane(
            endpoint(server.base_url), account_id="a", retries=QUICK, proxies={}
        ) as control:
            with pytest.raises(ServiceError):
                await control.call("GET", "v1/accounts/a")

    assert len(server.heard) == attempts


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, 3, RequestRejected),
        (400, 9, RequestRejected),
        (400, 11, RequestRejected),
        (401, 16, ServiceRefused),
        (403, 7, ServiceRefused),
        (404, 5, NotFound),
        (409, 6, AlreadyExists),
        (409, 10, ServiceBusy),
        (429, 8, ServiceBusy),
        (499, 1, RequestRejected),
        (500, 2, ServiceBusy),
        (500, 13, ServiceBusy),
        (500, 15, ServiceBusy),
        (501, 12, RequestRejected),
        (503, 14, ServiceBusy),
        (504, 4, ServiceBusy),
    ],
)
async def test_the_numbers_of_grpc(status: int, code: int, kind: type[ServiceError]) -> None:
    with pytest.raises(ServiceError, match="so it is") as caught:
        await answered(grpc(status, code, "so it is"))

    assert type(caught.value) is kind
    if isinstance(caught.value, RequestRejected):
        assert caught.value.code == GRPC_CODES[code]


async def test_a_bad_key_is_called_that_though_the_status_is_403() -> None:
    async with opened(key="fw_other0123456789abcdef") as (_, _, _, control):
        with pytest.raises(ServiceRefused, match=r"403: The API key.*check the API key \(PAGELAKE_API_KEY"):
            await control.call("GET", f"v1/accounts/{ACCOUNT}/datasets")


async def test_a_suspended_account_is_told_in_the_words_of_the_service() -> None:
    text = "Account a is suspended, possibly due to reaching the monthly spending limit."

    with pytest.raises(ServiceRefused, match=text):
        await answered(refusal(412, text, code="PRECONDITION_FAILED"))


async def test_what_is_missing_is_named_and_can_be_told_from_the_rest() -> None:
    with pytest.raises(NotFound, match=r"no accounts/a/datasets/x \(404: resource not found"):
        await answered(grpc(404, 5, "resource not found"))


@pytest.mark.parametrize(
    "fault",
    [
        html(502),
        too_many(),
        hang_up(),
        garbage(),
        reset(json_reply({"a": 1}), after=3),
        html(200),
        json_reply([1]),
    ],
)
async def test_a_fault_is_gone_at_the_next_attempt(fault: Reply) -> None:
    server, answer = await answered(fault, json_reply({"a": 1}))

    assert answer == {"a": 1}
    assert len(server.heard) == 2


async def test_half_an_answer_is_no_answer() -> None:
    with pytest.raises(ServiceBusy, match="no JSON object"):
        await answered(truncated(json_reply({"a": 1})))


async def test_what_is_sent() -> None:
    async with opened() as (_, server, _, control):
        with pytest.raises(NotFound):
            await control.call("POST", "v1/accounts/x:verb", query={"filter": 'a="b c"&d'}, body={"ä": 1})
        with pytest.raises(NotFound):
            await control.call("GET", "v1/other")

    posted, got = server.heard
    assert posted.path == "/v1/accounts/x:verb?filter=a%3D%22b+c%22%26d"
    assert posted.body == {"ä": 1}
    assert posted.headers["content-type"] == "application/json"
    assert got.raw == b""
    assert "content-type" not in got.headers


@pytest.mark.parametrize("count", [0, 1, 2, 3, 7])
async def test_a_list_is_read_to_its_end(count: int) -> None:
    def answer(heard: Heard) -> Reply:
        asked = dict(part.split("=", 1) for part in heard.path.partition("?")[2].split("&"))
        assert asked["pageSize"] == "200"
        return paged("things", [{"name": str(number)} for number in range(count)], _unquoted(asked))

    with FaultServer(answer, models=None) as server:
        async with ControlPlane(endpoint(server.base_url), account_id="a", proxies={}) as control:
            entries = control.entries("v1/accounts/a/things", "things", {"orderBy": "createTime desc"})
            names = [entry["name"] async for entry in entries]

    assert names == [str(number) for number in range(count)]
    assert len(server.heard) == max(1, -(-count // 2))


@pytest.mark.parametrize("base_url", ["", "model.example/v1", "ftp://model.example/v1", "http://[::1/v1"])
def test_a_url_that_cannot_be_asked_is_refused_at_once(base_url: str) -> None:
    with pytest.raises(ConfigError, match="base URL"):
        ControlPlane(endpoint(base_url), proxies={})


async def test_a_list_that_goes_round_in_circles_is_left() -> None:
    with FaultServer([json_reply({"things": [{}], "nextPageToken": "same"})], models=None) as server:
        async with ControlPlane(endpoint(server.base_url), account_id="a", proxies={}) as control:
            with pytest.raises(ServiceBusy, match="circles"):
                async for _ in control.entries("v1/things", "things"):
                    pass

    assert len(server.heard) == 2


async def test_the_account_that_was_given_is_not_asked_for() -> None:
    async with opened(account_id="accounts/other") as (_, server, _, control):
        assert await control.account() == "other"

    assert server.heard == []


async def test_the_account_is_the_one_of_the_key() -> None:
    async with opened(account_id=None) as (_, server, _, control):
        assert await control.account() == await control.account() == ACCOUNT

    assert [heard.path for heard in server.heard] == ["/verifyApiKey"]


async def test_else_it_is_the_only_one() -> None:
    assert await found(["accounts/one"]) == "one"


async def test_of_several_accounts_none_is_guessed() -> None:
    with pytest.raises(ConfigError, match="PAGELAKE_ACCOUNT_ID; the key reaches one, two"):
        await found(["accounts/one", "accounts/two"])


async def test_no_account_is_asked_for() -> None:
    with pytest.raises(ConfigError, match="PAGELAKE_ACCOUNT_ID"):
        await found([])


async def found(names: list[str]) -> str:
    """The account, at a service that does not say which one the key is of."""

    def answer(heard: Heard) -> Reply:
        if heard.path == "/verifyApiKey":
            return json_reply({"detail": "Not Found"}, status=404)
        return json_reply({"accounts": [{"name": name} for name in names]})

    with FaultServer(answer, models=None) as server:
        async with ControlPlane(endpoint(server.base_url), proxies={}) as control:
            return await control.account()


@pytest.mark.parametrize(
    "fault",
    [
        *(refusal(status, f"bad key {KEY}, Bearer {KEY}") for status in KINDS),
        html(503),
        hang_up(),
        garbage(),
        reset(json_reply({"x": KEY})),
    ],
)
async def test_the_key_is_in_no_message_repr_log_or_traceback_with_its_variables(
    fault: Reply, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    with FaultServer([fault], models=None) as server:
        async with ControlPlane(
            endpoint(server.base_url, key=KEY), account_id="a", retries=QUICK, proxies={}
        ) as control:
            with pytest.raises(PagelakeError) as caught:
                await control.call("POST", "v1/accounts/a/datasets", body={})
            shown = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
            ours = [frame for frame in shown.format() if "fault = " not in frame]

    assert KEY not in str(caught.value)
    assert KEY not in repr(control)
    assert KEY not in "".join(ours)
    assert KEY not in caplog.text


def _unquoted(asked: dict[str, str]) -> dict[str, str]:
    return {name: unquote_plus(text) for name, text in asked.items()}
