"""When served runs happen: at the times of a cron line, or at an interval, in a time zone."""

import asyncio
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from pipeline.errors import ConfigError

if TYPE_CHECKING:
    import prefect.schedules

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A cron line or an interval.

    Attributes:
        cron: Five fields, or six with seconds; empty for an interval.
        every: Time between two runs, counted from a Monday at midnight; None for a cron line.
        timezone: Name of the zone that hours are of.
    """

    cron: str = ""
    every: timedelta | None = None
    timezone: str = "UTC"

    @property
    def anchor(self) -> datetime:
        """What intervals are counted from: fixed, so that a restart does not move the times of runs."""
        return datetime(2024, 1, 1, tzinfo=ZoneInfo(self.timezone))

    def __str__(self) -> str:
        """Words for a person."""
        return f"{f'cron {self.cron}' if self.cron else f'every {self.every}'} ({self.timezone})"

    def in_prefect(self) -> "prefect.schedules.Schedule":
        """The same for a deployment."""
        from prefect.schedules import Cron, Interval

        if self.every is None:
            return Cron(self.cron, timezone=self.timezone)
        return Interval(self.every, anchor_date=self.anchor, timezone=self.timezone)

    def coming(self, count: int) -> list[datetime]:
        """The next times, as the Prefect server reckons them; raises ValueError where none ever comes."""
        from prefect.server.schemas.schedules import CronSchedule, IntervalSchedule

        if self.every is None:
            reckoned = CronSchedule(cron=self.cron, timezone=self.timezone).get_dates(count)
        else:
            interval = IntervalSchedule(interval=self.every, anchor_date=self.anchor, timezone=self.timezone)
            reckoned = interval.get_dates(count)
        return list(asyncio.run(reckoned))


def read_schedule(cron: str | None, every: str | None, timezone: str) -> Schedule:
    """The schedule that options of the command ask for.

    Raises:
        ConfigError: They ask for none, for two, or for one that is impossible or never comes.
    """
    if (cron is None) == (every is None):
        raise ConfigError('say when runs begin, by --cron "0 2 * * *" or by --every 6h, one of them')
    zone = _zone(timezone)
    schedule = Schedule(cron=cron or "", every=None if every is None else duration(every), timezone=zone)
    _check(schedule)
    return schedule


def duration(text: str) -> timedelta:
    """The time that a text such as `90s`, `15m`, `6h`, `1d` or `1w` names.

    Raises:
        ConfigError: It names none of at least a second.
    """
    found = re.fullmatch(r"([1-9][0-9]{0,4})([smhdw])", text)
    if not found:
        raise ConfigError(f"--every {text!r}: give a whole number and a unit, such as 90s, 15m, 6h, 1d or 1w")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def _zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (
        OSError,
        ValueError,
        KeyError,
    ) as error:  # no such name, a folder of names, a way out of the folder
        raise ConfigError(
            f"--timezone {name!r} is no time zone: give a name such as UTC or Europe/Berlin"
        ) from error


def _check(schedule: Schedule) -> None:
    try:
        schedule.coming(1)
    except ValueError as error:
        raise ConfigError(
            f"--cron {schedule.cron!r} is no cron line, or never comes: give minute, hour, day of the month, "
            'month and day of the week, such as "0 2 * * *" for every night at two'
        ) from error
