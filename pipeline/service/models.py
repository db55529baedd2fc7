"""The models that a service offers."""

import json
import random
import time
from dataclasses import dataclass

from pipeline.errors import ServiceBusy
from pipeline.service.asking import ask
from pipeline.service.client import Client
from pipeline.service.gate import Gate
from pipeline.service.pace import Pace
from pipeline.service.retry import Retries
from pipeline.service.transport import Reply

PATH = "models"


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


async def image_models(client: Client, *, retries: Retries | None = None) -> list[ModelCard]:
    """The models that read images, and those that may, in the order of the service's list.

    Args:
        client: The service.
        retries: How often and how patiently to ask; None asks as for a page.

    Raises:
        ServiceError: There is no list.
        ConfigError: The service cannot be asked at its URL.
    """

    async def exchange() -> list[ModelCard]:
        return read_models(await client.get(PATH))

    gate = Gate(Pace(1, clock=time.monotonic, dice=random.random))
    cards, _ = await ask(exchange, gate=gate, retries=retries or Retries())
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
