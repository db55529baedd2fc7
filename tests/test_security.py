"""What SECURITY.md names, held against the code."""

import re
from pathlib import Path

from flows.cli import app
from pipeline.settings import PREFIX, Settings
from tests.flows.command import leaves

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "SECURITY.md").read_text("utf-8")


def test_every_file_that_is_named_exists() -> None:
    named = set(re.findall(r"`((?:tests|pipeline|flows)/[\w/.]+|[\w.-]+\.lock)`", TEXT))

    assert len(named) >= 7
    assert [path for path in sorted(named) if not (ROOT / path).is_file()] == []


def test_every_setting_that_is_named_exists() -> None:
    named = {name.removeprefix(PREFIX).lower() for name in re.findall(rf"`({PREFIX}\w+)`", TEXT)}

    assert named
    assert named <= Settings.model_fields.keys()


def test_every_target_of_make_that_is_named_exists() -> None:
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)

    assert set(re.findall(r"`make (\w+)`", TEXT)) <= set(targets)


def test_the_key_has_no_option() -> None:
    options = {name for _, command in leaves(app) for option in command.params for name in option.opts}

    assert "--model" in options
    assert {"--api-key", "--key", "--token"} & options == set()
