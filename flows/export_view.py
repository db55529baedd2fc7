"""What a person sees of an export: how far it is, and what was written."""

from collections.abc import Iterator, Sequence

from rich.text import Text

from flows.console import counted
from pipeline.export.asking import RequestsManifest
from pipeline.export.export import ExportSummary, ExportTally
from pipeline.export.manifest import Manifest
from pipeline.export.places import WrittenFile, size_of
from pipeline.export.sending import Sent
from pipeline.export.training import TrainingPlan
from pipeline.records import printable

Summary = ExportSummary | Manifest | TrainingPlan | RequestsManifest
_FAILURES_SHOWN = 10
_MEGABYTE = 1_000_000


class Watching:
    """What an export has written so far, looked up whenever it is shown."""

    def __init__(self, tally: ExportTally) -> None:
        self._tally = tally

    def __rich__(self) -> Text:
        """One line."""
        if total := self._tally.to_send_bytes:
            sent = f"{_size(self._tally.sent_bytes)} of {_size(total)}"
            return Text(f"uploading {self._tally.doing}: {sent}")
        if self._tally.path is None:
            return Text("counting records")
        size = _size(size_of(self._tally.path))
        rows = f" of {counted(self._tally.rows, 'record')}" if self._tally.rows else ""
        return Text(f"writing {self._tally.doing}{rows}: {size}")


def view(summary: Summary, sent: Sequence[Sent] = ()) -> Text:
    """What was written, or would be, and what is at the service."""
    there = (f"at the service: {one.dataset}, {counted(one.examples, 'line')}" for one in sent)
    return Text("\n".join([*_lines(summary), *there]))


def _lines(summary: Summary) -> Iterator[str]:
    match summary:
        case ExportSummary():
            return _tables(summary)
        case Manifest():
            return _dataset(summary)
        case TrainingPlan():
            return _planned(summary)
        case RequestsManifest():
            return _requests(summary)


def _tables(summary: ExportSummary) -> Iterator[str]:
    for table in summary.tables:
        yield f"{table.name}: {counted(table.rows, 'row')}, {counted(len(table.columns), 'column')}"
        if not table.files:
            yield from (f"  {name}: {kind}" for name, kind in table.columns.items())
    files = {file.path: file for table in summary.tables for file in table.files}
    if len(files) > len(summary.tables):
        size = sum(file.bytes for file in files.values())
        yield f"{printable(summary.out)}: {counted(len(files), 'file')}, {_size(size)}"
    else:
        yield from map(_file, files.values())


def _dataset(manifest: Manifest) -> Iterator[str]:
    yield f"{manifest.schema_name}: {counted(manifest.records, 'record')}"
    for name, split in manifest.splits.items():
        yield f"{name}: {counted(split.examples, 'example')}"
        yield from (f"  {_file(file)}" for file in split.files)
    yield from _left_out(manifest.left_out)


def _planned(plan: TrainingPlan) -> Iterator[str]:
    yield counted(plan.records, "record")
    for name, examples in plan.splits.items():
        yield f"{name}: at most {counted(examples, 'example')}"
    yield from _left_out(plan.left_out)


def _requests(manifest: RequestsManifest) -> Iterator[str]:
    documents = counted(manifest.documents, "document")
    yield f"{documents}, {counted(manifest.requests, 'request')} for {printable(manifest.model)}"
    for one in manifest.datasets:
        yield f"{one.dataset}: {counted(one.requests, 'request')}"
        yield f"  {_file(one.file)}"
    for failure in manifest.failures[:_FAILURES_SHOWN]:
        yield f"nothing is asked about {printable(failure.path)}: {printable(failure.message)}"
    if len(manifest.failures) > _FAILURES_SHOWN:
        yield f"and {len(manifest.failures) - _FAILURES_SHOWN} more: see the manifest"


def _left_out(reasons: dict[str, int]) -> Iterator[str]:
    for reason, count in reasons.items():
        yield f"left out: {count}, {reason}"


def _file(file: WrittenFile) -> str:
    return f"{printable(file.path)}: {_size(file.bytes)}, sha256 {file.sha256}"


def _size(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:.1f} MB" if size_bytes >= _MEGABYTE else f"{size_bytes / 1e3:.1f} kB"
