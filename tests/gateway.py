"""A control plane and the storage behind it, as two servers on loopback: what they hold is made by requests.

They refuse what the service refuses: a dataset without its count, an id twice, a key shown to storage.
"""

import json
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.parser import BytesParser
from typing import Any
from urllib.parse import parse_qsl, unquote

from pydantic import SecretStr

from pipeline.service.client import Endpoint
from pipeline.service.control import ControlPlane
from pipeline.service.retry import Retries
from tests.servers import FaultServer, Heard, Reply, json_reply

KEY = "fw_canary0123456789abcdef"
ACCOUNT = "my-acct"
MADE = "2026-08-30T03:48:42.645723285Z"
QUICK = Retries(attempts=3, backoff_s=0.001, backoff_max_s=0.002, rate_limit_patience_s=0.05)
MISSING = json_reply({"code": 5, "message": "resource not found", "details": []}, status=404)


def grpc(status: int, code: int, message: str) -> Reply:
    """An error in the shape of the control plane."""
    return json_reply({"code": code, "message": message, "details": []}, status=status)


@dataclass
class Bucket:
    """Storage behind signed URLs; faults first spoil the replies of requests, one each.

    Attributes:
        objects: What is stored, by path.
        good: The signatures that are taken.
        faults: What becomes of the true replies, in order.
    """

    objects: dict[str, bytes] = field(default_factory=dict)
    good: set[str] = field(default_factory=set)
    faults: list[Callable[[Reply], Reply]] = field(default_factory=list)

    def sign(self, base_url: str, path: str) -> str:
        """A URL that is taken until its signature is taken out of `good`."""
        signature = f"sig-{len(self.good)}/{path}+x"
        self.good.add(signature)
        return f"{base_url}/{path}?X-Goog-Signature={signature.replace('/', '%2F').replace('+', '%2B')}"

    def __call__(self, heard: Heard) -> Reply:
        reply = self._answer(heard)
        return self.faults.pop(0)(reply) if self.faults else reply

    def _answer(self, heard: Heard) -> Reply:
        path, _, query = heard.path.partition("?")
        if "authorization" in heard.headers:
            return Reply(status=400, body=b"<Error><Code>InvalidArgument</Code></Error>")
        if dict(parse_qsl(query)).get("X-Goog-Signature") not in self.good:
            secret = f"<Error><Code>ExpiredToken</Code><Details>{query}</Details></Error>"
            return Reply(status=400, body=secret.encode())
        name = unquote(path).removeprefix("/v1/")
        return self._put(name, heard) if heard.method == "PUT" else self._get(name, heard.headers)

    def _put(self, name: str, heard: Heard) -> Reply:
        size = len(heard.raw)
        signed = heard.headers.get("x-goog-content-length-range"), heard.headers.get("content-type")
        if signed != (f"{size},{size}", "application/octet-stream"):
            return Reply(status=403, body=b"<Error><Code>SignatureDoesNotMatch</Code></Error>")
        self.objects[name] = heard.raw
        return Reply()

    def _get(self, name: str, headers: Mapping[str, str]) -> Reply:
        if name not in self.objects:
            return Reply(status=404, body=b"<Error><Code>NoSuchKey</Code></Error>")
        body, tag = self.objects[name], f'"{len(self.objects[name])}"'
        asked = re.fullmatch(r"bytes=(\d+)-", headers.get("range", ""))
        if not asked or headers.get("if-range") != tag:
            return Reply(headers={"etag": tag}, body=body)
        start = int(asked[1])
        about = {"etag": tag, "content-range": f"bytes {start}-{len(body) - 1}/{len(body)}"}
        return Reply(status=206, headers=about, body=body[start:])


@dataclass
class Gateway:
    """The control plane of one account.

    Attributes:
        storage_url: Where its files are.
        looks: How often a dataset is looked at before it is ready.
        datasets: By id.
        jobs: By id.
        fault: Given each request first; its reply, if any, is the answer.
        after: What becomes of a true reply.
    """

    bucket: Bucket
    storage_url: str
    looks: int = 2
    datasets: dict[str, dict[str, Any]] = field(default_factory=dict)
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    fault: Callable[[Heard], Reply | None] = lambda _heard: None
    after: Callable[[Heard, Reply], Reply] = lambda _heard, reply: reply

    def __call__(self, heard: Heard) -> Reply:
        if heard.headers.get("authorization") != f"Bearer {KEY}":
            error = {
                "message": "The API key you provided is invalid.",
                "code": "UNAUTHORIZED",
                "type": "error",
            }
            return json_reply({"error": error, "request_id": "r-1"}, status=403)
        return self.fault(heard) or self.after(heard, self._answer(heard))

    def _answer(self, heard: Heard) -> Reply:
        path, _, query = heard.path.partition("?")
        asked = dict(parse_qsl(query))
        if path == "/verifyApiKey":
            return json_reply({}, x_fireworks_account_id=ACCOUNT)
        found = re.fullmatch(rf"/v1/accounts/{ACCOUNT}/(\w+)(?:/([\w-]+)(?::(\w+))?)?", path)
        if not found:
            return MISSING
        collection, name, verb = found.groups()
        if name is None:
            return self._collection(collection, heard, asked)
        shelf = self.datasets if collection == "datasets" else self.jobs
        if name not in shelf:
            return MISSING
        if heard.method == "PATCH":
            shelf[name] |= heard.body
        return self._verb(verb, name, heard) if verb else self._thing(heard.method, shelf, name)

    def _thing(self, method: str, shelf: dict[str, dict[str, Any]], name: str) -> Reply:
        if method == "DELETE":
            del shelf[name]
            return json_reply({})
        self._age(shelf[name])
        return json_reply(shelf[name])

    def _collection(self, collection: str, heard: Heard, asked: Mapping[str, str]) -> Reply:
        if heard.method == "GET":
            shelf = self.datasets if collection == "datasets" else self.jobs
            return paged(collection, list(shelf.values()), asked)
        return (
            self._create_dataset(heard.body) if collection == "datasets" else self._create_job(heard, asked)
        )

    def _create_dataset(self, body: dict[str, Any]) -> Reply:
        name, dataset = body["datasetId"], body["dataset"]
        if name in self.datasets:
            return grpc(409, 6, f"dataset {name} already exists")
        if "userUploaded" in dataset and "exampleCount" not in dataset:
            return grpc(400, 3, "error validating dataset: example_count is required for uploaded datasets")
        self.datasets[name] = {
            **dataset,
            "name": f"accounts/{ACCOUNT}/datasets/{name}",
            "state": "UPLOADING",
            "status": {"code": "OK", "message": ""},
            "createTime": MADE,
            "encryptionState": "ENCRYPTION_STATE_PLAINTEXT",
            "looks": self.looks,
            "uploaded": "externalUrl" in dataset,
        }
        return json_reply(self.datasets[name])

    def _create_job(self, heard: Heard, asked: Mapping[str, str]) -> Reply:
        name = asked.get("batchInferenceJobId", f"made-up-{len(self.jobs)}")
        if name in self.jobs:
            return grpc(409, 6, f"job {name} already exists")
        self.jobs[name] = {
            "outputDatasetId": f"accounts/{ACCOUNT}/datasets/bij-x",
            **heard.body,
            "name": f"accounts/{ACCOUNT}/batchInferenceJobs/{name}",
            "state": "JOB_STATE_VALIDATING",
            "jobProgress": None,
            "lifecycle": None,
            "createTime": "2026-08-30T03:48:56.029803Z",
        }
        return json_reply(self.jobs[name])

    def _verb(self, verb: str, name: str, heard: Heard) -> Reply:
        dataset = self.datasets[name]
        if verb == "upload":
            self.bucket.objects[f"dataset/{name}/{_file_name(heard)}"] = _file(heard)
            dataset["uploaded"] = True
            return json_reply({"id": dataset["name"], "object": "file", "bytes": len(_file(heard))})
        if verb == "getUploadEndpoint":
            names = heard.body["filenameToSize"]
            return self._urls({key: f"dataset/{name}/{key}" for key in names})
        if verb == "validateUpload":
            dataset["uploaded"] = True
            return json_reply({})
        if verb == "splitDataset":
            return self._split(dataset, heard.body["chunkSize"])
        if heard.raw:
            return grpc(400, 3, "a GET has no body")
        paths = [path for path in self.bucket.objects if path.startswith(f"dataset/{name}/")]
        return self._urls({path: path for path in paths})

    def _split(self, dataset: dict[str, Any], size: int) -> Reply:
        count = int(dataset["exampleCount"])
        names = [f"{dataset['name']}-{number}" for number in range(-(-count // size))]
        return json_reply(
            {"chunkDatasetNames": names, "chunksCreated": len(names), "totalExamples": str(count)}
        )

    def _urls(self, paths: Mapping[str, str]) -> Reply:
        signed = {key: self.bucket.sign(self.storage_url, path) for key, path in paths.items()}
        return json_reply({"filenameToSignedUrls": signed})

    def _age(self, thing: dict[str, Any]) -> None:
        if thing.get("uploaded") and thing["state"] == "UPLOADING":
            thing["looks"] -= 1
            thing["state"] = "READY" if thing["looks"] <= 0 else "UPLOADING"


def paged(key: str, entries: list[dict[str, Any]], asked: Mapping[str, str], size: int = 2) -> Reply:
    """A page of a list, two entries at most; a token is good for the same question only."""
    rest = {name: text for name, text in asked.items() if name != "pageToken"}
    start, said = json.loads(asked.get("pageToken", json.dumps([0, rest])))
    if said != rest:
        return grpc(400, 3, "parameters must stay the same across pages")
    end = start + size
    token = json.dumps([end, rest]) if end < len(entries) else ""
    return json_reply({key: entries[start:end], "nextPageToken": token, "totalSize": len(entries)})


def _parts(heard: Heard) -> Any:
    head = f"Content-Type: {heard.headers['content-type']}\r\n\r\n".encode()
    parts = list(BytesParser().parsebytes(head + heard.raw).walk())
    assert len(parts) == 2
    return parts[1]


def _file(heard: Heard) -> bytes:
    return bytes(_parts(heard).get_payload(decode=True))


def _file_name(heard: Heard) -> str:
    return str(_parts(heard).get_filename())


@asynccontextmanager
async def opened(
    *, account_id: str | None = ACCOUNT, retries: Retries = QUICK, key: str = KEY
) -> AsyncIterator[tuple[Gateway, FaultServer, FaultServer, ControlPlane]]:
    """Gateway, its server, the storage's server, and a connection to both."""
    bucket = Bucket()
    with FaultServer(bucket, models=None) as storage:
        gateway = Gateway(bucket, storage.base_url)
        with FaultServer(gateway, models=None) as server:
            at = Endpoint(
                base_url=server.base_url.removesuffix("/v1") + "/inference/v1", api_key=SecretStr(key)
            )
            async with ControlPlane(at, account_id=account_id, retries=retries, proxies={}) as control:
                yield gateway, server, storage, control
