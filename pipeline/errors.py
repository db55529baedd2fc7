"""Every error pagelake raises on purpose, and the closed list of reasons a page can fail for."""

import errno
from collections.abc import Sequence
from enum import StrEnum


class Category(StrEnum):
    """Why a document, a page or a request gave no record. The list is closed: tables hold nothing else."""

    # the file
    UNREADABLE = "unreadable"
    EMPTY = "empty"
    NOT_A_DOCUMENT = "not_a_document"
    CORRUPT = "corrupt"
    ENCRYPTED = "encrypted"
    WRONG_PASSWORD = "wrong_password"  # noqa: S105 - a category, not a password
    ZERO_PAGES = "zero_pages"
    TOO_LARGE = "too_large"
    TIMEOUT = "timeout"
    CRASHED = "crashed"
    UNSUPPORTED = "unsupported"
    # the service
    SERVICE_BUSY = "service_busy"
    REQUEST_REJECTED = "request_rejected"
    # the answer
    EMPTY_ANSWER = "empty_answer"
    TRUNCATED_ANSWER = "truncated_answer"
    INVALID_ANSWER = "invalid_answer"
    REFUSED = "refused"


REMEDIES: dict[Category, str] = {
    Category.UNREADABLE: "Check that the file still exists and that this user may read it.",
    Category.EMPTY: "The file has no bytes; fetch it again.",
    Category.NOT_A_DOCUMENT: "Only PDF files and images are worked; convert it or leave it out.",
    Category.CORRUPT: "The file is damaged or was cut short; fetch it again or save it anew.",
    Category.ENCRYPTED: "The file needs a password; give it with PAGELAKE_PASSWORD or --password-file.",
    Category.WRONG_PASSWORD: "Correct the password in PAGELAKE_PASSWORD or --password-file.",
    Category.ZERO_PAGES: "The file has no pages; leave it out.",
    Category.TOO_LARGE: "Save the file smaller, or raise the limit: PAGELAKE_MAX_FILE_MB, "
    "PAGELAKE_MAX_MEGAPIXELS or PAGELAKE_RENDER_MEMORY_MB.",
    Category.TIMEOUT: "The page took too long to draw; raise PAGELAKE_RENDER_TIMEOUT_S or simplify the page.",
    Category.CRASHED: "The page crashed the renderer; print the document to a new PDF, or raise "
    "PAGELAKE_RENDER_MEMORY_MB.",
    Category.UNSUPPORTED: "The file uses something that cannot be drawn; convert it to PDF or PNG.",
    Category.SERVICE_BUSY: "The service did not answer in time; run the same command again later.",
    Category.REQUEST_REJECTED: "The service refused this request; the message says why.",
    Category.EMPTY_ANSWER: "The model answered with nothing; raise --max-tokens or try another model.",
    Category.TRUNCATED_ANSWER: "The answer was cut at the token limit; raise --max-tokens.",
    Category.INVALID_ANSWER: "The answer does not fit the schema; loosen the schema or try another model.",
    Category.REFUSED: "The model declined to answer; try another model, or a gentler wording of the schema.",
}


NO_MORE_FILES = frozenset({errno.EMFILE, errno.ENFILE})
"""What the system says when this process, or the whole machine, has too many files and connections open."""

NO_MORE_FILES_ADVICE = (
    "too many files and connections are open: raise the limit of the shell with ulimit -n, or ask for less "
    "at once with --in-flight"
)


class PagelakeError(Exception):
    """Anything that went wrong for a reason a person can act on. The message is one sentence."""

    exit_code = 1


class ConfigError(PagelakeError):
    """The caller asked for something impossible: a misspelt setting, a schema that does not exist."""

    exit_code = 2


class DocumentError(PagelakeError):
    """This file or page cannot be used; others can.

    Attributes:
        category: Which entry of the closed list it is.
    """

    def __init__(self, category: Category, message: str) -> None:
        super().__init__(message)
        self.category = category


class DocumentGivenUp(DocumentError):
    """This page was not tried, since too many before it failed; neither will be those after it."""


class RendererError(PagelakeError):
    """No page can be drawn at all: the worker processes do not start, or do not stay."""


class ServiceError(PagelakeError):
    """The service did not give an answer.

    Attributes:
        attempts: HTTP requests that were made before giving up.
        in_doubt: Whether the request had gone out, so that it may have been answered and charged for.
    """

    attempts: int = 1
    in_doubt: bool = False


class ServiceBusy(ServiceError):
    """The service may answer later: rate limit, overload, time-out, lost connection.

    Attributes:
        status: HTTP status, or None when no response came.
        retry_after_s: Seconds the service asked to wait, or None.
    """

    exit_code = 3

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        retry_after_s: float | None = None,
        in_doubt: bool = False,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.retry_after_s = retry_after_s
        self.in_doubt = in_doubt


class RequestRejected(ServiceError):
    """The service refuses this request and would refuse it again.

    Attributes:
        status: HTTP status.
        code: The service's word for it, such as `failed_precondition`; empty when it has none.
    """

    def __init__(self, message: str, *, status: int, code: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class ImageRefused(RequestRejected):
    """The service cannot use an image of this request.

    Attributes:
        too_large: Whether a smaller one is asked for; else it cannot be decoded.
    """

    def __init__(self, message: str, *, status: int, code: str = "", too_large: bool) -> None:
        super().__init__(message, status=status, code=code)
        self.too_large = too_large


class NotFound(RequestRejected):
    """The service has no such dataset, job or model."""


class AlreadyExists(RequestRejected):
    """The service has something of that name already."""


class ServiceRefused(ServiceError):
    """The service refuses everything from this caller: bad key, suspended account, no such model."""

    exit_code = 3


class ServiceDown(ServiceRefused):
    """The service has answered nobody for so long that waiting on is no use."""


class BudgetSpent(PagelakeError):
    """The run has cost as much as it was allowed to."""

    exit_code = 3


class AnswerInvalid(PagelakeError):
    """An answer came, was paid for, and gives no record.

    Attributes:
        category: EMPTY_ANSWER, TRUNCATED_ANSWER, INVALID_ANSWER or REFUSED.
        broken: Place and rule of each value that does not fit, where the answer was read; a place is
            `line_items[3].amount`, or empty for the whole record.
    """

    def __init__(self, category: Category, message: str, *, broken: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(message)
        self.category = category
        self.broken = tuple(broken)


class StoreError(PagelakeError):
    """Results could not be written to the lake or read back from it."""
