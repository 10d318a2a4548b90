"""Reads the comma-separated sheets Maryland exports, strictly: a web page or half a sheet is never an answer."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from io import StringIO

from penstock.errors import SourceError

# What a browser is shown where a file was due, e.g. after the session is over.
_PAGE_MARKS = ("<!doctype", "<html", "<head", "<?xml")
_HINT_AGAIN = "try again; if it stays so, the publisher has changed its site"


def read_sheet(body: bytes, columns: Sequence[str], place: str) -> list[dict[str, str]]:
    """Return the rows of a sheet that begins with these column names, in any order; values are trimmed.

    Args:
        columns: All the names there are: one more or one less is a change of the publisher's that must be looked at.
        place: What messages call the sheet.

    Raises:
        SourceError: It is a web page, has other columns, or is cut short.
    """
    rows = list_rows(body, place)
    header = [name.strip() for name in rows[0]] if rows else []
    width = len(header)
    # The publisher ends every line with a comma.
    if header and not header[-1]:
        header.pop()
    if sorted(header) != sorted(columns):
        raise _other_columns(place, header, columns)
    return [dict(zip(header, _trimmed(row), strict=False)) for row in whole_rows(rows[1:], width, place)]


def list_rows(body: bytes, place: str) -> list[list[str]]:
    """Return the lines of a sheet as lists of texts, blank lines left out.

    Raises:
        SourceError: It is a web page, empty, or no sheet.
    """
    text = _decode(body)
    if text.lstrip()[:200].lower().startswith(_PAGE_MARKS):
        raise SourceError(
            f"{place} is a web page instead of a sheet: the session may be over", hint=_HINT_AGAIN, retriable=True
        )
    if not text.strip():
        raise SourceError(f"{place} is empty, without even a header", hint=_HINT_AGAIN, retriable=True)
    try:
        return [row for row in csv.reader(StringIO(text, newline="")) if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise SourceError(f"{place} is no sheet: {error}", hint=_HINT_AGAIN) from error


def whole_rows(rows: Sequence[list[str]], width: int, place: str) -> Iterator[list[str]]:
    """Yield rows of this width; a row broken by a line end inside a value is put together again.

    Raises:
        SourceError: A row does not fit, or the sheet is cut short within its last row.
    """
    pending: list[str] = []
    for row in rows:
        pending = [*pending[:-1], f"{pending[-1]} {row[0]}", *row[1:]] if pending else row
        if len(pending) > width:
            raise SourceError(
                f"{place} has a row of {len(pending)} fields instead of {width}: `{','.join(pending)[:80]}`",
                hint="the publisher may have changed its format",
            )
        if len(pending) == width:
            yield pending
            pending = []
    if pending:
        raise SourceError(
            f"{place} is cut short: its last row has {len(pending)} of {width} fields", hint=_HINT_AGAIN, retriable=True
        )


def _decode(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        # What the publisher's Windows servers write where a name is not plain.
        return body.decode("cp1252", errors="replace")


def _trimmed(row: Sequence[str]) -> list[str]:
    return [cell.strip() for cell in row]


def _other_columns(place: str, found: Sequence[str], expected: Sequence[str]) -> SourceError:
    lacking = [name for name in expected if name not in found]
    added = [name for name in found if name not in expected]
    told = [
        f"{word} {', '.join(f'`{name[:40]}`' for name in names[:3])}"
        for word, names in (("lacks", lacking), ("has", added))
        if names
    ]
    return SourceError(
        f"{place} has other columns than known: it {' and '.join(told) or 'names one twice'}",
        hint="the publisher has changed its format: nothing was stored; get a newer version of Penstock",
    )
