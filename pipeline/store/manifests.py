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
    if not (lake / RUNS).is_dir():
        raise ConfigError(f"{lake} is not a lake; name the folder that was given to --out")
    files = sorted((lake / RUNS).glob("[0-9]*.json"), reverse=True)
    if run is not None:
        files = [file for file in files if file.stem == run]
    if not files:
        there = "run has ended in it yet" if run is None else f"run {run} is among its manifests in {RUNS}"
        raise ConfigError(f"{lake}: no {there}")
    return next((told for told in map(_read, files) if told.requests), None) or _read(files[0])


def _read(file: Path) -> RunSummary:
    try:
        return RunSummary.model_validate_json(file.read_bytes())
    except OSError as error:
        raise StoreError(f"{file} could not be read: {error.strerror}") from error
    except ValidationError as error:
        raise StoreError(f"{file} is no manifest of a run; move it out of the lake") from error
