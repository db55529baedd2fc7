"""The files of a dataset, while they are written: splits cut by size, and what they were made of."""

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
        lines: Written so far.
        size_bytes: Of these.
    """

    path: Path
    lines: int = 0
    size_bytes: int = 0
    _file: BinaryIO = field(init=False)
    _digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    def __post_init__(self) -> None:
        self._file = self.path.open("wb")

    def add(self, line: bytes) -> None:
        """Append a line, its end included."""
        self._file.write(line)
        self._digest.update(line)
        self.lines += 1
        self.size_bytes += len(line)

    def close(self) -> WrittenFile:
        """What it came to, under its own name."""
        self._file.close()
        return WrittenFile(path=self.path.name, bytes=self.size_bytes, sha256=self._digest.hexdigest())


class SplitFiles:
    """The files of one split, each within limits.

    Args:
        folder: Where they are written.
        name: Of the split; the files are called `name-00001.jsonl` and so on.
        max_bytes: Most bytes of a file.
        max_lines: Most lines of a file.

    Attributes:
        files: Those that are whole.
        counts: Lines of each of them.
    """

    def __init__(self, folder: Path, name: str, max_bytes: int, max_lines: int = MOST_EXAMPLES) -> None:
        self.files: list[WrittenFile] = []
        self.counts: list[int] = []
        self._folder, self._name = folder, name
        self._max_bytes, self._max_lines = max_bytes, max_lines
        self._open: LineFile | None = None

    def add(self, line: bytes) -> int:
        """Append a line; a file that it does not fit into is closed first. Returns its place in `files`."""
        if self._open is not None and self._is_full(self._open, line):
            self.close()
        if self._open is None:
            self._open = LineFile(self._folder / f"{self._name}-{len(self.files) + 1:05}.jsonl")
        self._open.add(line)
        return len(self.files)

    def _is_full(self, file: LineFile, line: bytes) -> bool:
        return file.lines >= self._max_lines or file.size_bytes + len(line) > self._max_bytes

    def close(self) -> None:
        """Nothing is added to the last file any more."""
        if self._open is not None:
            self.counts.append(self._open.lines)
            self.files.append(self._open.close())
            self._open = None

    def checked(self) -> Split:
        """The split, whole.

        Raises:
            ConfigError: The service would not take so many examples, or so few.
        """
        self.close()
        lines = sum(self.counts)
        if not LEAST_EXAMPLES <= lines <= MOST_EXAMPLES:
            raise ConfigError(
                f"the split {self._name} would have {lines} examples, and a dataset to train with has "
                f"{LEAST_EXAMPLES} to {MOST_EXAMPLES:,}: choose other shares with --split, or other records"
            )
        return Split(examples=lines, files=self.files)


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
