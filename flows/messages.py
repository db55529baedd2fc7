"""Log lines of a command, on standard error."""

import logging


def log_to_stderr(verbose: int) -> None:
    """Log the pipeline's own lines.

    Args:
        verbose: 0 for warnings, 1 for a line for each document, 2 for everything.
    """
    level = (logging.WARNING, logging.INFO, logging.DEBUG)[min(verbose, 2)]
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s", level=logging.WARNING)
    logging.getLogger("pipeline").setLevel(level)
