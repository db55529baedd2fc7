"""`pagelake export`: what a lake holds, for other tools."""

import asyncio
from typing import TYPE_CHECKING

from flows import export_options as opt
from flows.options import AsJson

if TYPE_CHECKING:
    from flows.export_job import ExportJob


def export(  # noqa: PLR0913 - each is an option of the command
    sources: opt.Sources = None,
    *,
    schema: opt.Schema = "",
    to: opt.As = None,
    out: opt.Out = None,
    where: opt.Where = "",
    columns: opt.Columns = "",
    provenance: opt.Provenance = None,
    explode: opt.Explode = None,
    partition_by: opt.Partition = "",
    split: opt.Split = "",
    from_manifest: opt.FromManifest = None,
    model: opt.Model = "",
    pages: opt.Pages = None,
    limit: opt.Limit = None,
    upload: opt.Upload = False,
    removed: opt.Removed = False,
    force: opt.Force = False,
    dry_run: opt.DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Write the records of a lake as files for other tools, or as a dataset to fine-tune a vision model with.

    Or write the requests about documents as datasets for batch jobs; nobody is asked.

    Only committed rows are written, of a document that was worked twice the newer ones.

    Examples: pagelake export lake -s invoice -f csv, pagelake export lake -s invoice -o a.parquet
    --where "total > 100" --explode line_items, pagelake export lake -f sft --split train=0.9,test=0.1,
    pagelake export scans/ -s invoice -f batch --model MODEL
    """
    from flows.export_job import ExportJob

    job = ExportJob(
        sources=sources or [],
        schema_name=schema,
        format=to,
        out=str(out or ""),
        where=where,
        columns=_names(columns),
        provenance=provenance,
        explode=explode or [],
        partition_by=_names(partition_by),
        split=split,
        manifest=str(from_manifest or ""),
        model=model,
        pages=pages,
        limit=limit,
        removed=removed,
        force=force,
        upload=upload,
    )
    _export(job, dry_run=dry_run, as_json=as_json)


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _export(job: "ExportJob", *, dry_run: bool, as_json: bool) -> None:
    from flows.console import consoles, print_json
    from flows.export_view import Summary, Watching, view
    from flows.exporting import exported, exported_tables, has_tables, planned
    from pipeline.export.export import ExportTally
    from pipeline.export.sending import Sent

    sent: list[Sent] = []
    if dry_run:
        summary: Summary = planned(job)
    else:
        tally = ExportTally()
        with consoles()[1].status(Watching(tally)):
            if has_tables(job):  # not in a thread, which Ctrl-C would wait for
                summary = exported_tables(job, tally)
            else:
                summary, sent = asyncio.run(exported(job, tally))
    if as_json:
        uploaded = {"uploaded": [one.model_dump() for one in sent]} if sent else {}
        print_json(summary.model_dump(mode="json") | uploaded)
    else:
        consoles()[0].print(view(summary, sent), soft_wrap=True)
