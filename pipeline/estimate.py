"""What a run would ask and cost, found from page sizes alone: nothing is drawn, nothing is sent."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from pipeline.config import RunConfig
from pipeline.cost import Road, image_tokens, text_tokens
from pipeline.errors import Category, DocumentError
from pipeline.fetched import Fetched, fetching
from pipeline.planning import Duplicate, Planned, Planner, Reused, ToWork, Unusable
from pipeline.records import Failure, Stage, Usage, printable
from pipeline.render.sizing import estimated_bytes, fit_page
from pipeline.render.workers import Rasterizer
from pipeline.requests import Question, custom_id
from pipeline.shard import named_failure
from pipeline.store.ledger import Ledger
from pipeline.store.listing import Listing
from pipeline.summary import FailedDocument, Plan
from pipeline.windows import encoded_bytes


async def plan(config: RunConfig) -> Plan:
    """What `pipeline.run.process` would do with the same configuration.

    Raises:
        ConfigError: What is asked for is impossible.
        StoreError: The lake cannot be read.
    """
    ledger = Ledger.load(config.lake, config.record.name)
    listing = Listing.load(config.lake, config.record.name)
    with fetching() as fetched:
        return await _planned(config, ledger, listing, fetched)


async def _planned(config: RunConfig, ledger: Ledger, listing: Listing, fetched: Fetched) -> Plan:
    async with Rasterizer(config.images, config.limits, config.passwords, fetched.at_hand) as rasterizer:
        planner = Planner(
            sources=config.sources,
            fetched=fetched,
            pages=rasterizer,
            ledger=ledger,
            listing=listing,
            question_id=config.question_id(),
            limit=config.limit,
            max_bytes=config.max_file_bytes,
            selection=config.pages,
            rehash=config.rehash,
        )
        estimate = _Estimate(config, rasterizer, ledger, config.question())
        async for entry in planner.planned():
            await estimate.add(entry)
    found = planner.look.conclude(whole=planner.whole, accept=config.accept_removed)
    planned = estimate.plan(skipped=[(printable(one.path), one.reason) for one in planner.skipped])
    return planned.model_copy(update={"files": found.changes})


@dataclass(slots=True)
class _Estimate:
    """Adds up what each entry would take."""

    config: RunConfig
    rasterizer: Rasterizer
    ledger: Ledger
    question: Question
    done: int = 0
    to_work: int = 0
    duplicates: int = 0
    pages: int = 0
    images: int = 0
    requests: int = 0
    prompt_tokens: int = 0
    image_bytes: int = 0
    unusable: list[FailedDocument] = field(default_factory=list)

    async def add(self, entry: Planned) -> None:
        match entry:
            case ToWork():
                await self._add_work(entry)
            case Unusable(path=path, failure=failure):
                self.unusable.append(named_failure(path, failure))
            case Duplicate():
                self.duplicates += 1
            case Reused():
                self.done += 1

    async def _add_work(self, entry: ToWork) -> None:
        selection = self.config.pages
        numbers = [n for n in range(1, entry.page_count + 1) if selection is None or n in selection]
        try:
            measured = await self.rasterizer.measure(entry.document, numbers)
        except DocumentError as error:
            self._add_unusable(entry, error.category, str(error))
            return
        sizes = {number: size for number, size in zip(numbers, measured, strict=True) if size is not None}
        if missing := tuple(number for number in numbers if number not in sizes):
            self._add_unusable(entry, Category.CORRUPT, "the file claims pages that cannot be found", missing)
        self.to_work += 1
        self.pages += len(numbers)
        asked = [page for window in self._unanswered(entry.document.doc_id, list(sizes)) for page in window]
        self.images += len(asked)
        images = [fit_page(*sizes[n], self.config.images) for n in asked]
        self.prompt_tokens += sum(image_tokens(*image) for image in images)
        self.image_bytes += sum(
            encoded_bytes(estimated_bytes(*image, self.config.images)) for image in images
        )

    def _add_unusable(
        self, entry: ToWork, category: Category, message: str, pages: tuple[int, ...] = ()
    ) -> None:
        failure = Failure(stage=Stage.RENDER, category=category, message=message, pages=pages)
        self.unusable.append(named_failure(entry.document.path, failure))

    def _unanswered(self, doc_id: str, numbers: Sequence[int]) -> list[Sequence[int]]:
        """The pages of each request that the lake has no answer to, if no page is blank or very large."""
        whole = self.config.record.unit == "document"
        most = self.config.windows.max_images if whole else 1
        windows = [numbers[start : start + most] for start in range(0, len(numbers), most)]
        partial = whole and len(windows) > 1
        digest, known = self.question.digest, self.ledger.answers_of([doc_id])[doc_id]
        left = [pages for pages in windows if custom_id(digest, doc_id, pages, partial=partial) not in known]
        self.requests += len(left)
        return left

    def plan(self, *, skipped: list[tuple[str, str]]) -> Plan:
        prompt_tokens = self.prompt_tokens + self.requests * text_tokens(self.question.text_bytes())
        completion_tokens = self.requests * self.config.sampling.max_tokens
        return Plan(
            schema_name=self.config.record.name,
            model=self.config.model,
            documents=self.to_work + self.done,
            documents_done=self.done,
            duplicates=self.duplicates,
            pages=self.pages,
            images=self.images,
            requests=self.requests,
            prompt_tokens=prompt_tokens,
            completion_tokens=completion_tokens,
            dataset_bytes=self.image_bytes + self.requests * self.question.text_bytes(),
            engine=self.config.engine,
            cost=self._cost(prompt_tokens, completion_tokens, "online"),
            cost_batch=self._cost(prompt_tokens, completion_tokens, "batch"),
            unusable=self.unusable,
            skipped=skipped,
        )

    def _cost(self, prompt_tokens: int, completion_tokens: int, road: Road) -> tuple[float, float] | None:
        """From what the prompt costs alone to what it costs with answers as long as they may be."""
        if self.config.prices is None:
            return None
        shortest = Usage(prompt_tokens=prompt_tokens)
        longest = Usage(prompt_tokens=prompt_tokens, completion_tokens=completion_tokens)
        least, most = (self.config.prices.of(usage, road) for usage in (shortest, longest))
        return float(least), float(most)
