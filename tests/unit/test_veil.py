"""Secrets do not show: by their names, and wherever their values turn up."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.kit.veil import Veil, hidden_texts, is_hidden, is_sealed, is_secret, sealed, shown, starred_command


@pytest.mark.parametrize(
    "name",
    [
        *("api_key", "token", "SECRET", "password", "db_passwd", "credentials", "key_file", "pwd", "MYSQL_PWD"),
        *("apiKey", "GITHUB_TOKEN2", "passphrase", "smtp-pass", "access_keys", "Authorization", "bearer", "PASSWORT"),
    ],
)
def test_a_name_that_says_so_is_secret(name: str) -> None:
    assert is_secret(name)


@pytest.mark.parametrize(
    "name", ["days", "keyword", "tokenizer", "country", "secretary", "turkey", "compass", "pass_rate", "monkeys"]
)
def test_other_names_are_not(name: str) -> None:
    assert not is_secret(name)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("api_key", "open-sesame", "***"),
        ("api_key", 1234, "***"),
        ("api_key", None, None),
        ("use_key", True, True),
        ("days", 3, 3),
        ("store", "postgresql://me:pw@db:5432/x", "postgresql://me:***@db:5432/x"),
        ("store", "https://db.example/x", "https://db.example/x"),
    ],
)
def test_a_value_is_shown_by_its_name_and_without_the_password_of_an_address(
    name: str, value: object, told: object
) -> None:
    assert shown(name, value) == told
    assert is_hidden(name, value) == (value != told)


_SECRETS = st.text(st.characters(categories=("L",)), min_size=8, max_size=30)


@given(secret=_SECRETS, before=st.text(), after=st.text())
def test_a_secret_is_taken_out_of_any_text_and_value(secret: str, before: str, after: str) -> None:
    veil = Veil.over({"api_key": secret, "days": 3})
    assert veil.params == {"api_key": "***", "days": 3}
    told = veil.value({"told": [before + secret + after, 7], "none": None, secret: 1})
    assert secret not in told["told"][0].replace("***", " ")
    assert told["told"][1] == 7
    assert secret not in told


def test_of_a_secret_of_several_lines_every_line_is_one_and_short_texts_and_numbers_are_none() -> None:
    assert hidden_texts({"key": "-----BEGIN-----\n  MIIabcdefg\nend", "pin_key": "123456789", "days": "nine days"}) == [
        "-----BEGIN-----\n  MIIabcdefg\nend",
        "-----BEGIN-----",
        "MIIabcdefg",
    ]
    assert hidden_texts({"store": "x://me:p4ssw0rd-x@db/"}) == ["p4ssw0rd-x"]


@given(one=st.text(min_size=1), other=st.text(min_size=1))
def test_a_seal_tells_whether_a_secret_changed_and_nothing_else(one: str, other: str) -> None:
    assert (sealed("api_key", one) == sealed("api_key", other)) == (one == other)
    assert is_sealed(sealed("api_key", one)) or one == "***"
    assert sealed("days", one) == one


@pytest.mark.parametrize(
    "line",
    [
        "p --api-key abc --n 3",
        "p --api-key=abc --n 3",
        "p --api-key 'a b c' --n 3",
        "p '--api-key=a b' --n 3",
        "p --api-key 'it'\"'\"'s' --n 3",
    ],
)
def test_flags_that_take_secrets_are_stars_in_commands(line: str) -> None:
    told = Veil.over({}).command(f"penstock run {line}")
    assert told.replace("=", " ") == "penstock run p --api-key *** --n 3"


@given(secret=_SECRETS.map(lambda text: f"{text} '\" {text}"))
def test_a_typed_secret_is_in_no_command_however_it_is_quoted(secret: str) -> None:
    for flags in (["--api-token", secret], [f"--api-token={secret}"], ["--set", f"api_token={secret}"]):
        told = starred_command(["penstock", "run", "p", *flags, "--days", "3"])
        assert secret[:8] not in told
        assert told.endswith("--days 3")
        assert Veil.over({}).command(shlex.join(["penstock", "run", "p", *flags])) == told.removesuffix(" --days 3")


def test_tables_of_settings_and_passwords_of_addresses_are_in_no_command() -> None:
    words = ["penstock", "--set", 'params={"p":{"api_key":"abc"}}', "--set", "smtp_url=smtp://me:pw@mail", "run", "p"]
    assert starred_command(words) == "penstock --set params=*** --set 'smtp_url=smtp://me:***@mail' run p"


@pytest.mark.parametrize(
    "cause",
    [
        "deployment shop/nightly, tick 2026-01-01 01:00 UTC (backfill)",
        "console",
        "penstock run p --days 3",
        "penstock run p --tasks 'a*'",
        "penstock run 'left open",
    ],
)
def test_a_cause_without_secrets_stays_as_it_is(cause: str) -> None:
    assert Veil.over({"api_key": "open-sesame"}).command(cause) == cause


def test_a_secret_typed_anywhere_in_a_command_is_known_by_its_value() -> None:
    assert Veil.over({"api_key": "open-sesame"}).command("python with open-sesame") == "python with ***"
