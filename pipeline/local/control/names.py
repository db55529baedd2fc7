"""Resource names: the account, the rule of ids, and how a full name is taken apart."""

import re
import secrets
from typing import Literal

from pipeline.local.control.status import invalid

ACCOUNT = "local"
"""The one account whose key this server knows."""
LIBRARY = "fireworks"
"""The account of the public models."""
EMAIL = "local@localhost"
Collection = Literal["datasets", "batchInferenceJobs", "models", "deployments", "quotas"]
_ID = re.compile(r"[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")
_SUFFIX = "abcdefghijklmnopqrstuvwxyz0123456789"


def full_name(collection: Collection, name: str, account: str = ACCOUNT) -> str:
    """The resource name of an id."""
    return f"accounts/{account}/{collection}/{name}"


def checked_id(value: str, what: str) -> str:
    """The id itself.

    Raises:
        Status: 400, it breaks the rule: 1 to 63 of a-z, 0-9 and -, no digit or - in front, no - at the end.
    """
    if not _ID.fullmatch(value):
        raise invalid(
            f"invalid {what} {value[:80]!r}: 1 to 63 lower-case letters, digits and hyphens, first a letter "
            "and not ending with a hyphen"
        )
    return value


def id_in(name: str, collection: Collection, what: str) -> str:
    """The id at the end of a full resource name of this account.

    Raises:
        Status: 400, it is no full name of such a resource here.
    """
    head, slash, last = name.rpartition("/")
    if not slash or head != f"accounts/{ACCOUNT}/{collection}":
        raise invalid(f"invalid {what} {name[:120]!r}: want accounts/{ACCOUNT}/{collection}/<id>")
    return checked_id(last, what)


def drawn_id(prefix: str) -> str:
    """An id nobody has chosen: the prefix and eight characters."""
    return prefix + "".join(secrets.choice(_SUFFIX) for _ in range(8))
