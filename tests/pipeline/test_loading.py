import json
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import SecretStr

from pipeline.errors import ConfigError
from pipeline.loading import Loaded, explain, load
from pipeline.settings import FIREWORKS_BASE_URL, Settings

KEY = "fw_test0123456789abcdef"


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A folder that is both the working directory and the home."""
    return tmp_path


def loaded(here: Path, /, **environ: str) -> Loaded:
    return load(environ=environ, cwd=here, home=here)


def overridden(here: Path, overrides: dict[str, object], /, **environ: str) -> Loaded:
    return load(overrides, environ=environ, cwd=here, home=here)


def write_toml(here: Path, text: str) -> None:
    (here / "pagelake.toml").write_text(text)


def write_auth(here: Path, text: str, mode: int = 0o600) -> Path:
    path = here / ".fireworks" / "auth.ini"
    path.parent.mkdir()
    path.write_text(text)
    path.chmod(mode)
    return path


def test_with_nothing_set_everything_is_its_default(here: Path) -> None:
    result = loaded(here)

    assert result.settings == Settings()
    assert set(result.origins.values()) == {"default"}
    assert result.notices == ()


def test_the_environment_of_the_process_is_not_read(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAGELAKE_MODEL", "from-the-process")
    monkeypatch.setenv("FIREWORKS_API_KEY", KEY)

    settings = loaded(here).settings

    assert (settings.model, settings.api_key, Settings().model) == (None, None, None)


def test_the_nearest_source_wins(here: Path) -> None:
    sources = [
        ("~/.fireworks/auth.ini", "5-auth"),
        ("FIREWORKS_ACCOUNT_ID", "4-fireworks"),
        ("pagelake.toml", "3-toml"),
        ("PAGELAKE_ACCOUNT_ID", "2-pagelake"),
        ("--account-id", "1-option"),
    ]
    write_auth(here, "account_id = 5-auth")
    results = [loaded(here)]
    results.append(loaded(here, FIREWORKS_ACCOUNT_ID="4-fireworks"))
    write_toml(here, 'account_id = "3-toml"')
    environ = {"FIREWORKS_ACCOUNT_ID": "4-fireworks", "PAGELAKE_ACCOUNT_ID": "2-pagelake"}
    results.append(loaded(here, FIREWORKS_ACCOUNT_ID="4-fireworks"))
    results.append(loaded(here, **environ))
    results.append(overridden(here, {"account_id": "1-option"}, **environ))

    assert [(r.origins["account_id"], r.settings.account_id) for r in results] == sources


def test_an_option_that_was_not_given_hides_nothing(here: Path) -> None:
    result = overridden(here, {"model": None}, PAGELAKE_MODEL="m")

    assert (result.settings.model, result.origins["model"]) == ("m", "PAGELAKE_MODEL")


def test_an_empty_variable_is_not_set(here: Path) -> None:
    result = loaded(here, PAGELAKE_IN_FLIGHT="", PAGELAKE_MODEL="  ", FIREWORKS_API_KEY="")

    assert result.settings == Settings()


def test_text_becomes_the_type_of_the_setting(here: Path) -> None:
    settings = loaded(
        here,
        PAGELAKE_IN_FLIGHT="200",
        PAGELAKE_TEMPERATURE="0.5",
        PAGELAKE_ALLOW_PLAIN_HTTP="true",
        PAGELAKE_PRICE_INPUT="0.15",
        PAGELAKE_API_KEY=f" {KEY}\n",
    ).settings

    assert (settings.in_flight, settings.temperature, settings.allow_plain_http) == (200, 0.5, True)
    assert settings.price_input == Decimal("0.15")
    assert settings.api_key is not None
    assert settings.api_key.get_secret_value() == KEY


def test_a_file_with_another_name_can_be_named(here: Path) -> None:
    (here / "other.toml").write_text("in_flight = 7")
    write_toml(here, "in_flight = 8")

    for named in ("other.toml", str(here / "other.toml"), "~/other.toml"):
        result = loaded(here, PAGELAKE_CONFIG=named)

        assert (result.settings.in_flight, result.origins["in_flight"]) == (7, "other.toml")


@pytest.mark.parametrize(
    ("environ", "suggested"),
    [
        ({"PAGELAKE_MODLE": "m"}, "PAGELAKE_MODEL"),
        ({"PAGELAKE_INFLIGHT": "3"}, "PAGELAKE_IN_FLIGHT"),
        ({"pagelake_quality": "3"}, "PAGELAKE_QUALITY"),
        ({"PAGELAKE_CONFG": "x"}, "PAGELAKE_CONFIG"),
        ({"PAGELAKE_MODLE": ""}, "PAGELAKE_MODEL"),
    ],
)
def test_a_misspelt_variable_is_refused_with_the_right_one(
    here: Path, environ: dict[str, str], suggested: str
) -> None:
    with pytest.raises(
        ConfigError, match=rf"{next(iter(environ))} means nothing.*did you mean {suggested}\?"
    ):
        loaded(here, **environ)


def test_a_variable_like_nothing_gets_no_silly_suggestion(here: Path) -> None:
    with pytest.raises(ConfigError, match="`pagelake settings` lists"):
        loaded(here, PAGELAKE_XYZZY="1")


@pytest.mark.parametrize(("line", "suggested"), [("in-flight = 3", "in_flight"), ("modell = 'm'", "model")])
def test_a_misspelt_line_of_the_file_is_refused_with_the_right_one(
    here: Path, line: str, suggested: str
) -> None:
    write_toml(here, line)

    with pytest.raises(ConfigError, match=rf"pagelake\.toml.*did you mean {suggested}\?"):
        loaded(here)


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({"PAGELAKE_IN_FLIGHT": "0"}, 'PAGELAKE_IN_FLIGHT is "0"; it must be a whole number from 1 to 2000'),
        (
            {"PAGELAKE_IN_FLIGHT": "9999"},
            'PAGELAKE_IN_FLIGHT is "9999"; it must be a whole number from 1 to 2000',
        ),
        ({"PAGELAKE_QUALITY": "high"}, 'PAGELAKE_QUALITY is "high"; it must be a whole number from 1 to 95'),
        ({"PAGELAKE_TEMPERATURE": "nan"}, 'PAGELAKE_TEMPERATURE is "nan"; it must be a number from 0 to 2'),
        ({"PAGELAKE_ENGINE": "cloud"}, 'PAGELAKE_ENGINE is "cloud"; it must be one of auto, local, service'),
        ({"PAGELAKE_ALLOW_PLAIN_HTTP": "si"}, 'PAGELAKE_ALLOW_PLAIN_HTTP is "si"; it must be true or false'),
        ({"PAGELAKE_PRICE_INPUT": "-1"}, 'PAGELAKE_PRICE_INPUT is "-1"; it must be a number of at least 0'),
        ({"PAGELAKE_BATCH_DISCOUNT": "2"}, 'PAGELAKE_BATCH_DISCOUNT is "2"; it must be a number from 0 to 1'),
        (
            {"PAGELAKE_PRICES": "0.15"},
            'PAGELAKE_PRICES is "0.15"; it must be a table of models, each with input and output, '
            "if need be with cached and batch_discount",
        ),
        (
            {"PAGELAKE_PRICES": '{"m": {"input": 1}}'},
            "PAGELAKE_PRICES cannot be used, see m, output; it must be a table of models, each with input "
            "and output, if need be with cached and batch_discount",
        ),
        ({"PAGELAKE_RENDER_TIMEOUT_S": "0"}, 'PAGELAKE_RENDER_TIMEOUT_S is "0"; it must be a number above 0'),
        (
            {"FIREWORKS_BASE_URL": "api.example"},
            'FIREWORKS_BASE_URL is "api.example"; it must be a URL that begins with https:// '
            "and names a host, without user and password",
        ),
    ],
)
def test_a_bad_value_is_one_sentence_with_name_value_and_what_is_allowed(
    here: Path, environ: dict[str, str], message: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        loaded(here, **environ)

    assert str(caught.value) == message


def test_models_have_prices_of_their_own_in_the_file_and_in_the_environment(here: Path) -> None:
    table = '[prices."accounts/fireworks/models/m"]\ninput = 0.15\noutput = 0.6\nbatch_discount = 0.4\n'
    write_toml(here, f"price_input = 1\nprice_output = 2\n{table}")

    from_file = loaded(here)
    from_environment = loaded(here, PAGELAKE_PRICES='{"m": {"input": 3, "output": 4}}')

    (found,) = from_file.settings.prices.values()
    assert (found.input, found.output, found.batch_discount) == (
        Decimal("0.15"),
        Decimal("0.6"),
        Decimal("0.4"),
    )
    assert from_environment.settings.prices["m"].output == Decimal(4)
    assert list(from_environment.settings.prices) == ["m"]


def test_prices_are_shown_as_the_environment_takes_them(here: Path) -> None:
    text = '{"m": {"input": "3", "output": "0.5"}}'

    shown = {name: value for name, value, _ in explain(loaded(here, PAGELAKE_PRICES=text))}

    assert shown["prices"] == text


def test_a_price_that_is_misspelt_is_named(here: Path) -> None:
    write_toml(here, "[prices.m]\ninput = 1\noutput = 2\nchached = 1\n")

    with pytest.raises(ConfigError, match=r"^prices in pagelake\.toml cannot be used, see m, chached;"):
        loaded(here)


def test_a_bad_option_and_a_bad_line_are_named_where_they_stand(here: Path) -> None:
    with pytest.raises(ConfigError, match=r'^--long-side is "wide"; it must be a whole number'):
        overridden(here, {"long_side": "wide"})
    write_toml(here, "long_side = 3")
    with pytest.raises(ConfigError, match=r"^long_side in pagelake\.toml is 3; it must be a whole number"):
        loaded(here)


def test_a_secret_is_not_shown_even_when_it_is_wrong(here: Path) -> None:
    write_toml(here, "api_key = 12345")
    with pytest.raises(ConfigError) as number:
        loaded(here)
    with pytest.raises(ConfigError) as url:
        overridden(here, {"base_url": "https://me:geheim@host.example"})

    assert "12345" not in str(number.value)
    assert "geheim" not in str(url.value)


@pytest.mark.parametrize("text", ["in_flight = ", "= 3", "\udcff"])
def test_a_file_that_is_not_toml_is_named(here: Path, text: str) -> None:
    (here / "pagelake.toml").write_bytes(text.encode("utf-8", "surrogateescape"))

    with pytest.raises(ConfigError, match=r"pagelake\.toml is not TOML"):
        loaded(here)


def test_a_file_that_is_named_must_be_there(here: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml cannot be read .*PAGELAKE_CONFIG"):
        loaded(here, PAGELAKE_CONFIG="none.toml")


def test_without_a_base_url_the_service_is_fireworks(here: Path) -> None:
    assert loaded(here).settings.service_url == FIREWORKS_BASE_URL
    assert loaded(here, PAGELAKE_BASE_URL="http://x/v1/").settings.service_url == "http://x/v1"


def test_the_file_of_the_services_own_tools_is_found(here: Path) -> None:
    write_auth(here, f"api_key = {KEY}\naccount_id = my-acct\n")

    result = loaded(here)

    assert result.settings.api_key is not None
    assert result.settings.api_key.get_secret_value() == KEY
    assert result.origins["api_key"] == result.origins["account_id"] == "~/.fireworks/auth.ini"


def test_a_key_that_others_can_read_is_a_notice(here: Path) -> None:
    path = write_auth(here, f"api_key = {KEY}", mode=0o644)

    (notice,) = loaded(here).notices

    assert f"chmod 600 {path}" in notice
    assert KEY not in notice


@pytest.mark.parametrize(
    ("text", "mode", "told"),
    [(f'api_key = "{KEY}"', 0o644, 1), (f'api_key = "{KEY}"', 0o600, 0), ("in_flight = 7", 0o644, 0)],
)
def test_a_file_of_settings_with_a_key_that_others_can_read_is_told(
    here: Path, text: str, mode: int, told: int
) -> None:
    write_toml(here, text)
    (here / "pagelake.toml").chmod(mode)

    notices = loaded(here).notices

    assert [f"chmod 600 {here / 'pagelake.toml'}" in notice for notice in notices] == [True] * told
    assert KEY not in "".join(notices)


def test_what_is_shown_has_every_setting_and_no_key(here: Path) -> None:
    result = overridden(here, {"model": "m"}, PAGELAKE_API_KEY=KEY, PAGELAKE_ALLOW_PLAIN_HTTP="1")

    shown = {name: (value, origin) for name, value, origin in explain(result)}

    assert list(shown) == list(Settings.model_fields)
    assert shown["api_key"] == ("****cdef", "PAGELAKE_API_KEY")
    assert shown["model"] == ("m", "--model")
    assert shown["allow_plain_http"] == ("true", "PAGELAKE_ALLOW_PLAIN_HTTP")
    assert shown["workers"] == ("-", "default")
    assert KEY not in repr(result)


def test_a_short_key_is_masked_whole(here: Path) -> None:
    shown = {name: value for name, value, _ in explain(loaded(here, PAGELAKE_API_KEY="local-key"))}

    assert shown["api_key"] == "****"


@pytest.mark.parametrize(
    "text", ['{"top_p": 0.5, "a": {"b": [1, null]}}', '{"a":{"b":[1,null]},"top_p":0.5}']
)
def test_fields_of_ones_own_are_the_same_in_any_order(here: Path, text: str) -> None:
    result = loaded(here, PAGELAKE_EXTRA_BODY=text)

    assert json.dumps(result.settings.extra_body) == '{"a": {"b": [1, null]}, "top_p": 0.5}'
    assert ("extra_body", '{"a": {"b": [1, null]}, "top_p": 0.5}', "PAGELAKE_EXTRA_BODY") in explain(result)


def test_fields_of_ones_own_may_be_a_table_of_the_file(here: Path) -> None:
    write_toml(here, "[extra_body]\ntop_p = 0.5\n[extra_body.metadata]\nteam = 'a'\n")

    assert loaded(here).settings.extra_body == {"metadata": {"team": "a"}, "top_p": 0.5}


@pytest.mark.parametrize("text", ["[1]", "top_p", '{"top_p": NaN}', '"{}"', "{" * 5000])
def test_fields_of_ones_own_are_an_object(here: Path, text: str) -> None:
    with pytest.raises(ConfigError, match=r"PAGELAKE_EXTRA_BODY .*must be a JSON object, such as"):
        loaded(here, PAGELAKE_EXTRA_BODY=text)


@pytest.mark.parametrize("name", ["--password", "PAGELAKE_PASSWORD", "pagelake.toml"])
def test_a_password_is_taken_to_the_letter_and_never_shown(here: Path, name: str) -> None:
    password = " four blanks and more "  # noqa: S105 - of a test
    if name == "--password":
        result = overridden(here, {"password": SecretStr(password)})
    elif name == "pagelake.toml":
        write_toml(here, f'password = "{password}"')
        result = loaded(here)
    else:
        result = loaded(here, PAGELAKE_PASSWORD=password)

    assert result.settings.password is not None
    assert result.settings.password.get_secret_value() == password
    assert ("password", "****", name) in explain(result)
    assert password.strip() not in repr(result)


def test_a_password_that_is_no_text_is_not_repeated(here: Path) -> None:
    write_toml(here, "password = 271828")

    with pytest.raises(ConfigError, match=r"password in pagelake\.toml cannot be used") as caught:
        loaded(here)

    assert "271828" not in str(caught.value)
