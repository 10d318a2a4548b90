"""Reconciling: what bulk files hold against what was read from the API, row by row, and the cursors set after it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from penstock import Context, Feed, Skip, task
from penstock.pipelines.campaign_finance import openfec_tables as bronze
from penstock.pipelines.campaign_finance import silver_tables as silver
from penstock.pipelines.campaign_finance.fetch import last_busy_day, list_followed
from penstock.pipelines.campaign_finance.rebuild import PACKAGE
from penstock.pipelines.campaign_finance.receipt_walk import ReceiptWalk
from penstock.sources.openfec.api import OPENFEC
from penstock.warehouse import Query

_BULK = ("bronze.individual_contributions", "bronze.other_transactions")


def _statement(ctx: Context, name: str) -> Query:
    return Query(PACKAGE, f"silver/{name}.sql", name, {"cycle": ctx.params.cycle, "snapshot": _snapshot(ctx)})


def _snapshot(ctx: Context) -> str:
    """Return what names this state of the bulk files: the versions of their tables."""
    return ".".join(str(ctx.table(name).fingerprint().version) for name in _BULK)


@task(
    inputs=(*_BULK, bronze.FOLLOWED, silver.TRANSACTION_CODES),
    updates=[bronze.RECEIPTS],
    outputs=[silver.RECONCILIATION, silver.RECONCILIATIONS],
    tags=["reconcile"],
)
def reconcile_receipts(ctx: Context) -> dict[str, object]:
    """Compare the receipts stored from the API with the bulk files, report every difference, and put it right."""
    report, sums = ctx.table(silver.RECONCILIATION.name), ctx.table(silver.RECONCILIATIONS.name)
    receipts = ctx.table(bronze.RECEIPTS.name)
    for read in (bronze.FOLLOWED, silver.TRANSACTION_CODES):
        ctx.table(read.name)  # a table whose load was left out exists, and is empty
    _require_both_files(ctx)
    report.upsert(_statement(ctx, "reconciliation"))
    sums.upsert(_statement(ctx, "reconciliations"))
    changes = receipts.replace(_statement(ctx, "corrected_receipts"))
    moved = _set_cursors(ctx, _find_snapshot_day(ctx))
    return {**changes.counts, "cursors": moved}


def _require_both_files(ctx: Context) -> None:
    """Without one of the two files, every receipt that stands in it would seem to have vanished."""
    for name in _BULK:
        if ctx.table(name).fingerprint().version == 0:
            raise Skip(f"`{name}` was never loaded, so nothing can be held against it")


def _find_snapshot_day(ctx: Context) -> date | None:
    """Return a day by which everything loaded is in the bulk files."""
    warehouse, where = ctx.resource("warehouse"), {"cycle": ctx.params.cycle}
    known = warehouse.query(
        "select taken_at from silver.reconciliations where cycle = $cycle and snapshot = $snapshot",
        {**where, "snapshot": _snapshot(ctx)},
    ).rows
    if known and known[0][0] is not None:
        taken_at: datetime = known[0][0]
        return taken_at.date()
    return last_busy_day(ctx)


def _set_cursors(ctx: Context, day: date | None) -> int:
    """Let every committee's next walk begin at this day at the earliest; return how many cursors moved."""
    if day is None:
        return 0
    return _write_cursors(ctx, dict.fromkeys(list_followed(ctx), day))


def _write_cursors(ctx: Context, days: Mapping[str, date], *, only_forward: bool = True) -> int:
    receipts, now = ctx.table(bronze.RECEIPTS.name), ctx.resource("clock").now()
    moved = 0
    for committee, day in days.items():
        walk = _known_walk(receipts.cursor(committee), now, committee, tolerant=not only_forward)
        if only_forward and walk.watermark is not None and walk.watermark >= day:
            continue
        moved += 1
        ended = replace(walk, watermark=day, since=day, newest=None, page=None)
        receipts.upsert([], cursor=ended.as_json(), scope=committee)
    return moved


def _known_walk(saved: Any, now: datetime, committee: str, *, tolerant: bool) -> ReceiptWalk:
    # Making cursors anew is the cure for damaged ones, so it must not stumble over them.
    return ReceiptWalk.take_up(None if tolerant else saved, now, timedelta(0), committee)


def _days_by_rows(ctx: Context) -> dict[str, date]:
    """Return the day of the newest load date of every committee's stored receipts."""
    query = Query(PACKAGE, "silver/cursors.sql", "newest_loads", {"cycle": ctx.params.cycle})
    return {committee: loaded.date() for committee, loaded in ctx.resource("warehouse").query(query).rows}


@task(inputs=[Feed(OPENFEC.name)], depends_on=[], tags=["cursors"])
def compare_cursors(ctx: Context) -> dict[str, object]:
    """Tell which cursors `rebuild_cursors` would change, and change none."""
    receipts, now = ctx.table(bronze.RECEIPTS.name), ctx.resource("clock").now()
    different = {}
    for committee, day in _days_by_rows(ctx).items():
        saved = receipts.cursor(committee)
        known = saved.get("watermark") if isinstance(saved, Mapping) else None
        if known != day.isoformat():
            different[committee] = [known, day.isoformat()]
            ctx.log("cursor differs from rows", committee=committee, watermark=known, rows=day.isoformat())
    return {"at": now.isoformat(), "cursors": len(different)}


@task(inputs=[Feed(OPENFEC.name)], depends_on=[compare_cursors], updates=[bronze.RECEIPTS], tags=["cursors"])
def rebuild_cursors(ctx: Context) -> dict[str, int]:
    """Make the cursor of every committee anew from its stored receipts, whatever state it is in."""
    return {"cursors": _write_cursors(ctx, _days_by_rows(ctx), only_forward=False)}


#: What compares the API's rows with the bulk files, and repairs cursors.
RECONCILE_TASKS = (reconcile_receipts, compare_cursors, rebuild_cursors)
