"""A job moved on at the service, as far as it goes without waiting for its end.

Whatever is made there has an id that the lake knew before, and is looked up before it is made: so a kill
between any two lines leaves nothing behind that the next start would not find and go on with.
"""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from pipeline.batch.job import BatchJob, JobFolder, Step
from pipeline.errors import AlreadyExists, ConfigError, NotFound, RequestRejected, ServiceRefused
from pipeline.records import printable
from pipeline.service.control import ControlPlane
from pipeline.service.datasets import delete_dataset, get_dataset
from pipeline.service.downloads import download
from pipeline.service.files import Progress, silent
from pipeline.service.job import Job
from pipeline.service.jobs import JobSpec, create_job, delete_job, get_job
from pipeline.service.names import last_segment
from pipeline.service.polling import Polling
from pipeline.service.uploads import MULTIPART_BYTES, put_dataset

_GONE = "DELETED"
_WITHDRAWN = "WITHDRAWN"
_RESUMABLE = {"EXPIRED", "EARLY_STOPPED", "CANCELLED", "COMPLETED"}
_UNMADE = {Step.SEALED, Step.UPLOADED}
_GOING = "DELETING"  # what it has finished may still be on its way into files
_BEGUN = {"RUNNING", "WRITING_RESULTS"}


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """How long a job may take before it is given up here.

    Attributes:
        start: From its making until it runs: a model that cannot be served in batches waits for ever.
        window: From its making to its end, where the service does not say when it expires.
        grace: After that, for a service that is late in saying so.
        output: From the end of a job that has answered until its output is there.
    """

    start: timedelta = timedelta(hours=6)
    window: timedelta = timedelta(hours=24)
    grace: timedelta = timedelta(hours=2)
    output: timedelta = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mover:
    """Moves jobs on.

    Attributes:
        control: The service.
        multipart_bytes: Longest dataset that goes in one request.
        polling: How a dataset is waited for.
        uploaded: Told how many more bytes have gone out.
        now: The time, with its zone.
    """

    control: ControlPlane
    multipart_bytes: int = MULTIPART_BYTES
    deadlines: Deadlines = field(default_factory=Deadlines)
    polling: Polling = field(default_factory=Polling)
    uploaded: Progress = silent
    now: Callable[[], datetime] = _now

    async def move(self, folder: JobFolder, job: BatchJob) -> BatchJob:
        """The job after all that can be done for it now.

        Raises:
            ConfigError: It belongs to another account.
            ServiceError: The service does not go along.
            StoreError: Its file cannot be read, or what came of it not be written.
        """
        if job.step is Step.COLLECTED:
            return job
        job = await self._owned(folder, job)
        if job.cancelled and job.step in _UNMADE:
            job = await self._withdrawn(folder, job)
        if job.step is Step.SEALED:
            job = await self._upload(folder, job)
        if job.step is Step.UPLOADED:
            job = await self._create(folder, job)
        if job.step is Step.RUNNING:
            job = await self._look(folder, job)
        if job.step is Step.OVER and await self._is_unwritten(job):
            job = folder.save(job.model_copy(update={"step": Step.RUNNING}))
        return job

    async def _is_unwritten(self, job: BatchJob) -> bool:
        """Whether there is reason to wait for an output: what is missing would be asked and paid again."""
        if job.state != "COMPLETED" or not job.answered or job.ended_at is None:
            return False
        return self.now() < job.ended_at + self.deadlines.output and not await self._has(job.output_id)

    async def download(self, folder: JobFolder, job: BatchJob) -> None:
        """What a job that is over has written; nothing where that was never made.

        Raises:
            ServiceError: The service does not give it.
            StoreError: It cannot be written.
        """
        folder.drop_output()
        try:
            await download(self.control, job.output_id, folder.output)
        except NotFound:
            folder.drop_output()

    async def condemn(self, folder: JobFolder, job: BatchJob) -> BatchJob:
        """Have the lake remember that nothing more is to come of a job: whoever moves it on keeps to that.

        Raises:
            ConfigError: It belongs to another account.
            ServiceError: The service does not say whose the key is.
        """
        job = await self._owned(folder, job)
        return folder.save(job.model_copy(update={"cancelled": True}))

    async def cancel(self, folder: JobFolder, job: BatchJob) -> BatchJob:
        """Have nothing more come of a job; what it has finished is kept. It may take a while to be over.

        Raises:
            ConfigError: It belongs to another account.
            ServiceError: The service does not go along.
        """
        job = await self.condemn(folder, job)
        if job.step in _UNMADE:
            job = await self._withdrawn(folder, job)
        if job.step is Step.RUNNING:
            await self._delete(job)
        return job

    async def _withdrawn(self, folder: JobFolder, job: BatchJob) -> BatchJob:
        """A job that is cancelled before the lake knows that it was made: it was, or it never will be."""
        if await self._found(job) is None:
            return folder.save(job.model_copy(update={"step": Step.OVER, "state": _WITHDRAWN}))
        return folder.save(job.model_copy(update={"step": Step.RUNNING}))

    async def _delete(self, job: BatchJob) -> None:
        with contextlib.suppress(NotFound):
            await delete_job(self.control, job.job_id)

    async def clean(self, folder: JobFolder, job: BatchJob) -> BatchJob:
        """Delete the datasets of a job whose answers are in the lake.

        Raises:
            ConfigError: It belongs to another account.
            ServiceError: They are still there.
        """
        job = await self._owned(folder, job)
        for dataset in [job.id, *job.output_ids]:
            with contextlib.suppress(NotFound):
                await delete_dataset(self.control, dataset)
        return folder.save(job.model_copy(update={"cleaned": True}))

    async def _owned(self, folder: JobFolder, job: BatchJob) -> BatchJob:
        account = await self.control.account()
        if not job.account:
            return folder.save(job.model_copy(update={"account": account}))
        if job.account != account:
            raise ConfigError(
                f"the batch job {job.id} belongs to the account {job.account}, and the key to {account}: "
                "use a key of the account that made it"
            )
        return job

    async def _upload(self, folder: JobFolder, job: BatchJob) -> BatchJob:
        await put_dataset(
            self.control,
            job.id,
            [folder.lines],
            example_count=job.rows,
            display_name=job.id,
            progress=self.uploaded,
            multipart_bytes=self.multipart_bytes,
            polling=self.polling,
        )
        return folder.save(job.model_copy(update={"step": Step.UPLOADED}))

    async def _create(self, folder: JobFolder, job: BatchJob) -> BatchJob:
        folder.drop_lines()
        made = await self._found(job)
        if made is None and await self._has(job.output_id):  # it was made, and deleted since
            return folder.save(job.model_copy(update={"step": Step.OVER, "state": _GONE}))
        if made is None:
            made = await self._made(job)
        if made is None:
            return folder.save(job.model_copy(update=_in_vain(job)))
        return self._seen(folder, job.model_copy(update={"step": Step.RUNNING}), made)

    async def _found(self, job: BatchJob) -> Job | None:
        try:
            return await get_job(self.control, job.job_id)
        except NotFound:
            return None

    async def _has(self, dataset: str) -> bool:
        try:
            await get_dataset(self.control, dataset)
        except NotFound:
            return False
        return True

    async def _made(self, job: BatchJob) -> Job | None:
        """The job, made; None where it never will be, but another one may."""
        spec = JobSpec(
            model=job.model,
            input_dataset=job.id,
            output_dataset=job.output_id,
            display_name=f"pagelake {job.schema_name}",
            continued_from=job.earlier_job_id or None,
        )
        try:
            return await create_job(self.control, spec, job_id=job.job_id)
        except AlreadyExists:
            return await get_job(self.control, job.job_id)
        except RequestRejected as error:
            if job.continuations or not await self._has(job.id):
                return None
            raise ServiceRefused(
                f"the service does not take the batch job {job.job_id}: {error}; choose a model that it "
                "serves in batches, or --road online"
            ) from error

    async def _look(self, folder: JobFolder, job: BatchJob) -> BatchJob:
        seen = await self._found(job)
        if seen is None:
            return folder.save(job.model_copy(update={"step": Step.OVER, "state": _GONE}))
        job = self._seen(folder, job, seen)
        if job.step is not Step.RUNNING:
            return job
        is_going, is_late = job.state.startswith(_GOING), self._is_late(job)
        if is_going and is_late:
            return folder.save(job.model_copy(update={"step": Step.OVER, "state": _GONE}))
        if not is_going and (is_late or job.cancelled):
            await self._delete(job)
        return job

    def _seen(self, folder: JobFolder, job: BatchJob, seen: Job) -> BatchJob:
        return folder.save(as_seen(job, seen, now=self.now()))

    def _is_late(self, job: BatchJob) -> bool:
        if job.created_at is None:
            return False
        begun = job.state in _BEGUN or job.answered + job.failed > 0
        if not begun and self.now() > job.created_at + self.deadlines.start:
            return True
        expires = job.expires_at or job.created_at + self.deadlines.window
        return self.now() > expires + self.deadlines.grace


def _in_vain(job: BatchJob) -> dict[str, object]:
    """What becomes of a job that cannot be made: it ends as the one ended that it was to continue."""
    if job.continuations:
        return {"step": Step.OVER, "continuations": job.continuations - 1, "lasting": False}
    return {"step": Step.OVER, "state": _GONE, "status": "its dataset is not there any more"}


def as_seen(job: BatchJob, seen: Job, now: datetime | None = None) -> BatchJob:
    """A job as the service describes it.

    Args:
        job: As it was.
        seen: The service's description.
        now: When it was made, and over, where the service does not say.
    """
    progress = seen.job_progress
    is_over = seen.phase.is_over and not seen.state.startswith(_GOING)
    return job.model_copy(
        update={
            "step": Step.OVER if is_over else Step.RUNNING,
            "state": printable(seen.state),
            "status": "" if seen.status.is_ok else printable(seen.status.message),
            "created_at": seen.create_time or job.created_at or now,
            "expires_at": seen.expire_time,
            "ended_at": (seen.lifecycle.end_time or job.ended_at or now) if is_over else None,
            "answered": progress.successfully_processed_requests,
            "failed": progress.failed_requests,
            "prompt_tokens": progress.input_tokens,
            "completion_tokens": progress.output_tokens,
        }
    )


def ended(job: BatchJob) -> str:
    """How a job ended, in a sentence that fits each request that it has left without an answer."""
    words = {
        "EXPIRED": "expired",
        "CANCELLED": "was cancelled",
        _GONE: "was deleted",
        "COMPLETED": "ended",
        _WITHDRAWN: "was withdrawn",
    }
    how = words.get(job.state, f"ended as {last_segment(job.state).lower()}")
    said = f": {job.status}" if job.status else ""
    return f"the batch job {job.job_id} {how} before this was answered{said}"


def can_continue(job: BatchJob) -> bool:
    """Whether the service can have another job go on where this one has ended."""
    return job.lasting and not job.cancelled and job.state in _RESUMABLE
