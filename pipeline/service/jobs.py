"""Batch inference jobs: a dataset of requests in, a dataset of answers out."""

import contextlib
import json
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pipeline.errors import AlreadyExists, NotFound, ServiceBusy
from pipeline.service.control import ControlPlane
from pipeline.service.datasets import COLLECTION as DATASETS
from pipeline.service.job import Job
from pipeline.service.names import checked_id
from pipeline.service.polling import Polling, poll
from pipeline.service.wire import read

COLLECTION = "batchInferenceJobs"
PATIENT = Polling(first_s=15, growth=1.2, longest_s=60, deadline_s=26 * 3600)
"""A job takes some minutes at least, and is expired by the service after a day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """What a job's requests have in common; a request's own fields are the safer place.

    Attributes:
        extra: Further fields of a chat completion.
    """

    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    n: int | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    def on_the_wire(self) -> dict[str, Any]:
        """The parameters that are set, as the service takes them."""
        given = {
            "maxTokens": self.max_tokens,
            "temperature": self.temperature,
            "topP": self.top_p,
            "topK": self.top_k,
            "n": self.n,
            "extraBody": json.dumps(dict(self.extra)) if self.extra else None,
        }
        return {name: value for name, value in given.items() if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class JobSpec:
    """A job to be.

    Attributes:
        model: Full name of a base model or of a LoRA of your own.
        input_dataset: Id or full name; None only when another job is continued.
        output_dataset: Id or full name of a dataset that must not exist yet; None lets the service name it.
        display_name: For people.
        parameters: For all of its requests.
        precision: Such as `FP8`; None leaves it to the model.
        continued_from: Id or full name of a job whose unfinished and failed requests are to be worked.
    """

    model: str
    input_dataset: str | None = None
    output_dataset: str | None = None
    display_name: str = ""
    parameters: Parameters = field(default_factory=Parameters)
    precision: str | None = None
    continued_from: str | None = None


async def create_job(control: ControlPlane, spec: JobSpec, *, job_id: str = "") -> Job:
    """A new job; it begins by itself. Its input dataset has to be ready, its output dataset must not exist.

    Args:
        control: The service.
        spec: What it is to do.
        job_id: A new id; made up when left out.

    Raises:
        AlreadyExists: There is a job of this id, or a dataset of its output's, that this call has not made.
        RequestRejected: The service refuses it, for instance because the input dataset is not ready.
        ConfigError: A name is none.
        ServiceError: It was not made.
    """
    body = await _body(control, spec)
    # An id of ours even so: an attempt whose answer was lost must not become a second job, paid for as well.
    job_id = checked_id(job_id, "job id") if job_id else f"job-{secrets.token_hex(8)}"
    query = {"batchInferenceJobId": job_id}
    path = f"v1/accounts/{await control.account()}/{COLLECTION}"
    try:
        return read(Job, await control.call("POST", path, query=query, body=body))
    except AlreadyExists as error:
        return await _made_before(control, job_id, body, error)


async def _made_before(
    control: ControlPlane, job_id: str, body: Mapping[str, Any], error: AlreadyExists
) -> Job:
    """The job, if an attempt of this very call has made it, whose answer was lost."""
    if error.attempts > 1:
        with contextlib.suppress(NotFound):
            found = await get_job(control, job_id)
            if _same(found, body):
                return found
    raise error


async def _body(control: ControlPlane, spec: JobSpec) -> dict[str, Any]:
    async def named(collection: str, text: str | None) -> str | None:
        return await control.name(collection, text) if text else None

    given = {
        "displayName": spec.display_name or None,
        "model": spec.model,
        "inputDatasetId": await named(DATASETS, spec.input_dataset),
        "outputDatasetId": await named(DATASETS, spec.output_dataset),
        "inferenceParameters": spec.parameters.on_the_wire() or None,
        "precision": spec.precision,
        "continuedFromJobName": await named(COLLECTION, spec.continued_from),
    }
    return {name: value for name, value in given.items() if value is not None}


def _same(job: Job, body: Mapping[str, Any]) -> bool:
    asked = (body["model"], body.get("inputDatasetId", ""), body.get("continuedFromJobName", ""))
    output = body.get("outputDatasetId", job.output_dataset_id)
    return asked == (job.model, job.input_dataset_id, job.continued_from_job_name) and (
        output == job.output_dataset_id
    )


async def continue_job(control: ControlPlane, job: Job, *, output_dataset: str, job_id: str = "") -> Job:
    """A job that works what another one left unfinished or failed; raises as `create_job` does.

    Args:
        control: The service.
        job: The one to continue; it must be over.
        output_dataset: Id or full name of a new dataset, for the answers of this job alone.
        job_id: A new id; made up when left out.
    """
    spec = JobSpec(
        model=job.model,
        output_dataset=output_dataset,
        display_name=job.display_name,
        continued_from=job.name,
    )
    return await create_job(control, spec, job_id=job_id)


async def get_job(control: ControlPlane, job: str) -> Job:
    """The job of an id or a full name.

    Raises:
        NotFound: There is none.
        ServiceError: The service does not say.
    """
    return read(Job, await control.call("GET", f"v1/{await control.name(COLLECTION, job)}"))


async def jobs(
    control: ControlPlane, *, matching: str = "", order_by: str = "createTime desc"
) -> AsyncIterator[Job]:
    """Every job of the account.

    Args:
        control: The service.
        matching: Only those, in the syntax of AIP-160, such as `state=JOB_STATE_RUNNING`.
        order_by: Fields, each with or without `desc`.

    Raises:
        ServiceError: There is no list.
    """
    async for entry in control.owned(COLLECTION, matching=matching, order_by=order_by):
        yield read(Job, entry)


async def delete_job(control: ControlPlane, job: str) -> None:
    """Remove a job. One that runs is stopped so; it is seen for a while yet, then gone.

    Raises:
        NotFound: There was none.
        ServiceError: It is still there.
    """
    await control.remove(COLLECTION, job)


async def wait_until_over(
    control: ControlPlane,
    job: str,
    polling: Polling = PATIENT,
    *,
    on_look: Callable[[Job], None] = lambda _job: None,
) -> Job:
    """The job once it is over, well or badly: its phase says which.

    Args:
        control: The service.
        job: Id or full name.
        polling: How often to look, and for how long.
        on_look: Told of the job each time it was looked at.

    Raises:
        NotFound: It has been removed.
        ServiceBusy: It is not over by the deadline.
        ServiceError: The service does not say.
    """

    async def look() -> Job:
        seen = await get_job(control, job)
        on_look(seen)
        return seen

    try:
        return await poll(look, lambda seen: seen.phase.is_over, polling)
    except ServiceBusy as error:
        raise ServiceBusy(f"job {job} is not over: {error}", status=error.status) from error
