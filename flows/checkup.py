"""Whether everything a run needs is there: one line a check, and what to do where it is not."""

import os
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from flows import engine
from flows.environment import loaded_settings
from flows.findings import Finding, broken, doubtful, ok
from flows.orchestrator import Orchestrator, configured_api
from flows.probe import built_in_page
from flows.service_checkup import service
from pipeline.errors import ConfigError, PagelakeError, ServiceError
from pipeline.records import PageImage, Source
from pipeline.render.sizing import ImageOptions
from pipeline.render.workers import Rasterizer, RenderLimits
from pipeline.service.client import Client, Endpoint, Timeouts
from pipeline.service.transport import Call
from pipeline.settings import Settings
from pipeline.sources import identify

_ENOUGH_BYTES = 1 << 30
_WELL, _LOCKED = 200, {401, 403}
_QUICK = Timeouts(connect_s=5, read_s=5, write_s=5, total_s=10)


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
        yield broken("settings", str(error), "pagelake settings shows all of them")
        return
    yield ok("settings", f"{engine.in_words(settings)} answers")
    yield _disk(lake)
    yield await prefect(os.environ)
    try:
        image, seconds = await _drawn(settings)
    except PagelakeError as error:
        yield broken("drawing", str(error), "look for a lack of memory, or raise PAGELAKE_RENDER_TIMEOUT_S")
        return
    yield ok("drawing", f"PDFium draws the built-in page in {seconds:.1f} s, {len(image.data) / 1000:.0f} kB")
    async for finding in service(settings, image, asking=asking):
        yield finding


def _disk(lake: Path) -> Finding:
    place = next(folder for folder in (lake.absolute(), *lake.absolute().parents) if folder.exists())
    free = shutil.disk_usage(place).free
    said = f"{free / (1 << 30):.1f} GiB free at {place}"
    if not os.access(place, os.W_OK):
        return broken("disk", f"{place} cannot be written", "choose another --out")
    if free < _ENOUGH_BYTES:
        return doubtful("disk", said, "make room, or choose another --out")
    return ok("disk", said)


async def prefect(environ: Mapping[str, str]) -> Finding:
    """Whether the API that runs would be reported to under this environment says that it is well."""
    url = configured_api(environ)
    if not url:
        return ok("prefect", "no API is configured: runs go without it, or start a server of their own")
    host = Orchestrator(url=url).host
    try:
        async with Client(Endpoint(base_url=url, api_key=None), _QUICK) as client:
            status = (await client.exchange(Call(method="GET", path="health"))).status
    except (ConfigError, ServiceError) as error:
        return broken("prefect", str(error), "start it (prefect server start), or run with --no-prefect")
    if status == _WELL:
        return ok("prefect", f"its API answers at {host}")
    if status in _LOCKED:
        return ok("prefect", f"something at {host} wants a key, which runs take from Prefect's own settings")
    return doubtful(
        "prefect", f"{host} does not answer as Prefect does ({status})", "correct PREFECT_API_URL"
    )


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
