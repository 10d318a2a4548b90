"""How old the stored bulk files are: what was loaded by then is in them, and of what came later they know nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime

from penstock import Context
from penstock.pipelines.campaign_finance.load import PUBLISHED
from penstock.pipelines.campaign_finance.rebuild import PACKAGE
from penstock.warehouse import Query

#: The files that receipts stand in.
BOOKS = ("bronze.individual_contributions", "bronze.other_transactions")


def snapshot_name(ctx: Context) -> str:
    """Return what names this state of the files: the versions of their tables."""
    return ".".join(str(ctx.table(name).fingerprint().version) for name in BOOKS)


def find_snapshot(ctx: Context) -> datetime | None:
    """Return the instant up to which both files hold what was loaded; None where one is missing or nothing tells.

    It is what the server said of a file, and of a file from a folder the beginning of the last day on which it has
    receipts as on other days: nothing is in a file before it happened.
    """
    instants = [_instant_of(ctx, name) for name in BOOKS]
    known = [instant for instant in instants if instant is not None]
    return min(known) if len(known) == len(instants) else None


def _instant_of(ctx: Context, name: str) -> datetime | None:
    table = ctx.table(name)
    if table.fingerprint().version == 0:
        return None
    made = (table.cursor(PUBLISHED) or {}).get("published_at")
    if made:
        return datetime.fromisoformat(made)
    clock, noun = ctx.resource("clock"), name.partition(".")[2]
    where = {"cycle": ctx.params.cycle, "today": clock.now().date().isoformat()}
    query = Query(PACKAGE, "silver/cursors.sql", f"last_busy_day_of_{noun}", where)
    (found,) = ctx.resource("warehouse").query(query).rows
    day: date | None = found[0]
    return None if day is None else datetime(day.year, day.month, day.day, tzinfo=UTC)
