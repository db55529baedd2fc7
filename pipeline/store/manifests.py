"""What earlier runs came to, read back from the manifests that they left in a lake."""

from pathlib import Path

from pydantic import ValidationError

from pipeline.errors import ConfigError, StoreError
from pipeline.store.lake import RUNS
from pipeline.summary import RunSummary


def manifest_of(lake: Path, run: str | None = None) -> RunSummary:
    """What a run came to.

    Args:
        lake: Folder of the lake.
        run: Id of the run; None for the latest that asked something, or else the latest.

    Raises:
        ConfigError: It is not a lake, or there is no such run.
        StoreError: The manifest cannot be read.
    """
    files = _files(lake)
    if run is not None:
        files = [file for file in files if file.stem == run]
    if not files:
        there = "run has ended in it yet" if run is None else f"run {run} is among its manifests in {RUNS}"
        raise ConfigError(f"{lake}: no {there}")
    return next((told for told in map(_read, files) if told.requests), None) or _read(files[0])


def latest_runs(lake: Path, most: int) -> tuple[list[RunSummary], int, list[str]]:
    """What the latest runs came to.

    Args:
        lake: Folder of the lake.
        most: How many of them.

    Returns:
        Their manifests, the latest first; how many there are in all; what is wrong with those that cannot be
        read, in sentences.

    Raises:
        ConfigError: It is not a lake.
    """
    files, told, wrong = _files(lake), list[RunSummary](), list[str]()
    for file in files[:most]:
        try:
            told.append(_read(file))
        except StoreError as error:
            wrong.append(str(error))
    return told, len(files), wrong


def _files(lake: Path) -> list[Path]:
    """The manifests of a lake, the latest first."""
    if not (lake / RUNS).is_dir():
        raise ConfigError(f"{lake} is not a lake; name the folder that was given to --out")
    return sorted((lake / RUNS).glob("[0-9]*.json"), reverse=True)


def _read(file: Path) -> RunSummary:
    try:
        return RunSummary.model_validate_json(file.read_bytes())
    except OSError as error:
        raise StoreError(f"{file} could not be read: {error.strerror}") from error
    except ValidationError as error:
        raise StoreError(f"{file} is no manifest of a run; move it out of the lake") from error
