"""A placeholder is told as the value a run gave for it, or as it was written."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from penstock.kit.placeholders import filled


def test_placeholders_are_told_as_the_values_they_name() -> None:
    values = {"database": "data/a.db", "year": 2020, "day": None}
    assert filled("sqlite:{database}#events, {year}, {day}, {other}", values) == (
        "sqlite:data/a.db#events, 2020, {day}, {other}"
    )


@given(st.text(), st.dictionaries(st.text(), st.text()))
def test_a_text_without_braces_stays_as_it_is(text: str, values: dict[str, str]) -> None:
    plain = text.replace("{", "")
    assert filled(plain, values) == plain


@given(st.text())
def test_a_value_is_not_looked_at_again(value: str) -> None:
    assert filled("{a} {b}", {"a": "{b}", "b": value}) == f"{{b}} {value}"
