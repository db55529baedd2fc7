"""Whether the service will do: the key, the account, its limits, the model, and an answer of it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

from flows import engine
from flows.engine import Engine
from flows.findings import Finding, Health, broken, doubtful, ok
from flows.probe import asked
from pipeline.cost import image_tokens
from pipeline.errors import NotFound, PagelakeError, RequestRejected, ServiceError, ServiceRefused
from pipeline.records import PageImage
from pipeline.service.account import Quota, get_account, quotas
from pipeline.service.client import Client
from pipeline.service.control import ControlPlane
from pipeline.service.models import LibraryModel, ModelCard, get_model, image_models
from pipeline.service.names import bare_account, model_and_deployment
from pipeline.service.retry import Retries
from pipeline.settings import Settings

_NEARLY = 0.9
"""Share of a limit from which it is worth a word."""
_HASTY = Retries(attempts=2, backoff_s=0.5, rate_limit_patience_s=10, unanswered_patience_s=10)
_OTHERS = "pagelake models list shows models that read images"


async def service(settings: Settings, image: PageImage, *, asking: bool) -> AsyncIterator[Finding]:
    """Every finding about who answers, as soon as it is made.

    Args:
        settings: What is asked for.
        image: The built-in page.
        asking: Whether the model is asked about it.
    """
    try:
        async with engine.opened(settings) as opened, Client(opened.endpoint) as client:
            has_account = engine.engine_of(settings) == "service" and opened.dialect == "fireworks"
            about = _at_home if has_account else _elsewhere
            is_broken = False
            async for finding in about(client, settings, opened, image):
                is_broken |= finding.health is Health.BROKEN
                yield finding
            if asking and not is_broken:
                yield await asked(client, settings, opened, image, _HASTY)
    except PagelakeError as error:
        yield broken("service", str(error))


async def _elsewhere(
    client: Client, settings: Settings, opened: Engine, image: PageImage
) -> AsyncIterator[Finding]:
    """Of the embedded engine, and of services that speak nothing but chat completions."""
    cards = await _cards(client)
    if isinstance(cards, Finding):
        yield cards
        cards = []
    else:
        if engine.engine_of(settings) == "service":
            yield ok(
                "key", "taken where models are listed" if settings.api_key else "none is set or asked for"
            )
        yield _listed(cards, opened.model)
    context = next((card.context_tokens for card in cards if card.name == opened.model), None)
    yield _limits(settings, opened, image, context)


async def _at_home(
    client: Client, settings: Settings, opened: Engine, image: PageImage
) -> AsyncIterator[Finding]:
    """Of Fireworks and what speaks its dialect."""
    async with engine.control_plane(settings) as control:
        key = await _key(control, settings)
        yield key
        if key.health is not Health.BROKEN:
            yield await _account(control)
            yield await _quotas(control)
        model, context = await _model(client, control, opened.model)
        yield model
        yield _limits(settings, opened, image, context)


async def _key(control: ControlPlane, settings: Settings) -> Finding:
    try:
        account = await control.account_of_key()
    except ServiceRefused as error:
        return broken("key", str(error))
    except ServiceError as error:
        return doubtful("key", f"it could not be checked: {error}", "try again later")
    wanted = settings.account_id and bare_account(settings.account_id)
    if account and wanted and account != wanted:
        told = f"it belongs to account {account}, and {wanted} is set"
        return doubtful("key", told, "correct PAGELAKE_ACCOUNT_ID, or take the key of that account")
    return ok("key", f"it belongs to account {account}" if account else "the service takes it")


async def _account(control: ControlPlane) -> Finding:
    try:
        account = await get_account(control)
    except ServiceRefused as error:
        return broken("account", str(error))
    except PagelakeError as error:
        return doubtful("account", str(error), "set PAGELAKE_ACCOUNT_ID, or go on without")
    if account.suspension:
        return broken("account", account.suspension, "settle it with the service")
    return ok("account", f"{account.id} may work")


async def _quotas(control: ControlPlane) -> Finding:
    try:
        limits = [quota async for quota in quotas(control)]
    except PagelakeError as error:
        return doubtful("quotas", str(error), "a run finds out by itself what the service bears")
    told = ", ".join(f"{quota.id} {quota.usage:g} of {quota.value}" for quota in _nearest(limits))
    if any(_used(quota) >= _NEARLY for quota in limits):
        return doubtful("quotas", f"nearly used up: {told}", "raise the limit, or wait")
    return ok("quotas", f"{len(limits)} limits, none nearly used up" + (f": {told}" if told else ""))


def _nearest(limits: list[Quota]) -> list[Quota]:
    """Those that are nearly used up, else the one that is used most."""
    by_use = sorted(limits, key=_used, reverse=True)
    return [quota for quota in by_use if _used(quota) >= _NEARLY] or [q for q in by_use[:1] if _used(q)]


def _used(quota: Quota) -> float:
    return quota.usage / quota.value if quota.value else 0.0


async def _model(client: Client, control: ControlPlane, name: str) -> tuple[Finding, int | None]:
    """What is known of the model, and its longest prompt and answer together, in tokens."""
    base, deployment = model_and_deployment(name)
    if "/models/" in base:
        try:
            found = await get_model(control, base)
        except NotFound:
            return doubtful("model", f"the service has no model {base}", _OTHERS), None
        except ServiceError as error:
            return broken("model", str(error)), None
        return _fit(found, deployment), found.context_length or None
    cards = await _cards(client)
    return (cards if isinstance(cards, Finding) else _listed(cards, base, deployment)), None


def _fit(model: LibraryModel, deployment: str) -> Finding:
    """Whether a model of the library can be asked about page images."""
    if not model.supports_image_input:
        return doubtful("model", f"the service says that {model.name} reads no images", _OTHERS)
    if not (deployment or model.reads_pages):
        return doubtful("model", f"{model.name} is not served to all", "name a deployment of it: MODEL#NAME")
    until = model.deprecation_date
    if until and not deployment:
        gone = until <= datetime.now(UTC).date()
        return doubtful("model", f"{model.name} {'was' if gone else 'is'} served until {until}", _OTHERS)
    return ok("model", f"{deployment or model.name} reads images")


async def _cards(client: Client) -> list[ModelCard] | Finding:
    """The models that a service lists, or why there is no list."""
    try:
        return await image_models(client, retries=_HASTY)
    except RequestRejected as error:
        return doubtful("model", str(error), "the service may have no list of models, which does no harm")
    except ServiceRefused as error:
        return broken("model", str(error))
    except ServiceError as error:
        return broken("model", str(error), "try again later, or correct PAGELAKE_BASE_URL")


def _listed(cards: list[ModelCard], name: str, deployment: str = "") -> Finding:
    if any(card.name == name for card in cards):
        told = f"{len(cards)} listed models that read images, or may"
        return ok(
            "model", f"{deployment} answers, of one of {told}" if deployment else f"{name} is one of {told}"
        )
    advice = "if it is no deployment of your own, choose another with --model"
    return doubtful("model", f"{name} is not among the models that the service lists", advice)


def _limits(settings: Settings, opened: Engine, image: PageImage, context: int | None) -> Finding:
    """What one request may be under these settings, beside what the model can hold."""
    page, answer = image_tokens(image.width_px, image.height_px), settings.max_tokens
    told = f"{opened.in_flight} requests at once, each of {settings.max_images} pages at most"
    if context is None:
        return ok("limits", f"{told} and an answer of {answer} tokens")
    fitting = (context - answer) // page
    if fitting < 1:
        told = f"with an answer of {answer} tokens no page fits into the {context} of the model"
        return broken("limits", told, "lower PAGELAKE_MAX_TOKENS or PAGELAKE_LONG_SIDE")
    if fitting < settings.max_images:
        told = f"{settings.max_images} pages and an answer may be more than the {context} tokens of the model"
        return doubtful("limits", told, f"set PAGELAKE_MAX_IMAGES={fitting} for long documents")
    return ok("limits", f"{told} and an answer of {answer} tokens; the model takes {context}")
