"""What a dataset to train with was made of: enough to make it again, byte for byte."""

import json
from collections.abc import Generator
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from pipeline.errors import ConfigError
from pipeline.export.places import WrittenFile, sha256_of

MANIFEST, EXAMPLES, LEFT_OUT = "manifest.json", "examples.jsonl", "left_out.jsonl"


class ImageSettings(BaseModel):
    """How pages were drawn; as `pipeline.render.sizing.ImageOptions`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    long_side_px: int
    quality: int
    image_format: Literal["jpeg", "png"]
    max_dpi: int


class Split(BaseModel):
    """One split.

    Attributes:
        examples: Conversations in it.
        files: Its files, in order, by their names beside the manifest.
    """

    model_config = ConfigDict(frozen=True)

    examples: int
    files: list[WrittenFile]


class Manifest(BaseModel):
    """What a dataset was made of.

    Attributes:
        format: What it is.
        made_with: Versions of what decides how pages look.
        lake: Where the records were.
        schema_name: Record type.
        where: Condition that records met; empty for all.
        split: Shares of documents, as asked.
        system: What the model is told before it sees a page.
        images: How pages were drawn.
        max_file_bytes: Most bytes of one file.
        records: Records that met the condition.
        splits: By name.
        left_out: Records that are not in it, by reason.
        sources: Documents that pages were drawn from.
        recipe: The file that says of each example what it was made of.
        without: The file that says of each record that is not in it why.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: str = "pagelake sft 1"
    made_with: dict[str, str]
    lake: str
    schema_name: str
    where: str
    split: str
    system: str
    images: ImageSettings
    max_file_bytes: int
    records: int
    splits: dict[str, Split]
    left_out: dict[str, int]
    sources: int
    recipe: WrittenFile
    without: WrittenFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """What one conversation was made of.

    Attributes:
        split: Where it is.
        doc_id: SHA-256 of its source.
        path: Of the source.
        page_count: Pages of the document.
        pages: Those that are shown.
        answer: What is answered.
    """

    split: str
    doc_id: str
    path: str
    page_count: int
    pages: tuple[int, ...]
    answer: str

    @property
    def line(self) -> bytes:
        """As it stands in the recipe; names of files that are no UTF-8 survive in ASCII."""
        return json.dumps(asdict(self)).encode() + b"\n"

    @classmethod
    def of(cls, line: bytes) -> "Example":
        """The example of a line."""
        fields: dict[str, Any] = json.loads(line)
        return cls(**fields | {"pages": tuple(fields["pages"])})


def versions() -> dict[str, str]:
    """Versions of what decides how pages look."""
    return {name: version(name) for name in ("pagelake", "pypdfium2", "pillow")}


def read_manifest(path: Path) -> Manifest:
    """The manifest in a file.

    Raises:
        ConfigError: It is none, or the recipe beside it is not the one it names.
    """
    try:
        manifest = Manifest.model_validate_json(path.read_bytes())
    except OSError as error:
        raise ConfigError(f"{path} cannot be read ({error.strerror})") from error
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        raise ConfigError(f"{path} is no manifest of a dataset: {first['loc']}: {first['msg']}") from None
    for beside in (manifest.recipe, manifest.without):
        if sha256_of(path.parent / Path(beside.path).name) != beside.sha256:
            raise ConfigError(f"{path.parent / beside.path} is not the file that {path} was written with")
    return manifest


def read_examples(folder: Path) -> Generator[Example]:
    """The recipe beside a manifest, which has been checked."""
    with (folder / EXAMPLES).open("rb") as lines:
        yield from map(Example.of, lines)
