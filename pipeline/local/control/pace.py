"""How time passes on the control plane: the clock, the pauses, and timestamps as they go over the wire."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import anyio

PHASE_S = 0.5


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How long things take.

    Attributes:
        phase_s: Seconds that each phase of a batch job lasts at least; the service takes minutes.
        row_s: Seconds that each row of a batch job takes at least.
        clock: The time now, with its zone.
        pause: Waits so many seconds.
    """

    phase_s: float = PHASE_S
    row_s: float = 0.0
    clock: Callable[[], datetime] = _now
    pause: Callable[[float], Awaitable[None]] = anyio.sleep


def stamp(moment: datetime) -> str:
    """RFC 3339 in UTC with microseconds; such texts sort as the moments do."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
