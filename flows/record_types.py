"""`pagelake schemas`: the record types, what each asks for, and whether one of the user's own works."""

from typing import Annotated

import typer

from flows import options as opt

schemas_app = typer.Typer(invoke_without_command=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="As for --schema.", show_default=False)]


@schemas_app.callback()
def list_schemas(context: typer.Context, as_json: opt.AsJson = False) -> None:
    """List the record types, show or check one.

    Examples: pagelake schemas, pagelake schemas show invoice, pagelake schemas check mine.py:Claim
    """
    if context.invoked_subcommand is not None:
        return
    from flows.console import consoles, print_json, schemas_view
    from schemas import registry

    rows = [(registry.load(name), line) for name, line in registry.built_in().items()]
    if as_json:
        print_json([{"name": record.name, "unit": record.unit, "about": line} for record, line in rows])
    else:
        consoles()[0].print(schemas_view(rows))


@schemas_app.command("show")
def show_schema(name: Name, as_json: opt.AsJson = False) -> None:
    """Show what a record type asks for, what is said in words, and the columns it becomes.

    Examples: pagelake schemas show invoice, pagelake schemas show mine.py:Claim --json
    """
    from flows import schemas_view
    from flows.console import consoles, print_json
    from flows.work import record_type

    described = schemas_view.describe(record_type(name))
    if as_json:
        print_json(schemas_view.as_json(described))
    else:
        consoles()[0].print(schemas_view.view(described))


@schemas_app.command("check")
def check_schema(name: Name, as_json: opt.AsJson = False) -> None:
    """Say whether a record type of yours works, and show the row of a made-up answer. Nothing is asked.

    Examples: pagelake schemas check mine.py:Claim, pagelake schemas check claim.json
    """
    from flows import schemas_view
    from flows.console import consoles, print_json
    from flows.work import record_type

    described = schemas_view.describe(record_type(name))
    sample = schemas_view.sample_row(described.record)
    if as_json:
        print_json({**schemas_view.as_json(described), "sample": sample})
    else:
        consoles()[0].print(schemas_view.checked_view(described, sample))
