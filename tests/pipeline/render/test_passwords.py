"""Which passwords are tried on which document."""

from pathlib import Path

import pytest

from pipeline.errors import ConfigError
from pipeline.render.passwords import Passwords


def written(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "passwords.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    path.chmod(0o600)
    return path


@pytest.mark.parametrize(
    ("pattern", "is_meant"),
    [
        ("a.pdf", True),
        ("*.pdf", True),
        ("*", True),
        ("north/a.pdf", True),
        ("./north/a.pdf", True),
        ("in/*.pdf", True),
        ("in/**/a.pdf", True),
        ("/data/in/north/?.pdf", True),
        ("/data/*", True),
        ("[ab].pdf", True),
        (".pdf", False),
        ("orth/a.pdf", False),
        ("A.pdf", False),
        ("south/*.pdf", False),
        ("/in/north/a.pdf", False),
        ("north", False),
    ],
)
def test_a_pattern_is_of_a_name_or_the_end_of_a_path(tmp_path: Path, pattern: str, is_meant: bool) -> None:
    passwords = Passwords.read(written(tmp_path, f'"{pattern}" = "s"'), None)

    assert passwords.of("/data/in/north/a.pdf") == (("s",) if is_meant else ())


def test_all_that_fit_are_tried_once_in_their_order_and_the_one_for_all_last(tmp_path: Path) -> None:
    path = written(tmp_path, '"a*" = ["one", "two"]\n"b*" = "other"\n"*.pdf" = ["two", "three"]')

    assert Passwords.read(path, "for all").of("/in/a.pdf") == ("one", "two", "three", "for all")
    assert Passwords.read(path, "two").of("/in/c.png") == ("two",)
    assert Passwords.read(None, None).of("/in/a.pdf") == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('"a.pdf" = hush', r"is not TOML \(at line 1, column \d+\); its lines are like "),
        (b'"a.pdf" = "hush\xff"', "is not TOML; its lines"),
        ('a.pdf = "hush"', "has no password for 'a'; write the pattern and the password in quotes"),
        ('"a.pdf" = 7', "has no password for 'a.pdf'"),
        ('"a.pdf" = ""', "has no password for 'a.pdf'"),
        ('"a.pdf" = ["hush", ["hush"]]', "has no password for 'a.pdf'"),
        ('"a.pdf" = "hush\\u0000"', "has no password for 'a.pdf'"),
    ],
)
def test_a_file_that_cannot_be_used_says_where_and_not_what(
    tmp_path: Path, text: str | bytes, said: str
) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        Passwords.read(written(tmp_path, text), None)

    assert "hush" not in str(caught.value)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml cannot be read: No such file"):
        Passwords.read(tmp_path / "none.toml", None)


def test_a_file_that_others_can_read_is_said_and_no_password_is_shown(tmp_path: Path) -> None:
    path = written(tmp_path, '"*" = "hush"')
    assert Passwords.read(path, "hush").notices == ()
    path.chmod(0o640)

    passwords = Passwords.read(path, "hush")

    assert [notice for notice in passwords.notices if "chmod 600" in notice]
    assert "hush" not in repr(passwords)
