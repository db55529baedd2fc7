"""The running figures of a run, shown while it runs: a live line on a terminal, plain lines on a pipe."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from rich.console import Console, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from flows.beside import beside
from flows.console import counted, dollars, duration, thousands
from pipeline.records import printable
from pipeline.tally import Tally

_NOTES_S = 0.25
_LINES_S = 5.0


@asynccontextmanager
async def shown(tally: Tally, console: Console, *, every_s: float = _LINES_S) -> AsyncIterator[None]:
    """Show the tally on a console for as long as the block runs, and its notes as they come up.

    Args:
        tally: Read, never changed.
        console: Where to; a live display when it is a terminal.
        every_s: Seconds between two plain lines.
    """
    if not console.is_terminal:
        async with beside(_follow(tally, lambda text: _line(console, text), every_s)):
            yield
        return
    with Live(console=console, get_renderable=lambda: view(tally), transient=True):
        async with beside(_follow(tally, lambda text: _line(console, text))):
            yield


async def _follow(tally: Tally, say: Callable[[str], None], every_s: float = float("inf")) -> None:
    said, spoken_at, last = 0, time.monotonic(), ""
    while True:
        for note in tally.notes[said:]:
            say(printable(note))
        said = len(tally.notes)
        if time.monotonic() - spoken_at >= every_s:
            spoken_at, line = time.monotonic(), figures(tally, time.monotonic())
            if line != last:
                say(line)
            last = line
        await asyncio.sleep(min(_NOTES_S, every_s))


def _line(console: Console, text: str) -> None:
    console.print(Text(text), soft_wrap=True)


def view(tally: Tally) -> RenderableType:
    """A bar of the pages with the figures under it."""
    pages = Table.grid(padding=(0, 1))
    total = max(tally.pages_found, 1) if tally.planned else None
    pages.add_row(ProgressBar(total=total, completed=tally.pages_done, width=40), _pages(tally))
    lines = Table.grid()
    lines.add_row(pages)
    lines.add_row(Text(_rest(tally, time.monotonic()), style="dim"))
    return lines


def figures(tally: Tally, now: float) -> str:
    """Everything worth knowing of a running run, in one line.

    Args:
        tally: The run's figures.
        now: `time.monotonic()`.
    """
    return f"{_pages(tally)}, {_rest(tally, now)}"


def _pages(tally: Tally) -> str:
    return f"{tally.pages_done} of {tally.pages_found}{'' if tally.planned else '+'} pages"


def _rest(tally: Tally, now: float) -> str:
    tokens = tally.prompt_tokens + tally.completion_tokens
    parts = [
        f"{tally.failed} failed",
        f"{tally.in_flight} in flight",
        f"{pages_per_second(tally, now):.1f} pages/s",
        f"{thousands(tokens)} tokens",
    ]
    if tally.uploaded_bytes:
        parts.append(f"{tally.uploaded_bytes / 1e6:.1f} MB sent")
    if tally.jobs:
        parts.append(_jobs(tally))
    if tally.cost is not None:
        parts.append(dollars(tally.cost))
    left = seconds_left(tally, now)
    parts += [f"{duration(left)} left"] if left is not None else []
    return ", ".join([*parts, *filter(None, [printable(tally.waiting())])])


def _jobs(tally: Tally) -> str:
    jobs = list(tally.jobs.values())
    done, rows = sum(job.done for job in jobs), sum(job.rows for job in jobs)
    costs = [job.cost for job in jobs if job.cost is not None]
    cost = f", {dollars(float(sum(costs)))}" if costs else ""
    tokens = thousands(sum(job.tokens for job in jobs))
    return f"{counted(len(jobs), 'batch job')}: {done} of {rows} requests, {tokens} tokens{cost}"


def pages_per_second(tally: Tally, now: float) -> float:
    """Pages that were worked in this run, each second so far; pages the lake already held do not count."""
    worked = tally.pages_done - tally.pages_reused
    return max(worked, 0) / max(now - tally.started, 0.001)


def seconds_left(tally: Tally, now: float) -> float | None:
    """Seconds until the last page is done at the speed so far; None while nobody can know."""
    speed = pages_per_second(tally, now)
    if not tally.planned or not speed:
        return None
    return max(tally.pages_found - tally.pages_done, 0) / speed
