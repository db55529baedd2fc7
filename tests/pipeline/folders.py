"""What the tests of files that come and go share: a folder of documents with its lake."""

import asyncio
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.check.checking import check
from pipeline.config import RunConfig
from pipeline.estimate import plan
from pipeline.summary import Plan, RunSummary
from tests.papers import write_pdf
from tests.pipeline.runs import config, records, run, table
from tests.servers import FaultServer


class Folder:
    """A folder of documents with its lake."""

    def __init__(self, place: Path, server: FaultServer) -> None:
        self.files, self.lake, self._server = place / "in", place / "lake", server

    def put(self, name: str, text: str) -> Path:
        write_pdf(self.files / name, [text])
        return self.files / name

    def asked(self, *sources: Path | str, **changes: Any) -> RunConfig:
        limits = {"shard_pages": 2, "explode": ("entries",)}
        return config(self._server.base_url, self.lake, *(sources or [self.files]), **(limits | changes))

    def run(self, *sources: Path | str, **changes: Any) -> RunSummary:
        return run(self.asked(*sources, **changes))

    def plan(self) -> Plan:
        return asyncio.run(plan(self.asked()))

    def current(self, name: str = "_source") -> list[Any]:
        """What a column of the records says that are current, sorted."""
        return records(self.lake).filter(pl.col("_removed_at").is_null())[name].sort().to_list()

    def names(self) -> list[str]:
        return [Path(source).name for source in self.current()]

    def marks(self) -> dict[str, set[bool]]:
        """For each table, by the end of a document's path, whether its rows are marked."""
        listed = table(self.lake, "documents")
        names = {row["doc_id"] or row["path"]: Path(row["path"]).name for row in listed.to_dicts()}
        found: dict[str, set[bool]] = {}
        for folder in (
            "documents",
            "pages",
            "failures",
            "records/schema=slip",
            "records/schema=slip.entries",
        ):
            for row in table(self.lake, folder).to_dicts():
                key = row.get("_doc_id") or row.get("doc_id") or row["path"]
                mark = row["_removed_at"] if "_removed_at" in row else row["removed_at"]
                found.setdefault(names[key], set()).add(mark is not None)
        return found

    def is_sound(self) -> bool:
        return not [one for one in check(self.lake) if one.wrong]
