"""Secrets do not show: by the name of a parameter, and wherever its value turns up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.web.veil import Veil, is_secret


@pytest.mark.parametrize(
    "name", ["api_key", "token", "SECRET", "password", "db_passwd", "credentials", "key_file", "pwd"]
)
def test_a_name_that_says_so_is_secret(name: str) -> None:
    assert is_secret(name)


@pytest.mark.parametrize("name", ["days", "keyword", "tokenizer", "country", "secretary"])
def test_other_names_are_not(name: str) -> None:
    assert not is_secret(name)


_SECRETS = st.text(st.characters(categories=("L",)), min_size=8, max_size=30)


@given(secret=_SECRETS, before=st.text(), after=st.text())
def test_a_secret_is_taken_out_of_any_text_and_value(secret: str, before: str, after: str) -> None:
    veil = Veil.over({"api_key": secret, "days": 3})
    assert veil.params == {"api_key": "***", "days": 3}
    shown = veil.value({"told": [before + secret + after, 7], "none": None})
    assert secret not in shown["told"][0].replace("***", " ")
    assert shown["told"][1] == 7


@pytest.mark.parametrize("line", ["p --api-key abc --n 3", "p --api-key=abc --n 3", "p --api-key 'a b c' --n 3"])
def test_flags_that_take_secrets_are_stars_in_commands(line: str) -> None:
    shown = Veil.over({}).command(f"penstock run {line}")
    assert shown.replace("=", " ") == "penstock run p --api-key *** --n 3"


def test_a_reason_does_not_tell_old_and_new_secrets() -> None:
    facts = {"kind": "param_changed", "what": "api_key", "before": "old", "after": "new", "sentence": "old → new"}
    assert Veil.over({}).reason(facts) == "parameter `api_key` changed"
