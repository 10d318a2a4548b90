"""All datasets of all pipelines: who makes and reads each, its state, and when it last changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby

from penstock.engine.definition.pipeline import Pipeline
from penstock.errors import ConflictError, PenstockError, WarehouseError
from penstock.kit.tablelook import TableState
from penstock.web.console import Console
from penstock.web.page import Ask, Page
from penstock.web.pages.dataset_known import Known, list_known
from penstock.web.pages.dataset_seen import Seen, list_seen
from penstock.web.words import part, plural

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Row:
    """One dataset of a pipeline.

    Args:
        state: What is known of its content, in a few words.
        at: When it last changed, or was last seen.
        run_id: The run that did so; empty when none is told.
    """

    known: Known
    state: str
    at: datetime | None
    run_id: str
    href: str
    is_only_seen: bool


@dataclass(frozen=True, slots=True)
class Group:
    """The datasets of one pipeline."""

    pipeline: Pipeline
    rows: Sequence[Row]


def show(console: Console, ask: Ask) -> Page:
    """Return the list of datasets; `pipeline` in the query chooses one pipeline's."""
    chosen = ask.query.get("pipeline", "")
    of = console.engine.pipeline(chosen) if chosen else None
    wanted, called = (of.name, of.title) if of else ("", "")
    everything = [one for one in list_known(console) if wanted in ("", one.pipeline.name)]
    tables, problem = _overview(console) if any(one.table for one in everything) else ({}, "")
    groups = []
    for pipeline, datasets in groupby(everything, key=lambda one: one.pipeline):
        seen = list_seen(console.engine.store, pipeline)
        rows = [_row(one, tables.get(one.name, ()) if one.table else (), seen.get(one.name, ())) for one in datasets]
        groups.append(Group(pipeline, rows))
    return Page("datasets", "Datasets", {"groups": groups, "problem": problem, "chosen": wanted, "called": called})


def _overview(console: Console) -> tuple[Mapping[str, Sequence[TableState]], str]:
    try:
        with console.engine.data.look() as reader:
            states = reader.overview()
    except (ConflictError, WarehouseError) as error:
        return {}, tell_problem(error)
    return {name: tuple(group) for name, group in groupby(states, key=lambda one: one.table)}, ""


def tell_problem(error: PenstockError) -> str:
    """Return why a look failed, with the next step."""
    return f"{error.message}; {error.hint}" if error.hint else error.message


def _row(known: Known, tables: Sequence[TableState], seen: Sequence[Seen]) -> Row:
    if tables:
        newest = max(tables, key=lambda one: one.changed_at or _LONG_AGO)
        rows = plural(sum(one.rows for one in tables), "row")
        told = f"{rows}, v{newest.version}" if len(tables) == 1 else f"{rows} in {len(tables)} partitions"
        return Row(known, told, newest.changed_at, newest.run_id, f"/runs/{part(newest.run_id)}", is_only_seen=False)
    if seen:
        last = max(seen, key=lambda one: one.at)
        told = last.label if len(seen) == 1 else f"{last.label} in the newest of {len(seen)} partitions"
        return Row(known, told, last.at, last.run_id, last.href, is_only_seen=True)
    return Row(known, "", None, "", "", is_only_seen=False)
