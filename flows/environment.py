"""The settings of this process."""

import os
from collections.abc import Mapping
from pathlib import Path

from pipeline.inherited import environment_lock
from pipeline.loading import Loaded, load


def loaded_settings(options: Mapping[str, object] | None = None) -> Loaded:
    """The settings of this process: its environment, its folder, its user.

    Raises:
        ConfigError: A name is misspelt or a value is not allowed.
    """
    with environment_lock:
        return load(options, environ=os.environ, cwd=Path.cwd(), home=Path.home())
