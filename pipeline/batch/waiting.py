"""Documents whose pages wait for a batch job, and what is known of these pages without drawing them again."""

import json
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from pipeline.batch.job import JOBS, make_jobs_folder
from pipeline.errors import StoreError
from pipeline.records import Document
from pipeline.render.known import Known
from pipeline.store.disk import remove
from pipeline.store.parquet import write_text

_FOLDER = ".waiting"


class WaitingDocument(BaseModel):
    """A document, and what became of those of its pages that were to be drawn."""

    model_config = ConfigDict(frozen=True)

    document: Document
    page_count: int
    known: Known


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
        self._lake, self._folder = lake, lake / JOBS / _FOLDER

    def names(self) -> list[str]:
        """The groups, the oldest first."""
        return sorted(file.stem for file in self._folder.glob("*.json") if not file.name.startswith("."))

    def file(self, name: str) -> Path:
        """Where a group is kept."""
        return self._folder / f"{name}.json"

    def read(self, name: str) -> WaitingShard:
        """A group.

        Raises:
            StoreError: It cannot be read.
        """
        file = self.file(name)
        try:
            # Not by pydantic's own parser: paths need not be UTF-8.
            return WaitingShard.model_validate(json.loads(file.read_bytes()))
        except (OSError, ValueError) as error:
            raise StoreError(
                f"{file} cannot be read: move it out of the lake and process its documents again"
            ) from error

    def keep(self, name: str, group: WaitingShard) -> None:
        """Keep a group under a name, whole or not at all; one without documents is forgotten.

        Raises:
            StoreError: It cannot be written.
        """
        file = self.file(name)
        if group.documents:
            make_jobs_folder(self._lake)
            write_text(file, json.dumps(group.model_dump(mode="json")))
        else:
            remove([file])
