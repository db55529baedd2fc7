"""Datasets to train with, made of a lake whose documents are still there, and of some that are not."""

import asyncio
import hashlib
import json
import shutil
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from PIL import Image, ImageDraw, ImageFont

from pipeline.errors import ConfigError, StoreError
from pipeline.export.export import ExportTally
from pipeline.export.manifest import Example, Manifest
from pipeline.export.retraining import rebuild_training
from pipeline.export.splits import Splits
from pipeline.export.training import TrainingOptions, export_training, plan_training
from pipeline.render.workers import RenderLimits
from pipeline.structured import compile_schema
from pipeline.windows import WindowLimits
from tests.papers import write_pdf
from tests.pipeline.runs import Slip, config, run, slip_type
from tests.servers import FaultServer, Heard, Reply, chat_answer

LIMITS = RenderLimits(workers=2)
PAPERS = 12


def slip(heard: Heard) -> Reply:
    """A slip like no other, with an entry for each page."""
    pages = [int(line.split()[1]) for line in heard.text.splitlines() if line.startswith("Page ")]
    entries = [{"text": f"entry {page}", "amount": page + 0.25, "_page": page} for page in pages]
    return chat_answer({"title": f"slip “{heard.number}”", "total": 12.5, "entries": entries})


@dataclass(frozen=True)
class Place:
    """A lake, and what its service heard."""

    lake: Path
    heard: list[Heard]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Papers, one of two pages, one that was asked in parts; a scan saved twice; one gone, one changed."""
    root = tmp_path_factory.mktemp("training")
    papers, lake = root / "in", root / "lake"
    for number in range(PAPERS):
        write_pdf(papers / f"{number}.pdf", [f"{'x' * number} paper {number}"])
    write_pdf(papers / "gone.pdf", ["gone"])
    write_pdf(papers / "changed.pdf", ["changed"])
    write_pdf(papers / "two.pdf", ["one", "two"])
    write_pdf(papers / "long.pdf", ["one", "two", "three"])
    with FaultServer(slip) as server:
        run(config(server.base_url, lake, papers, windows=WindowLimits(max_images=2)))
        heard = list(server.asked)
    with FaultServer([chat_answer({"title": "the same", "total": 1, "entries": []})]) as server:
        run(config(server.base_url, lake, *scans(root / "scans")))
    (papers / "gone.pdf").unlink()
    write_pdf(papers / "changed.pdf", ["another"])
    return Place(lake, heard)


def scans(folder: Path) -> list[Path]:
    """One page saved twice, the second time smaller and with more loss."""
    folder.mkdir()
    page = Image.new("L", (1200, 1600), 250)
    words = "\n".join("abcdefghijk lmnop qrstu"[: 8 + 5 * line % 16] for line in range(14))
    ImageDraw.Draw(page).multiline_text(
        (150, 150), words, fill=30, font=ImageFont.load_default(60), spacing=30
    )
    page.save(folder / "a.png")
    page.resize((900, 1200)).save(folder / "b.jpg", quality=60)
    return [folder / "a.png", folder / "b.jpg"]


def made(place: Place, out: Path, **changes: Any) -> Manifest:
    options = TrainingOptions(
        lake=place.lake, record=slip_type(), out=out, splits=Splits.parse("train=1"), limits=LIMITS
    )
    return asyncio.run(export_training(replace(options, **changes), ExportTally()))


def lines(folder: Path, split: str = "train") -> list[dict[str, Any]]:
    files = sorted(folder.glob(f"{split}-*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_bytes().splitlines()]


def recipe(folder: Path) -> list[Example]:
    return [Example.of(line) for line in (folder / "examples.jsonl").read_bytes().splitlines()]


@pytest.fixture(scope="module")
def dataset(place: Place, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Manifest]:
    out = tmp_path_factory.mktemp("made") / "dataset"
    manifest = made(place, out, splits=Splits.parse("train=0.6,test=0.4"))
    return out, manifest


def test_what_is_learned_is_asked_as_it_was_asked(place: Place, dataset: tuple[Path, Manifest]) -> None:
    asked = [heard.body["messages"] for heard in place.heard]

    learned = [one["messages"] for split in dataset[1].splits for one in lines(dataset[0], split)]

    assert len(learned) == PAPERS + 2
    from_papers = [one for one in learned if "the same" not in one[2]["content"]]
    assert all(one[:2] in asked for one in from_papers)
    assert [turn["role"] for turn in learned[0]] == ["system", "user", "assistant"]


def test_answers_are_those_that_the_schema_asks_for(dataset: tuple[Path, Manifest]) -> None:
    schema = compile_schema(Slip, name="slip", page_of_items=True).full
    answers = [
        one["messages"][2]["content"] for split in dataset[1].splits for one in lines(dataset[0], split)
    ]

    for answer in answers:
        jsonschema.validate(json.loads(answer), schema)
    (both,) = [json.loads(answer)["entries"] for answer in answers if '"_page":2' in answer]
    assert both == [
        {"text": "entry 1", "amount": 1.25, "_page": 1},
        {"text": "entry 2", "amount": 2.25, "_page": 2},
    ]
    assert '"total":12.5,' in answers[0]


def test_records_are_left_out_with_a_reason(dataset: tuple[Path, Manifest]) -> None:
    out, manifest = dataset

    assert manifest.left_out == {
        "read from several requests": 1,
        "shows what an earlier one shows": 1,
        "the source cannot be read any more": 1,
        "the source has other bytes now": 1,
    }
    told = [json.loads(line) for line in (out / "left_out.jsonl").read_bytes().splitlines()]
    assert Counter(one["reason"] for one in told) == manifest.left_out
    names = {Path(one["path"]).name for one in told}
    assert names - {"a.png", "b.jpg"} == {"gone.pdf", "changed.pdf", "long.pdf"}
    assert manifest.records == PAPERS + 2 + 4


def test_a_document_is_in_one_split_and_always_in_the_same(
    place: Place, dataset: tuple[Path, Manifest], tmp_path: Path
) -> None:
    made(place, tmp_path / "fewer", splits=Splits.parse("train=0.6,test=0.4"), where="title <> 'slip “3”'")

    before = {one.doc_id: one.split for one in recipe(dataset[0])}
    after = {one.doc_id: one.split for one in recipe(tmp_path / "fewer")}
    assert set(before.values()) == {"train", "test"}
    assert after.items() < before.items()


def test_the_manifest_counts_and_names_every_file(dataset: tuple[Path, Manifest]) -> None:
    out, manifest = dataset

    for split in manifest.splits.values():
        for file in split.files:
            data = (out / file.path).read_bytes()
            assert (file.bytes, file.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    assert sum(split.examples for split in manifest.splits.values()) == PAPERS + 2 == manifest.sources
    assert manifest == Manifest.model_validate_json((out / "manifest.json").read_text())


def test_a_dataset_is_made_again_to_the_byte_without_the_lake(
    dataset: tuple[Path, Manifest], tmp_path: Path
) -> None:
    again = rebuild_training(dataset[0] / "manifest.json", tmp_path / "again", LIMITS, ExportTally())

    asyncio.run(again)

    files = {path.name: path.read_bytes() for path in (tmp_path / "again").iterdir()}
    assert files == {path.name: path.read_bytes() for path in dataset[0].iterdir()}


def test_a_dataset_is_not_made_again_from_other_sources(
    dataset: tuple[Path, Manifest], tmp_path: Path
) -> None:
    source = Path(recipe(dataset[0])[0].path)
    kept = source.read_bytes()
    try:
        source.write_bytes(kept + b"\n")
        with pytest.raises(StoreError, match=rf"{source.name}: the source has other bytes now"):
            asyncio.run(
                rebuild_training(dataset[0] / "manifest.json", tmp_path / "again", LIMITS, ExportTally())
            )
    finally:
        source.write_bytes(kept)

    assert list(tmp_path.iterdir()) == []


def test_a_changed_recipe_is_not_believed(dataset: tuple[Path, Manifest], tmp_path: Path) -> None:
    shutil.copytree(dataset[0], tmp_path / "edited")
    with (tmp_path / "edited/examples.jsonl").open("ab") as file:
        file.write(b"\n")

    with pytest.raises(ConfigError, match=r"examples\.jsonl is not the file"):
        asyncio.run(
            rebuild_training(tmp_path / "edited/manifest.json", tmp_path / "again", LIMITS, ExportTally())
        )


def test_pages_that_look_other_than_they_did_are_noticed(
    dataset: tuple[Path, Manifest], tmp_path: Path
) -> None:
    shutil.copytree(dataset[0], tmp_path / "edited")
    manifest = tmp_path / "edited/manifest.json"
    manifest.write_text(manifest.read_text().replace('"quality": 75', '"quality": 76'))

    with pytest.raises(StoreError, match=r"pillow .*, now "):
        asyncio.run(rebuild_training(manifest, tmp_path / "again", LIMITS, ExportTally()))


def test_files_are_cut_by_size(place: Place, tmp_path: Path) -> None:
    limit = 60_000

    manifest = made(place, tmp_path / "small", max_file_bytes=limit)

    (split,) = manifest.splits.values()
    assert len(split.files) > 2
    assert all(file.bytes <= limit for file in split.files)
    assert len(lines(tmp_path / "small")) == split.examples


def test_what_is_too_large_for_one_request_is_left_out(place: Place, tmp_path: Path) -> None:
    manifest = made(place, tmp_path / "one", windows=WindowLimits(max_images=1))

    assert manifest.left_out["too large for one request or one file"] == 1


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"where": "title = 'slip “1”'"}, "would have 1 examples"),
        ({"splits": Splits.parse("train=0.999,test=0.001")}, "test would have 0 examples"),
        ({"where": "nope"}, "nope"),
    ],
)
def test_too_few_examples_write_nothing(
    place: Place, tmp_path: Path, changes: dict[str, Any], told: str
) -> None:
    with pytest.raises(ConfigError, match=told):
        made(place, tmp_path / "out", **changes)

    assert list(tmp_path.iterdir()) == []


def test_a_plan_counts_and_draws_nothing(place: Place, tmp_path: Path) -> None:
    options = TrainingOptions(
        lake=place.lake, record=slip_type(), out=tmp_path / "out", splits=Splits.parse("train=1")
    )

    plan = plan_training(options)

    assert (plan.records, plan.splits) == (PAPERS + 6, {"train": PAPERS + 5})
    assert plan.left_out == {"read from several requests": 1}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["train", "train=0.5", "train=0.5,train=0.5", "a=2,b=-1", "=1", "a=x", ""])
def test_shares_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="add up to 1"):
        Splits.parse(text)


def test_splits_come_near_their_shares() -> None:
    splits = Splits.parse("train=0.8,test=0.15,eval=0.05")

    count = Counter(splits.of(hashlib.sha256(b"%d" % number).hexdigest()) for number in range(5000))

    assert [count[name] / 5000 for name in splits.shares] == pytest.approx([0.8, 0.15, 0.05], abs=0.02)
