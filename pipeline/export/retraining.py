"""A dataset to train with, made again from its manifest and the sources: the same to the byte."""

import shutil
from pathlib import Path

from pipeline.errors import StoreError
from pipeline.export.candidates import Candidate, LeftOut
from pipeline.export.drawing import Drawer, Drawn, drawing
from pipeline.export.export import ExportTally
from pipeline.export.manifest import (
    EXAMPLES,
    LEFT_OUT,
    MANIFEST,
    Example,
    Manifest,
    Split,
    read_examples,
    read_manifest,
    versions,
)
from pipeline.export.places import check_free, folder_beside
from pipeline.export.training_files import SplitFiles
from pipeline.render.passwords import NO_PASSWORDS, Passwords
from pipeline.render.sizing import ImageOptions
from pipeline.render.workers import RenderLimits
from pipeline.requests import training_line
from pipeline.windows import WindowLimits

_ANY_SIZE = WindowLimits(max_images=10**9, max_encoded_bytes=10**15)
"""What went into a dataset once is not measured again."""


async def rebuild_training(  # noqa: PLR0913 - two of them by name
    path: Path,
    out: Path,
    limits: RenderLimits,
    tally: ExportTally,
    *,
    passwords: Passwords = NO_PASSWORDS,
    force: bool = False,
) -> Manifest:
    """Write the dataset that a manifest describes once more; the lake is not needed for it.

    Args:
        path: The manifest, with the recipe beside it.
        out: Folder of the dataset.
        limits: What drawing may cost.
        tally: Told what is being done.
        passwords: What to try on documents that ask for a password.
        force: Whether what is there is replaced.

    Raises:
        ConfigError: It is no manifest, or something is there.
        StoreError: A source is gone or has changed, or pages look other than they did.
    """
    manifest = read_manifest(path)
    check_free(out, force=force, folder=True)
    tally.doing, tally.rows = "examples", sum(split.examples for split in manifest.splits.values())
    with folder_beside(out) as part:
        part.mkdir()
        tally.path = part
        images = ImageOptions(**manifest.images.model_dump())
        async with drawing(images, limits, passwords, _ANY_SIZE) as drawer:
            await _write(manifest, path.parent, part, drawer, ahead=2 * limits.workers)
        for name in (EXAMPLES, LEFT_OUT):
            shutil.copyfile(path.parent / name, part / name)
        shutil.copyfile(path, part / MANIFEST)
    return manifest


async def _write(manifest: Manifest, recipe: Path, part: Path, drawer: Drawer, *, ahead: int) -> None:
    splits = {name: SplitFiles(part, name, manifest.max_file_bytes) for name in manifest.splits}
    examples = read_examples(recipe)
    candidates = map(_candidate, read_examples(recipe))

    def take(one: Drawn | LeftOut) -> None:
        if isinstance(one, LeftOut):
            raise StoreError(f"the dataset cannot be made again: {one.path}: {one.reason}")
        pages = one.candidate.page_count
        line = training_line(manifest.system, one.images, pages, one.candidate.answer)
        splits[next(examples).split].add(line)

    try:
        await drawer.draw_all(candidates, take, ahead=ahead)
    finally:
        examples.close()
        for files in splits.values():
            files.close()
    _check(manifest, {name: files.checked() for name, files in splits.items()})


def _candidate(example: Example) -> Candidate:
    return Candidate(
        doc_id=example.doc_id,
        paths=(example.path,),
        page_count=example.page_count,
        pages=example.pages,
        answer=example.answer,
    )


def _check(manifest: Manifest, splits: dict[str, Split]) -> None:
    """Raise StoreError unless every file is what it was."""
    if splits != manifest.splits:
        now = versions()
        others = [f"{name} {old}, now {now.get(name)}" for name, old in manifest.made_with.items()]
        raise StoreError(
            "pages look other than they did, so the dataset is not the same; it was made with "
            + "; ".join(others)
        )
