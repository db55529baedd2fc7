import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import ConfigError
from pipeline.service.names import (
    bare_account,
    checked_id,
    content_id,
    full_name,
    last_segment,
    model_and_deployment,
    valid_id,
)


@pytest.mark.parametrize("text", ["a", "a1", "run-42-shard-0001", "a" * 63])
def test_what_may_be_an_id(text: str) -> None:
    assert valid_id(text)
    assert checked_id(text) == text


@pytest.mark.parametrize(
    "text", ["", "1a", "-a", "a-", "A", "a_b", "a.b", "a/b", "ä", "a" * 64, "a\n", "a b"]
)
def test_what_may_not(text: str) -> None:
    assert not valid_id(text)
    with pytest.raises(ConfigError, match="dataset id"):
        checked_id(text, "dataset id")


@given(st.lists(st.binary(max_size=20), max_size=5), st.lists(st.binary(max_size=20), max_size=5))
def test_ids_of_content_are_valid_and_equal_only_for_equal_parts(one: list[bytes], two: list[bytes]) -> None:
    assert valid_id(content_id("shard", *one))
    assert (content_id("shard", *one) == content_id("shard", *two)) == (one == two)


def test_an_id_of_content_is_the_same_in_another_process() -> None:
    code = "from pipeline.service.names import content_id; print(content_id('in', 'ä', b'x'))"

    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert printed.strip() == content_id("in", "ä", b"x")


def test_a_prefix_that_makes_no_id_is_refused() -> None:
    with pytest.raises(ConfigError):
        content_id("9" * 50, "x")


def test_names_are_made_of_ids_and_left_alone_when_they_are_full() -> None:
    full = "accounts/fireworks/models/qwen-vl"

    assert full_name("me", "models", "mine") == "accounts/me/models/mine"
    assert full_name("me", "models", full) == full
    assert last_segment(full) == "qwen-vl"


@pytest.mark.parametrize(
    "text",
    ["", "..", "a/b", "a?b", "a#b", "a%2fb", "accounts/x/datasets/y", "accounts/../models/y", "a b", "x\n"],
)
def test_what_would_lead_elsewhere_is_no_name(text: str) -> None:
    with pytest.raises(ConfigError, match="models"):
        full_name("me", "models", text)


def test_an_account_is_taken_by_id_or_name() -> None:
    assert bare_account("accounts/my-acct") == bare_account("my-acct") == "my-acct"
    for text in ("", "accounts/", "a/b", "accounts/a/models/b", "?"):
        with pytest.raises(ConfigError, match="account"):
            bare_account(text)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("accounts/fireworks/models/vlm", ("accounts/fireworks/models/vlm", "")),
        ("accounts/me/deployments/d", ("accounts/me/deployments/d", "")),
        ("vlm#accounts/me/deployments/d", ("vlm", "accounts/me/deployments/d")),
    ],
)
def test_a_model_may_name_its_deployment(text: str, parts: tuple[str, str]) -> None:
    assert model_and_deployment(text) == parts


@pytest.mark.parametrize(
    "text", ["#accounts/me/deployments/d", "vlm#", "vlm#a#b", "vlm#a b", "vlm#../x", "vlm#/d"]
)
def test_half_of_a_model_and_its_deployment_is_neither(text: str) -> None:
    with pytest.raises(ConfigError, match="names no deployment"):
        model_and_deployment(text)
