"""A batch inference job as the service describes it, and how far it is."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pipeline.service.wire import Moment, Named, Status, Wire, without


class Phase(StrEnum):
    """How far a job is, as far as its caller cares."""

    IN_PROGRESS = "in progress"
    COMPLETED = "completed"
    PARTIAL = "partial"
    """It ended early: what it did is kept and paid for, the rest is to be asked again."""
    FAILED = "failed"
    """It ended badly; there may be no answers at all."""
    GONE = "gone"
    UNKNOWN = "unknown"
    """A state that is not known here; it may yet end."""

    @property
    def is_over(self) -> bool:
        """Whether nothing more is to come."""
        return self not in {Phase.IN_PROGRESS, Phase.UNKNOWN}


_PHASES = {
    **dict.fromkeys(
        (
            *("UNSPECIFIED", "VALIDATING", "PENDING", "CREATING", "CREATING_INPUT_DATASET", "RE_QUEUEING"),
            *("RUNNING", "WRITING_RESULTS", "IDLE", "PAUSED", "CANCELLING"),
        ),
        Phase.IN_PROGRESS,
    ),
    "COMPLETED": Phase.COMPLETED,
    **dict.fromkeys(("EXPIRED", "EARLY_STOPPED", "CANCELLED"), Phase.PARTIAL),
    "FAILED": Phase.FAILED,
    **dict.fromkeys(("DELETING", "DELETING_CLEANING_UP", "DELETED"), Phase.GONE),
}


class Progress(Wire):
    """How many requests of a job are done; they are counted about once a minute."""

    percent: int = 0
    total_input_requests: int = 0
    total_processed_requests: int = 0
    successfully_processed_requests: int = 0
    failed_requests: int = 0
    output_rows: int = 0
    input_tokens: int = 0
    cached_input_token_count: int = 0
    output_tokens: int = 0

    @property
    def total(self) -> int:
        """Requests of the job: as many as its dataset was said to have, unless more than that are done."""
        return max(self.total_input_requests, self.total_processed_requests)

    @property
    def left(self) -> int:
        """Requests that have neither an answer nor an error, as far as is known."""
        return max(0, self.total - self.successfully_processed_requests - self.failed_requests)


class Lifecycle(Wire):
    """When what happened to a job."""

    validated_time: Moment = None
    run_start_time: Moment = None
    end_time: Moment = None


class InferenceParameters(Wire):
    """What the requests of a job have in common; None where that is left to the model.

    Attributes:
        extra_body: Further fields of a chat completion, as JSON text.
    """

    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    n: int | None = None
    extra_body: str = ""


class Job(Named):
    """A batch inference job as the service describes it.

    Attributes:
        name: `accounts/<account>/batchInferenceJobs/<id>`.
        state: Without its prefix, such as `RUNNING`.
        input_dataset_id: Full name of the dataset it reads.
        output_dataset_id: Full name of the dataset it writes, whether or not that was made.
        system_prompt: Added to requests that begin with none.
        continued_from_job_name: The job whose unfinished requests it works.
        expire_time: When the service gives it up.
        waiting_on_capacity: Whether it stands still for want of machines.
    """

    what: ClassVar[str] = "batch inference job"

    display_name: str = ""
    state: Annotated[str, without("JOB_STATE_")] = "UNSPECIFIED"
    status: Status = Status()
    model: str = ""
    input_dataset_id: str = ""
    output_dataset_id: str = ""
    inference_parameters: InferenceParameters = InferenceParameters()
    system_prompt: str = ""
    precision: Annotated[str, without("PRECISION_")] = "UNSPECIFIED"
    continued_from_job_name: str = ""
    job_progress: Progress = Progress()
    lifecycle: Lifecycle = Lifecycle()
    created_by: str = ""
    create_time: Moment = None
    update_time: Moment = None
    expire_time: Moment = None
    waiting_on_capacity: bool = False

    @property
    def phase(self) -> Phase:
        """How far it is."""
        return _PHASES.get(self.state, Phase.UNKNOWN)
