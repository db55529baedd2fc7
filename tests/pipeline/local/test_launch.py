import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from pipeline.errors import ConfigError
from pipeline.local.launch import LocalEngine


def is_listening(base_url: str) -> bool:
    parts = urlsplit(base_url)
    try:
        socket.create_connection((str(parts.hostname), int(parts.port or 0)), timeout=1).close()
    except OSError:
        return False
    return True


def test_it_listens_inside_the_block_and_not_after_it() -> None:
    with LocalEngine(workers=1) as engine:
        base_url, key = engine.base_url, engine.api_key
        shown = repr(engine)
        status = httpx.get(f"{base_url}/models", headers={"Authorization": f"Bearer {key}"}).status_code

    assert status == 200
    assert key not in shown
    assert base_url.startswith("http://127.0.0.1:")
    assert not is_listening(base_url)


def test_it_leaves_no_temporary_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))

    with LocalEngine(workers=1):
        pass

    assert list(tmp_path.iterdir()) == []


def test_every_engine_has_a_key_of_its_own() -> None:
    assert LocalEngine().api_key != LocalEngine().api_key


def test_a_start_that_takes_too_long_is_given_up() -> None:
    with pytest.raises(ConfigError, match="did not start"), LocalEngine(timeout_s=0.01):
        pytest.fail("it started")


def test_importing_it_loads_none_of_the_engine() -> None:
    code = "import sys, pipeline.local.launch; print(*sys.modules)"

    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()

    assert not {"numpy", "starlette", "uvicorn", "PIL", "pydantic", "faster_paddle"} & set(loaded)


def test_it_ends_when_its_parent_is_killed() -> None:
    code = (
        "import time\nfrom pipeline.local.launch import LocalEngine\n"
        "with LocalEngine(workers=1) as engine:\n"
        "    print(engine.base_url, engine._process.pid, flush=True)\n"
        "    time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        base_url, engine_pid = parent.stdout.readline().split()
        listened = is_listening(base_url)
        watched = os.pidfd_open(int(engine_pid))
        parent.send_signal(signal.SIGKILL)
        ended = _ends(watched)

    assert listened
    assert ended
    assert not is_listening(base_url)


def _ends(pidfd: int, timeout_s: float = 20) -> bool:
    """Whether the process ends in time; a process descriptor turns readable when it does."""
    import select  # noqa: PLC0415

    try:
        return bool(select.select([pidfd], [], [], timeout_s)[0])
    finally:
        os.close(pidfd)


def test_the_command_prints_a_key_it_made_and_stops_on_a_signal() -> None:
    import json  # noqa: PLC0415

    environment = {name: value for name, value in os.environ.items() if name != "PAGELAKE_LOCAL_KEY"}
    command = [sys.executable, "-m", "pipeline.local", "--workers", "1"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, text=True
    ) as process:
        assert process.stdout
        assert process.stderr
        line = json.loads(process.stdout.readline())
        headers = {"Authorization": f"Bearer {line['api_key']}"}
        status = httpx.get(f"{line['base_url']}/models", headers=headers).status_code
        process.send_signal(signal.SIGTERM)
        process.wait(20)
        complaints = process.stderr.read()

    assert status == 200
    assert "Traceback" not in complaints
    assert not is_listening(line["base_url"])


def test_a_port_in_use_is_one_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        command = [sys.executable, "-m", "pipeline.local", "--port", str(taken.getsockname()[1])]
        done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == ConfigError.exit_code
    assert "cannot be used" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_interrupt_is_a_clean_stop() -> None:
    command = [sys.executable, "-m", "pipeline.local", "--workers", "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        status = process.wait(20)
        complaints = process.stderr.read()

    assert status == 130
    assert "Traceback" not in complaints
