"""The files of a dataset to train with, while they are written: splits, and what they were made of."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from pipeline.errors import ConfigError
from pipeline.export.manifest import EXAMPLES, LEFT_OUT, Split
from pipeline.export.places import WrittenFile

LEAST_EXAMPLES, MOST_EXAMPLES = 3, 3_000_000
"""Examples of a dataset: service documentation, supervised fine-tuning of vision models."""


@dataclass(slots=True)
class LineFile:
    """A file of lines that is being written.

    Attributes:
        path: Where it is.
        size_bytes: Written so far.
    """

    path: Path
    size_bytes: int = 0
    _file: BinaryIO = field(init=False)
    _digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    def __post_init__(self) -> None:
        self._file = self.path.open("wb")

    def add(self, line: bytes) -> None:
        """Append a line, its end included."""
        self._file.write(line)
        self._digest.update(line)
        self.size_bytes += len(line)

    def close(self) -> WrittenFile:
        """What it came to, under its own name."""
        self._file.close()
        return WrittenFile(path=self.path.name, bytes=self.size_bytes, sha256=self._digest.hexdigest())


class SplitFiles:
    """The files of one split, none larger than so many bytes.

    Args:
        folder: Where they are written.
        name: Of the split; the files are called `name-00001.jsonl` and so on.
        max_bytes: Most bytes of a file.

    Attributes:
        lines: How many there are.
    """

    def __init__(self, folder: Path, name: str, max_bytes: int) -> None:
        self.lines = 0
        self._folder, self._name, self._max_bytes = folder, name, max_bytes
        self._done: list[WrittenFile] = []
        self._open: LineFile | None = None

    def add(self, line: bytes) -> None:
        """Append a line; a file that it does not fit into any more is closed."""
        if self._open is not None and self._open.size_bytes + len(line) > self._max_bytes:
            self.close()
        if self._open is None:
            self._open = LineFile(self._folder / f"{self._name}-{len(self._done) + 1:05}.jsonl")
        self._open.add(line)
        self.lines += 1

    def close(self) -> None:
        """Nothing is added to the last file any more."""
        if self._open is not None:
            self._done.append(self._open.close())
            self._open = None

    def checked(self) -> Split:
        """The split, whole.

        Raises:
            ConfigError: The service would not take so many examples, or so few.
        """
        self.close()
        if not LEAST_EXAMPLES <= self.lines <= MOST_EXAMPLES:
            raise ConfigError(
                f"the split {self._name} would have {self.lines} examples, and a dataset to train with has "
                f"{LEAST_EXAMPLES} to {MOST_EXAMPLES:,}: choose other shares with --split, or other records"
            )
        return Split(examples=self.lines, files=self._done)


class TrainingFiles:
    """All files of a dataset; a context manager that closes them.

    Args:
        folder: Where they are written; it is there.
        splits: Names of the splits.
        max_bytes: Most bytes of a file of a split.

    Attributes:
        splits: By name.
        recipe: What each example was made of.
        left_out: Records that are in no split.
    """

    def __init__(self, folder: Path, splits: list[str], max_bytes: int) -> None:
        self.splits = {name: SplitFiles(folder, name, max_bytes) for name in splits}
        self.recipe, self.left_out = LineFile(folder / EXAMPLES), LineFile(folder / LEFT_OUT)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for split in self.splits.values():
            split.close()
        for file in (self.recipe, self.left_out):
            file.close()
