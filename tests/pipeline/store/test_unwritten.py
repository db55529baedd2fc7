import errno
from pathlib import Path

import polars as pl
import pytest

from pipeline.store.unwritten import unwritten

HERE = Path("lake/a.parquet")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "no"), "No space left on device; make room on the disk"),
        (pl.exceptions.ComputeError("No space left (os error 28): a"), "No space left on device; make room"),
        (OSError(errno.EMFILE, "no", "some/library.py"), "Too many open files; too many files"),
        (OSError(errno.EACCES, "no"), "Permission denied; see to it that this user may write there"),
        (OSError(errno.EIO, "no"), "Input/output error"),
        (pl.exceptions.ComputeError("a column is odd"), "a column is odd"),
    ],
)
def test_what_to_do_is_said_where_something_can_be_done(error: Exception, words: str) -> None:
    assert str(unwritten(HERE, error)).startswith(f"lake/a.parquet could not be written: {words}")
    assert "library" not in str(unwritten(HERE, error))
