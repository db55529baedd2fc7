"""Everything a run needs to know before it begins."""

from dataclasses import asdict, dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipeline.cost import Prices
from pipeline.dialect import PLAIN_DELIVERY, AnswerForm, Delivery
from pipeline.remedies import Budgets
from pipeline.render.passwords import NO_PASSWORDS, Passwords
from pipeline.render.sizing import ImageOptions
from pipeline.render.workers import RenderLimits
from pipeline.requests import Question, Sampling, digest_of
from pipeline.selection import PageSelection
from pipeline.service.allowance import Caps
from pipeline.service.client import Endpoint, Timeouts
from pipeline.service.retry import Retries
from pipeline.sources import MAX_BYTES
from pipeline.structured import compile_schema
from pipeline.windows import WindowLimits
from schemas.registry import RecordType


@dataclass(frozen=True, slots=True, kw_only=True)
class RunConfig:
    """Everything a run needs to know.

    Attributes:
        sources: Folders, patterns, files and `@lists`.
        record: What to extract.
        lake: Root folder of the lake.
        endpoint: Where to ask.
        engine: `local` or `service`, for the manifest.
        model: Id of the model to ask.
        passwords: What to try on documents that ask for a password.
        form: What holds an answer to the schema.
        extra: Fields of the user's own that each request has.
        delivery: What the service is told beside the question.
        pages: Which pages to work; None for all.
        limit: At most so many documents; None for all.
        in_flight: Most requests at the service at once.
        caps: Most requests and tokens a minute.
        shard_pages: Pages that are worked and committed together, about.
        max_file_bytes: Largest file to open.
        max_cost: US dollars that the answers of the run may cost; None for no limit. Needs prices.
        explode: Lists of the record type that become tables of their own.
        evolve: Whether records with other columns are brought into the new ones.
        prune: Whether rows of documents that no file holds any more are dropped.
        accept_removed: Whether files are taken to be removed even where most of a source is gone.
        rehash: Whether files are read that are as they were when they were last read.
    """

    sources: tuple[str, ...]
    record: RecordType
    lake: Path
    endpoint: Endpoint
    engine: str
    model: str
    images: ImageOptions = field(default_factory=ImageOptions)
    limits: RenderLimits = field(default_factory=RenderLimits)
    passwords: Passwords = NO_PASSWORDS
    windows: WindowLimits = field(default_factory=WindowLimits)
    sampling: Sampling = field(default_factory=Sampling)
    form: AnswerForm = "json_schema"
    extra: dict[str, Any] = field(default_factory=dict)
    delivery: Delivery = PLAIN_DELIVERY
    budgets: Budgets = field(default_factory=Budgets)
    prices: Prices | None = None
    retries: Retries = field(default_factory=Retries)
    timeouts: Timeouts = field(default_factory=Timeouts)
    pages: PageSelection | None = None
    limit: int | None = None
    in_flight: int = 64
    caps: Caps = field(default_factory=Caps)
    shard_pages: int = 64
    max_file_bytes: int = MAX_BYTES
    max_cost: Decimal | None = None
    explode: tuple[str, ...] = ()
    evolve: bool = False
    prune: bool = False
    accept_removed: bool = False
    rehash: bool = False

    def question(self) -> Question:
        """What is asked of every document.

        Raises:
            ConfigError: The schema cannot be put into the service's subset of JSON Schema.
        """
        whole = self.record.unit == "document"
        schema = compile_schema(self.record.model, name=self.record.name, page_of_items=whole)
        return Question(
            model=self.model,
            instructions=self.record.instructions,
            schema=schema,
            sampling=self.sampling,
            image_settings=asdict(self.images),
            form=self.form,
            extra=self.extra,
        )

    def question_id(self) -> str:
        """Digest of what a document is asked, its selection of pages included."""
        windows = asdict(self.windows) if self.record.unit == "document" else None
        return digest_of([self.question().digest, self.record.unit, str(self.pages or ""), windows])
