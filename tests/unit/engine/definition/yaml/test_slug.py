"""Names that people write, and the names that are typed for them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.engine.definition.yaml.slug import slug


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("fetch", "fetch"),
        ("Fetch data", "Fetch-data"),
        ("📥  Fetch, then (really) load!", "Fetch-then-really-load"),
        ("01_download.v2", "01_download.v2"),
        ("Übersicht für Zoë", "Übersicht-für-Zoë"),
        ("データ取得", "データ取得"),
        ("हिन्दी", "हिन्दी"),
        ("🚀", "rocket"),
        ("🧹 🚀", "broom-rocket"),
        ("⚙️", "gear"),
        ("--x--", "x"),
        ("...", "full-stop-full-stop-full-stop"),
    ],
)
def test_a_name_is_spelt_by_its_letters_and_digits(written: str, typed: str) -> None:
    assert slug(written) == typed


def test_two_spellings_of_one_letter_give_one_name() -> None:
    assert slug("Zoe\u0308") == slug("Zo\u00eb")


@given(st.text(max_size=40))
def test_a_name_can_be_typed_and_spelling_it_again_changes_nothing(text: str) -> None:
    name = slug(text)
    assert not set(name) & set(" ,+*:/\t\n?[]{}\"'`$\\|&;<>()")
    assert not name.startswith(("-", "."))
    assert slug(name) == name
