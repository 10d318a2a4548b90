"""Reconciling: what bulk files hold against what was read from the API, row by row, and the cursors set after it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta

from penstock import Context, Feed, Skip, task
from penstock.errors import WarehouseError
from penstock.pipelines.campaign_finance import openfec_tables as bronze
from penstock.pipelines.campaign_finance import silver_tables as silver
from penstock.pipelines.campaign_finance.fetch import list_followed
from penstock.pipelines.campaign_finance.rebuild import PACKAGE
from penstock.pipelines.campaign_finance.receipt_walk import ReceiptWalk
from penstock.pipelines.campaign_finance.snapshot import BOOKS, find_snapshot, snapshot_name
from penstock.sources.openfec.api import OPENFEC
from penstock.warehouse import Query


@task(
    inputs=(*BOOKS, bronze.FOLLOWED, silver.TRANSACTION_CODES),
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
    taken_at = find_snapshot(ctx)
    if taken_at is None:
        raise Skip("nobody can tell how old the bulk files are, or one of the two was never loaded")
    name = snapshot_name(ctx)
    if _is_reconciled(ctx, name):
        raise Skip(f"these bulk files (state {name}) were reconciled before")
    where = {"cycle": ctx.params.cycle, "snapshot": name}
    aged = {**where, "taken_at": taken_at.replace(tzinfo=None).isoformat()}
    report.upsert(_query("reconciliation", aged))
    changes = receipts.replace(_query("corrected_receipts", where))
    moved = _move_cursors(ctx, list_followed(ctx), taken_at.date())
    sums.upsert(_query("reconciliations", aged))  # last: from now on this state of the files is done
    return {"stored": dict(changes.counts), "cursors": moved}


def _query(name: str, where: dict[str, object]) -> Query:
    return Query(PACKAGE, f"silver/{name}.sql", name, where)


def _is_reconciled(ctx: Context, name: str) -> bool:
    known = ctx.resource("warehouse").query(
        "select snapshot from silver.reconciliations where cycle = $cycle and snapshot = $snapshot",
        {"cycle": ctx.params.cycle, "snapshot": name},
    )
    return bool(known.rows)


def _move_cursors(ctx: Context, committees: Iterable[str], day: date) -> int:
    """Let every committee's next walk begin at this day at the earliest; return how many cursors moved.

    A walk that was interrupted goes on if it asks for anything loaded since; a damaged cursor is left to its own task.
    """
    receipts, now = ctx.table(bronze.RECEIPTS.name), ctx.resource("clock").now()
    moved = 0
    for committee in committees:
        walk = _find_walk(receipts.cursor(committee), now, committee)
        if walk is None or walk.page is not None or (walk.watermark is not None and walk.watermark >= day):
            continue
        receipts.upsert([], cursor=replace(walk, watermark=day, since=day).as_json(), scope=committee)
        moved += 1
    return moved


def _find_walk(saved: object, now: datetime, committee: str) -> ReceiptWalk | None:
    try:
        return ReceiptWalk.take_up(saved, now, timedelta(0), committee)
    except WarehouseError:
        return None


def _list_damaged(ctx: Context) -> list[str]:
    receipts, now = ctx.table(bronze.RECEIPTS.name), ctx.resource("clock").now()
    return [one for one in list_followed(ctx) if _find_walk(receipts.cursor(one), now, one) is None]


def _vouched_day(ctx: Context) -> date | None:
    """Return the day up to which the stored receipts are known to be complete: that of the last reconciliation."""
    ctx.table(silver.RECONCILIATIONS.name)
    found = ctx.resource("warehouse").query(
        "select max(taken_at) as taken_at from silver.reconciliations where cycle = $cycle", {"cycle": ctx.params.cycle}
    )
    taken_at: datetime | None = found.rows[0][0]
    return taken_at and taken_at.date()


@task(inputs=[Feed(OPENFEC.name)], tags=["cursors"])
def compare_cursors(ctx: Context) -> dict[str, object]:
    """Tell which cursors `rebuild_cursors` would make anew, and change none."""
    ctx.table(bronze.FOLLOWED.name)
    damaged, day = _list_damaged(ctx), _vouched_day(ctx)
    for committee in damaged:
        ctx.log("damaged cursor", committee=committee, begins=day.isoformat() if day else "everything")
    return {"at": ctx.resource("clock").now().isoformat(), "cursors": len(damaged)}


@task(inputs=[Feed(OPENFEC.name)], depends_on=[compare_cursors], updates=[bronze.RECEIPTS], tags=["cursors"])
def rebuild_cursors(ctx: Context) -> dict[str, int]:
    """Make damaged cursors anew: from where a reconciliation vouches for the rows, or else from the beginning."""
    receipts, now, day = ctx.table(bronze.RECEIPTS.name), ctx.resource("clock").now(), _vouched_day(ctx)
    damaged = _list_damaged(ctx)
    for committee in damaged:
        receipts.upsert([], cursor=ReceiptWalk(day, day, now).as_json(), scope=committee)
    return {"cursors": len(damaged)}


#: What compares the API's rows with the bulk files, and repairs cursors.
RECONCILE_TASKS = (reconcile_receipts, compare_cursors, rebuild_cursors)
