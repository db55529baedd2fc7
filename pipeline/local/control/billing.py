"""What the answers used and cost, in the shapes of the billing API: this engine's price is none."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import TypeAdapter, ValidationError
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from pipeline.local.control.ledger import Ledger, Used
from pipeline.local.control.pace import stamp
from pipeline.local.control.paging import parameter
from pipeline.local.control.status import invalid
from pipeline.local.control.wire import Resource, answer

LONGEST_SPAN = timedelta(days=31)
"""Of a question for usage: API reference, billing."""
_FREE = {"currencyCode": "USD"}
_MILLION = 1_000_000
_YEARS = (2000, 2999)
_MOMENT = TypeAdapter(datetime)
_USAGE_TYPES = {"", "USAGE_TYPE_UNSPECIFIED", "SERVERLESS", "DEDICATED_DEPLOYMENT"}
_GROUPS = {"model_name", "api_key_id", "annotations.team", "annotations.project", "annotations.environment"}
_DEDICATED = {"deployment_name", "accelerator_type"}


class Billing:
    """Answers questions about money.

    Args:
        ledger: What was answered.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def summary(self, request: Request) -> Response:
        """GET billing/summary: one line for each model and road, over whole days in UTC."""
        start, end = _span(request.query_params)
        sums: dict[tuple[str, bool], int] = defaultdict(int)
        for used in self._ledger:
            if start.date() <= used.hour.astimezone(UTC).date() < end.date():
                sums[used.model, used.is_batch] += used.prompt_tokens + used.completion_tokens
        return answer({"lineItems": [_line(*key, tokens) for key, tokens in sorted(sums.items())]})

    async def usage(self, request: Request) -> Response:
        """GET billingUsage: tokens by the day."""
        query = request.query_params
        start, end = _span(query)
        if end - start > LONGEST_SPAN:
            raise invalid(f"endTime is more than {LONGEST_SPAN.days} days after startTime")
        kind = parameter(query, "usageType")
        if kind not in _USAGE_TYPES:
            raise invalid(f"usageType is none there is: {kind[:40]!r}")
        zone, group = _zone(parameter(query, "timezone")), _group(query)
        rows = [] if kind == "DEDICATED_DEPLOYMENT" else self._days(start, end, zone, group)
        return answer({"serverlessCosts": rows, "dedicatedCosts": []})

    def _days(self, start: datetime, end: datetime, zone: tzinfo, group: str) -> list[Resource]:
        days: dict[tuple[date, str], list[Used]] = defaultdict(list)
        for used in self._ledger:
            day = used.hour.astimezone(zone).date()
            if start.astimezone(zone).date() <= day < _end_day(end, zone):
                days[day, _group_value(used, group)].append(used)
        return [_day(*key, days[key], zone, group) for key in sorted(days)]


def _line(model: str, is_batch: bool, tokens: int) -> Resource:
    return {
        "category": "Text Completion",
        "groupingKey": "model",
        "groupingValue": model,
        "secondaryGroupingKey": "is_batch",
        "secondaryGroupingValue": str(is_batch).lower(),
        "quantity": tokens / _MILLION,
        "unitAmount": _FREE,
        "totalCost": _FREE,
    }


def _day(day: date, value: str, used: list[Used], zone: tzinfo, group: str) -> Resource:
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    return {
        "promptTokens": str(sum(each.prompt_tokens for each in used)),
        "completionTokens": str(sum(each.completion_tokens for each in used)),
        "startTime": stamp(midnight),
        "endTime": stamp(midnight + timedelta(days=1)),
        "usageType": "TEXT_COMPLETION_INFERENCE_USAGE",
        "group": {group: value},
    }


def _group_value(used: Used, group: str) -> str:
    return {"model_name": used.model, "api_key_id": "local"}.get(group, "")


def _end_day(end: datetime, zone: tzinfo) -> date:
    """The first day that no longer counts: a day that has begun at `end` counts up to it."""
    local = end.astimezone(zone)
    return local.date() if local.time() == datetime.min.time() else local.date() + timedelta(days=1)


def _span(query: QueryParams) -> tuple[datetime, datetime]:
    start, end = _moment(query, "startTime"), _moment(query, "endTime")
    if start >= end:
        raise invalid("startTime is not before endTime")
    return start, end


def _moment(query: QueryParams, name: str) -> datetime:
    text = parameter(query, name)
    if not text:
        raise invalid(f"{name} is required")
    try:
        moment = _MOMENT.validate_python(text)
    except ValidationError:
        raise invalid(f"{name} is not of the form 2026-01-31T00:00:00Z: {text[:40]!r}") from None
    if not _YEARS[0] <= moment.year <= _YEARS[1]:
        raise invalid(f"{name} is not between the years {_YEARS[0]} and {_YEARS[1]}")
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise invalid(f"timezone is none there is: {name[:40]!r}") from None


def _group(query: QueryParams) -> str:
    groups = [*query.getlist("groupBy"), *query.getlist("group_by")]
    if len(groups) > 1 or not set(groups) <= _GROUPS | _DEDICATED:
        raise invalid(f"groupBy is not one of {', '.join(sorted(_GROUPS | _DEDICATED))}")
    return groups[0] if groups and groups[0] in _GROUPS else "model_name"
