"""What child processes get to see of the environment: no key, no password. None of them has a use for one."""

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

COLLECTOR = tuple(f"OTEL_EXPORTER_OTLP{signal}_HEADERS" for signal in ("", "_TRACES", "_METRICS"))
"""Variables that may hold the key of an OpenTelemetry collector."""

SECRETS = ("PAGELAKE_API_KEY", "PAGELAKE_PASSWORD", "FIREWORKS_API_KEY", *COLLECTOR)
"""Variables that hold a secret of the user's."""

environment_lock = threading.RLock()
"""Held while the secrets are out of the environment; whoever looks for one there takes it first."""


def without_secrets(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment for a process that is started from here."""
    return {name: value for name, value in environ.items() if name not in SECRETS}


@contextmanager
def secrets_hidden() -> Iterator[None]:
    """To be around the start of what later starts workers: they inherit its environment, not ours."""
    with environment_lock:
        taken = {name: os.environ.pop(name) for name in SECRETS if name in os.environ}
        try:
            yield
        finally:
            os.environ.update(taken)
