"""One dataset: its state, what each run did to it, changed rows, a look at the rows, columns and lineage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from penstock.errors import UsageError
from penstock.web.console import Console
from penstock.web.drawing.lineage import draw_lineage
from penstock.web.drawing.node import Node
from penstock.web.page import Ask, Page
from penstock.web.pages.dataset_known import Known, TaskLink, find_known, list_known, params_of, title_of
from penstock.web.pages.dataset_look import MOST_PAGES, Wanted, look_at
from penstock.web.pages.dataset_seen import list_made, list_seen
from penstock.web.paging import address, whole_number
from penstock.web.words import part

_KINDS = ("inserted", "changed", "vanished", "unchanged", "repeated")


def show(console: Console, ask: Ask) -> Page:
    """Return the page of a dataset: `pipeline`, `partition`, `run` and `page` in the query choose what of it.

    Raises:
        UsageError: No pipeline declares it, or it has no such partition.
    """
    everywhere = find_known(console, ask.path["name"], ask.query.get("pipeline", ""))
    known, store = everywhere[0], console.engine.store
    same = [one for one in everywhere if one is known or (one.table and known.table)]
    wanted = _wanted(known, ask.query)
    look = look_at(console, known, wanted)
    called = _title(console, known, wanted.run_id)
    maker = next((one.maker for one in same if one.maker), None)
    facts = {
        "known": known,
        "called": called,
        "table": known.table,
        "maker": maker,
        "readers": [reader for one in same for reader in one.readers],
        "updaters": [task for one in same for task in one.updaters],
        "elsewhere": [one for one in everywhere if one not in same],
        "look": look,
        "wanted": wanted,
        "partitions": [one.partition for one in look.states if one.partition],
        "kinds": _KINDS,
        "loads": [(load, _address(known, run=load.run_id, partition=wanted.partition)) for load in look.loads],
        "rejects": any(load.rejected for load in look.loads),
        "seen": list_seen(store, known.pipeline).get(known.name, ()),
        "made": list_made(store, maker.pipeline, maker.name) if maker and not known.table else [],
        "lineage": _lineage(console, same),
        "pages": _pages(known, wanted, has_more=bool(look.rows and look.rows.is_more)),
        "states": [(one, _address(known, partition=one.partition)) for one in look.states],
        "all_partitions": _address(known),
        "all_changes": _address(known, partition=wanted.partition),
    }
    return Page("dataset", called, facts)


def _title(console: Console, known: Known, run_id: str | None) -> str:
    return title_of(known.name, params_of(console, known.pipeline, run_id)) if run_id else known.title


def _wanted(known: Known, query: Mapping[str, str]) -> Wanted:
    page = max(whole_number(query, "page") or 1, 1)
    if page > MOST_PAGES:
        raise UsageError(f"there is no page {page} here", hint=f"the first {MOST_PAGES} pages are shown")
    columns = known.table.columns if known.table else ()
    order = {column.name: place for place, column in enumerate(columns)}
    return Wanted(query.get("partition") or None, query.get("run") or None, page, order)


def _address(known: Known, **query: Any) -> str:
    return address(f"/datasets/{part(known.name)}", pipeline=known.pipeline.name, **query)


def _pages(known: Known, wanted: Wanted, *, has_more: bool) -> tuple[str, str]:
    kept = {"partition": wanted.partition, "run": wanted.run_id}
    before = wanted.page - 1 if wanted.page > 2 else None
    previous = _address(known, **kept, page=before) + "#rows" if wanted.page > 1 else ""
    following = _address(known, **kept, page=wanted.page + 1) + "#rows" if has_more and wanted.page < MOST_PAGES else ""
    return previous, following


def _lineage(console: Console, same: Sequence[Known]) -> str | None:
    """Return one step up and one down: what the maker reads, and what the readers make."""
    touching = {link.href: link for one in same for link in _tasks_of(one)}
    around = [one for one in list_known(console) if any(link.href in touching for link in _tasks_of(one))]
    names = list(dict.fromkeys(one.name for one in around))
    if not touching:
        return None
    key = {href: f"{link.pipeline}/{link.name}" for href, link in touching.items()}
    datasets = {one.name: one for one in reversed(around)}
    reads = [(key[link.href], one.name) for one in around for link in one.readers if link.href in touching]
    writes = [
        (key[link.href], one.name)
        for one in around
        for link in (*([one.maker] if one.maker else []), *one.updaters)
        if link.href in touching
    ]
    return draw_lineage(
        [Node(key[href], label=link.title, href=href) for href, link in touching.items()],
        [Node(name, label=datasets[name].title, href=datasets[name].href, note=datasets[name].layer) for name in names],
        reads=list(dict.fromkeys(reads)),
        writes=list(dict.fromkeys(writes)),
        title=f"lineage of {same[0].title}",
    )


def _tasks_of(known: Known) -> list[TaskLink]:
    return [*([known.maker] if known.maker else []), *known.readers, *known.updaters]
