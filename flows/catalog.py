"""`pagelake models` and `pagelake quotas`: what the service offers, and how much of it."""

from typing import TYPE_CHECKING, Annotated

import typer

from flows.control import As, DryRun, Filter, Output, Quiet, at_service, rehearse, show, show_one

if TYPE_CHECKING:
    from pipeline.service.account import Quota
    from pipeline.service.control import ControlPlane
    from pipeline.service.models import LibraryModel

models_app = typer.Typer(help="Models of the service.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(metavar="ID", help="Id or full name.", show_default=False)]

quotas_app = typer.Typer(help="Limits of the account.", no_args_is_help=True)


@models_app.command("list")
def list_models(  # noqa: PLR0913 - each is an option of the command
    *,
    account: Annotated[str, typer.Option(help="Whose; of the public library when left out.")] = "fireworks",
    every: Annotated[
        bool, typer.Option("--all", help="Those, too, that cannot be asked about page images right now.")
    ] = False,
    matching: Filter = "",
    dry_run: DryRun = False,
    output: As = Output.TEXT,
    quiet: Quiet = False,
) -> None:
    """List the models that can be asked about page images.

    Examples: pagelake models list, pagelake models list --all --account mine -o json
    """
    rehearse(f"list the models of account {account}", dry_run=dry_run)

    async def found(control: "ControlPlane") -> "list[LibraryModel]":
        from pipeline.service.models import library_models

        listed = [model async for model in library_models(control, account, matching=matching)]
        return [model for model in listed if every or model.reads_pages]

    columns = {
        "model": lambda model: model.name,
        "context": lambda model: model.context_length or None,
        "images": lambda model: model.supports_image_input,
        "serverless": lambda model: model.supports_serverless,
        "until": lambda model: model.deprecation_date and model.deprecation_date.isoformat(),
    }
    show(at_service(found), columns, output, quiet=quiet)


@models_app.command("get")
def get_model(name: Name, *, dry_run: DryRun = False, output: As = Output.TEXT, quiet: Quiet = False) -> None:
    """Show a model by its full name, or by its id among one's own.

    Examples: pagelake models get accounts/fireworks/models/MODEL, pagelake models get mine -o json
    """
    rehearse(f"show {name}", dry_run=dry_run)

    async def found(control: "ControlPlane") -> "LibraryModel":
        from pipeline.service import models

        return await models.get_model(control, name)

    show_one(at_service(found), output, quiet=quiet)


@quotas_app.command("list")
def list_quotas(*, dry_run: DryRun = False, output: As = Output.TEXT, quiet: Quiet = False) -> None:
    """List the limits of the account, and how much of them is used.

    Examples: pagelake quotas list, pagelake quotas list -o json
    """
    rehearse("list the limits of the account", dry_run=dry_run)

    async def found(control: "ControlPlane") -> "list[Quota]":
        from pipeline.service.account import quotas

        return [quota async for quota in quotas(control)]

    columns = {
        "quota": lambda quota: quota.id,
        "limit": lambda quota: quota.value,
        "used": lambda quota: quota.usage,
        "can be raised to": lambda quota: quota.max_value,
    }
    show(at_service(found), columns, output, quiet=quiet)


@quotas_app.command("get")
def get_quota(name: Name, *, dry_run: DryRun = False, output: As = Output.TEXT, quiet: Quiet = False) -> None:
    """Show a limit.

    Examples: pagelake quotas get monthly-spend-usd, pagelake quotas get monthly-spend-usd -o json
    """
    rehearse(f"show {name}", dry_run=dry_run)

    async def found(control: "ControlPlane") -> "Quota":
        from pipeline.service import account

        return await account.get_quota(control, name)

    show_one(at_service(found), output, quiet=quiet)
