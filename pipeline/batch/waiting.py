"""Documents whose pages wait for a batch job, and what is known of these pages without drawing them again."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from pipeline.batch.job import JOBS
from pipeline.errors import StoreError
from pipeline.records import Document
from pipeline.render.known import KnownPage
from pipeline.store.parquet import write_text

_FOLDER = ".waiting"


class WaitingDocument(BaseModel):
    """A document, and the pages of it that were drawn."""

    model_config = ConfigDict(frozen=True)

    document: Document
    page_count: int
    pages: list[KnownPage]


class WaitingShard(BaseModel):
    """Documents that are worked together.

    Attributes:
        question_id: What each of them is asked.
    """

    model_config = ConfigDict(frozen=True)

    question_id: str
    documents: list[WaitingDocument]


class WaitingRoom:
    """The documents of a lake that wait, a file for each group that is worked together."""

    def __init__(self, lake: Path) -> None:
        self._folder = lake / JOBS / _FOLDER

    def files(self) -> list[Path]:
        """The groups, the oldest first."""
        return sorted(self._folder.glob("*.json"))

    def read(self, file: Path) -> WaitingShard:
        """A group.

        Raises:
            StoreError: It cannot be read.
        """
        try:
            return WaitingShard.model_validate_json(file.read_bytes())
        except (OSError, ValidationError) as error:
            raise StoreError(
                f"{file} cannot be read: move it out of the lake and process its documents again"
            ) from error

    def write(self, name: str, shard: WaitingShard) -> Path:
        """Keep a group under a name, whole or not at all.

        Raises:
            StoreError: It cannot be written.
        """
        path = self._folder / f"{name}.json"
        write_text(path, shard.model_dump_json())
        return path
