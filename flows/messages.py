"""What a command says on standard error: log lines, and sentences for whoever started it."""

import io
import logging
import sys
from typing import TYPE_CHECKING

from pipeline.logged import LogFormat, log_format, write_lines

if TYPE_CHECKING:
    from rich.console import Console

log = logging.getLogger("pagelake")

_WIDTH = 10_000  # a line of JSON is not folded


def log_to_stderr(verbose: int, wanted: LogFormat | None = None) -> None:
    """Log the pipeline's own lines.

    Args:
        verbose: 0 for warnings, 1 for a line for each document, 2 for everything.
        wanted: How lines are written; None for what the settings say.

    Raises:
        ConfigError: A setting cannot be used.
    """
    from flows.environment import loaded_settings

    write_lines(wanted or loaded_settings().settings.log_format)
    level = (logging.WARNING, logging.INFO, logging.DEBUG)[min(verbose, 2)]
    logging.getLogger("pipeline").setLevel(level)
    log.setLevel(logging.INFO)


def message_console() -> "Console":
    """Where a command tells how it goes on: standard error, or its log where machines read that."""
    from rich.console import Console

    if log_format() == "json":
        return Console(file=_Lines(), width=_WIDTH, highlight=False, color_system=None)
    return Console(stderr=True, highlight=False)


def complain(sentence: str) -> None:
    """Say why the command ends."""
    if log_format() == "json":
        log.error("%s", sentence)
    else:
        sys.stderr.write(f"pagelake: {sentence}\n")


class _Lines(io.StringIO):
    """A file each line of which is logged."""

    def write(self, text: str) -> int:
        for line in filter(None, text.splitlines()):
            log.info("%s", line.removeprefix("pagelake: "))
        return len(text)
