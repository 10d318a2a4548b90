"""One search on Maryland's finance site: a page for the cookies, a form with the filter, then the export it answers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from penstock.errors import SourceError
from penstock.kit.jsonable import to_json
from penstock.sources.maryland.sheet import read_sheet

if TYPE_CHECKING:
    from penstock.sources.http.client import Client

#: The view the site's own pages ask for.
_VIEW = {"theme": "vista"}
_EXPORT = {"page": "1", "orderBy": "~", "filter": "~", "Grid-size": "15", **_VIEW}
# The page of results says how many there are: in the grid's script, or in its footer.
_TOTAL = re.compile(r"""["']?\btotal["']?\s*:\s*(\d+)|Displaying items \d+ - \d+ of (\d+)""")


@dataclass(frozen=True, slots=True)
class SearchForm:
    """One of the site's searches.

    Args:
        page: Where the form is, and where it is sent.
        export: Where the rows found are handed out as a sheet.
        fields: What the form holds when nothing is filled in.
        columns: Of the sheet.
        noun: What messages call the rows.
    """

    page: str
    export: str
    fields: Mapping[str, str]
    columns: Sequence[str]
    noun: str


def search(client: Client, form: SearchForm, filters: Mapping[str, str]) -> list[dict[str, str]]:
    """Return all rows the filter finds.

    The site keeps the filter with the cookies, and a client has one set of them: two threads searching by one client
    would answer each other's questions.

    Raises:
        SourceError: The site cannot be reached or refuses; the export is a web page, has other columns, is cut short,
            or holds another number of rows than were found.
    """
    about = to_json([form.page, filters])
    place = f"the sheet of {form.noun} at `{client.source.base_url}{form.export}`"
    client.get(form.page, _VIEW, refresh=True, about=about)
    page = client.post(form.page, {**form.fields, **filters, "btnSearch": "Search"}, params=_VIEW, about=about)
    sheet = client.get(form.export, _EXPORT, refresh=True, about=about)
    rows = read_sheet(sheet.body, form.columns, place)
    _refuse_other_number(place, len(rows), _stated_total(page.body))
    return rows


def _stated_total(page: bytes) -> int | None:
    found = _TOTAL.search(page.decode("utf-8", errors="replace"))
    return None if found is None else int(found[1] or found[2])


def _refuse_other_number(place: str, rows: int, stated: int | None) -> None:
    if stated is not None and rows != stated:
        raise SourceError(
            f"{place} holds {rows:,} rows, though {stated:,} were found: it is cut short, or the session is over",
            hint="try again",
            retriable=True,
        )
    if stated is None and rows == 0:
        raise SourceError(
            f"{place} holds no rows, and the site does not say that it found none",
            hint="try again; if it stays so, the publisher has changed its site",
            retriable=True,
        )
