"""`python -m pipeline.local`: the embedded engine as a server of its own."""

import argparse
import json
import os
import secrets
import signal
import sys
from pathlib import Path

from pipeline.errors import PagelakeError
from pipeline.local.control.pace import PHASE_S, Pace
from pipeline.local.faults import read_plan
from pipeline.local.protocol import MODEL_ID
from pipeline.local.server import Serving, serve
from pipeline.local.words.lexicon import check

KEY_VARIABLE = "PAGELAKE_LOCAL_KEY"


def main() -> int:
    """Serve until told to stop; returns the exit status.

    One JSON line on standard output says where the server listens. The key comes from PAGELAKE_LOCAL_KEY;
    without it a random one is made and stands in that line.
    """
    arguments = _parser().parse_args()
    given = os.environ.pop(KEY_VARIABLE, "")  # popped, so that worker processes do not inherit it
    api_key = given or secrets.token_urlsafe(24)
    # The server raises the signal again once it has stopped: an ordinary end removes temporary files.
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))

    def announce(base_url: str) -> None:
        shown = {} if given else {"api_key": api_key}
        print(json.dumps({"base_url": base_url, "model": MODEL_ID, **shown}), flush=True)  # noqa: T201

    try:
        if arguments.lexicon:
            check(arguments.lexicon)
        serving = Serving(
            port=arguments.port,
            api_key=api_key,
            workers=arguments.workers,
            faults=read_plan(arguments.faults) if arguments.faults else None,
            lexicon=arguments.lexicon,
            state=arguments.state,
            pace=Pace(phase_s=arguments.phase),
            fetch_images=tuple(arguments.fetch_images),
        )
        serve(
            serving,
            announce=announce,
            stop_with_stdin=arguments.exit_with_parent,
        )
    except KeyboardInterrupt:  # after a clean stop
        return 130
    except PagelakeError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return error.exit_code
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m pipeline.local", description=__doc__)
    parser.add_argument(
        "--port", type=int, default=0, help="port on 127.0.0.1; 0 (the default) for a free one"
    )
    parser.add_argument(
        "--workers", type=int, default=0, help="OCR processes; 0 (the default) for one a core"
    )
    parser.add_argument("--lexicon", type=Path, help="TOML file with more words for labels")
    parser.add_argument("--faults", type=Path, help="TOML file that says what is to go wrong on purpose")
    parser.add_argument("--state", type=Path, help="folder that keeps datasets and batch jobs")
    parser.add_argument(
        "--phase", type=float, default=PHASE_S, help="seconds each phase of a batch job lasts at least"
    )
    parser.add_argument(
        "--fetch-images",
        action="append",
        default=[],
        metavar="HOST",
        help="fetch images that lie at this host",
    )
    parser.add_argument("--exit-with-parent", action="store_true", help="stop when standard input closes")
    return parser


if __name__ == "__main__":
    sys.exit(main())
