"""The models that a service offers: its OpenAI-style list, and the library of the control plane."""

import json
import random
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, ClassVar

from pydantic import BeforeValidator

from pipeline.errors import ServiceBusy
from pipeline.service.asking import ask
from pipeline.service.client import Client
from pipeline.service.control import ControlPlane
from pipeline.service.gate import Gate
from pipeline.service.names import bare_account, model_and_deployment
from pipeline.service.pace import Pace
from pipeline.service.retry import Retries
from pipeline.service.transport import Reply
from pipeline.service.wire import Moment, Named, Status, read, without

PATH = "models"
PUBLIC = "fireworks"
"""Account of the models that everybody may use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCard:
    """A model as the service lists it.

    Attributes:
        name: What a request names it by.
        takes_images: Whether it reads images; None when the service does not say.
        context_tokens: Longest prompt and answer together, or None when the service does not say.
    """

    name: str
    takes_images: bool | None
    context_tokens: int | None


def lone_pace() -> Pace:
    """A pace for one request after another."""
    return Pace(1, clock=time.monotonic, dice=random.random)


async def image_models(
    client: Client, *, retries: Retries | None = None, pace: Pace | None = None
) -> list[ModelCard]:
    """The models that read images, and those that may, in the order of the service's list.

    Args:
        client: The service.
        retries: How often and how patiently to ask; None asks as for a page.
        pace: One that somebody looks on at; None for one of its own.

    Raises:
        ServiceError: There is no list.
        ConfigError: The service cannot be asked at its URL.
    """

    async def exchange() -> list[ModelCard]:
        return read_models(await client.get(PATH))

    cards, _ = await ask(exchange, gate=Gate(pace or lone_pace()), retries=retries or Retries())
    return [card for card in cards if card.takes_images is not False]


def read_models(reply: Reply) -> list[ModelCard]:
    """Every model of the list; entries without a name are passed over.

    Raises:
        ServiceBusy: The body is no list of models.
    """
    try:
        answer: object = json.loads(reply.body)
    except (ValueError, RecursionError):
        answer = None
    match answer:
        case {"data": [*entries]} | {"models": [*entries]}:
            return [
                _card(entry)
                for entry in entries
                if isinstance(entry, dict) and isinstance(entry.get("id"), str)
            ]
        case _:
            raise ServiceBusy("the service's answer is no list of models: cut short, or not from the service")


def _card(entry: dict[str, object]) -> ModelCard:
    images, context = entry.get("supports_image_input"), entry.get("context_length")
    return ModelCard(
        name=str(entry["id"]),
        takes_images=images if isinstance(images, bool) else None,
        context_tokens=context if isinstance(context, int) and context > 0 else None,
    )


def _day(value: object) -> date | None:
    """A date whose month and day may be 0, for not known: then the earliest that it can be."""
    parts = value if isinstance(value, dict) else {}
    year, month, day = (parts.get(part) or 0 for part in ("year", "month", "day"))
    try:
        return date(year, month or 1, day or 1)
    except (TypeError, ValueError):
        return None


class LibraryModel(Named):
    """A model as the control plane describes it.

    Attributes:
        name: `accounts/<account>/models/<id>`, as requests name it.
        state: `READY` or `UPLOADING`.
        kind: Such as `HF_BASE_MODEL`.
        context_length: Tokens of prompt and answer together; 0 when the service does not say.
        training_context_length: The same where it is trained further.
        default_sampling_params: What is taken for the parameters of a request that it leaves out.
        deprecation_date: When it stops being served to all.
    """

    what: ClassVar[str] = "model"

    display_name: str = ""
    description: str = ""
    state: Annotated[str, without("STATE_")] = "UNSPECIFIED"
    status: Status = Status()
    kind: Annotated[str, without("KIND_")] = "UNSPECIFIED"
    context_length: int = 0
    supports_image_input: bool = False
    supports_tools: bool = False
    supports_serverless: bool = False
    supports_lora: bool = False
    supervised_lora_tunable: bool = False
    training_context_length: int = 0
    default_sampling_params: Mapping[str, float] = {}
    hugging_face_url: str = ""
    deprecation_date: Annotated[date | None, BeforeValidator(_day)] = None
    create_time: Moment = None
    update_time: Moment = None

    @property
    def reads_pages(self) -> bool:
        """Whether it can be asked about page images now, without a deployment of one's own."""
        return self.state == "READY" and self.supports_image_input and self.supports_serverless


async def library_models(
    control: ControlPlane, account: str | None = PUBLIC, *, matching: str = ""
) -> AsyncIterator[LibraryModel]:
    """Every model of an account.

    Args:
        control: The service.
        account: Its id or name; None for one's own.
        matching: Only those, in the syntax of AIP-160, such as `supports_image_input=true`.

    Raises:
        ServiceError: There is no list.
    """
    owner = bare_account(account) if account else await control.account()
    query = {"filter": matching} if matching else {}
    async for entry in control.entries(f"v1/accounts/{owner}/models", "models", query):
        yield read(LibraryModel, entry)


async def get_model(control: ControlPlane, model: str) -> LibraryModel:
    """The model of a full name, or of an id among one's own; what follows # in it names no model.

    Raises:
        NotFound: There is none.
        ServiceError: The service does not say.
    """
    base, _ = model_and_deployment(model)
    return read(LibraryModel, await control.call("GET", f"v1/{await control.name('models', base)}"))
