"""What a lake counted beside what the service counted and billed, with what a difference may come from."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from decimal import Decimal
from pathlib import Path

from pipeline.batch.job import JobFolder
from pipeline.service.account import BilledLine, ServerlessUsage, billed, serverless_usage
from pipeline.service.control import ControlPlane
from pipeline.service.names import last_segment
from pipeline.store.spent import Spent, spent_in

_DAY = timedelta(days=1)
_ROUNDING = Decimal("0.000001")  # dollars: the service tells them in billionths
_OWN_DEPLOYMENT = "a deployment of one's own is billed by the second"
_OTHERS = "the account was used otherwise, or answers were lost or have not come yet"
_LATE = "the service counts later, or another account or key was used"


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens of prompts, the cached ones included, and of answers."""

    prompt: int = 0
    completion: int = 0

    def __add__(self, other: "Tokens") -> "Tokens":
        return Tokens(self.prompt + other.prompt, self.completion + other.completion)

    @property
    def total(self) -> int:
        """All of them."""
        return self.prompt + self.completion


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenLine:
    """Tokens of one model on one day in UTC.

    Attributes:
        lake: As the answers of the lake say.
        service: As the service counts them; None where it names no use of the model.
        reason: What a difference may come from; empty when there is none.
    """

    day: date
    model: str
    lake: Tokens
    service: Tokens | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DollarLine:
    """US dollars for one model by one road, on all the days together.

    Attributes:
        lake: By the prices that were set when the answers came.
        service: As billed; None where the bill does not name it.
        reason: What a difference may come from; empty when there is none.
    """

    model: str
    road: str
    lake: Decimal
    service: Decimal | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """Both counts side by side.

    Attributes:
        account: Whose use it is at the service.
        elsewhere: Tokens that the service counts on the same days for models that the lake has not asked.
    """

    account: str
    tokens: list[TokenLine]
    dollars: list[DollarLine]
    elsewhere: int


async def reconcile(control: ControlPlane, lake: Path) -> Reconciliation:
    """What the answers of a lake used and cost, beside what the service says for the days they came on.

    Raises:
        ConfigError: It is not a lake.
        StoreError: It cannot be read.
        ServiceError: The service does not say, or not to this key.
    """
    counted = spent_in(lake, ("day", "model", "road"))
    used: list[ServerlessUsage] = []
    bill: list[BilledLine] = []
    for first, last in spans(days_of(counted, _made(lake))):
        used += await serverless_usage(control, first, last)
        bill += await billed(control, first, last)
    tokens, elsewhere = compare_tokens(counted, used)
    return Reconciliation(
        account=await control.account(),
        tokens=tokens,
        dollars=compare_dollars(counted, bill, tokens),
        elsewhere=elsewhere,
    )


def _made(lake: Path) -> list[date]:
    """The days on which batch jobs of a lake were made."""
    jobs = [folder.load() for folder in JobFolder.all(lake)]
    return [job.created_at.astimezone(UTC).date() for job in jobs if job.created_at]


def days_of(counted: Sequence[Spent], made: Iterable[date]) -> set[date]:
    """The days on which answers came, and those on which jobs whose answers came later may have been worked.

    Args:
        counted: By day, model and road.
        made: When batch jobs were.
    """
    days = {date.fromisoformat(spent.of[0]) for spent in counted}
    batch = sorted(date.fromisoformat(spent.of[0]) for spent in counted if spent.of[2] == "batch")
    for day in made:
        last = next((one for one in batch if one >= day), day)
        days |= {day + _DAY * number for number in range((last - day).days + 1)}
    return days


def spans(days: Iterable[date]) -> Iterator[tuple[date, date]]:
    """Days that follow one another as their first day and the day after their last, in order."""
    left = sorted(set(days), reverse=True)
    while left:
        first = last = left.pop()
        while left and left[-1] == last + _DAY:
            last = left.pop()
        yield first, last + _DAY


def compare_tokens(counted: Sequence[Spent], used: Iterable[ServerlessUsage]) -> tuple[list[TokenLine], int]:
    """A line for each model of the lake and day with use of it, and the tokens of models it has not asked.

    Args:
        counted: The lake's, by day, model and road.
        used: The service's, by day and model.
    """
    lake: dict[tuple[date, str], Tokens] = defaultdict(Tokens)
    for spent in counted:
        key = date.fromisoformat(spent.of[0]), spent.of[1]
        lake[key] += Tokens(spent.prompt_tokens, spent.completion_tokens)
    service: dict[tuple[date, str], Tokens] = defaultdict(Tokens)
    elsewhere, models = 0, {model for _, model in lake}
    for usage in used:
        tokens = Tokens(usage.prompt_tokens, usage.completion_tokens)
        model = _meant(next(iter(usage.group.values()), ""), models)
        if model is None or usage.start_time is None:
            elsewhere += tokens.total
        else:
            service[usage.start_time.date(), model] += tokens
    return [_token_line(*key, lake, service) for key in sorted({*lake, *service})], elsewhere


def compare_dollars(
    counted: Sequence[Spent], bill: Iterable[BilledLine], tokens: Sequence[TokenLine]
) -> list[DollarLine]:
    """A line for each model of the lake and road by which it was used.

    Args:
        counted: The lake's, by day, model and road.
        bill: The service's.
        tokens: How their tokens compare.
    """
    lake: dict[tuple[str, str], list[Spent]] = defaultdict(list)
    for spent in counted:
        lake[spent.of[1], spent.of[2]].append(spent)
    service: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    models = {model for model, _ in lake}
    for line in bill:
        model = _meant(line.grouping_value, models) if line.grouping_key == "model" else None
        if model is not None:
            service[model, "batch" if line.is_batch else "online"] += line.total_cost.amount
    differing = {line.model for line in tokens if line.reason}
    keys = sorted({*lake, *service})
    return [_dollar_line(*key, lake.get(key, ()), service.get(key), differing) for key in keys]


def _meant(name: str, models: Iterable[str]) -> str | None:
    """The one of the models that the service calls by a name, which may be the last part alone."""
    alike = [model for model in models if last_segment(model) == last_segment(name)]
    return name if name in alike else alike[0] if len(alike) == 1 else None


def _token_line(
    day: date,
    model: str,
    lake: Mapping[tuple[date, str], Tokens],
    service: Mapping[tuple[date, str], Tokens],
) -> TokenLine:
    ours, theirs = lake.get((day, model), Tokens()), service.get((day, model))
    reason = ""
    if ours != theirs:
        sums = [
            sum(tokens.total for (_, name), tokens in side.items() if name == model)
            for side in (lake, service)
        ]
        reason = _why_tokens(model, ours.total, theirs.total if theirs else 0, moved=sums[0] == sums[1])
    return TokenLine(day=day, model=model, lake=ours, service=theirs, reason=reason)


def _why_tokens(model: str, lake: int, service: int, *, moved: bool) -> str:
    if not service and "/deployments/" in model:
        return _OWN_DEPLOYMENT
    if moved:
        return "the service counts them on another day"
    return _OTHERS if service > lake else _LATE


def _dollar_line(
    model: str, road: str, counted: Sequence[Spent], service: Decimal | None, differing: set[str]
) -> DollarLine:
    lake = sum((spent.cost for spent in counted), Decimal(0))
    reason = ""
    if service is None or abs(lake - service) >= _ROUNDING:
        unpriced = sum(spent.unpriced for spent in counted)
        same = model not in differing
        reason = _why_dollars(model, service, unpriced, same_tokens=same) if counted else _OTHERS
    return DollarLine(model=model, road=road, lake=lake, service=service, reason=reason)


def _why_dollars(model: str, service: Decimal | None, unpriced: int, *, same_tokens: bool) -> str:
    if service is None:
        return _OWN_DEPLOYMENT if "/deployments/" in model else f"it is not on the bill: {_LATE}"
    if unpriced:
        return f"answers that came while no price was set: {unpriced}"
    if not service:
        return "the service bills nothing for it"
    return "the prices that were set are not those of the bill" if same_tokens else "as the tokens differ"
