"""What a loss of power may leave of a folder: no more than what somebody waited for, in any order.

A file has the bytes that it had when it was flushed last, and maybe some of those after; a folder has the
names that it had when it was flushed last, and any of the changes since then may have come through or not.
"""

import json
import os
import shutil
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

Names = Mapping[str, int]
"""What a folder holds: names with the numbers of their files, or those of folders, made negative: the number
of one that is removed may be given to the other."""


class Power:
    """Watches what of a folder is on disk, from within the process that changes it.

    Args:
        lake: The folder; whatever is in it at first is on disk.
        kept: Folder on the same disk where files stay within reach when they are removed.
    """

    def __init__(self, lake: Path, kept: Path) -> None:
        self._lake, self._kept = lake, kept
        kept.mkdir(parents=True)
        self._sizes: dict[int, int] = {}
        self._names: dict[int, dict[str, int]] = {lake.parent.stat().st_ino: self._listed(lake.parent)}
        for folder in self._folders():
            self._names[folder.stat().st_ino] = self._listed(folder)
            for file in folder.iterdir():
                self._sizes[file.stat().st_ino] = file.stat().st_size

    def flushed(self, handle: int) -> None:
        """Note that a file or a folder is on disk."""
        about = os.fstat(handle)
        path = Path(f"/proc/self/fd/{handle}").readlink()
        if stat.S_ISDIR(about.st_mode):
            self._names[about.st_ino] = self._listed(path)
        else:
            self._sizes[about.st_ino] = about.st_size
            self._keep(path)

    def cut(self, told: Path) -> None:
        """Write down what is on disk, and what would be if all were."""
        folders = (self._lake.parent, *self._folders())
        now = {folder.stat().st_ino: self._listed(folder) for folder in folders}
        paths = {folder.stat().st_ino: folder.name for folder in folders}
        image = {
            "root": folders[0].stat().st_ino,
            "kept": str(self._kept),
            "sizes": self._sizes,
            "disk": self._names,
            "now": now,
            "paths": paths,
        }
        told.write_text(json.dumps(image))

    def _folders(self) -> Iterator[Path]:
        if self._lake.is_dir():
            yield self._lake
            yield from (path for path in self._lake.rglob("*") if path.is_dir())

    def _listed(self, folder: Path) -> dict[str, int]:
        listed = {}
        for path in folder.iterdir():
            if folder != self._lake.parent or path == self._lake:
                with suppress(FileNotFoundError):  # gone meanwhile, by another thread
                    listed[path.name] = -path.stat().st_ino if path.is_dir() else path.stat().st_ino
                    self._keep(path)
        return listed

    def _keep(self, path: Path) -> None:
        if path.is_file():
            with suppress(FileExistsError):
                os.link(path, self._kept / str(path.stat().st_ino))


@dataclass(frozen=True)
class Loss:
    """One thing that a loss of power may have left.

    Attributes:
        name: What came through, in words.
        choose: The names of a folder, given its number, those on disk and those that were not waited for.
        torn: Whether half of what was written since the last flush is in the files.
    """

    name: str
    choose: Callable[[int, Names, Names], Names]
    torn: bool = False


def losses(told: Path) -> list[tuple[str, dict[str, Any]]]:
    """The trees that a loss of power may have left, each once, with a name."""
    image = _Image(told)
    found: dict[str, tuple[str, dict[str, Any]]] = {}
    for loss in image.losses():
        tree = image.tree(loss)
        found.setdefault(json.dumps(tree, sort_keys=True), (loss.name, tree))
    return list(found.values())


def restore(told: Path, tree: Mapping[str, Any], lake: Path) -> None:
    """Put a tree in the place of a lake."""
    kept = Path(json.loads(told.read_text())["kept"])
    if lake.exists():
        shutil.rmtree(lake)
    if "lake" in tree:
        _build(tree["lake"], lake, kept)


def _build(tree: Any, path: Path, kept: Path) -> None:
    if isinstance(tree, dict):
        path.mkdir()
        for name, inner in tree.items():
            _build(inner, path / name, kept)
    else:
        number, size = tree
        file = kept / str(number)
        path.write_bytes(file.read_bytes()[:size])
        os.utime(path, ns=(file.stat().st_atime_ns, file.stat().st_mtime_ns))


def _only(folder: int, number: int, disk: Names, now: Names) -> Names:
    return now if number == folder else disk


class _Image:
    def __init__(self, told: Path) -> None:
        image = json.loads(told.read_text())
        self._root, self._kept = image["root"], Path(image["kept"])
        self._sizes = {int(number): size for number, size in image["sizes"].items()}
        self._disk = {int(number): names for number, names in image["disk"].items()}
        self._now = {int(number): names for number, names in image["now"].items()}
        self._paths = {int(number): name for number, name in image["paths"].items()}

    def losses(self) -> Iterator[Loss]:
        """The worst of what may be."""
        yield Loss("nothing unflushed", lambda _number, disk, _now: disk)
        yield Loss("all names", lambda _number, _disk, now: now)
        yield Loss("all names, half of the contents", lambda _number, _disk, now: now, torn=True)
        yield Loss(
            "removals alone", lambda _number, disk, now: {name: disk[name] for name in disk if name in now}
        )
        yield Loss("new names alone", lambda _number, disk, now: {**disk, **now})
        changed = [number for number in self._now if self._now[number] != self._disk.get(number, {})]
        for one in changed:
            yield Loss(f"names in {self._paths[one]} alone", partial(_only, one))

    def tree(self, loss: Loss) -> dict[str, Any]:
        """Folders as dictionaries, files as their number and size."""
        return self._folder(self._root, loss)

    def _folder(self, number: int, loss: Loss) -> dict[str, Any]:
        disk = self._disk.get(number, {})
        names = loss.choose(number, disk, self._now.get(number, disk))
        return {name: self._entry(inner, loss) for name, inner in sorted(names.items())}

    def _entry(self, number: int, loss: Loss) -> Any:
        if number < 0:
            return self._folder(-number, loss)
        flushed, full = self._sizes.get(number, 0), (self._kept / str(number)).stat().st_size
        return [number, flushed + (full - flushed) // 2 if loss.torn else flushed]
