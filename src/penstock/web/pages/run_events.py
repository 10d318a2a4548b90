"""The tab with the facts of a run as the event log holds them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from penstock.engine.events import Event, EventKind
from penstock.errors import UsageError
from penstock.kit.spelling import did_you_mean
from penstock.web.pages.run_subject import Subject
from penstock.web.pages.run_tab import Matter
from penstock.web.paging import address, whole_number

_SHEET = 200


def tell(matter: Matter) -> Mapping[str, Any]:
    """Return the facts that `kind` in the query leaves: the newest, or those before or after a place."""
    subject, query = matter.subject, matter.query
    kind = _kind(query.get("kind", ""))
    before, after = whole_number(query, "before"), whole_number(query, "after")
    is_back = before is not None or after is None
    found = matter.store.read_events(
        run_id=subject.run.run_id,
        kinds=() if kind is None else (kind,),
        before=before,
        after=0 if is_back else after or 0,
        newest=is_back,
        limit=_SHEET + 1,
    )
    has_more = len(found) > _SHEET
    shown = found[-_SHEET:] if is_back else found[:_SHEET]
    older, newer = _ends(shown, before, after, has_more=has_more, is_back=is_back)
    kept = {"tab": "events", "kind": kind}
    return {
        "events": [event._replace(facts=_facts(subject, event)) for event in shown],
        "kind": kind.value if kind else "",
        "kinds": [known.value for known in EventKind],
        "older": address(subject.here, **kept, before=older) if older else None,
        "newer": address(subject.here, **kept, after=newer) if newer is not None else None,
        "newest": address(subject.here, **kept),
    }


def _kind(given: str) -> EventKind | None:
    known = [kind.value for kind in EventKind]
    if given and given not in known:
        raise UsageError(f"there are no events of kind `{given}`", hint=did_you_mean(given, known))
    return EventKind(given) if given else None


def _ends(
    shown: list[Event], before: int | None, after: int | None, *, has_more: bool, is_back: bool
) -> tuple[int | None, int | None]:
    """Return the numbers that older facts lie before and newer ones behind, where there are any."""
    if is_back:
        return shown[0].seq if has_more else None, None if before is None else before - 1
    return (after or 0) + 1 if after else None, shown[-1].seq if has_more else None


def _facts(subject: Subject, event: Event) -> dict[str, Any]:
    return dict(event.veiled(subject.veil).facts)
