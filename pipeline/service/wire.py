"""What the service's answers about datasets, jobs and accounts are made of, read without being strict.

A field that is odd counts as one that is missing; only what has no name, or is no object, is refused.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    field_validator,
    model_validator,
)
from pydantic.alias_generators import to_camel

from pipeline.errors import ServiceBusy
from pipeline.service.names import last_segment
from pipeline.service.replies import GRPC_CODES

W = TypeVar("W", bound="Wire")


def _in_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def without(prefix: str) -> BeforeValidator:
    """Reads a value of an enumeration, in any case, with or without its prefix; the rest is UNSPECIFIED."""

    def bare(value: object) -> str:
        text = value.strip().upper().removeprefix(prefix) if isinstance(value, str) else ""
        return text or "UNSPECIFIED"

    return BeforeValidator(bare)


def _code(value: object) -> object:
    if isinstance(value, int):
        return GRPC_CODES[value] if value in range(len(GRPC_CODES)) else "unknown"
    return value.lower() if isinstance(value, str) else value


Moment = Annotated[datetime, AfterValidator(_in_utc)] | None
"""A time in UTC, to the microsecond, of however many digits it came; None for none."""


class Wire(BaseModel):
    """An object that the service sends: keys that are not known are passed over, null is as good as none."""

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        alias_generator=to_camel,
        populate_by_name=True,
        protected_namespaces=(),
        hide_input_in_errors=True,
    )

    what: ClassVar[str] = "object"

    @model_validator(mode="before")
    @classmethod
    def _no_nulls(cls, value: object) -> object:
        if isinstance(value, Mapping):
            return {key: inner for key, inner in value.items() if inner is not None}
        return value

    @field_validator("*", mode="wrap")
    @classmethod
    def _odd_is_missing(
        cls, value: object, reads: ValidatorFunctionWrapHandler, info: ValidationInfo
    ) -> object:
        try:
            return reads(value)
        except ValidationError:
            field = cls.model_fields[info.field_name or ""]
            if field.is_required():
                raise
            return field.get_default()


class Status(Wire):
    """How the service fares with something.

    Attributes:
        code: gRPC's name in lower case; `ok` when all is well.
        message: The service's words.
    """

    code: Annotated[str, BeforeValidator(_code)] = "ok"
    message: str = ""

    @property
    def is_ok(self) -> bool:
        """Whether nothing is wrong."""
        return self.code in {"", "ok"}


class Named(Wire):
    """Something with a name of its own, `accounts/…`."""

    name: Annotated[str, AfterValidator(str.strip)]

    @property
    def id(self) -> str:
        """The last part of its name."""
        return last_segment(self.name)

    @model_validator(mode="after")
    def _has_a_name(self) -> "Named":
        if not self.name:
            raise ValueError("no name")
        return self


class Money(Wire):
    """An amount of money; units and nanos are left out when they are 0."""

    currency_code: str = "USD"
    units: int = 0
    nanos: int = 0

    @property
    def amount(self) -> Decimal:
        """The amount, exactly."""
        return Decimal(self.units) + Decimal(self.nanos).scaleb(-9)


def read(kind: type[W], value: object) -> W:
    """An answer as what it should be.

    Raises:
        ServiceBusy: It is something else.
    """
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        raise ServiceBusy(
            f"the service's answer is no {kind.what}: cut short, or not from the service"
        ) from error


def objects(answer: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    """The objects of a list in an answer; one that is missing is empty."""
    entries = answer.get(key)
    return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
