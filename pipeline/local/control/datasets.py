"""Datasets: records with files, waiting for their upload or ready."""

import re
import shutil
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from pydantic import Field, JsonValue

from pipeline.local.control.folder import Shelf
from pipeline.local.control.names import ACCOUNT, EMAIL, checked_id, full_name
from pipeline.local.control.pace import Pace, stamp
from pipeline.local.control.status import Code, Status, invalid
from pipeline.local.control.wire import Resource, Wire

MAX_BYTES = 80 * 2**30
"""Of all files of a dataset: API reference, size limits, the newest."""
_BYTES_PER_TOKEN = 4
_FILENAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9 ._()-]{0,180}\.jsonl")
_BUCKET = re.compile(r"gs://[a-z0-9][a-z0-9._-]{1,200}/\S{1,1000}")
Format = Literal["FORMAT_UNSPECIFIED", "CHAT", "COMPLETION", "RL"]


class DatasetFields(Wire):
    """What a caller may say of a dataset; what only the server says is taken and left aside."""

    display_name: str | None = Field(None, max_length=1000)
    example_count: int | None = Field(None, ge=0, lt=2**63)
    format: Format | None = None
    external_url: str | None = None
    user_uploaded: dict[str, JsonValue] | None = None
    evaluation_result: JsonValue = None
    transformed: JsonValue = None
    splitted: JsonValue = None
    eval_protocol: JsonValue = None
    source_job_name: JsonValue = None
    name: JsonValue = None
    create_time: JsonValue = None
    update_time: JsonValue = None
    created_by: JsonValue = None
    state: JsonValue = None
    status: JsonValue = None
    estimated_token_count: JsonValue = None
    average_turn_count: JsonValue = None
    encryption_state: JsonValue = None


class CreateDataset(Wire):
    """The body of a creation."""

    dataset: DatasetFields
    dataset_id: str
    source_dataset_id: str | None = None
    filter: str | None = None


class Dataset(Wire):
    """A dataset as it is kept.

    Attributes:
        display_name: The caller's.
        example_count: Rows, as the caller counts them: nobody checks.
        format: The caller's.
        external_url: Where its file is, when it is not here.
        source_job_name: The job that made it.
        continues: Id of the dataset whose job the job continued that made this one; empty for none.
        split_from: Id of the dataset that it is a piece of; empty for none.
        create_time: When it was made.
        update_time: When it last changed.
        ready_time: From when on it is ready; None while it waits for its upload.
        registration: Part of the signed URLs; changes with the set of files that is to be uploaded.
        sizes: Bytes of each file, uploaded or to be.
    """

    display_name: str
    example_count: int
    format: Format = "FORMAT_UNSPECIFIED"
    external_url: str = ""
    source_job_name: str = ""
    continues: str = ""
    split_from: str = ""
    create_time: datetime
    update_time: datetime
    ready_time: datetime | None = None
    registration: str = ""
    sizes: dict[str, int] = Field(default={})


class Datasets(Shelf[Dataset]):
    """All datasets, kept in a folder.

    Args:
        folder: Theirs alone.
        pace: Says what time it is.
    """

    def __init__(self, folder: Path, pace: Pace) -> None:
        super().__init__(folder, Dataset)
        self._pace = pace

    def create(self, asked: CreateDataset) -> Dataset:
        """A new dataset that waits for its upload.

        Raises:
            Status: 400 or 409, as the service would.
        """
        name, fields = checked_id(asked.dataset_id, "dataset id"), asked.dataset
        if name in self:
            raise Status(Code.ALREADY_EXISTS, f'dataset "{full_name("datasets", name)}" already exists')
        if asked.source_dataset_id or asked.filter:
            raise Status(Code.UNIMPLEMENTED, "this server does not make datasets out of others; upload one")
        if fields.external_url and not _BUCKET.fullmatch(fields.external_url):
            raise invalid("error validating dataset: external_url is not of the form gs://bucket/file.jsonl")
        if not fields.example_count and not fields.external_url:
            raise invalid("error validating dataset: example_count is required for uploaded datasets")
        now = self._pace.clock()
        self.prepare(name)
        return self.keep(
            name,
            Dataset(
                display_name=fields.display_name or "",
                example_count=fields.example_count or 0,
                format=fields.format or "FORMAT_UNSPECIFIED",
                external_url=fields.external_url or "",
                create_time=now,
                update_time=now,
                ready_time=now if fields.external_url else None,
            ),
        )

    def produce(  # noqa: PLR0913 - each is a fact about it
        self,
        name: str,
        rows: int,
        files: Iterable[Path],
        *,
        made_by: str = "",
        continues: str = "",
        split_from: str = "",
    ) -> None:
        """A dataset that was made here, ready, there with all its files or not at all.

        Args:
            name: Its id.
            rows: Rows in it.
            files: Copied into it.
            made_by: Name of the job that made it.
            continues: Id of the dataset whose job this job continues.
            split_from: Id of the dataset that it is a piece of.
        """
        self.prepare(name)
        sizes = {path.name: _copy(path, self.file(name, path.name)) for path in files}
        now = self._pace.clock()
        self.keep(
            name,
            Dataset(
                display_name="",
                example_count=rows,
                source_job_name=made_by,
                continues=continues,
                split_from=split_from,
                create_time=now,
                update_time=now,
                ready_time=now,
                sizes=sizes,
            ),
        )

    def lineage(self, name: str) -> Iterator[str]:
        """Ids of a dataset and of those that its job and the jobs before continued, the ones still there."""
        while name in self:
            yield name
            name = self.find(name).continues

    def update(self, name: str, fields: DatasetFields) -> None:
        """Keep what its caller says of it now; what only the server says is left aside.

        Raises:
            Status: 404, or 400 when that would change where it is, or what nobody can know.
        """
        dataset = self.find(name)
        if fields.external_url is not None and fields.external_url != dataset.external_url:
            raise invalid("error validating dataset: external_url never changes; make a new one")
        if fields.example_count == 0 and not dataset.external_url:
            raise invalid("error validating dataset: example_count is required for uploaded datasets")
        said = fields.model_dump(include={"display_name", "example_count", "format"}, exclude_none=True)
        if said:
            self.change(name, dataset.model_copy(update=said))

    def change(self, name: str, dataset: Dataset) -> Dataset:
        """Keep a dataset as it is now."""
        return self.keep(name, dataset.model_copy(update={"update_time": self._pace.clock()}))

    def remove(self, name: str) -> None:
        """Let a dataset and its files go.

        Raises:
            Status: 404.
        """
        self.find(name)
        super().remove(name)

    def open_for_upload(self, name: str) -> Dataset:
        """The dataset, if it still waits for its files.

        Raises:
            Status: 404, or 400 once it is ready: its content never changes.
        """
        dataset = self.find(name)
        if dataset.ready_time is not None:
            raise Status(Code.FAILED_PRECONDITION, "dataset is not in state UPLOADING; make a new one")
        return dataset

    def uploaded(self, name: str, sizes: dict[str, int], after_s: float = 0.0) -> None:
        """The files are here: ready after so many seconds."""
        ready = self._pace.clock() + timedelta(seconds=after_s)
        self.change(name, self.find(name).model_copy(update={"ready_time": ready, "sizes": sizes}))

    def is_ready(self, name: str) -> bool:
        """Whether it can be used."""
        ready = self.find(name).ready_time
        return ready is not None and ready <= self._pace.clock()

    def file(self, name: str, filename: str) -> Path:
        """Where a file of it is, or will be."""
        return self.place(name) / "files" / filename

    def shown(self, name: str) -> Resource:
        """The resource, as the API shows it."""
        dataset, ready = self.find(name), self.is_ready(name)
        tokens = sum(dataset.sizes.values()) // _BYTES_PER_TOKEN if ready else 0
        return {
            "averageTurnCount": 0,
            "createTime": stamp(dataset.create_time),
            "createdBy": EMAIL,
            "displayName": dataset.display_name,
            "encryptionState": "ENCRYPTION_STATE_PLAINTEXT",
            "estimatedTokenCount": str(tokens),
            "exampleCount": str(dataset.example_count),
            "externalUrl": dataset.external_url,
            "format": dataset.format,
            "name": full_name("datasets", name, ACCOUNT),
            "sourceJobName": dataset.source_job_name,
            "state": "READY" if ready else "UPLOADING",
            "status": {"code": "OK", "message": ""},
            "updateTime": stamp(dataset.update_time),
            **_origin(dataset),
        }


def _origin(dataset: Dataset) -> Resource:
    if dataset.split_from:
        return {"splitted": {"sourceDatasetId": dataset.split_from}}
    return {} if dataset.source_job_name or dataset.external_url else {"userUploaded": {}}


def _copy(path: Path, target: Path) -> int:
    """Bytes of the file, which is then at the target too."""
    target.parent.mkdir(exist_ok=True)
    try:
        target.hardlink_to(path)
    except OSError:  # not every file system has links
        shutil.copyfile(path, target)
    return target.stat().st_size


def checked_filename(filename: str) -> str:
    """The name of a file that may be uploaded.

    Raises:
        Status: 400, it is not a plain name that ends with .jsonl.
    """
    if not _FILENAME.fullmatch(filename):
        raise invalid(f"invalid file name {filename[:80]!r}: want a plain name that ends with .jsonl")
    return filename
