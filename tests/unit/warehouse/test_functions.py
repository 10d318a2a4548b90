"""The functions that statements for any engine call answer the same on DuckDB and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from penstock.kit.sqlfile import load_statements
from penstock.warehouse.connect import open_warehouse
from penstock.warehouse.warehouse import Warehouse
from tests.servers.postgres import postgres_database

Pair = tuple[Warehouse, Warehouse]

#: How each function is called on one text.
CALLS = {
    "trimmed": "trimmed(given)",
    "in_capitals": "in_capitals(given)",
    "in_small_letters": "in_small_letters(given)",
    "in_words": "in_words(given, '.''`\"', ',&')",
    "first_match": "first_match(given, '^([0-9]{5})-?[0-9]{0,4}$')",
    "as_decimal": "as_decimal(given)",
    "unreadable_amount": "unreadable_amount(given)",
    "rounded_amount": "rounded_amount(given)",
    "as_bigint": "as_bigint(given)",
    "as_date": "as_date(given)",
    "as_date_of_digits": "as_date_of_digits(given)",
}
#: Text without NUL, and without the two code points that PostgreSQL holds NUL by.
ANY = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\ufdd0\ufdd1"), max_size=12)
BLANKS = st.text(" \t\n\v\f\r\xa0\u3000", max_size=2)
NUMBERS = st.one_of(
    st.from_regex(r"[+-]?[0-9]{0,20}(\.[0-9]{0,20})?(e[+-]?[0-9]{1,2})?", fullmatch=True),
    st.text("0123456789+-._eExXnNaAiIfF \t", max_size=10),
    st.decimals(allow_nan=False, allow_infinity=False, places=3).map(str),
    st.integers(-(2**65), 2**65).map(str),
)
DATES = st.one_of(
    st.from_regex(r"[0-9]{1,3}/[0-9]{1,3}/[0-9]{1,5}", fullmatch=True),
    st.dates().map(lambda day: f"{day.month}/{day.day}/{day.year}"),
    st.dates().map(lambda day: f"{day.month:02}{day.day:02}{day.year:04}"),
    st.from_regex(r"[0-1]?[0-9][0-3][0-9][0-9]{4}", fullmatch=True),
    st.text("0123456789/ -+", max_size=11),
)
NAMES = st.text("aÀéíßıſǆçñ\u0301\u20dd .,'`\"&/-O'JR", max_size=14)
PADDED = st.builds(lambda *parts: "".join(parts), BLANKS, st.one_of(NUMBERS, DATES, NAMES), BLANKS)
#: All letters and marks but ideographs and syllables, which have neither case nor accents, by the thousand.
BLOCKS = [
    (first, first + 0xFFF)
    for first in (1, *range(0x1000, 0x4000, 0x1000), 0xA000, *range(0xF000, 0x1F000, 0x1000), 0xE0000)
]
TEXTS = st.lists(st.none() | PADDED | ANY, min_size=1, max_size=20)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("functions")
    for url in postgres_database():
        warehouses = (open_warehouse("duckdb://", workdir=folder), open_warehouse(url, workdir=folder))
        yield warehouses
        for warehouse in warehouses:
            warehouse.close()


def answers(warehouse: Warehouse, call: str, texts: Sequence[str | None]) -> list[tuple[Any, ...]]:
    marks = ", ".join(f"({place}, cast($text_{place} as text))" for place in range(len(texts)))
    sql = f"select {call} from (values {marks}) as texts (place, given) order by place"
    return list(warehouse.query(sql, {f"text_{place}": text for place, text in enumerate(texts)}).rows)


def assert_same(pair: Pair, name: str, texts: Sequence[str | None]) -> None:
    one, other = (answers(warehouse, CALLS[name], texts) for warehouse in pair)
    assert list(zip(texts, one, strict=True)) == list(zip(texts, other, strict=True))


@pytest.mark.parametrize("name", CALLS)
@settings(max_examples=20, deadline=None)
@given(texts=TEXTS)
@example(
    texts=["1e3", "1_000", "+5", ".5", "5.", ".", "", " 5\n", "0x1F", "NaN", "inf", "1e400", "1e-400", "12345.678e-1"]
)
@example(
    texts=["9999999999999999.99", "9999999999999999.995", "-1.005", "2.5", "-0.5", "9223372036854775807.5", "1e18"]
)
@example(texts=["2/29/2019", "2/29/2020", "1/5/19", "1/1/0", "0/1/2019", "1/32/2019", " 1/5/2019\n", "01/05/20190"])
@example(texts=["1052019", "01052019", "02302019", "01010000", "12319999", "105201", "010520199"])
def test_a_function_answers_the_same_on_both_engines(pair: Pair, name: str, texts: list[str | None]) -> None:
    assert_same(pair, name, texts)


@pytest.mark.parametrize("name", ["trimmed", "in_capitals", "in_small_letters", "in_words"])
def test_a_function_of_letters_answers_the_same_for_every_letter(pair: Pair, name: str) -> None:
    every = (
        "select string_agg({call}, '' order by code) from (select code, {text} as given"
        " from generate_series({first}, {last}) as codes (code)) as texts where code not in (64976, 64977)"
    )
    call = f"coalesce({CALLS[name]}, '') || '|'"
    for first, last in BLOCKS:
        span = {"call": call, "first": first, "last": last}
        one, other = (
            warehouse.query(every.format(text=f"chr({cast}) || 'a' || chr({cast})", **span)).rows
            for warehouse, cast in zip(pair, ("cast(code as integer)", "code"), strict=True)
        )
        assert one == other, f"differs between {first:#x} and {last:#x}"


@settings(max_examples=20, deadline=None)
@given(numbers=st.lists(st.tuples(*[st.integers(-(10**24), 10**24)] * 2), min_size=1, max_size=40))
@example(numbers=[(1, 2), (-1, 2), (1, -2), (3, 2), (5, 0), (0, 5), (1, 3), (2, 3), (10**24, 7)])
def test_quotients_are_exact_on_both_engines(pair: Pair, numbers: list[tuple[int, int]]) -> None:
    marks = ", ".join(
        f"({place}, cast({one} as decimal(38, 0)), cast({other} as decimal(38, 0)))"
        for place, (one, other) in enumerate(numbers)
    )
    sql = f"select rounded_quotient(a, b) from (values {marks}) as pairs (place, a, b) order by place"
    expected = [None if not b else Decimal(_rounded(a, b)) for a, b in numbers]
    for warehouse in pair:
        assert [value for (value,) in warehouse.query(sql).rows] == expected


def _rounded(dividend: int, divisor: int) -> int:
    size = (2 * abs(dividend) + abs(divisor)) // (2 * abs(divisor))
    return size if (dividend < 0) == (divisor < 0) else -size


def test_the_functions_say_what_their_comments_say(pair: Pair) -> None:
    cases = {
        "trimmed(given)": {" \xa0a b\u3000": "a b", "  ": None},
        "in_capitals(given)": {"straße é": "STRAẞE É"},
        "in_words(given, '.', '&')": {"  Ångström & Söhne, G.m.b.H. ": "ANGSTROM & SOHNE GMBH"},
        "as_decimal(given)": {
            "1.005": Decimal("1.01"),
            "-1.005": Decimal("-1.01"),
            "1e16": None,
            "NaN": None,
            "0x1F": None,
        },
        "as_bigint(given)": {"2.5": 3, "-2.5": -3, "9223372036854775808": None, "0x1F": None},
        "as_date(given)": {"2/29/2020": date(2020, 2, 29), "2/30/2020": None, "1/1/0000": None},
        "as_date_of_digits(given)": {"1052019": date(2019, 1, 5), "105201": None, "02302019": None},
        "unreadable_amount(given)": {" 1,000 ": " 1,000 ", "1000": None, " ": None},
        "rounded_amount(given)": {" 0.999 ": " 0.999 ", "0.99": None, "x": None},
    }
    for warehouse in pair:
        for call, told in cases.items():
            assert [value for (value,) in answers(warehouse, call, list(told))] == list(told.values())


def test_both_engines_have_the_same_functions() -> None:
    one, other = (load_statements(f"penstock.warehouse.{engine}", "functions.sql") for engine in ("duckdb", "postgres"))
    assert set(other) - set(one) == {"without_accents"}
    assert set(one) <= set(other)
    assert set(CALLS) | {"rounded_quotient"} == set(one)
