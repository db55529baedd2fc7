"""`pagelake local`: the embedded engine as a server."""

import secrets
import signal
import sys
from contextlib import suppress
from typing import Annotated

import typer

from flows import options as opt
from pipeline.errors import ConfigError

local_app = typer.Typer(help="The embedded engine: OCR and rules on this machine.", no_args_is_help=True)


@local_app.callback()
def _local() -> None:
    """Keep `serve` a command of its own: a lone command would stand in place of the group."""


@local_app.command()
def serve(  # noqa: PLR0913 - each is an option of the command
    *,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on 127.0.0.1; 0 for a free one.")] = 0,
    workers: Annotated[int, typer.Option(min=0, help="OCR processes; 0 for one a core.")] = 0,
    faults: opt.Faults = None,
    lexicon: opt.Lexicon = None,
    state: opt.State = None,
    fetch_images: opt.FetchImages = None,
) -> None:
    """Serve the embedded engine until Ctrl-C, for anything that speaks the API of the service.

    Examples: pagelake local serve --port 8080, pagelake local serve --faults faults.toml --lexicon words.toml
    """
    try:
        from pipeline.local.faults import read_plan
        from pipeline.local.server import Serving
        from pipeline.local.server import serve as serve_until_stopped
        from pipeline.local.words.lexicon import check
    except ImportError as error:
        raise ConfigError("the embedded engine is not installed: pip install 'pagelake[local]'") from error
    key = secrets.token_urlsafe(24)
    plan = read_plan(faults) if faults else None
    if lexicon:
        check(lexicon)
    with suppress(KeyboardInterrupt):
        signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))  # files are removed
        serving = Serving(
            port=port,
            api_key=key,
            workers=workers,
            faults=plan,
            lexicon=lexicon,
            state=state,
            fetch_images=tuple(fetch_images or ()),
        )
        serve_until_stopped(serving, announce=lambda base_url: _announce(base_url, key))


def _announce(base_url: str, key: str) -> None:
    from pipeline.local.protocol import MODEL_ID

    print(f"base URL: {base_url}\nkey:      {key}\nmodel:    {MODEL_ID}\n")
    print(
        f"PAGELAKE_API_KEY={key} pagelake process sample_docs --schema invoice --engine service "
        f"--base-url {base_url}",
        flush=True,
    )
