"""How datasets, jobs, models and accounts are named, and which names are allowed."""

import hashlib
import re

from pipeline.errors import ConfigError

# 1 to 63 of a-z, 0-9 and hyphen; first a letter, last no hyphen: the service's rule for every id.
_ID = re.compile(r"[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")
_LONGEST = 63
# Ids that are only looked up may be of an older rule, but never lead elsewhere in a URL.
_SEGMENT = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_DIGITS = 20  # of a digest in an id: 80 bits


def valid_id(text: str) -> bool:
    """Whether the service lets something be created under this id."""
    return _ID.fullmatch(text) is not None


def checked_id(text: str, what: str = "id") -> str:
    """The same text.

    Raises:
        ConfigError: Nothing can be created under it.
    """
    if not valid_id(text):
        raise ConfigError(
            f"{text!r} cannot be a {what}: 1 to {_LONGEST} of a-z, 0-9 and hyphens, beginning with a letter "
            "and not ending with a hyphen"
        )
    return text


def content_id(prefix: str, *parts: str | bytes) -> str:
    """An id that says what it stands for: the same parts give the same id, in every process.

    Args:
        prefix: How it begins: at most 42 characters, of which the first is a letter.
        parts: All that makes the content what it is, in order.

    Raises:
        ConfigError: No id can begin like that.
    """
    digest = hashlib.sha256()
    for part in parts:
        raw = part.encode() if isinstance(part, str) else part
        digest.update(len(raw).to_bytes(8))  # so that where a part ends makes a difference
        digest.update(raw)
    return checked_id(f"{prefix}-{digest.hexdigest()[:_DIGITS]}")


def bare_account(text: str) -> str:
    """The id of an account, of itself or of its name `accounts/<id>`.

    Raises:
        ConfigError: It is neither.
    """
    bare = text.removeprefix("accounts/")
    if not _SEGMENT.fullmatch(bare):
        raise ConfigError(f"{text!r} cannot be an account: give its id, such as my-company-1a2b")
    return bare


def full_name(account: str, collection: str, text: str) -> str:
    """The name `accounts/<account>/<collection>/<id>` of something that is named by its id or by just that.

    Raises:
        ConfigError: It is neither.
    """
    segments = text.split("/")
    if len(segments) == 1:
        segments = ["accounts", account, collection, text]
    matches = len(segments) == 4 and segments[0] == "accounts" and segments[2] == collection  # noqa: PLR2004 - as above
    if not matches or not all(_SEGMENT.fullmatch(segment) for segment in segments):
        raise ConfigError(
            f"{text!r} names none of the {collection}: give its id, or accounts/…/{collection}/…"
        )
    return "/".join(segments)


def model_and_deployment(text: str) -> tuple[str, str]:
    """A model, and the deployment of it that is to answer: of `model#accounts/…/deployments/…` both.

    Without a hash sign the second is empty; the name of a deployment alone is as good as that of a model.

    Raises:
        ConfigError: A hash sign stands there without one of the two.
    """
    model, hash_sign, deployment = text.partition("#")
    segments = deployment.split("/")
    if hash_sign and not (model and all(_SEGMENT.fullmatch(segment) for segment in segments)):
        raise ConfigError(
            f"{text!r} names no deployment: a model, #, and accounts/…/deployments/… are wanted"
        )
    return model, deployment


def last_segment(name: str) -> str:
    """What stands after the last slash."""
    return name.rpartition("/")[2]
