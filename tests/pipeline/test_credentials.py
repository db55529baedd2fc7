from pathlib import Path

import pytest

from pipeline.credentials import read_credentials
from pipeline.errors import ConfigError


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o600)
    return path


def found(home: Path, **environ: str) -> dict[str, tuple[str, str]]:
    return {name: (each.text, each.origin) for name, each in read_credentials(environ, home).values.items()}


def in_default_file(home: Path, text: str) -> dict[str, tuple[str, str]]:
    write(home / ".fireworks" / "auth.ini", text)
    return found(home)


def test_nothing_is_found_where_nothing_is(tmp_path: Path) -> None:
    assert found(tmp_path) == {}


def test_the_variables_of_the_service_are_read(tmp_path: Path) -> None:
    environ = {"FIREWORKS_API_KEY": "k", "FIREWORKS_ACCOUNT_ID": "a", "FIREWORKS_BASE_URL": "u"}

    assert found(tmp_path, **environ) == {
        "api_key": ("k", "FIREWORKS_API_KEY"),
        "account_id": ("a", "FIREWORKS_ACCOUNT_ID"),
        "base_url": ("u", "FIREWORKS_BASE_URL"),
    }


@pytest.mark.parametrize(
    "text",
    [
        "api_key = k%1\naccount_id = a\n",
        "# note\n; note\n\napi_key=k%1\naccount_id= a",
        "api_key = 'k%1'\naccount_id = \"a\"\nid_token = x\nrefresh_token\n",
        "[fireworks]\napi_key = k%1\naccount_id = a\n",
        "[default]\napi_key = k%1\n[fireworks]\naccount_id = a\n",
        "\ufeffapi_key = k%1\naccount_id = a\n",
        "api_key = old\napi_key = k%1\naccount_id = a\n",
    ],
)
def test_the_file_is_read_with_or_without_sections(tmp_path: Path, text: str) -> None:
    origin = "~/.fireworks/auth.ini"

    assert in_default_file(tmp_path, text) == {"api_key": ("k%1", origin), "account_id": ("a", origin)}


@pytest.mark.parametrize("text", ["", "[other]\napi_key = k\n", "api_key =\n", "api_key = ''\n"])
def test_a_file_without_a_key_gives_none(tmp_path: Path, text: str) -> None:
    assert in_default_file(tmp_path, text) == {}


def test_a_variable_wins_over_the_usual_file(tmp_path: Path) -> None:
    write(tmp_path / ".fireworks" / "auth.ini", "api_key = file\naccount_id = a")

    assert found(tmp_path, FIREWORKS_API_KEY="variable") == {
        "api_key": ("variable", "FIREWORKS_API_KEY"),
        "account_id": ("a", "~/.fireworks/auth.ini"),
    }


def test_a_profile_is_another_file_and_wins_over_the_variable(tmp_path: Path) -> None:
    write(tmp_path / ".fireworks" / "auth.ini", "api_key = usual")
    write(tmp_path / ".fireworks" / "profiles" / "work" / "auth.ini", "api_key = profile")

    assert found(tmp_path, FIREWORKS_PROFILE="work", FIREWORKS_API_KEY="variable") == {
        "api_key": ("profile", "~/.fireworks/profiles/work/auth.ini")
    }


def test_a_file_that_is_named_wins_over_the_profile(tmp_path: Path) -> None:
    path = write(tmp_path / "elsewhere.ini", "api_key = named")
    home = tmp_path / "home"

    assert found(home, FIREWORKS_AUTH_FILE=str(path), FIREWORKS_PROFILE="work") == {
        "api_key": ("named", str(path))
    }
    assert found(tmp_path, FIREWORKS_AUTH_FILE="~/elsewhere.ini") == {"api_key": ("named", "~/elsewhere.ini")}


@pytest.mark.parametrize("variable", ["FIREWORKS_AUTH_FILE", "FIREWORKS_PROFILE"])
def test_a_file_that_was_asked_for_must_be_there(tmp_path: Path, variable: str) -> None:
    with pytest.raises(ConfigError, match=variable):
        found(tmp_path, **{variable: "none"})


@pytest.mark.parametrize("raw", [b"\xff\xfe\x00", b"\n  = \n"])
def test_a_broken_file_is_passed_over_with_a_notice(tmp_path: Path, raw: bytes) -> None:
    path = write(tmp_path / ".fireworks" / "auth.ini", "")
    path.write_bytes(raw)

    result = read_credentials({"FIREWORKS_API_KEY": "k"}, tmp_path)

    assert result.values["api_key"].text == "k"
    assert "passed over" in result.notices[0]


def test_a_folder_in_place_of_the_file_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / ".fireworks" / "auth.ini").mkdir(parents=True)

    assert read_credentials({}, tmp_path).values == {}


@pytest.mark.parametrize(("mode", "told"), [(0o600, False), (0o400, False), (0o640, True), (0o604, True)])
def test_a_key_that_others_can_read_is_told(tmp_path: Path, mode: int, *, told: bool) -> None:
    write(tmp_path / ".fireworks" / "auth.ini", "api_key = k").chmod(mode)

    assert bool(read_credentials({}, tmp_path).notices) is told


def test_no_key_is_in_a_repr(tmp_path: Path) -> None:
    assert "geheim" not in repr(read_credentials({"FIREWORKS_API_KEY": "geheim"}, tmp_path))
