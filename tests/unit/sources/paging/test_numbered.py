"""Pages by number: counts are compared and never trusted, and rows that move are noticed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.errors import SourceError
from penstock.sources.paging import Keyset, LastIndexes, NextLink, Offset, Page, PageNumber, walk
from tests.unit.sources.paging.publishers import KINDS, Shelf
from tests.unit.sources.paging.test_walk import ids, read_all, some_rows

NUMBERED = pytest.mark.parametrize("kind", ["page_number", "offset"])


@NUMBERED
@given(stated=st.integers(0, 20), count=st.integers(0, 20), size=st.integers(1, 5))
def test_a_count_that_is_too_low_loses_no_row_and_one_too_high_is_told(
    kind: str, stated: int, count: int, size: int
) -> None:
    shelf = Shelf(some_rows(count), size, kind, states=lambda _: {"count": stated, "pages": -(-stated // size)})
    pages, refusal = read_until_refused(kind, shelf)
    assert ids(pages) == list(range(count))
    assert (refusal is not None) == (stated > count)
    if refusal is not None:
        assert f"{count:,} rows came, though the publisher states {stated:,}" in refusal.message
        assert refusal.retriable


def read_until_refused(kind: str, shelf: Shelf) -> tuple[list[Page], SourceError | None]:
    pages: list[Page] = []
    try:
        pages.extend(walk(KINDS[kind], shelf, "/rows"))
    except SourceError as error:
        return pages, error
    return pages, None


@NUMBERED
def test_an_approximate_count_is_not_even_compared(kind: str) -> None:
    shelf = Shelf(some_rows(10), 4, kind, states=lambda _: {"count": 4_000_000, "is_count_exact": False})
    assert ids(read_all(shelf)) == list(range(10))


@NUMBERED
def test_a_publisher_that_gives_shorter_pages_than_it_says_is_read_to_the_end(kind: str) -> None:
    shelf = Shelf(some_rows(10), 2, kind, states=lambda _: {"per_page": 100})
    assert ids(read_all(shelf)) == list(range(10))


@NUMBERED
@pytest.mark.parametrize("change", ["add", "remove"])
def test_rows_that_move_while_being_read_make_the_walk_begin_anew(kind: str, change: str) -> None:
    shelf = Shelf(some_rows(20), 4, kind)

    def drift(number: int) -> None:
        if number == 3:
            if change == "add":
                shelf.rows.insert(0, {"id": 99, "on": None})
            else:
                shelf.rows.pop(0)

    shelf.before = drift
    pages = read_all(shelf)
    assert {row["id"] for row in shelf.rows} <= set(ids(pages))
    assert [refresh for _, _, refresh in shelf.asked][:5] == [False, False, False, True, True]


@NUMBERED
def test_a_walk_begun_anew_continues_behind_any_page_like_any_other(kind: str) -> None:
    rows = some_rows(20)

    def drift(shelf: Shelf) -> None:
        shelf.before = lambda number: shelf.rows.pop(0) and None if number == 3 else None

    first = Shelf(list(rows), 4, kind)
    drift(first)
    pages = read_all(first)
    for done in range(2, len(pages)):
        rest = read_all(Shelf(list(first.rows), 4, kind), start=pages[done].cursor)
        assert [page.rows for page in rest] == [page.rows for page in pages[done + 1 :]]


@NUMBERED
def test_rows_that_never_rest_are_told(kind: str) -> None:
    shelf = Shelf(some_rows(20), 4, kind)
    shelf.before = lambda number: shelf.rows.insert(0, {"id": 100 + number, "on": None})
    with pytest.raises(SourceError, match="rows moved between pages in each of 4 readings") as caught:
        read_all(shelf)
    assert caught.value.retriable
    assert len(shelf.asked) < 12


@NUMBERED
@pytest.mark.parametrize("count", ["10", -1, 1.5, True])
def test_a_count_that_is_no_number_is_an_error(kind: str, count: Any) -> None:
    with pytest.raises(SourceError, match=r"`pagination\.count` is no count"):
        read_all(Shelf(some_rows(10), 4, kind, states=lambda _: {"count": count}))


@NUMBERED
def test_a_page_without_its_counts_is_an_error(kind: str) -> None:
    shelf = Shelf(some_rows(10), 4, kind, faults={2: lambda body: {"results": body["results"]}})
    with pytest.raises(SourceError, match="it lacks `pagination`"):
        read_all(shelf)


def test_where_nothing_is_counted_an_empty_page_ends_the_walk() -> None:
    for paging, kind in ((PageNumber(counts_at=""), "page_number"), (Offset(counts_at=""), "offset")):
        shelf = Shelf(some_rows(8), 4, kind, faults={2: lambda body: body})
        assert ids(list(walk(paging, shelf, "/rows"))) == list(range(8))
        assert len(shelf.asked) == 3


def test_a_body_that_is_a_list_is_a_page_as_well() -> None:
    shelf = Shelf(some_rows(9), 4, "page_number", faults=dict.fromkeys(range(1, 9), lambda body: body["results"]))
    assert ids(list(walk(PageNumber(rows_at="", counts_at=""), shelf, "/rows"))) == list(range(9))


def test_rows_with_empty_dates_are_read_in_a_second_pass_only_where_asked() -> None:
    rows = some_rows(12)
    shelf = Shelf(rows, 4, "last_indexes")
    assert set(ids(list(walk(LastIndexes(empty_too=False), shelf, "/rows")))) == {
        row["id"] for row in rows if row["on"]
    }
    assert not [params for _, params, _ in shelf.asked if "sort_null_only" in params or "sort_hide_null" in params]
    shelf.asked.clear()
    read_all(shelf)
    passes = [(params.get("sort_hide_null"), params.get("sort_null_only")) for _, params, _ in shelf.asked]
    assert passes == [(True, None)] * 3 + [(None, True)] * 2


def test_the_publishers_own_turn_to_empty_dates_is_followed() -> None:
    """A publisher may go over to rows without a date by itself, and says so in its indexes."""
    bodies = [
        {
            "results": [{"id": 1, "on": "2020"}, {"id": 2, "on": None}],
            "indexes": {"last_index": "2", "sort_null_only": True},
        },
        {"results": [{"id": 3, "on": None}], "indexes": {"last_index": "3", "sort_null_only": True}},
        {"results": [], "indexes": None},
    ]
    shelf = Shelf([], 2, "last_indexes")
    shelf.faults = {
        number: lambda _, body=body: {"results": body["results"], "pagination": {"last_indexes": body["indexes"]}}
        for number, body in enumerate(bodies, 1)
    }
    assert ids(read_all(shelf)) == [1, 2, 3]
    assert [params.get("last_index") for _, params, _ in shelf.asked] == [None, "2", "3"]
    assert [params.get("sort_null_only") for _, params, _ in shelf.asked] == [None, True, True]


def test_pages_by_indexes_have_to_state_them() -> None:
    shelf = Shelf(some_rows(10), 4, "last_indexes")
    shelf.faults = {2: lambda body: {**body, "pagination": {"page": 2, "pages": 3}}}
    with pytest.raises(SourceError, match="lacks `last_indexes`"):
        read_all(shelf)
    shelf = Shelf(some_rows(10), 4, "last_indexes")
    shelf.faults = {2: lambda body: {**body, "pagination": {"last_indexes": "x"}}}
    with pytest.raises(SourceError, match="`last_indexes` is no object"):
        read_all(shelf)


@pytest.mark.parametrize("row", [{}, {"id": None}, {"id": [1]}])
def test_a_row_without_its_key_is_an_error(row: dict[str, Any]) -> None:
    shelf = Shelf(some_rows(10), 4, "keyset", faults={2: lambda _: {"results": [row]}})
    with pytest.raises(SourceError, match="without its key `id`"):
        list(walk(Keyset("id", "after_id"), shelf, "/rows"))


@pytest.mark.parametrize("link", [5, {}, ["/rows"], True])
def test_a_link_that_is_none_is_an_error(link: Any) -> None:
    shelf = Shelf(some_rows(10), 4, "next_link", faults={2: lambda body: {**body, "next": link}})
    with pytest.raises(SourceError, match="`next` is no link"):
        list(walk(NextLink(), shelf, "/rows"))
