"""Refusals of the control plane: gRPC's codes as JSON, each with its HTTP status."""

from enum import IntEnum

from pipeline.local.protocol import Refusal


class Code(IntEnum):
    """The codes in use here, numbered as gRPC numbers them."""

    OK = 0
    INVALID_ARGUMENT = 3
    NOT_FOUND = 5
    ALREADY_EXISTS = 6
    PERMISSION_DENIED = 7
    RESOURCE_EXHAUSTED = 8
    FAILED_PRECONDITION = 9
    UNIMPLEMENTED = 12
    INTERNAL = 13


_HTTP = {
    Code.INVALID_ARGUMENT: 400,
    Code.NOT_FOUND: 404,
    Code.ALREADY_EXISTS: 409,
    Code.PERMISSION_DENIED: 403,
    Code.RESOURCE_EXHAUSTED: 429,
    Code.FAILED_PRECONDITION: 400,
    Code.UNIMPLEMENTED: 501,
    Code.INTERNAL: 500,
}
"""As gRPC's gateway maps them."""


class Status(Refusal):
    """A refusal of the control plane.

    Args:
        code: What is wrong, in gRPC's words.
        message: The same in a sentence.
        http: The HTTP status where it is not the one that belongs to the code.
    """

    def __init__(self, code: Code, message: str, *, http: int | None = None) -> None:
        super().__init__(http or _HTTP[code], message, code=code.name)
        self.number = int(code)

    def body(self, request_id: str) -> dict[str, object]:  # noqa: ARG002 - this shape does not carry it
        """The reply: a status with a number for its code."""
        return {"code": self.number, "message": str(self), "details": []}


def gone() -> Status:
    """What is asked for is not there."""
    return Status(Code.NOT_FOUND, "resource not found")


def invalid(message: str) -> Status:
    """What was sent makes no sense, whatever the state of things."""
    return Status(Code.INVALID_ARGUMENT, message)
