"""When to stop waiting for batch jobs, so that what they leave can still be asked online in time."""

import math
from datetime import datetime, timedelta

MARGIN = timedelta(minutes=10)
"""For jobs to be stopped, their files to be fetched, and what went wrong to be asked again."""

USUAL_LATENCY_S = 20.0
"""Seconds of a request online where none is known: a page or two, an answer of a thousand tokens."""

_SAFETY = 2.0  # rates are limited, answers are long, remedies are needed


def online_from(ready_by: datetime, requests: int, *, in_flight: int, latency_s: float) -> datetime:
    """The time from which requests have to be asked online to be answered by another.

    Args:
        ready_by: When all is to be answered.
        requests: How many are not.
        in_flight: Requests at the service at once.
        latency_s: Seconds that one takes.
    """
    rounds = math.ceil(requests / max(1, in_flight))
    return ready_by - MARGIN - timedelta(seconds=_SAFETY * rounds * latency_s)
