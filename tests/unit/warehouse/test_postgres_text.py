"""Text and statements on their way to PostgreSQL."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.errors import WarehouseError
from penstock.warehouse.postgres.parameters import parse
from penstock.warehouse.postgres.text import is_altered, restore, store, store_bytes

ODD_TEXTS = st.text(st.sampled_from("\0ab\ufdd0\ufdd1é|"))


@given(ODD_TEXTS)
def test_any_text_comes_back_from_a_form_without_nul(text: str) -> None:
    kept = store(text)
    assert isinstance(kept, str)
    assert "\0" not in kept
    assert restore(kept) == text
    assert (kept == text) == (not is_altered(kept))
    assert store_bytes(text.encode()) == kept.encode()


def test_other_values_are_left_as_they_are() -> None:
    assert [store(7), restore(None), is_altered(1.5)] == [7, None, False]


@pytest.mark.parametrize(
    ("sql", "text", "names"),
    [
        ("select $b, $a, $b", "select $1, $2, $1", ("b", "a")),
        ("select '$a', \"$a\", $a::int % 2", "select '$a', \"$a\", $1::int % 2", ("a",)),
        ("select 'it''s $a', E'\\'$a', e'\\\\', $a", "select 'it''s $a', E'\\'$a', e'\\\\', $1", ("a",)),
        ("select $$ $a ; $$, $q$ $a $$ $q$, $a;", "select $$ $a ; $$, $q$ $a $$ $q$, $1;", ("a",)),
        ("-- $a ;\nselect /* $a /* ; */ $a */ $a", "-- $a ;\nselect /* $a /* ; */ $a */ $1", ("a",)),
        ("select price$a, a.b$c from t where x like '%s%%'", "select price$a, a.b$c from t where x like '%s%%'", ()),
        ("(select $ünit_1)", "(select $1)", ("ünit_1",)),
    ],
)
def test_only_parameters_are_numbered(sql: str, text: str, names: tuple[str, ...]) -> None:
    statement = parse(sql)
    assert (statement.text, statement.names, statement.verb) == (text, names, "select")


@pytest.mark.parametrize(
    "sql", ["select 1; select 2", "select 1 /* ; */ ; -- x\n drop table t", "select 1) as q; begin"]
)
def test_two_statements_at_once_are_refused(sql: str) -> None:
    with pytest.raises(WarehouseError, match="more than one statement"):
        parse(sql)


def test_a_parameter_without_value_is_named() -> None:
    with pytest.raises(WarehouseError, match=r"`\$b`"):
        parse("select $a, $b").bind({"a": 1})
