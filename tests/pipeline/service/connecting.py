"""A fault server with a client of it."""

import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pydantic import SecretStr

from pipeline.service.client import Client, Endpoint, Timeouts
from pipeline.service.gate import Gate
from pipeline.service.pace import Pace
from tests.servers import Answer, FaultServer

KEY = "fw_test0123456789abcdef"


def endpoint(base_url: str, *, key: str | None = KEY, allow_plain_http: bool = False) -> Endpoint:
    secret = SecretStr(key) if key else None
    return Endpoint(base_url=base_url, api_key=secret, allow_plain_http=allow_plain_http)


def open_gate(ceiling: int = 64) -> Gate:
    return Gate(Pace(ceiling, clock=time.monotonic, dice=random.random))


@asynccontextmanager
async def connected(
    answer: Answer, timeouts: Timeouts | None = None
) -> AsyncIterator[tuple[FaultServer, Client]]:
    with FaultServer(answer) as server:
        async with Client(endpoint(server.base_url), timeouts, proxies={}) as client:
            yield server, client
