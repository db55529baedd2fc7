"""A batch job: what is asked of it, how it stands, and how the API shows it phase by phase."""

import json
import re
from datetime import datetime, timedelta
from typing import Literal

from pydantic import Field, JsonValue

from pipeline.local.control.names import ACCOUNT, EMAIL, full_name
from pipeline.local.control.pace import stamp
from pipeline.local.control.status import invalid
from pipeline.local.control.wire import Resource, Wire

WINDOW = timedelta(hours=24)
"""Time a job has: API reference, time limit."""
LONGEST = timedelta(hours=72)
_DURATION = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,9})?)s")
Precision = Literal[
    "PRECISION_UNSPECIFIED", "FP16", "FP8", "FP8_MM", "FP8_AR", "FP8_MM_KV_ATTN", "FP8_KV", "FP8_MM_V2",
    "FP8_V2", "FP8_MM_KV_ATTN_V2", "NF4", "FP4", "BF16", "FP4_BLOCKSCALED_MM", "FP4_MX_MOE",
]  # fmt: skip
State = Literal[
    "VALIDATING",
    "PENDING",
    "CREATING",
    "RUNNING",
    "WRITING_RESULTS",
    "COMPLETED",
    "EXPIRED",
    "FAILED",
    "DELETING_CLEANING_UP",
]
ROAD: tuple[State, ...] = ("VALIDATING", "PENDING", "CREATING", "RUNNING", "WRITING_RESULTS")
ENDS: frozenset[State] = frozenset(["COMPLETED", "EXPIRED", "FAILED"])


class Parameters(Wire):
    """Defaults for all rows; what a row says itself goes before."""

    max_tokens: int | None = Field(None, ge=0, lt=2**31)
    temperature: float | None = Field(None, ge=0, le=2)
    top_p: float | None = Field(None, ge=0, le=1)
    top_k: int | None = Field(None, ge=0, le=100)
    n: int | None = Field(None, ge=0, le=128)
    extra_body: str | None = None

    def fields(self) -> dict[str, JsonValue]:
        """The same as fields of a chat completion.

        Raises:
            Status: 400, the extra body is no JSON object.
        """
        own = self.model_dump(exclude={"extra_body"}, exclude_none=True)
        if own.get("n") == 0:  # proto3's way to say nothing
            del own["n"]
        try:
            extra = json.loads(self.extra_body or "{}")
        except (ValueError, RecursionError):
            extra = None
        if not isinstance(extra, dict):
            raise invalid("inferenceParameters.extraBody is not a JSON object in a string")
        return {**own, **extra}


class CreateJob(Wire):
    """The body of a creation; what only the server says is taken and left aside."""

    display_name: str | None = Field(None, max_length=1000)
    model: str | None = None
    input_dataset_id: str | None = None
    output_dataset_id: str | None = None
    inference_parameters: Parameters | None = None
    precision: Precision | None = None
    continued_from_job_name: str | None = None
    system_prompt: str | None = None
    max_job_duration: str | None = None
    name: JsonValue = None
    create_time: JsonValue = None
    update_time: JsonValue = None
    created_by: JsonValue = None
    expire_time: JsonValue = None
    state: JsonValue = None
    status: JsonValue = None
    job_progress: JsonValue = None
    lifecycle: JsonValue = None
    placement: JsonValue = None
    waiting_on_capacity: JsonValue = None


class Progress(Wire):
    """Rows and tokens so far."""

    succeeded: int = 0
    failed: int = 0
    input_tokens: int = 0
    output_tokens: int = 0

    @property
    def processed(self) -> int:
        """Rows that are over, one way or the other."""
        return self.succeeded + self.failed


class Job(Wire):
    """A job as it is kept.

    Attributes:
        display_name: The caller's.
        model: The one of all rows.
        source: Id of the dataset that is read.
        output: Id of the dataset that it makes.
        parameters: Defaults for all rows.
        precision: The caller's; this engine has only one.
        continued_from: Id of the job whose rows without success are run again; empty for none.
        continued_output: Id of the dataset that that job made.
        system_prompt: For rows that do not begin with a system message.
        duration: As the caller gave it.
        create_time: When it was asked for.
        update_time: When it last changed.
        expire_time: When it ends, with what it has by then.
        validated_time: When its rows were found sound.
        run_start_time: When the first of them could be answered.
        end_time: When it was over.
        state: How it stands.
        code: What is wrong, in gRPC's words.
        message: The same in a sentence.
        declared: Rows, as the dataset counts them.
        progress: Rows and tokens so far.
    """

    display_name: str = ""
    model: str
    source: str
    output: str
    parameters: Parameters = Parameters()
    precision: Precision = "PRECISION_UNSPECIFIED"
    continued_from: str = ""
    continued_output: str = ""
    system_prompt: str = ""
    duration: str | None = None
    create_time: datetime
    update_time: datetime
    expire_time: datetime
    validated_time: datetime | None = None
    run_start_time: datetime | None = None
    end_time: datetime | None = None
    state: State = "VALIDATING"
    code: str = "OK"
    message: str = ""
    declared: int = 0
    progress: Progress = Progress()


def window(duration: str | None) -> timedelta:
    """How long a job may take.

    Raises:
        Status: 400, this is no duration such as `3600s`, or a longer one than there is.
    """
    if duration is None:
        return WINDOW
    found = _DURATION.fullmatch(duration)
    if found is None or not timedelta(0) < (length := timedelta(seconds=float(found[1]))) <= LONGEST:
        raise invalid(
            f"maxJobDuration is not a duration such as '3600s' of up to {LONGEST}: {duration[:40]!r}"
        )
    return length


def shown(name: str, job: Job) -> Resource:
    """The resource, as the API shows it."""
    is_fresh = job.state in {"VALIDATING", "DELETING_CLEANING_UP"}
    is_placed = job.state != "VALIDATING"
    return {
        "continuedFromJobName": full_name("batchInferenceJobs", job.continued_from)
        if job.continued_from
        else "",
        "createTime": stamp(job.create_time),
        "createdBy": EMAIL,
        "displayName": job.display_name,
        "expireTime": stamp(job.expire_time),
        "inferenceParameters": {
            "extraBody": "{}",
            **job.parameters.model_dump(by_alias=True, exclude_none=True),
        },
        "inputDatasetId": full_name("datasets", job.source),
        "jobProgress": None if is_fresh else _progress(job),
        "lifecycle": None if is_fresh else _lifecycle(job),
        "maxJobDuration": job.duration,
        "model": job.model,
        "name": full_name("batchInferenceJobs", name, ACCOUNT),
        "outputDatasetId": full_name("datasets", job.output),
        "placement": _PLACEMENT if is_placed else None,
        "precision": job.precision,
        "state": f"JOB_STATE_{job.state}",
        "status": {"code": job.code, "message": job.message},
        "systemPrompt": job.system_prompt,
        "updateTime": stamp(job.update_time),
        "waitingOnCapacity": False,
    }


_PLACEMENT = {"multiRegion": "MULTI_REGION_UNSPECIFIED", "region": "REGION_UNSPECIFIED", "regions": []}


def _progress(job: Job) -> Resource:
    """Zeros until a row is over; then the rows in all are those that the dataset was said to have."""
    progress = job.progress
    total = job.declared if progress.processed else 0
    share = min(99, 100 * progress.processed // total) if total else 0
    return {
        "cachedInputTokenCount": 0,
        "epoch": 0,
        "failedRequests": progress.failed,
        "inputTokens": progress.input_tokens,
        "outputRows": progress.succeeded,
        "outputTokens": progress.output_tokens,
        "percent": 100 if job.state == "COMPLETED" else share,
        "successfullyProcessedRequests": progress.succeeded,
        "totalInputRequests": total,
        "totalProcessedRequests": progress.processed,
    }


def _lifecycle(job: Job) -> Resource:
    times = {
        "validatedTime": job.validated_time,
        "runStartTime": job.run_start_time,
        "endTime": job.end_time,
    }
    return {name: None if time is None else stamp(time) for name, time in times.items()}
