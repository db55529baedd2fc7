"""All batch jobs: asked for, kept, shown, let go."""

from collections.abc import Callable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from pipeline.local.control.datasets import Datasets
from pipeline.local.control.folder import Shelf
from pipeline.local.control.job import ENDS, CreateJob, Job, Parameters, shown, window
from pipeline.local.control.names import checked_id, drawn_id, full_name, id_in
from pipeline.local.control.pace import Pace
from pipeline.local.control.paging import masked, page_of, parameter
from pipeline.local.control.status import Code, Status, invalid
from pipeline.local.control.wire import answer, body_as
from pipeline.local.protocol import MODEL_ID, MODEL_NAMES


class Jobs(Shelf[Job]):
    """Jobs, kept in a folder.

    Args:
        folder: Theirs alone.
        datasets: What they read and make.
        pace: Says what time it is.
    """

    def __init__(self, folder: Path, datasets: Datasets, pace: Pace) -> None:
        super().__init__(folder, Job)
        self._datasets, self._pace = datasets, pace

    def change(self, name: str, **changes: object) -> Job:
        """The job as it is now, kept."""
        changes["update_time"] = self._pace.clock()
        return self.keep(name, self.find(name).model_copy(update=changes))

    def create(self, name: str, asked: CreateJob) -> Job:
        """A new job.

        Raises:
            Status: 400, 404 or 409, as the service would.
        """
        checked_id(name, "batch inference job id")
        if name in self:
            taken = full_name("batchInferenceJobs", name)
            raise Status(Code.ALREADY_EXISTS, f'batch inference job "{taken}" already exists')
        before = self._continued(asked.continued_from_job_name)
        (asked.inference_parameters or Parameters()).fields()  # refused now rather than row by row
        now = self._pace.clock()
        earlier = self.find(before) if before else None
        source = self._source(asked, earlier)
        job = Job(
            display_name=asked.display_name or "",
            model=_model(asked, earlier),
            source=source,
            output=self._output(asked.output_dataset_id),
            parameters=asked.inference_parameters or Parameters(),
            precision=asked.precision or "PRECISION_UNSPECIFIED",
            continued_from=before,
            continued_output=earlier.output if earlier else "",
            system_prompt=asked.system_prompt or "",
            duration=asked.max_job_duration,
            create_time=now,
            update_time=now,
            expire_time=now + window(asked.max_job_duration),
            declared=self._datasets.find(source).example_count,
        )
        self.prepare(name)
        return self.keep(name, job)

    def _continued(self, job_name: str | None) -> str:
        if not job_name:
            return ""
        before = id_in(job_name, "batchInferenceJobs", "continuedFromJobName")
        if self.find(before).state not in ENDS:
            raise Status(Code.FAILED_PRECONDITION, f"{job_name} is not over yet and cannot be continued")
        return before

    def _source(self, asked: CreateJob, before: Job | None) -> str:
        if not asked.input_dataset_id and before is None:
            raise invalid("inputDatasetId is required")
        source = id_in(asked.input_dataset_id, "datasets", "inputDatasetId") if asked.input_dataset_id else ""
        source = source or (before.source if before else "")
        self._datasets.find(source)
        if not self._datasets.is_ready(source):
            raise Status(Code.FAILED_PRECONDITION, f"{full_name('datasets', source)} is not in state READY")
        return source

    def _output(self, asked: str | None) -> str:
        name = id_in(asked, "datasets", "outputDatasetId") if asked else drawn_id("bij-")
        every = map(self.find, self.names())
        promised = {job.output for job in every if job.state not in ENDS}
        if name in self._datasets or name in promised:
            raise Status(Code.ALREADY_EXISTS, f'dataset "{full_name("datasets", name)}" already exists')
        return name


def _model(asked: CreateJob, before: Job | None) -> str:
    model = asked.model or (before.model if before else "")
    if not model:
        raise invalid("model is required")
    if model not in {MODEL_ID, *MODEL_NAMES}:
        raise Status(Code.NOT_FOUND, f"model {model[:120]!r} not found")
    return model


class JobRoutes:
    """What the server does about jobs.

    Args:
        jobs: All of them.
        start: Sets one going.
        stop: Ends one and clears it away.
    """

    def __init__(self, jobs: Jobs, start: Callable[[str], None], stop: Callable[[str], None]) -> None:
        self._jobs, self._start, self._stop = jobs, start, stop

    async def create(self, request: Request) -> Response:
        """POST batchInferenceJobs."""
        asked = await body_as(request, CreateJob)
        name = parameter(request.query_params, "batchInferenceJobId") or drawn_id("bij-")
        job = self._jobs.create(name, asked)
        self._start(name)
        return answer(shown(name, job))

    async def listed(self, request: Request) -> Response:
        """GET batchInferenceJobs."""
        every = [shown(name, self._jobs.find(name)) for name in self._jobs.names()]
        return answer(page_of(every, request.query_params, "batchInferenceJobs"))

    async def single(self, request: Request) -> Response:
        """GET one."""
        name = request.path_params["job"]
        return answer(masked(shown(name, self._jobs.find(name)), parameter(request.query_params, "readMask")))

    async def delete(self, request: Request) -> Response:
        """DELETE: it stops, and is gone a little later."""
        name = request.path_params["job"]
        self._jobs.find(name)
        self._stop(name)
        return answer({})
