from datetime import UTC, datetime

import pytest

from pipeline.service.job import Job, Phase, Progress
from pipeline.service.wire import read

RUNNING = {
    "continuedFromJobName": "",
    "createTime": "2026-08-30T03:48:56.029803Z",
    "expireTime": "2026-08-31T03:48:53.988342Z",
    "inferenceParameters": {"extraBody": "{}", "maxTokens": 64},
    "inputDatasetId": "accounts/A/datasets/in-1",
    "jobProgress": {
        "failedRequests": 1,
        "percent": 50,
        "successfullyProcessedRequests": 4,
        "totalInputRequests": 10,
    },
    "lifecycle": {"endTime": None, "runStartTime": "2026-08-30T03:55:56.086402Z", "validatedTime": ""},
    "maxJobDuration": None,
    "model": "accounts/fireworks/models/m",
    "name": "accounts/A/batchInferenceJobs/job-1",
    "outputDatasetId": "accounts/A/datasets/bij-n1729dlh",
    "precision": "BF16",
    "state": "JOB_STATE_RUNNING",
    "status": {"code": "OK", "message": ""},
    "waitingOnCapacity": False,
}


def test_an_answer_of_the_service_is_read() -> None:
    job = read(Job, RUNNING)

    assert (job.id, job.state, job.phase) == ("job-1", "RUNNING", Phase.IN_PROGRESS)
    assert (job.job_progress.total, job.job_progress.left) == (10, 5)
    assert job.lifecycle.run_start_time == datetime(2026, 8, 30, 3, 55, 56, 86402, tzinfo=UTC)
    assert job.lifecycle.end_time is None
    assert (job.precision, job.inference_parameters.max_tokens) == ("BF16", 64)
    assert (job.inference_parameters.extra_body, job.inference_parameters.temperature) == ("{}", None)


def test_a_job_that_has_just_been_made_has_no_progress_yet() -> None:
    job = read(Job, {**RUNNING, "state": "JOB_STATE_VALIDATING", "jobProgress": None, "lifecycle": None})

    assert (job.job_progress, job.job_progress.total) == (Progress(), 0)


@pytest.mark.parametrize("prefix", ["JOB_STATE_", "", "job_state_"])
@pytest.mark.parametrize(
    ("states", "phase", "is_over"),
    [
        (
            "UNSPECIFIED VALIDATING PENDING CREATING CREATING_INPUT_DATASET RE_QUEUEING RUNNING "
            "WRITING_RESULTS IDLE PAUSED CANCELLING",
            Phase.IN_PROGRESS,
            False,
        ),
        ("COMPLETED", Phase.COMPLETED, True),
        ("EXPIRED EARLY_STOPPED CANCELLED", Phase.PARTIAL, True),
        ("FAILED", Phase.FAILED, True),
        ("DELETING DELETING_CLEANING_UP DELETED", Phase.GONE, True),
        ("ARCHIVED ROLLOUT POLICY_UPDATE SOMETHING_NEW", Phase.UNKNOWN, False),
    ],
)
def test_each_state_is_of_one_phase(prefix: str, states: str, phase: Phase, *, is_over: bool) -> None:
    for state in states.split():
        job = read(Job, {**RUNNING, "state": prefix + state})
        assert job.phase is phase
        assert job.phase.is_over is is_over


def test_a_job_may_have_more_requests_than_its_dataset_was_said_to_have() -> None:
    progress = read(
        Progress,
        {"totalInputRequests": 1, "totalProcessedRequests": 3, "successfullyProcessedRequests": 3},
    )

    assert (progress.total, progress.left) == (3, 0)
