"""Starts the embedded engine as a process of its own, for as long as a `with` block lasts."""

import json
import os
import secrets
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Self

from pipeline.errors import ConfigError
from pipeline.inherited import without_secrets

START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 10.0
_NEEDED = ("starlette", "uvicorn", "numpy", "rapidfuzz", "py3langid")
_OCR = ("faster_paddle", "rapidocr")


@dataclass(kw_only=True)
class LocalEngine:
    """The embedded engine on a free loopback port, with a key of its own.

    Attributes:
        workers: OCR processes; 0 for one a core.
        faults: TOML file that says what is to go wrong on purpose.
        lexicon: TOML file with more words for labels.
        state: Folder that keeps datasets and batch jobs; None for a temporary one.
        phase_s: Seconds that each phase of a batch job lasts at least.
        fetch_images: Hosts from which it may fetch images, each `host` or `host:port`.
        timeout_s: Seconds it may take until it listens.
        base_url: Where it listens, such as `http://127.0.0.1:40123/v1`; empty before it does.
        api_key: What requests must bear.
    """

    workers: int = 0
    faults: Path | None = None
    lexicon: Path | None = None
    state: Path | None = None
    phase_s: float | None = None
    fetch_images: tuple[str, ...] = ()
    timeout_s: float = START_TIMEOUT_S
    base_url: str = field(default="", init=False)
    api_key: str = field(default_factory=lambda: secrets.token_urlsafe(32), init=False, repr=False)
    _process: subprocess.Popen[str] | None = field(default=None, init=False, repr=False)

    def __enter__(self) -> Self:
        """Start it and wait until it listens.

        Raises:
            ConfigError: The extra `local` is not installed, the lexicon is none, or it did not start.
        """
        _check_installed()
        if self.lexicon:
            from pipeline.local.words.lexicon import check  # noqa: PLC0415 - only the engine needs rapidfuzz

            check(self.lexicon)
        command = [sys.executable, "-m", "pipeline.local", "--port", "0", "--workers", str(self.workers)]
        command += ["--faults", str(self.faults)] if self.faults else []
        command += ["--lexicon", str(self.lexicon.resolve())] if self.lexicon else []
        command += ["--state", str(self.state)] if self.state else []
        command += ["--phase", str(self.phase_s)] if self.phase_s is not None else []
        command += [f"--fetch-images={host}" for host in self.fetch_images]
        self._process = subprocess.Popen(  # noqa: S603 - our own module under our own interpreter
            [*command, "--exit-with-parent"],
            stdin=subprocess.PIPE,  # closes with this process, however it ends, and the engine follows
            stdout=subprocess.PIPE,
            env=without_secrets(os.environ) | {"PAGELAKE_LOCAL_KEY": self.api_key},
            text=True,
            start_new_session=True,  # an interrupt from the keyboard is ours to pass on
        )
        try:
            self.base_url = self._announced()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, *_exception: object) -> None:
        """Stop it: asked first, then killed."""
        self._stop()

    def _announced(self) -> str:
        """The URL of the line the server prints once it listens."""
        process = self._process
        assert process is not None and process.stdout is not None  # noqa: S101, PT018 - as started above
        giving_up = threading.Timer(self.timeout_s, process.kill)
        giving_up.start()
        try:
            line = process.stdout.readline()
        finally:
            giving_up.cancel()
        if not line:
            raise ConfigError(
                f"The local engine did not start within {self.timeout_s:g} s (exit status {process.wait()}); "
                "run `python -m pipeline.local` to see why."
            )
        base_url: str = json.loads(line)["base_url"]
        return base_url

    def _stop(self) -> None:
        process, self._process, self.base_url = self._process, None, ""
        if process is None:
            return
        with process:
            process.terminate()
            try:
                process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                process.kill()


def _check_installed() -> None:
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing or not any(find_spec(name) for name in _OCR):
        raise ConfigError("The local engine is not installed; run: pip install 'pagelake[local]'")
