"""The Prefect flow of exports, for schedules: the same files in the same place, every night.

Set `force` in the job where each run replaces what the one before it has written.
"""

from prefect import flow
from prefect.artifacts import acreate_markdown_artifact
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed, Failed

from flows.export_job import ExportJob
from flows.export_view import Summary, view
from flows.exporting import exported
from flows.process import reported, secret_in
from pipeline.errors import PagelakeError
from pipeline.export.export import ExportTally


def _run_name() -> str:
    job = flow_run.parameters["job"]
    asked = job if isinstance(job, ExportJob) else ExportJob.model_validate(job)
    what = ", ".join(asked.sources) or asked.manifest
    return f"{asked.schema_name or 'records'}: {what} to {asked.out or asked.format or 'parquet'}"


@flow(name="pagelake export", flow_run_name=_run_name, persist_result=False)
async def export_files(job: ExportJob, api_key_block: str | None = None) -> State[Summary]:
    """Write the records of a lake as files or as a dataset to train with, or requests for batch jobs.

    Args:
        job: What is exported, where from and where to.
        api_key_block: Name of the Secret block that holds the key of the service, for what is uploaded; None
            for the settings.
    """
    try:
        summary, sent = await exported(job, ExportTally(), api_key=await secret_in(api_key_block))
    except PagelakeError as error:
        return Failed(message=str(error), data=error)
    text = view(summary, sent).plain
    shown = f"```\n{text.replace('`', chr(39))}\n```"  # a name of a file must not end the block
    await reported(acreate_markdown_artifact(shown, key="pagelake-export", description="what was exported"))
    return Completed(message=text.partition("\n")[0], data=summary)
