"""Walks page by page, never in a circle and never past a gap without saying so."""

from __future__ import annotations

from collections.abc import Iterator

from penstock.errors import AbsentSourceError, SourceError
from penstock.kit.jsonable import digest, to_json
from penstock.sources.http.answer import Answer
from penstock.sources.http.refusal import RefusedError
from penstock.sources.paging.page import Cursor, Page, Paging, Params, Read, Step

#: No walk reads more pages unless told so: ten million rows at a hundred a page.
MAX_PAGES = 100_000
_END = {"end": True}


def walk(
    paging: Paging,
    read: Read,
    path: str,
    params: Params | None = None,
    *,
    start: Cursor | None = None,
    max_pages: int = MAX_PAGES,
) -> Iterator[Page]:
    """Yield the pages in order; every cursor can be handed to another walk as `start`, which continues behind its page.

    Args:
        read: `client.get_json`, or a function around it.
        start: A cursor of an earlier walk; None begins at the first page. That of a last page may yield nothing more.

    Raises:
        SourceError: A page is malformed, comes a second time, the publisher refuses the cursor, or there is no end.
    """
    return _Walk(paging, read, path, params or {}, max_pages).pages(start)


class _Walk:
    def __init__(self, paging: Paging, read: Read, path: str, params: Params, max_pages: int) -> None:
        self._paging = paging
        self._read = read
        self._path = path
        self._params = params
        self._max_pages = max_pages
        self._seen: set[str] = set()

    def pages(self, start: Cursor | None) -> Iterator[Page]:
        cursor = self._start_at(start)
        self._seen.update({"to " + digest(_place(cursor)), "rows " + str(cursor.get("rows"))})
        asked = number = 0
        while cursor != _END:
            asked += 1
            step = self._step(cursor, asked, is_first=start is None and asked == 1)
            if step.is_anew:
                self._seen.clear()
            cursor = _END if step.cursor is None else dict(step.cursor)
            if step.rows:
                number += 1
                yield Page(step.rows, _saved(cursor, step), number)

    def _start_at(self, start: Cursor | None) -> Cursor:
        begin = self._paging.begin()
        if start is None:
            return begin
        if start != _END and not begin.keys() <= start.keys():
            raise SourceError(
                f"the saved place in `{self._path}` was not made by this way of paging: {to_json(start)}",
                hint="forget the cursor and read from the start again; what is there already is not doubled",
            )
        return start

    def _step(self, cursor: Cursor, asked: int, *, is_first: bool) -> Step:
        if asked > self._max_pages:
            raise SourceError(
                f"`{self._path}` has more than {self._max_pages:,} pages",
                hint="narrow the question, or raise `max_pages` if so many are right",
            )
        # What the cache holds is from before the rows moved.
        answer = self._ask(cursor, refresh=bool(cursor.get("anew")), is_first=is_first)
        if answer is None:
            return Step((), None)
        step = self._paging.step(cursor, answer)
        if self._is_repeated(step):
            # It may be the cache that holds a page the publisher once sent by mistake.
            answer = self._ask(cursor, refresh=True, is_first=is_first) or answer
            step = self._paging.step(cursor, answer)
            if self._is_repeated(step):
                raise _circle(answer, asked)
        self._seen.update(_marks(step))
        return step

    def _ask(self, cursor: Cursor, *, refresh: bool, is_first: bool) -> Answer | None:
        path, params = self._paging.ask(cursor, self._path, self._params)
        try:
            return self._read(path, params, refresh=refresh)
        except (RefusedError, AbsentSourceError) as error:
            if is_first or getattr(error, "is_about_key", False):
                raise
            if self._paging.is_past_end(cursor):
                return None
            raise SourceError(
                f"the publisher refuses to continue at a saved place: {error.message}",
                hint="forget the cursor and read from the start again; what is there already is not doubled",
            ) from error

    def _is_repeated(self, step: Step) -> bool:
        return not step.is_anew and not self._seen.isdisjoint(_marks(step))


def _saved(cursor: Cursor, step: Step) -> Cursor:
    """The cursor with what tells another walk that the page behind it is this one again."""
    return cursor if cursor == _END else {**cursor, "rows": digest(list(step.rows))}


def _place(cursor: Cursor) -> Cursor:
    return {name: value for name, value in cursor.items() if name != "rows"}


def _marks(step: Step) -> set[str]:
    """What no other page of the walk may have in common with this one: where it leads to, and its rows."""
    marks = set()
    if step.cursor is not None:
        marks.add("to " + digest(step.cursor))
    if step.rows:
        marks.add("rows " + digest(list(step.rows)))
    return marks


def _circle(answer: Answer, asked: int) -> SourceError:
    return SourceError(
        f"`{answer.url}`, asked as page {asked}, repeats an earlier page",
        hint="run again: it continues behind the last saved page; if it stays so, tell the publisher",
        retriable=True,
    )
