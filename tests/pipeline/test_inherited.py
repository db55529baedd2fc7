"""No child process sees a secret of the environment."""

import os
from typing import get_args

import pytest
from pydantic import SecretStr

from pipeline.credentials import _VARIABLES
from pipeline.inherited import COLLECTOR, SECRETS, secrets_hidden, without_secrets
from pipeline.settings import PREFIX, Settings


def test_every_variable_of_a_secret_is_known() -> None:
    fields = Settings.model_fields.items()
    ours = {f"{PREFIX}{name}".upper() for name, field in fields if SecretStr in get_args(field.annotation)}

    assert ours
    assert set(SECRETS) == ours | {_VARIABLES["api_key"], *COLLECTOR}
    assert without_secrets({**dict.fromkeys(SECRETS, "x"), "PATH": "p"}) == {"PATH": "p"}


def test_they_are_hidden_for_a_while_and_then_there_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SECRETS[0], "secret")
    before = dict(os.environ)

    with secrets_hidden():
        assert not set(SECRETS) & set(os.environ)

    assert dict(os.environ) == before
