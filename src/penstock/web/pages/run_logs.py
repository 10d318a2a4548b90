"""The tab with what all tasks of a run reported and wrote, in the order it came."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from penstock.web.pages.log_page import Log, read_log
from penstock.web.pages.run_tab import Matter
from penstock.web.paging import address


def tell(matter: Matter) -> Mapping[str, Any]:
    """Return one page of the log, with what `q` in the query searches."""
    subject, query = matter.subject, matter.query
    searched = query.get("q", "").strip()
    page = read_log(Log(matter.store, subject.run.run_id, subject.veil, searched=searched), query)
    kept = {"tab": "logs", "q": searched}
    return {
        "log": page,
        "searched": searched,
        "is_newest": page.newer is None,
        "older": None if page.older is None else address(subject.here, **kept, before=page.older),
        "newer": None if page.newer is None else address(subject.here, **kept, after=page.newer),
        "newest": address(subject.here, **kept),
        "titles": {line.task: subject.title_of(line.task) for line in page.lines},
        "hrefs": {line.task: subject.address_of(line.task) for line in page.lines},
    }
