"""Maryland as a second publisher: the state's searches and lists into bronze and silver, beside the FEC's."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NoReturn
from zoneinfo import ZoneInfo

from penstock import Context, Feed, Item, Param, Skip, SourceError, task
from penstock.pipelines.campaign_finance import maryland_tables as tables
from penstock.pipelines.campaign_finance.rebuild import PACKAGE, rebuild_task
from penstock.sources.maryland.candidates import Candidacy, read_candidates
from penstock.sources.maryland.committees import read_committees
from penstock.sources.maryland.contributions import COLUMNS, parse_date, read_contributions
from penstock.sources.maryland.identity import Identified, KnownRow, identify
from penstock.sources.maryland.publishers import ELECTIONS, FINANCE
from penstock.warehouse import Query

#: What Maryland's tasks can be told.
MARYLAND_PARAMS = (
    Param(
        "maryland_lookback",
        int,
        default=35,
        minimum=0,
        doc="Days before the last look that are read again; 0 begins with the day of the last look.",
    ),
    Param("maryland_full", bool, default=False, doc="Read all days of the cycle again, whenever they were last read."),
)
_ZONE = ZoneInfo("America/New_York")
_PUBLISHED = tuple(COLUMNS.values())
# The state keeps no lists of earlier elections under these names.
_FIRST_LISTS = 2018


@dataclass(frozen=True, slots=True)
class _Days:
    """The days of one month that are to be read."""

    month: str
    first: date
    last: date

    @classmethod
    def of(cls, item: Item) -> _Days:
        told: Mapping[str, str] = item.payload
        return cls(item.key, date.fromisoformat(told["first"]), date.fromisoformat(told["last"]))


@task(inputs=[Feed(FINANCE.name)], retries=2, retry_delay="1m", tags=["maryland"])
def list_maryland_months(ctx: Context) -> list[Item]:
    """List the months of the cycle with days to be read: never read, or near the last look."""
    now: datetime = ctx.resource("clock").now()
    today = now.astimezone(_ZONE).date()
    lookback = timedelta(days=ctx.params.maryland_lookback)
    table, is_full = ctx.table(tables.BRONZE_CONTRIBUTIONS.name), ctx.params.maryland_full
    return [
        # The instant makes every look a new one: nothing tells beforehand that the state added nothing.
        Item(days.month, {"first": str(days.first), "last": str(days.last), "asked_at": now.isoformat()})
        for month in _iter_months(ctx.params.cycle, today)
        if (days := _unread(month, None if is_full else table.cursor(month.month), lookback)) is not None
    ]


def _iter_months(cycle: int, today: date) -> Iterator[_Days]:
    for year in (cycle - 1, cycle):
        for month in range(1, 13):
            first = date(year, month, 1)
            last = min(date(year, month, monthrange(year, month)[1]), today)
            if first <= today:
                yield _Days(f"{year}-{month:02d}", first, last)


def _unread(month: _Days, cursor: Mapping[str, str] | None, lookback: timedelta) -> _Days | None:
    if cursor is None:
        return month
    first = max(month.first, date.fromisoformat(cursor["read_on"]) - lookback)
    return _Days(month.month, first, month.last) if first <= month.last else None


@task(
    each=list_maryland_months,
    outputs=[tables.BRONZE_CONTRIBUTIONS],
    sources=[FINANCE],
    retries=2,
    retry_delay="1m",
    tags=["maryland"],
)
def fetch_maryland_contributions(ctx: Context, item: Item) -> dict[str, object]:
    """Read days of a month whole, and store what was given, corrected, or is listed no more."""
    days = _Days.of(item)
    read = read_contributions(ctx.source(FINANCE), days.first, days.last)
    found = identify([row.values for row in read], _stored_rows(ctx, days))
    cursor = {"read_on": str(datetime.fromisoformat(item.payload["asked_at"]).astimezone(_ZONE).date())}
    table = ctx.table(tables.BRONZE_CONTRIBUTIONS.name)
    changes = table.upsert(map(_bronze_row, _listed_and_gone(found)), cursor=cursor, scope=days.month)
    return {**changes.counts, "corrected": found.corrected, "no_longer_listed": len(found.gone)}


def _stored_rows(ctx: Context, days: _Days) -> list[KnownRow]:
    ctx.table(tables.BRONZE_CONTRIBUTIONS.name)  # so that it is there before the first row
    asked = {"cycle": ctx.params.cycle, "first": days.first, "last": days.last}
    found = ctx.resource("warehouse").query(Query(PACKAGE, "maryland.sql", "stored_contributions"), asked)
    return [
        KnownRow(row["contribution_id"], {name: row[name] or "" for name in _PUBLISHED}, row["is_listed"])
        for row in found.dicts()
    ]


def _listed_and_gone(found: Identified) -> Iterator[tuple[str, Mapping[str, str], bool]]:
    for contribution_id, values in found.rows:
        yield contribution_id, values, True
    for row in found.gone:
        yield row.contribution_id, row.values, False


def _bronze_row(row: tuple[str, Mapping[str, str], bool]) -> dict[str, object]:
    contribution_id, values, is_listed = row
    return {
        "contribution_id": contribution_id,
        "given_on": parse_date(values["contribution_date"]),
        **_blanks_as_missing(values),
        "is_listed": is_listed,
    }


def _blanks_as_missing(values: Mapping[str, str]) -> dict[str, str | None]:
    return {name: value or None for name, value in values.items()}


@task(
    inputs=[Feed(FINANCE.name)],
    outputs=[tables.BRONZE_COMMITTEES],
    sources=[FINANCE],
    retries=2,
    retry_delay="1m",
    tags=["maryland"],
)
def fetch_maryland_committees(ctx: Context) -> dict[str, object]:
    """Fetch every committee registered in Maryland."""
    rows = [_blanks_as_missing(row.values) for row in read_committees(ctx.source(FINANCE))]
    return dict(ctx.table(tables.BRONZE_COMMITTEES.name).upsert(rows, complete=True).counts)


@task(
    inputs=[Feed(ELECTIONS.name)],
    outputs=[tables.BRONZE_CANDIDATES],
    sources=[ELECTIONS],
    retries=2,
    retry_delay="1m",
    tags=["maryland"],
)
def fetch_maryland_candidates(ctx: Context) -> dict[str, object]:
    """Fetch the lists of candidates of four years, for the state's officers are elected every four."""
    years = range(ctx.params.cycle - 3, ctx.params.cycle + 1)
    client = ctx.source(ELECTIONS)
    found = [candidacy for year in years if year >= _FIRST_LISTS for candidacy in read_candidates(client, year)]
    if not found:
        _refuse_no_lists(years, ctx.resource("clock").now().year)
    return dict(ctx.table(tables.BRONZE_CANDIDATES.name).upsert(map(_candidate_row, found), complete=True).counts)


def _refuse_no_lists(years: range, this_year: int) -> NoReturn:
    span = f"{years[0]} to {years[-1]}"
    if any(_FIRST_LISTS <= year < this_year and year % 2 == 0 for year in years):
        raise SourceError(
            f"no list of candidates for {span} is at `{ELECTIONS.base_url}`, where there were some",
            hint="the publisher may have moved them; `--skip fetch_maryland_candidates` goes on without",
        )
    raise Skip(f"Maryland publishes no list of candidates for {span}")


def _candidate_row(candidacy: Candidacy) -> dict[str, object]:
    return {
        "candidacy_id": candidacy.key,
        "election_year": candidacy.year,
        "election": candidacy.election.value,
        **_blanks_as_missing(candidacy.values),
        "rest": candidacy.rest or None,
        "file": candidacy.file,
    }


_BRONZE = tuple(table.name for table in tables.MARYLAND_BRONZE)
_LINKED = (tables.CANDIDATES.name, tables.COMMITTEES.name, tables.CONTRIBUTIONS.name)

#: What fills Maryland's bronze and silver.
MARYLAND_TASKS = (
    list_maryland_months,
    fetch_maryland_contributions,
    fetch_maryland_committees,
    fetch_maryland_candidates,
    *(
        rebuild_task(verb, table, reads, tags=["maryland"])
        for verb, table, reads in (
            ("load", tables.TYPES, ()),
            ("load", tables.OFFICES, ()),
            ("refine", tables.CANDIDATES, (tables.BRONZE_CANDIDATES.name, tables.OFFICES.name)),
            ("refine", tables.COMMITTEES, (tables.BRONZE_COMMITTEES.name, tables.CANDIDATES.name)),
            (
                "refine",
                tables.CONTRIBUTIONS,
                (tables.BRONZE_CONTRIBUTIONS.name, tables.COMMITTEES.name, tables.TYPES.name),
            ),
            ("collect", tables.FINDINGS, (*_BRONZE, *_LINKED)),
            ("count", tables.ROW_ACCOUNTS, (*_BRONZE, *_LINKED, tables.FINDINGS.name)),
        )
    ),
)
