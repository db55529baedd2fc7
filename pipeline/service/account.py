"""The account behind a key: whether it may work, its quotas, and what it has used and been billed."""

from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import date, timedelta
from typing import Annotated, ClassVar

from pipeline.service.control import ControlPlane
from pipeline.service.names import bare_account
from pipeline.service.wire import (
    Moment,
    Money,
    Named,
    Status,
    Wire,
    objects,
    read,
    without,
)

_SPAN_DAYS = 31
"""Most days that the service sums usage over at once."""

_SUSPENSIONS = {
    "FAILED_PAYMENTS": "a payment failed: correct how it pays",
    "CREDIT_DEPLETED": "its credit is used up: buy more",
    "MONTHLY_SPEND_LIMIT_EXCEEDED": "its limit for the month is reached: raise it or wait for the next month",
    "BLOCKED_BY_ABUSE_RULE": "the service has blocked it for abuse: ask its support",
}


class Account(Named):
    """An account as the service describes it.

    Attributes:
        name: `accounts/<id>`.
        suspend_state: `UNSUSPENDED`, or why it may not work.
    """

    what: ClassVar[str] = "account"

    display_name: str = ""
    email: str = ""
    state: Annotated[str, without("STATE_")] = "UNSPECIFIED"
    status: Status = Status()
    account_type: Annotated[str, without("ACCOUNT_TYPE_")] = "UNSPECIFIED"
    suspend_state: Annotated[str, without("SUSPEND_STATE_")] = "UNSUSPENDED"
    create_time: Moment = None
    update_time: Moment = None

    @property
    def suspension(self) -> str | None:
        """Why the account may not work and what to do, in one sentence; None when it may."""
        if self.suspend_state in {"UNSUSPENDED", "UNSPECIFIED"}:
            return None
        why = _SUSPENSIONS.get(self.suspend_state, self.suspend_state.lower().replace("_", " "))
        return f"account {self.id} is suspended, {why}"


class Quota(Named):
    """A limit of the account.

    Attributes:
        name: `accounts/<account>/quotas/<id>`, such as `monthly-spend-usd`.
        value: What is enforced.
        max_value: What the value may be raised to.
        usage: How much of it is used.
    """

    what: ClassVar[str] = "quota"

    value: int = 0
    max_value: int = 0
    usage: float = 0.0
    update_time: Moment = None


class BilledLine(Wire):
    """A line of the bill.

    Attributes:
        grouping: Kind and name of what it is for, such as `model` and the model's name.
        quantity: How much of it, in units of the category.
    """

    what: ClassVar[str] = "line of a bill"

    category: str = ""
    grouping_key: str = ""
    grouping_value: str = ""
    secondary_grouping_key: str = ""
    secondary_grouping_value: str = ""
    quantity: float = 0.0
    unit_amount: Money = Money()
    total_cost: Money = Money()

    @property
    def is_batch(self) -> bool:
        """Whether it is for batch jobs."""
        return self.secondary_grouping_key == "is_batch" and self.secondary_grouping_value.lower() == "true"


class ServerlessUsage(Wire):
    """Tokens that models without a deployment of one's own used in one day."""

    what: ClassVar[str] = "usage"

    prompt_tokens: int = 0
    completion_tokens: int = 0
    start_time: Moment = None
    end_time: Moment = None
    group: Mapping[str, str] = {}


class DedicatedUsage(Wire):
    """Seconds that a deployment of one's own was up in one day."""

    what: ClassVar[str] = "usage"

    deployment_id: str = ""
    accelerator_type: str = ""
    accelerator_seconds: int = 0
    base_model: str = ""
    start_time: Moment = None
    end_time: Moment = None
    group: Mapping[str, str] = {}


async def accounts(control: ControlPlane) -> AsyncIterator[Account]:
    """Every account that the key reaches.

    Raises:
        ServiceError: There is no list.
    """
    async for entry in control.entries("v1/accounts", "accounts"):
        yield read(Account, entry)


async def get_account(control: ControlPlane, account: str | None = None) -> Account:
    """An account, by its id or name; None for the one that is worked with.

    Raises:
        NotFound: There is none.
        ServiceError: The service does not say; a suspended account may be refused here already.
    """
    bare = bare_account(account) if account else await control.account()
    return read(Account, await control.call("GET", f"v1/accounts/{bare}"))


async def quotas(control: ControlPlane) -> AsyncIterator[Quota]:
    """Every quota of the account.

    Raises:
        ServiceError: There is no list.
    """
    async for entry in control.entries(f"v1/accounts/{await control.account()}/quotas", "quotas"):
        yield read(Quota, entry)


async def get_quota(control: ControlPlane, quota: str) -> Quota:
    """A quota, by its id or full name.

    Raises:
        NotFound: There is none.
        ServiceError: The service does not say.
    """
    return read(Quota, await control.call("GET", f"v1/{await control.name('quotas', quota)}"))


async def billed(control: ControlPlane, start: date, end: date) -> list[BilledLine]:
    """What the account was billed for, from `start` until the day before `end`, in UTC.

    Raises:
        ServiceError: The service does not say.
    """
    path = f"v1/accounts/{await control.account()}/billing/summary"
    query = {"startTime": _midnight(start), "endTime": _midnight(end)}
    return [
        read(BilledLine, line) for line in objects(await control.call("GET", path, query=query), "lineItems")
    ]


async def serverless_usage(
    control: ControlPlane, start: date, end: date, *, group_by: str = "model_name"
) -> list[ServerlessUsage]:
    """Tokens of each day and group, from `start` until the day before `end`, in UTC.

    Args:
        control: The service.
        start: The first day.
        end: The day after the last; any number of days.
        group_by: `model_name`, `api_key_id`, or `annotations.` and `team`, `project` or `environment`.

    Raises:
        ServiceError: The service does not say.
    """
    found = await _usage(control, start, end, {"usageType": "SERVERLESS", "groupBy": group_by})
    return [read(ServerlessUsage, one) for answer in found for one in objects(answer, "serverlessCosts")]


async def dedicated_usage(
    control: ControlPlane, start: date, end: date, *, group_by: str = "deployment_name"
) -> list[DedicatedUsage]:
    """Seconds of each day and `deployment_name`, or `accelerator_type`; otherwise as `serverless_usage`."""
    found = await _usage(control, start, end, {"usageType": "DEDICATED_DEPLOYMENT", "groupBy": group_by})
    return [read(DedicatedUsage, one) for answer in found for one in objects(answer, "dedicatedCosts")]


async def _usage(
    control: ControlPlane, start: date, end: date, query: dict[str, str]
) -> list[dict[str, object]]:
    path = f"v1/accounts/{await control.account()}/billingUsage"
    return [
        await control.call(
            "GET", path, query={"startTime": _midnight(first), "endTime": _midnight(last), **query}
        )
        for first, last in _spans(start, end)
    ]


def _spans(start: date, end: date) -> Iterator[tuple[date, date]]:
    """The days in pieces that the service sums over."""
    while start < end:
        last = min(start + timedelta(days=_SPAN_DAYS), end)
        yield start, last
        start = last


def _midnight(day: date) -> str:
    return f"{day.isoformat()}T00:00:00Z"
