"""Datasets: files of lines at the service, which batch jobs read and write."""

from collections.abc import AsyncIterator, Mapping
from typing import Annotated, ClassVar

from pydantic import model_validator

from pipeline.errors import AlreadyExists, ConfigError, RequestRejected, ServiceBusy
from pipeline.service.control import ControlPlane
from pipeline.service.names import checked_id
from pipeline.service.polling import Polling, poll
from pipeline.service.wire import Moment, Named, Status, Wire, read, without

COLLECTION = "datasets"
LEAST_LINES_A_CHUNK = 200
"""Of a dataset that is split: API reference, the body of splitDataset."""
_ORIGINS = ("userUploaded", "evaluationResult", "transformed", "splitted", "evalProtocol")
_READABLE = {"", "UNSPECIFIED", "PLAINTEXT"}


class Dataset(Named):
    """A dataset as the service describes it.

    Attributes:
        name: `accounts/<account>/datasets/<id>`.
        state: `UPLOADING` or `READY`.
        example_count: Lines it was said to have.
        estimated_token_count: Known once it is ready.
        origin: Where it is from, such as `userUploaded`; empty when the service does not say.
        source_job_name: The job that wrote it.
        external_url: Where it lies, when not at the service.
        encryption_state: `PLAINTEXT`, or whose keys it is under.
    """

    what: ClassVar[str] = "dataset"

    display_name: str = ""
    state: Annotated[str, without("STATE_")] = "UNSPECIFIED"
    status: Status = Status()
    format: Annotated[str, without("FORMAT_")] = "UNSPECIFIED"
    example_count: int = 0
    estimated_token_count: int = 0
    average_turn_count: float = 0.0
    external_url: str = ""
    origin: str = ""
    source_job_name: str = ""
    created_by: str = ""
    create_time: Moment = None
    update_time: Moment = None
    encryption_state: Annotated[str, without("ENCRYPTION_STATE_")] = "UNSPECIFIED"

    @model_validator(mode="before")
    @classmethod
    def _find_origin(cls, value: object) -> object:
        if not isinstance(value, Mapping):
            return value
        return {"origin": next((mark for mark in _ORIGINS if value.get(mark) is not None), ""), **value}

    @property
    def is_ready(self) -> bool:
        """Whether jobs may read it."""
        return self.state == "READY"

    @property
    def is_plain(self) -> bool:
        """Whether it is not under keys of the customer's own, with which nothing can be uploaded."""
        return self.encryption_state in _READABLE


class Split(Wire):
    """What a dataset was split into.

    Attributes:
        chunk_dataset_names: Full names of the new datasets, in the order of their lines.
        total_examples: Lines in all of them.
    """

    what: ClassVar[str] = "result of a split"

    chunk_dataset_names: tuple[str, ...] = ()
    chunks_created: int = 0
    total_examples: int = 0


async def create_dataset(
    control: ControlPlane,
    dataset_id: str,
    *,
    example_count: int | None,
    display_name: str = "",
    external_url: str = "",
) -> Dataset:
    """A new dataset, to be uploaded to; or one that lies in a bucket of your own.

    Args:
        control: The service.
        dataset_id: A new id.
        example_count: Lines it will have. The service does not check that, but counts jobs' requests by it.
            None where they cannot be known, which is so in a bucket only.
        display_name: For people.
        external_url: `gs://` address of a file that the service may read; empty for an upload.

    Raises:
        AlreadyExists: There is one of this id that was not made by this call.
        ConfigError: The id or the address is not one.
        ServiceError: It was not made.
    """
    about: dict[str, object] = {"userUploaded": {}}
    if external_url:
        about = {"externalUrl": checked_place(external_url)}
    if example_count is not None:
        about["exampleCount"] = str(example_count)
    dataset = {**about, "displayName": display_name}
    body = {"datasetId": checked_id(dataset_id, "dataset id"), "dataset": dataset}
    path = f"v1/{await control.name(COLLECTION, dataset_id)}"
    try:
        return read(Dataset, await control.call("POST", path.rpartition("/")[0], body=body))
    except AlreadyExists as error:
        # An attempt of this very call may have made it, whose answer was lost.
        found = await get_dataset(control, dataset_id) if error.attempts > 1 else None
        if found is None or (found.example_count, found.external_url) != (example_count or 0, external_url):
            raise
        if found.is_ready and not external_url:  # it has been filled, so it is another's
            raise
        return found


def checked_place(url: str) -> str:
    """The same address of a file in a bucket of one's own.

    Raises:
        ConfigError: It is none that the service can read.
    """
    bucket, _, file = url.removeprefix("gs://").partition("/")
    if not url.startswith("gs://") or not bucket or not file:
        raise ConfigError(f"{url!r} is no place for a dataset: it must be of the form gs://bucket/file.jsonl")
    return url


async def get_dataset(control: ControlPlane, dataset: str) -> Dataset:
    """The dataset of an id or a full name.

    Raises:
        NotFound: There is none.
        ServiceError: The service does not say.
    """
    return read(Dataset, await control.call("GET", f"v1/{await control.name(COLLECTION, dataset)}"))


async def datasets(
    control: ControlPlane, *, matching: str = "", order_by: str = "createTime desc"
) -> AsyncIterator[Dataset]:
    """Every dataset of the account.

    Args:
        control: The service.
        matching: Only those, in the syntax of AIP-160, such as `state=READY`.
        order_by: Fields, each with or without `desc`.

    Raises:
        ServiceError: There is no list.
    """
    async for entry in control.owned(COLLECTION, matching=matching, order_by=order_by):
        yield read(Dataset, entry)


async def update_dataset(
    control: ControlPlane, dataset: str, *, display_name: str | None = None, example_count: int | None = None
) -> Dataset:
    """The dataset, with what is not None changed; its lines never change.

    Args:
        control: The service.
        dataset: Id or full name.
        display_name: For people.
        example_count: Lines it has, where it was made with another number.

    Raises:
        NotFound: There is none.
        ServiceError: It was not changed.
    """
    count = None if example_count is None else str(example_count)
    fields = {"displayName": display_name, "exampleCount": count}
    body = {name: value for name, value in fields.items() if value is not None}
    path = f"v1/{await control.name(COLLECTION, dataset)}"
    return read(Dataset, await control.call("PATCH", path, body=body))


async def split_dataset(control: ControlPlane, dataset: str, *, chunk_size: int) -> Split:
    """The datasets that hold the lines of one in pieces; it stays as it is.

    Args:
        control: The service.
        dataset: Id or full name of one that is ready.
        chunk_size: Lines of each piece but the last, at least `LEAST_LINES_A_CHUNK`.

    Raises:
        ConfigError: The pieces would be too small.
        AlreadyExists: The names of the pieces are taken, such as by those of an earlier split.
        NotFound: There is no such dataset.
        ServiceError: It was not split. When an answer was lost, pieces may be there.
    """
    if chunk_size < LEAST_LINES_A_CHUNK:
        raise ConfigError(f"a dataset is split into pieces of {LEAST_LINES_A_CHUNK} lines or more")
    path = f"v1/{await control.name(COLLECTION, dataset)}:splitDataset"
    try:
        return read(Split, await control.call("POST", path, body={"chunkSize": chunk_size}))
    except AlreadyExists as error:
        raise AlreadyExists(
            f"{dataset} cannot be split while datasets have the names of its pieces: {error}",
            status=error.status,
            code=error.code,
        ) from error


async def delete_dataset(control: ControlPlane, dataset: str) -> None:
    """Remove a dataset and what is in it.

    Raises:
        NotFound: There was none.
        ServiceError: It is still there.
    """
    await control.remove(COLLECTION, dataset)


async def wait_until_ready(control: ControlPlane, dataset: str, polling: Polling | None = None) -> Dataset:
    """The dataset, once jobs may read it.

    Raises:
        RequestRejected: The service says what is wrong with it.
        ServiceBusy: It is not ready by the deadline.
        ServiceError: The service does not say.
    """

    async def look() -> Dataset:
        seen = await get_dataset(control, dataset)
        if not seen.status.is_ok:
            raise RequestRejected(
                f"the service does not take dataset {seen.id} ({seen.status.code}: {seen.status.message})",
                status=400,
                code=seen.status.code,
            )
        return seen

    try:
        return await poll(look, lambda seen: seen.is_ready, polling or Polling())
    except ServiceBusy as error:
        raise ServiceBusy(f"dataset {dataset} is not ready: {error}", status=error.status) from error
