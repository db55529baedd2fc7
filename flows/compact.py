"""`pagelake compact`: many small parts of a lake into few."""

from typing import Annotated

import typer

from flows.options import AsJson, Lake


def compact(
    lake: Lake,
    *,
    part_mb: Annotated[
        int, typer.Option(min=1, max=4096, help="Size up to which parts are put together.")
    ] = 64,
    as_json: AsJson = False,
) -> None:
    """Put the small parts of a lake together, as short runs leave them; what is read from it stays the same.

    Readers that are open while it works may see rows twice for a moment.

    Examples: pagelake compact lake, pagelake compact lake --part-mb 256 --json
    """
    from dataclasses import asdict

    from flows.console import consoles, print_json
    from pipeline.compact import compact_lake

    done = compact_lake(lake, part_bytes=part_mb << 20)
    if as_json:
        print_json([asdict(one) for one in done])
        return
    for one in done:
        if one.before:
            consoles()[0].print(f"{one.table}: {one.before} parts, now {one.after}", markup=False)
