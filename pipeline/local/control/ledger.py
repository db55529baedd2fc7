"""What was really answered, hour by hour: the tokens that quotas and billing speak of."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import BaseModel, TypeAdapter, ValidationError

from pipeline.errors import ConfigError
from pipeline.local.control.folder import write_whole
from pipeline.local.control.pace import Pace

_MINUTE = timedelta(minutes=1)


class Used(BaseModel):
    """The answers of one hour, by one road, to one model.

    Attributes:
        hour: Its beginning.
        model: As it was asked for.
        is_batch: Whether by a batch job.
        requests: Answers.
        prompt_tokens: Their sum.
        completion_tokens: Their sum.
    """

    hour: datetime
    model: str
    is_batch: bool
    requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Lately:
    """The online answers of the last 60 seconds.

    Attributes:
        requests: How many.
        prompt_tokens: Their sum.
        completion_tokens: Their sum.
    """

    requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0


_USED = TypeAdapter(list[Used])


class Ledger:
    """Keeps count, in a file.

    Args:
        path: The file.
        pace: Says what time it is.

    Raises:
        ConfigError: The file is there and is not one of these.
    """

    def __init__(self, path: Path, pace: Pace) -> None:
        self._path, self._pace = path, pace
        self._lately: deque[tuple[datetime, int, int]] = deque(maxlen=100_000)
        self._known = {(used.hour, used.model, used.is_batch): used for used in _read(path)}

    def __iter__(self) -> Iterator[Used]:
        return iter(self._known.values())

    def note(self, model: str, prompt_tokens: int, completion_tokens: int, *, is_batch: bool) -> None:
        """One more answer."""
        now = self._pace.clock()
        hour = now.replace(minute=0, second=0, microsecond=0)
        used = self._known.setdefault(
            (hour, model, is_batch), Used(hour=hour, model=model, is_batch=is_batch)
        )
        used.requests += 1
        used.prompt_tokens += prompt_tokens
        used.completion_tokens += completion_tokens
        if not is_batch:
            self._lately.append((now, prompt_tokens, completion_tokens))
        write_whole(self._path, _USED.dump_json(list(self._known.values())))

    def last_minute(self) -> Lately:
        """What was answered online lately."""
        since = self._pace.clock() - _MINUTE
        while self._lately and self._lately[0][0] < since:
            self._lately.popleft()
        prompt = sum(tokens for _, tokens, _ in self._lately)
        return Lately(len(self._lately), prompt, sum(tokens for _, _, tokens in self._lately))


def _read(path: Path) -> list[Used]:
    try:
        return _USED.validate_json(path.read_bytes())
    except FileNotFoundError:
        return []
    except (OSError, ValidationError) as error:
        raise ConfigError(f"{path} is no count of answers; take it away") from error
