"""Walks over every way of paging: all rows once, resumable anywhere, never in a circle."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.errors import AbsentSourceError, SourceError
from penstock.kit.jsonable import from_json, to_json
from penstock.sources.http.refusal import RefusedError
from penstock.sources.paging import Page, PageNumber, walk
from tests.unit.sources.paging.publishers import KINDS, Shelf, refuse

EVERY_KIND = pytest.mark.parametrize("kind", KINDS)
#: Days tie, and some rows have none.
DAYS = st.sampled_from([None, "2020-11-01", "2020-11-02", "2020-11-03"])


def some_rows(count: int) -> list[dict[str, Any]]:
    return [
        {"id": number, "on": None if number % 3 == 0 else f"2020-11-{number % 4 + 1:02}"} for number in range(count)
    ]


def read_all(shelf: Shelf, start: Any = None, **options: Any) -> list[Page]:
    return list(walk(KINDS[shelf.kind], shelf, "/rows", {"cycle": 2020}, start=start, **options))


def ids(pages: list[Page]) -> list[int]:
    return [row["id"] for page in pages for row in page.rows]


@EVERY_KIND
@given(days=st.lists(DAYS, max_size=30), size=st.integers(1, 7))
def test_every_row_comes_once_and_a_walk_continues_behind_any_page(
    kind: str, days: list[str | None], size: int
) -> None:
    rows = [{"id": number, "on": day} for number, day in enumerate(days)]
    pages = read_all(Shelf(rows, size, kind))
    assert sorted(ids(pages)) == list(range(len(rows)))
    assert all(page.rows for page in pages)
    assert [page.number for page in pages] == list(range(1, len(pages) + 1))
    for done in range(len(pages)):
        cursor = from_json(to_json(pages[done].cursor))
        rest = read_all(Shelf(rows, size, kind), start=cursor)
        assert [page.rows for page in rest] == [page.rows for page in pages[done + 1 :]]


@EVERY_KIND
def test_the_questions_own_parameters_go_with_every_page(kind: str) -> None:
    shelf = Shelf(some_rows(20), 4, kind)
    read_all(shelf)
    asked = [params for path, params, _ in shelf.asked if "start=" not in path]
    assert asked
    assert all(params["cycle"] == 2020 for params in asked)


@EVERY_KIND
def test_nothing_at_all_is_a_walk_without_pages(kind: str) -> None:
    assert read_all(Shelf([], 4, kind)) == []


@EVERY_KIND
def test_a_page_that_repeats_for_good_is_an_error(kind: str) -> None:
    shelf = Shelf(some_rows(20), 4, kind)
    first = []
    shelf.faults = {1: lambda body: first.append(body) or body, **dict.fromkeys(range(2, 99), lambda _: first[0])}
    with pytest.raises(SourceError, match=r"repeats an earlier page|the last page|several rows") as caught:
        read_all(shelf)
    assert caught.value.hint
    assert len(shelf.asked) < 6


@EVERY_KIND
def test_a_page_repeated_by_mistake_is_asked_for_again_past_the_cache(kind: str) -> None:
    shelf = Shelf(some_rows(20), 4, kind)
    first = []
    shelf.faults = {1: lambda body: first.append(body) or body, 2: lambda _: first[0]}
    if kind == "keyset":
        with pytest.raises(SourceError, match="several rows with one `id`"):
            read_all(shelf)
        return
    assert sorted(ids(read_all(shelf))) == list(range(20))
    assert [refresh for _, _, refresh in shelf.asked][:4] == [False, False, True, False]


@EVERY_KIND
def test_a_continued_walk_knows_the_page_it_follows(kind: str) -> None:
    rows = some_rows(20)
    pages = read_all(Shelf(rows, 4, kind))
    shelf = Shelf(rows, 4, kind)
    again = {"results": list(pages[1].rows)}
    shelf.faults = dict.fromkeys(range(1, 9), lambda body: {**body, **again})
    with pytest.raises(SourceError, match=r"repeats an earlier page|several rows"):
        read_all(shelf, start=pages[1].cursor)


@EVERY_KIND
@pytest.mark.parametrize(
    "body",
    [None, [], {}, "text", {"results": None}, {"results": {}}, {"results": [1]}, {"results": [{"id": 1}, None]}],
)
def test_what_is_no_page_is_never_an_empty_one(kind: str, body: Any) -> None:
    shelf = Shelf(some_rows(20), 4, kind, faults={2: lambda _: body})
    with pytest.raises(SourceError, match="is no page") as caught:
        read_all(shelf)
    assert "http://publisher.example/rows" in caught.value.message
    assert caught.value.retriable


@EVERY_KIND
def test_there_is_an_end_to_every_walk(kind: str) -> None:
    with pytest.raises(SourceError, match="more than 3 pages") as caught:
        read_all(Shelf(some_rows(20), 4, kind), max_pages=3)
    assert "max_pages" in str(caught.value.hint)


@EVERY_KIND
def test_a_place_the_publisher_rejects_is_told_with_what_to_do(kind: str) -> None:
    rows = some_rows(20)
    cursor = read_all(Shelf(rows, 4, kind))[1].cursor
    with pytest.raises(SourceError, match="refuses to continue at a saved place: bad cursor") as caught:
        read_all(Shelf(rows, 4, kind, faults={1: refuse}), start=cursor)
    assert "from the start again" in str(caught.value.hint)
    with pytest.raises(RefusedError):
        read_all(Shelf(rows, 4, kind, faults={1: refuse}))


@EVERY_KIND
def test_a_refused_key_is_not_taken_for_a_rejected_place(kind: str) -> None:
    def refuse_key(_: Any) -> Any:
        raise RefusedError("bad key", status=403, is_about_key=True)

    with pytest.raises(RefusedError, match="bad key"):
        read_all(Shelf(some_rows(20), 4, kind, faults={3: refuse_key}))


@EVERY_KIND
@pytest.mark.parametrize("cursor", [{}, {"elsewhere": 1}])
def test_a_cursor_of_another_way_of_paging_is_refused(kind: str, cursor: dict[str, int]) -> None:
    with pytest.raises(SourceError, match="was not made by this way of paging"):
        read_all(Shelf(some_rows(20), 4, kind), start=cursor)


def test_a_page_asked_for_past_the_last_may_be_refused() -> None:
    def gone(_: Any) -> Any:
        raise AbsentSourceError("out of range")

    shelf = Shelf(some_rows(8), 4, "page_number", faults={3: gone})
    assert len(ids(list(walk(PageNumber(), shelf, "/rows")))) == 8
