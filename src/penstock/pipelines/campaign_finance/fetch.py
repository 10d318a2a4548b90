"""Fetching: the daily increments from the FEC's API, page by page, each page with the cursor behind it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from penstock import Context, Feed, Item, task
from penstock.kit.glance import Glance
from penstock.kit.jsonable import to_json
from penstock.pipelines.campaign_finance import openfec_tables as tables
from penstock.pipelines.campaign_finance.receipt_walk import ReceiptWalk
from penstock.pipelines.campaign_finance.snapshot import find_snapshot
from penstock.sources.openfec.api import OPENFEC
from penstock.sources.openfec.client import PER_PAGE, OpenFec
from penstock.sources.openfec.reading import Record
from penstock.sources.openfec.records.receipt import EfileReceipt
from penstock.sources.openfec.states import parse_states
from penstock.warehouse import Table

#: Types and designations of the committees that candidates raise money with.
_CANDIDATE_COMMITTEES: Mapping[str, tuple[str, ...]] = {"committee_type": ("H", "S", "P"), "designation": ("P", "A")}
_FEED = Feed(OPENFEC.name)
#: How long the publisher keeps rows as filed.
_EFILE_REACH = timedelta(days=120)
_EFILE_LOOKBACK = timedelta(days=14)
_LISTED = "listed"


def _as_row(record: Record, table: Table, **more: object) -> dict[str, object]:
    """Return a record as a row: the columns of its own names, as texts, and everything else in `raw`."""
    own = {field.name for field in fields(record)}
    row = {column.name: getattr(record, column.name) for column in table.columns if column.name in own - {"raw"}}
    texts = {name: value if value is None or name in _TYPED else str(value) for name, value in row.items()}
    return {**texts, "raw": to_json(record.raw), **more}


_TYPED = ("load_date", "related_line_number")


def _count_places(glance: Glance) -> Mapping[str, int]:
    return {OPENFEC.name: len(parse_states(glance.params["states"]))}


def _openfec(ctx: Context) -> OpenFec:
    # An answer of an hour ago beside one of now would hide what was loaded in between.
    return OpenFec(ctx.source(OPENFEC), refresh=True)


def _count_one(_: Glance) -> Mapping[str, int]:
    return {OPENFEC.name: 1}


@task(inputs=[_FEED], sources=[OPENFEC], forecast=_count_one, tags=["daily"])
def list_states(ctx: Context) -> list[Item]:
    """List the states whose committees and candidates are looked up, once it is known that the API answers."""
    states = parse_states(ctx.params.states)
    # A missing key or network is told once, here, instead of once for every state.
    next(OpenFec(ctx.source(OPENFEC), per_page=1, refresh=True).iter_committees(cycle=ctx.params.cycle), None)
    on = ctx.resource("clock").now().date().isoformat()
    return [Item(code, {"on": on}) for code in states]


@task(
    each=list_states, inputs=[_FEED], outputs=[tables.COMMITTEES], sources=[OPENFEC], forecast=_count_places,
    failure_tolerance=0.5, retries=3, retry_delay="30s", timeout="30m", tags=["daily"],
)  # fmt: skip
def fetch_committees(ctx: Context, state: Item) -> dict[str, int]:
    """Fetch the committees of one state that are active in the cycle."""
    narrowed: Mapping[str, Any] = {} if ctx.params.committees == "all" else _CANDIDATE_COMMITTEES
    pages = _openfec(ctx).iter_committees(state=state.key, cycle=ctx.params.cycle, **narrowed)
    return _store(ctx, tables.COMMITTEES, pages)


@task(
    each=list_states, inputs=[_FEED], outputs=[tables.CANDIDATES], sources=[OPENFEC], forecast=_count_places,
    failure_tolerance=0.5, retries=3, retry_delay="30s", timeout="30m", tags=["daily"],
)  # fmt: skip
def fetch_candidates(ctx: Context, state: Item) -> dict[str, int]:
    """Fetch the candidates of one state that run in the cycle."""
    pages = _openfec(ctx).iter_candidates(state=state.key, cycle=ctx.params.cycle)
    return _store(ctx, tables.CANDIDATES, pages)


def _store(ctx: Context, table: Table, pages: Iterable[Any]) -> dict[str, int]:
    stored = ctx.table(table.name)
    sums = {"inserted": 0, "changed": 0}
    for page in pages:
        changes = stored.upsert([_as_row(record, table, cycle=ctx.params.cycle) for record in page.rows])
        sums["inserted"] += changes.inserted
        sums["changed"] += changes.changed
    return sums


@task(inputs=[tables.COMMITTEES, _FEED], outputs=[tables.FOLLOWED], tags=["daily"])
def list_followed_committees(ctx: Context) -> list[Item]:
    """List the committees whose receipts are fetched: one item each."""
    ctx.table(tables.COMMITTEES.name)
    states = set(parse_states(ctx.params.states))
    rows = ctx.resource("warehouse").query(
        "select committee_id, state, committee_type, designation from bronze.openfec_committees where cycle = $cycle "
        "order by committee_id",
        {"cycle": ctx.params.cycle},
    )
    listed = [row for row in rows.dicts() if row["state"] in states and _is_followed(row, ctx.params.committees)]
    now = ctx.resource("clock").now()
    begins = _write_followed(ctx, listed, now)
    on = now.date().isoformat()
    return [
        Item(row["committee_id"], {"on": on, "state": row["state"], "from": begins[row["committee_id"]]})
        for row in listed
    ]


def _write_followed(ctx: Context, listed: list[dict[str, Any]], now: datetime) -> dict[str, str | None]:
    """Write down who is followed, and return the load date at which each one's first walk begins."""
    followed, where = ctx.table(tables.FOLLOWED.name), {"cycle": ctx.params.cycle}
    known = ctx.resource("warehouse").query(
        "select committee_id, followed_since, read_from from bronze.followed_committees where cycle = $cycle", where
    )
    since = {committee: (first, day) for committee, first, day in known.rows}
    # What bulk files hold need not be read again page by page.
    snapshot = find_snapshot(ctx)
    anew = now, snapshot and snapshot.date()
    rows = [
        {
            "committee_id": row["committee_id"],
            "state": row["state"],
            "followed_since": since.get(row["committee_id"], anew)[0],
            "read_from": since.get(row["committee_id"], anew)[1],
            **where,
        }
        for row in listed
    ]
    followed.replace(rows)
    return {row["committee_id"]: row["read_from"] and row["read_from"].isoformat() for row in rows}


def _is_followed(row: Mapping[str, Any], committees: str) -> bool:
    return committees == "all" or all(row[name] in values for name, values in _CANDIDATE_COMMITTEES.items())


def _count_pages(glance: Glance) -> Mapping[str, int]:
    """A committee takes a page at least, and one for every hundred rows that are still to come, as bulk files know."""
    where = {"cycle": glance.params["cycle"]}
    followed = glance.query("select count(*) from bronze.followed_committees where cycle = $cycle", where)
    if not followed or not followed[0][0]:
        return {}
    published = glance.query(_PUBLISHED_ROWS, where)
    stored = glance.query("select count(*) from bronze.openfec_receipts where cycle = $cycle", where)
    missing = max(0, (published[0][0] if published else 0) - (stored[0][0] if stored else 0))
    return {OPENFEC.name: 2 * followed[0][0] + missing // PER_PAGE}


_PUBLISHED_ROWS = """
    select count(*) from bronze.individual_contributions as line
    join bronze.followed_committees as followed
        on followed.committee_id = line."CMTE_ID" and followed.cycle = line.cycle
    where line.cycle = $cycle
"""


def list_followed(ctx: Context) -> list[str]:
    """Return the committees followed, by id."""
    rows = ctx.resource("warehouse").query(
        "select committee_id from bronze.followed_committees where cycle = $cycle order by committee_id",
        {"cycle": ctx.params.cycle},
    )
    return [committee for (committee,) in rows.rows]


@task(
    each=list_followed_committees, inputs=[_FEED], outputs=[tables.RECEIPTS], sources=[OPENFEC], forecast=_count_pages,
    retries=5, retry_delay="30s", timeout="2h", failure_tolerance=0.02, tags=["daily"],
)  # fmt: skip
def fetch_receipts(ctx: Context, committee: Item) -> dict[str, int]:
    """Fetch the receipts of one committee that were loaded since it was last read, from the page reached."""
    receipts, cycle = ctx.table(tables.RECEIPTS.name), ctx.params.cycle
    lookback = timedelta(days=ctx.params.lookback_days)
    now = ctx.resource("clock").now()
    begin = committee.payload.get("from") if committee.payload else None
    walk = ReceiptWalk.take_up(receipts.cursor(committee.key) or {"watermark": begin}, now, lookback, committee.key)
    pages = _openfec(ctx).iter_receipts(
        cursor=walk.page, committee_id=committee.key, two_year_transaction_period=cycle, min_load_date=walk.since
    )
    sums = {"pages": 0, "inserted": 0, "changed": 0}
    for page in pages:
        walk = walk.behind(page.rows, page.cursor)
        rows = [_as_row(record, tables.RECEIPTS, cycle=cycle) for record in page.rows]
        changes = receipts.upsert(rows, cursor=walk.as_json(), scope=committee.key)
        sums["pages"] += 1
        sums["inserted"] += changes.inserted
        sums["changed"] += changes.changed
    receipts.upsert([], cursor=walk.ended().as_json(), scope=committee.key)
    return sums


@task(
    inputs=[_FEED], outputs=[], depends_on=[list_followed_committees], sources=[OPENFEC],
    retries=3, retry_delay="30s", timeout="30m", tags=["daily"],
)  # fmt: skip
def list_efilers(ctx: Context) -> list[Item]:
    """List the followed committees that filed electronically since they were last read: one item each."""
    today = ctx.resource("clock").now().date()
    efiled = ctx.table(tables.EFILED_RECEIPTS.name)
    # Once all was listed, two weeks are looked back: what fails for longer arrives as processed.
    since = today - (_EFILE_LOOKBACK if efiled.cursor(_LISTED) else _EFILE_REACH)
    followed = set(list_followed(ctx))
    newest: dict[str, int] = {}
    for page in _openfec(ctx).iter_efile_filings(min_receipt_date=since):
        for filing in page.rows:
            committee = filing.committee_id or ""
            if committee in followed:
                newest[committee] = max(newest.get(committee, 0), filing.file_number)
    efiled.upsert([], cursor=today.isoformat(), scope=_LISTED)
    return [
        Item(committee, {"newest": number})
        for committee, number in sorted(newest.items())
        if number > (efiled.cursor(committee) or 0)
    ]


@task(
    each=list_efilers, inputs=[_FEED], outputs=[tables.EFILED_RECEIPTS], sources=[OPENFEC],
    retries=5, retry_delay="30s", timeout="2h", failure_tolerance=0.02, tags=["daily"],
)  # fmt: skip
def fetch_efiled_receipts(ctx: Context, committee: Item) -> dict[str, int]:
    """Fetch the receipts of one committee as filed; they stand until the FEC has processed the filing."""
    efiled, cycle = ctx.table(tables.EFILED_RECEIPTS.name), ctx.params.cycle
    sums = {"pages": 0, "inserted": 0, "changed": 0}
    for page in _openfec(ctx).iter_efile_receipts(committee_id=committee.key):
        changes = efiled.upsert([_efiled_row(record, cycle) for record in page.rows if record.cycle in (None, cycle)])
        sums["pages"] += 1
        sums["inserted"] += changes.inserted
        sums["changed"] += changes.changed
    efiled.upsert([], cursor=committee.payload["newest"], scope=committee.key)
    return sums


def _efiled_row(record: EfileReceipt, cycle: int) -> dict[str, object]:
    amends = record.filing.amends_file if record.filing is not None else None
    return _as_row(record, tables.EFILED_RECEIPTS, cycle=cycle, amends_file=None if amends is None else str(amends))


#: What fills the API's tables.
FETCH_TASKS = (
    list_states,
    fetch_committees,
    fetch_candidates,
    list_followed_committees,
    fetch_receipts,
    list_efilers,
    fetch_efiled_receipts,
)
