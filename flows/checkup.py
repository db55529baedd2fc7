"""Whether everything a run needs is there: one line a check, and what to do where it is not."""

import asyncio
import os
import shutil
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

from pydantic import BaseModel, Field

from flows import engine
from flows.engine import Engine
from flows.environment import loaded_settings
from flows.orchestrator import Orchestrator, configured_api
from pipeline.cost import Prices
from pipeline.dialect import Dialect, answer_form
from pipeline.errors import PagelakeError, RequestRejected, ServiceError
from pipeline.interpret import Interpreter
from pipeline.records import Answer, Completion, PageImage, Source
from pipeline.render.sizing import ImageOptions
from pipeline.render.workers import Rasterizer, RenderLimits
from pipeline.requests import Question, RequestBuilder, Sampling, encode
from pipeline.service.account import get_account, quotas
from pipeline.service.chat import complete
from pipeline.service.client import Client
from pipeline.service.gate import Gate
from pipeline.service.models import image_models
from pipeline.service.names import model_and_deployment
from pipeline.service.pace import Pace
from pipeline.service.retry import Retries
from pipeline.settings import Settings
from pipeline.sources import identify
from pipeline.structured import compile_schema
from schemas.registry import RecordType

_ENOUGH_BYTES = 1 << 30
_NEARLY = 0.9
"""Share of a limit from which it is worth a word."""
_HASTY = Retries(attempts=2, backoff_s=0.5, rate_limit_patience_s=10, unanswered_patience_s=10)
_ORDER_NUMBER, _TOTAL = "K-4711", Decimal("128.40")


class Health(StrEnum):
    """What a check found."""

    OK = "ok"
    DOUBTFUL = "doubtful"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of the result.

    Attributes:
        about: What was looked at.
        health: How it is.
        said: What was found.
        advice: What to do; empty where nothing has to be done.
    """

    about: str
    health: Health
    said: str
    advice: str = ""


class Probe(BaseModel):
    """The order on the built-in page."""

    unit: ClassVar[str] = "document"

    order_number: str | None = Field(None, description="Number of the order")
    total: Decimal | None = Field(None, description="Total of the order", decimal_places=2)


async def examine(lake: Path, *, asking: bool) -> AsyncIterator[Finding]:
    """Every finding, as soon as it is made.

    Args:
        lake: Where a lake is to be written.
        asking: Whether the model is asked about the built-in page; that costs what a small page costs.
    """
    try:
        settings = loaded_settings().settings
        engine.check(settings)
    except PagelakeError as error:
        yield _broken("settings", str(error), "correct it: pagelake settings shows all of them")
        return
    yield _ok("settings", f"{engine.in_words(settings)} answers")
    yield _disk(lake)
    yield await _prefect()
    async for finding in _drawn_and_asked(settings, asking=asking):
        yield finding


def _disk(lake: Path) -> Finding:
    place = next(folder for folder in (lake.absolute(), *lake.absolute().parents) if folder.exists())
    free = shutil.disk_usage(place).free
    said = f"{free / (1 << 30):.1f} GiB free at {place}"
    if not os.access(place, os.W_OK):
        return _broken("disk", f"{place} cannot be written", "choose another --out")
    if free < _ENOUGH_BYTES:
        return _doubtful("disk", said, "make room, or choose another --out")
    return _ok("disk", said)


async def _prefect() -> Finding:
    url = configured_api(os.environ)
    if not url:
        return _ok("prefect", "no API is configured: runs go without it, or start a server of their own")
    host = Orchestrator(url=url).host
    try:
        port = urlsplit(url).port or (443 if url.startswith("https:") else 80)
        connecting = asyncio.open_connection(urlsplit(url).hostname, port)
        _, writer = await asyncio.wait_for(connecting, 5)
    except (OSError, TimeoutError):
        advice = "start it (prefect server start), or run with --no-prefect"
        return _broken("prefect", f"nothing listens at {host}", advice)
    writer.close()
    return _ok("prefect", f"something listens at {host}")


async def _drawn_and_asked(settings: Settings, *, asking: bool) -> AsyncIterator[Finding]:
    try:
        image, seconds = await _drawn(settings)
    except PagelakeError as error:
        yield _broken("drawing", str(error), "look for a lack of memory, or raise PAGELAKE_RENDER_TIMEOUT_S")
        return
    yield _ok("drawing", f"the built-in page is drawn in {seconds:.1f} s, {len(image.data) / 1000:.0f} kB")
    try:
        async with engine.opened(settings) as opened:
            if engine.engine_of(settings) == "service" and opened.dialect == "fireworks":
                yield await _account(settings)
            async for finding in _service(settings, opened, image, asking=asking):
                yield finding
    except PagelakeError as error:
        yield _broken("service", str(error), "")


async def _drawn(settings: Settings) -> tuple[PageImage, float]:
    options = ImageOptions(
        long_side_px=settings.long_side, quality=settings.quality, image_format=settings.image_format
    )
    limits = RenderLimits(
        workers=1, timeout_s=settings.render_timeout_s, memory_bytes=settings.render_memory_mb << 20
    )
    with tempfile.TemporaryDirectory(prefix="pagelake-doctor-") as folder:
        paper = Path(folder) / "probe.pdf"
        paper.write_bytes(built_in_page())
        begun = time.perf_counter()
        async with Rasterizer(options, limits) as rasterizer:
            document = identify(Source(str(paper), paper.stat().st_size))
            return await rasterizer.draw(document, 1), time.perf_counter() - begun


async def _service(
    settings: Settings, opened: Engine, image: PageImage, *, asking: bool
) -> AsyncIterator[Finding]:
    async with Client(opened.endpoint) as client:
        listed = await _model(client, opened.model, opened.dialect)
        yield listed
        if asking and listed.health is not Health.BROKEN:
            yield await _asked(client, settings, opened, image)


async def _account(settings: Settings) -> Finding:
    """Whether the account may work, and how near it is to its limits."""
    try:
        async with engine.control_plane(settings) as control:
            account = await get_account(control)
            limits = [quota async for quota in quotas(control)]
    except PagelakeError as error:
        return _doubtful("account", str(error), "set PAGELAKE_ACCOUNT_ID, or go on without")
    if account.suspension:
        return _broken("account", account.suspension, "settle it with the service")
    near = [quota for quota in limits if quota.value and quota.usage >= _NEARLY * quota.value]
    if near:
        used = ", ".join(f"{quota.id} {quota.usage:g} of {quota.value}" for quota in near)
        return _doubtful("account", f"nearly used up: {used}", "raise the limit, or wait")
    return _ok("account", f"{account.id} may work; {len(limits)} limits, none nearly used up")


async def _model(client: Client, name: str, dialect: Dialect) -> Finding:
    try:
        cards = await image_models(client, retries=_HASTY)
    except RequestRejected as error:
        return _doubtful("model", str(error), "the service may have no list of models, which does no harm")
    except ServiceError as error:
        return _broken("model", str(error), "nothing more can be found out without it")
    model, deployment = model_and_deployment(name) if dialect == "fireworks" else (name, "")
    if deployment and any(card.name == model for card in cards):
        return _ok("model", f"{deployment} is asked for a listed model that reads images, or may")
    if any(card.name == name for card in cards):
        return _ok("model", f"{name} is one of {len(cards)} listed models that read images, or may")
    advice = "if it is no deployment of your own, choose another with --model"
    return _doubtful("model", f"{name} is not among the models that the service lists", advice)


async def _asked(client: Client, settings: Settings, opened: Engine, image: PageImage) -> Finding:
    record = RecordType(
        name="probe", model=Probe, unit="document", instructions="Read the order.", reference="probe"
    )
    question = Question(
        model=opened.model,
        instructions=record.instructions,
        schema=compile_schema(Probe, name=record.name, page_of_items=True),
        sampling=Sampling(max_tokens=settings.max_tokens, reasoning_effort=settings.reasoning_effort),
        image_settings={},
        form=answer_form(settings.response_format, opened.dialect),
        extra=settings.extra_body or {},
    )
    request = RequestBuilder(question).build("probe", [image], 1, partial=False)
    gate = Gate(Pace(1, clock=time.monotonic, dice=lambda: 0.5))
    try:
        completion = await complete(client, lambda: encode(request), gate=gate, retries=_HASTY)
        row = Interpreter(record).row([_answer(completion, opened.model)], "probe")
    except PagelakeError as error:
        return _broken("answer", str(error), "another model may do better: --model")
    return _judged(row, completion, engine.prices(settings, opened.model))


def _answer(completion: Completion, model: str) -> Answer:
    return Answer(
        custom_id="probe",
        schema="probe",
        doc_id="probe",
        pages=(1,),
        partial=False,
        model=model,
        road="online",
        completion=completion,
        cost=None,
        received_at=time.time(),
    )


def _judged(row: dict[str, object], completion: Completion, prices: Prices | None) -> Finding:
    usage = completion.usage
    cost = f", ${prices.of(usage):.5f}" if prices else ""
    spent = f"in {completion.latency_s:.1f} s, {usage.prompt_tokens} + {usage.completion_tokens} tokens{cost}"
    wrong = [
        name for name, true in (("order_number", _ORDER_NUMBER), ("total", _TOTAL)) if row.get(name) != true
    ]
    if not wrong:
        return _ok("answer", f"both values of the built-in page are right, {spent}")
    advice = "compare models with pagelake evaluate, or raise --long-side"
    return _doubtful("answer", f"{' and '.join(wrong)} read wrong, {spent}", advice)


def _ok(about: str, said: str) -> Finding:
    return Finding(about=about, health=Health.OK, said=said)


def _doubtful(about: str, said: str, advice: str) -> Finding:
    return Finding(about=about, health=Health.DOUBTFUL, said=said, advice=advice)


def _broken(about: str, said: str, advice: str) -> Finding:
    return Finding(about=about, health=Health.BROKEN, said=said, advice=advice)


def built_in_page() -> bytes:
    """A PDF of one page, an order with a number and a total."""
    lines = ["PURCHASE ORDER", "", f"Order number: {_ORDER_NUMBER}", "", f"Total: {_TOTAL} EUR"]
    shown = " ".join(f"({line}) Tj T*" for line in lines)
    content = f"BT /F1 22 Tf 28 TL 72 740 Td {shown} ET".encode()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    pdf, offsets = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(pdf))
        pdf += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    start = len(pdf)
    pdf += b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
    pdf += b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(pdf)
