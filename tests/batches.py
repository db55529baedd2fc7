"""A service with batch jobs on loopback: datasets, jobs that end as they are told to, and chat completions.

It counts what was made and what would be paid for, so that a test can say that nothing was so twice.
"""

import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pydantic import SecretStr

from pipeline.service.client import Endpoint
from pipeline.service.control import ControlPlane
from tests.gateway import ACCOUNT, KEY, MISSING, QUICK, Bucket, Gateway
from tests.servers import FaultServer, Heard, Reply, json_reply

Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """How a job ends.

    Attributes:
        state: The last that is seen of it; `DELETED` makes it go away.
        rows: Lines of its output.
        errors: Lines of its file of errors; None leaves that out.
        has_output: Whether its output dataset is made at all.
    """

    state: str = "COMPLETED"
    rows: list[str] = field(default_factory=list)
    errors: list[str] | None = field(default_factory=list)
    has_output: bool = True


def line(custom_id: str, response: Mapping[str, Any]) -> str:
    """A row of success, as the service writes it."""
    return json.dumps({"custom_id": custom_id, "response": response})


def error(custom_id: str, code: object, message: str = "no") -> str:
    """A row of an error."""
    return json.dumps({"custom_id": custom_id, "error": {"code": code, "message": message}})


def whole(rows: Mapping[str, Any]) -> End:
    """Every row is answered, the last first."""
    return End(rows=[line(one, rows[one]) for one in reversed(list(rows))])


@dataclass
class BatchService(Gateway):
    """The control plane and the chat completions of one account.

    Attributes:
        answer: Answers a chat completion, of a request or of a row.
        ends: How a job ends, given its id and the answers to the rows it has to work.
        takes: Looks at a job until it is over.
        now: When things are made.
        made: How often each dataset and each job was made, by its name.
        paid: How often each row was answered, by its id.
        asked: Bodies of the rows, by id.
    """

    answer: Callable[[Heard], Reply] = lambda _heard: Reply(status=500)
    ends: Callable[[str, Mapping[str, Any]], End] = lambda _job, rows: whole(rows)
    takes: int = 1
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    made: Counter[str] = field(default_factory=Counter)
    paid: Counter[str] = field(default_factory=Counter)
    asked: dict[str, Any] = field(default_factory=dict)

    def _answer(self, heard: Heard) -> Reply:
        if heard.path.endswith("/chat/completions"):
            return self.answer(heard)
        reply = super()._answer(heard)
        if heard.method == "POST" and reply.status == 200 and "name" in (body := json.loads(reply.body)):
            self.made[body["name"].partition(f"accounts/{ACCOUNT}/")[2]] += 1
        return reply

    def _create_job(self, heard: Heard, asked: Mapping[str, str]) -> Reply:
        reply = super()._create_job(heard, asked)
        if reply.status != 200:
            return reply
        job = self.jobs[json.loads(reply.body)["name"].rpartition("/")[2]]
        job["createTime"] = self.now().isoformat()
        return json_reply(job)

    def _thing(self, method: str, shelf: dict[str, dict[str, Any]], name: str) -> Reply:
        if shelf is not self.jobs:
            return super()._thing(method, shelf, name)
        job = self.jobs[name]
        if method == "DELETE":
            self._finish(name, job, deleted=True)
            del self.jobs[name]
            return json_reply({})
        self._work(name, job)
        return json_reply(job) if name in self.jobs else MISSING

    def _work(self, name: str, job: dict[str, Any]) -> None:
        if job["state"] in {"JOB_STATE_VALIDATING", "JOB_STATE_RUNNING"}:
            looks = job["looks"] = job.get("looks", 0) + 1
            job["state"] = "JOB_STATE_RUNNING"
            if looks >= self.takes:
                self._finish(name, job)

    def _finish(self, name: str, job: dict[str, Any], *, deleted: bool = False) -> None:
        if job["state"] not in {"JOB_STATE_VALIDATING", "JOB_STATE_RUNNING"}:
            return
        end = self.ends(name, self._answers(job))
        output = job["outputDatasetId"].rpartition("/")[2]
        if end.has_output:
            self._store(output, end)
        for text in end.rows:
            self._pay(text)
        job["state"] = f"JOB_STATE_{end.state}"
        if end.state == "DELETED" and not deleted:
            del self.jobs[name]

    def _pay(self, text: str) -> None:
        try:
            row = json.loads(text)
        except ValueError:
            return
        if isinstance(row, dict) and "response" in row:
            self.paid[str(row.get("custom_id"))] += 1

    def _answers(self, job: Mapping[str, Any]) -> dict[str, Any]:
        """Chat completions for each row that the job has to work, by id."""
        source, done = job.get("inputDatasetId", ""), set[str]()
        earlier = self._earlier(job)
        for before in earlier:
            source = before.get("inputDatasetId", source)
            done |= self._succeeded(before)
        path = next(
            one for one in self.bucket.objects if one.startswith(f"dataset/{source.rpartition('/')[2]}/")
        )
        rows = [json.loads(text) for text in self.bucket.objects[path].splitlines()]
        self.asked |= {row["custom_id"]: row["body"] for row in rows}
        return {row["custom_id"]: self._completion(row) for row in rows if row["custom_id"] not in done}

    def _earlier(self, job: Mapping[str, Any]) -> list[dict[str, Any]]:
        name = job.get("continuedFromJobName", "").rpartition("/")[2]
        before = self.jobs.get(name)
        return [before, *self._earlier(before)] if before else []

    def _succeeded(self, job: Mapping[str, Any]) -> set[str]:
        output = job["outputDatasetId"].rpartition("/")[2]
        lines = self.bucket.objects.get(f"dataset/{output}/BIJOutputSet.jsonl", b"").splitlines()
        return {json.loads(text)["custom_id"] for text in lines}

    def _completion(self, row: Row) -> Any:
        raw = json.dumps({"model": "test-model", **row["body"]}).encode()
        heard = Heard(number=0, at_s=0.0, method="POST", path="/v1/chat/completions", headers={}, raw=raw)
        return json.loads(self.answer(heard).body)

    def _store(self, output: str, end: End) -> None:
        self.datasets[output] = {
            "name": f"accounts/{ACCOUNT}/datasets/{output}",
            "state": "READY",
            "status": {"code": "OK", "message": ""},
        }
        files = {"BIJOutputSet.jsonl": end.rows, "error-data": end.errors}
        for name, lines in files.items():
            if lines is not None:
                self.bucket.objects[f"dataset/{output}/{name}"] = "".join(
                    f"{one}\n" for one in lines
                ).encode()


@contextmanager
def served(answer: Callable[[Heard], Reply], **about: Any) -> Iterator[tuple[BatchService, FaultServer]]:
    """The service, and the server that it answers from."""
    bucket = Bucket()
    with FaultServer(bucket, models=None) as storage:
        service = BatchService(bucket, storage.base_url, looks=1, answer=answer, **about)
        with FaultServer(service, models=None) as server:
            yield service, server


@asynccontextmanager
async def control_of(
    base_url: str, key: str = KEY, account_id: str | None = ACCOUNT
) -> AsyncIterator[ControlPlane]:
    """A connection to its control plane."""
    endpoint = Endpoint(base_url=base_url, api_key=SecretStr(key))
    async with ControlPlane(endpoint, account_id=account_id, retries=QUICK, proxies={}) as control:
        yield control
