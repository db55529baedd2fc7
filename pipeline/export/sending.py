"""Datasets that were written, on their way to the service."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from pipeline.export.asking import RequestsManifest
from pipeline.export.export import ExportTally
from pipeline.export.manifest import Manifest
from pipeline.service.control import ControlPlane
from pipeline.service.names import content_id
from pipeline.service.uploads import MULTIPART_BYTES, put_dataset


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """Files that become one dataset.

    Attributes:
        dataset: Id, made from the content.
        display_name: For people.
        files: All of them.
        examples: Lines in them.
        size_bytes: Of all files.
    """

    dataset: str
    display_name: str
    files: tuple[Path, ...]
    examples: int
    size_bytes: int


class Sent(BaseModel):
    """A dataset that is at the service, ready to be used."""

    model_config = ConfigDict(frozen=True)

    dataset: str
    display_name: str
    examples: int


def parcels(manifest: Manifest | RequestsManifest, folder: Path) -> list[Parcel]:
    """The datasets that the files of a folder become: one for each split, one for each file of requests."""
    if isinstance(manifest, RequestsManifest):
        return [
            Parcel(
                dataset=one.dataset,
                display_name=one.dataset,
                files=(folder / one.file.path,),
                examples=one.requests,
                size_bytes=one.file.bytes,
            )
            for one in manifest.datasets
        ]
    return [
        Parcel(
            dataset=content_id("pagelake-sft", name, *(file.sha256 for file in split.files)),
            display_name=f"{manifest.schema_name} {name}",
            files=tuple(folder / file.path for file in split.files),
            examples=split.examples,
            size_bytes=sum(file.bytes for file in split.files),
        )
        for name, split in manifest.splits.items()
    ]


async def send(
    control: ControlPlane,
    wanted: Sequence[Parcel],
    tally: ExportTally,
    *,
    multipart_bytes: int = MULTIPART_BYTES,
) -> list[Sent]:
    """Datasets at the service, ready; what is there already is left as it is, for its id says what it is.

    Args:
        control: The service.
        wanted: What they are made of.
        tally: Told how far it is.
        multipart_bytes: Longest single file that goes in one request.

    Raises:
        StoreError: A file cannot be read, or changes meanwhile.
        ServiceError: The service does not take one.
    """
    found = []
    for parcel in wanted:
        tally.doing, tally.sent_bytes, tally.to_send_bytes = parcel.dataset, 0, parcel.size_bytes
        await put_dataset(
            control,
            parcel.dataset,
            parcel.files,
            example_count=parcel.examples,
            display_name=parcel.display_name,
            progress=tally.sent,
            multipart_bytes=multipart_bytes,
        )
        found.append(Sent(dataset=parcel.dataset, display_name=parcel.display_name, examples=parcel.examples))
    return found
