"""Maryland beside the FEC: every row accounted for, equal gifts both there, corrections changed in place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from penstock.simulators.faults import Fault, FaultKind, Faults
from penstock.simulators.fec_bulk import write_bulk_files
from penstock.simulators.maryland_world import ACME, Event, Gift, Planted
from penstock.warehouse import Table
from tests.engines import by_name, executed, run, statuses
from tests.pipelines.campaign import pipeline, rows_of, run_bulk, the, write_bulk
from tests.pipelines.maryland import MONTHS, Desk, a_desk
from tests.servers.postgres import postgres_database

#: Maryland's bronze and silver alone.
ALONE = "tag:maryland"


def listed(desk: Desk) -> Counter[tuple[Any, ...]]:
    """What bronze holds as listed: committee, day, name, amount."""
    rows = rows_of(
        desk.warehouse,
        "select receiving_committee, given_on, contributor_name, contribution_amount"
        " from bronze.maryland_contributions where is_listed",
    )
    return Counter((row[0], row[1], row[2] or "", Decimal(row[3])) for row in rows)


def told(gifts: list[Gift]) -> Counter[tuple[Any, ...]]:
    """The same of gifts the world lists."""
    return Counter((gift.committee, gift.given_on, gift.name, gift.amount) for gift in gifts)


def months_asked(desk: Desk) -> list[tuple[str, str]]:
    """First and last day of every search for contributions."""
    searches = [each for each in desk.log if each.method == "POST" and each.has("/Public/ViewReceipts")]
    return [(each.params["dtStartDate"][0], each.params["dtEndDate"][0]) for each in searches]


def planted(desk: Desk, event: Event, day: int) -> Planted:
    return next(fact for fact in desk.world.planted if fact.event is event and fact.day == day)


def gift_of(desk: Desk, fact: Planted) -> Gift:
    return next(gift for gift in desk.world.gifts if gift.number == fact.number)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with a_desk(tmp_path / "home", gifts=300, days=3) as made:
        yield made


def test_maryland_is_no_part_of_a_run_that_chooses_no_tasks(tmp_path: Path, desk: Desk) -> None:
    view = run_bulk(desk.engine, write_bulk(tmp_path / "bulk", {}))
    assert not [task.name for task in view.tasks if "maryland" in task.name and task.status != "skipped"]
    assert len(desk.log) == 0


def test_every_row_the_state_lists_is_stored_and_accounted_for(desk: Desk) -> None:
    desk.run(ALONE)
    assert listed(desk) == told(desk.world.gifts_on(0))
    accounts = rows_of(
        desk.warehouse, "select source, bronze_rows, silver_rows + dropped_rows from silver.maryland_row_accounts"
    )
    committees, people = len(desk.world.committees), len(desk.world.candidates)
    lines = people + sum(person.status == "Active" for person in desk.world.candidates)
    gifts = len(desk.world.gifts_on(0))
    assert sorted(accounts) == [
        ("candidates", lines, lines), ("committees", committees, committees), ("contributions", gifts, gifts),
    ]  # fmt: skip


def test_a_second_run_asks_again_and_changes_nothing(desk: Desk) -> None:
    desk.run(ALONE)
    before = {name: hash_of(desk, name) for name in tables()}
    view = desk.run(ALONE, maryland_full=True)
    assert {name: hash_of(desk, name) for name in tables()} == before
    fetched = {f"fetch_maryland_{noun}" for noun in ("contributions", "committees", "candidates")}
    assert executed(view) == {"list_maryland_months", *fetched}
    assert len(months_asked(desk)) == 2 * MONTHS


def tables() -> list[str]:
    return [name for name in pipeline.datasets if "maryland" in name]


def hash_of(desk: Desk, name: str) -> str:
    declared: Any = pipeline.datasets[name]
    return desk.warehouse.table(declared, str(desk.world.cycle)).content_hash()


def test_later_runs_read_the_last_days_whole_and_nothing_else(desk: Desk) -> None:
    desk.run(ALONE)
    desk.go_to(2)
    asked = len(months_asked(desk))
    desk.run(ALONE, maryland_lookback=30)
    assert months_asked(desk)[asked:] == [("02/23/2021", "02/28/2021"), ("03/01/2021", "03/27/2021")]
    desk.go_to(3)
    desk.run(ALONE, maryland_lookback=0)
    assert months_asked(desk)[asked + 2 :] == [("03/27/2021", "03/28/2021")]


def test_after_a_full_read_the_rows_are_those_of_the_day_whatever_was_missed_before(desk: Desk) -> None:
    desk.run(ALONE)
    for day in (1, 2, 3):
        desk.go_to(day)
        desk.run(ALONE)
    late = gift_of(desk, planted(desk, Event.LATE, 3))
    assert (late.committee, late.given_on, late.name, late.amount) not in listed(desk)
    desk.run(ALONE, maryland_full=True)
    assert listed(desk) == told(desk.world.gifts_on(3))


def test_a_corrected_amount_is_one_change_and_no_second_record(desk: Desk) -> None:
    desk.run(ALONE)
    corrected = gift_of(desk, planted(desk, Event.CORRECTED, 1))
    before = ids_of(desk, corrected)
    desk.go_to(1)
    view = desk.run(ALONE, maryland_full=True)
    assert ids_of(desk, corrected) == before
    sums, items = desk.engine.store.list_items(view.run.run_id, task="fetch_maryland_contributions")
    assert sums["fetch_maryland_contributions"].completed == MONTHS
    assert sum(item.result["corrected"] for item in items) == 1
    assert sum(item.result["no_longer_listed"] for item in items) == 1
    # The corrected one, and the one that is not listed any more.
    assert sum(item.result["changed"] for item in items) == 2


def ids_of(desk: Desk, gift: Gift) -> list[tuple[Any, ...]]:
    return rows_of(
        desk.warehouse,
        "select contribution_id from bronze.maryland_contributions where receiving_committee = $committee"
        " and given_on = $day and contributor_name = $name and contributor_address = $address",
        committee=gift.committee, day=gift.given_on, name=gift.name, address=gift.address,
    )  # fmt: skip


def test_a_withdrawn_row_is_kept_in_bronze_dropped_from_silver_and_told(desk: Desk) -> None:
    desk.run(ALONE)
    desk.go_to(1)
    desk.run(ALONE, maryland_full=True)
    withdrawn = gift_of(desk, planted(desk, Event.WITHDRAWN, 1))
    ((contribution_id,),) = ids_of(desk, withdrawn)
    finding = the(desk.warehouse, "silver.maryland_findings", row_id=f"MD{contribution_id}", severity="dropped")
    assert finding["reason"] == "no longer listed"
    kept = "select count(*) from silver.maryland_contributions where contribution_id = $id"
    assert rows_of(desk.warehouse, kept, id=f"MD{contribution_id}") == [(0,)]


def test_a_period_that_names_no_year_has_none_and_is_a_finding(desk: Desk) -> None:
    desk.run(ALONE)
    odd = (
        "select distinct filing_year, doubts from silver.maryland_contributions where filing_period = 'Special Report'"
    )
    assert {(year, "filing year missing" in doubts) for year, doubts in rows_of(desk.warehouse, odd)} == {(None, True)}
    usual = "select min(filing_year), max(filing_year) from silver.maryland_contributions"
    assert rows_of(desk.warehouse, usual) == [(2022, 2022)]


def test_committees_are_linked_to_whom_they_work_for_and_never_by_a_last_name_alone(desk: Desk) -> None:
    desk.run(ALONE)
    linked = rows_of(
        desk.warehouse,
        "select committee.ccf_id, candidate.last_name, candidate.first_name"
        " from silver.maryland_committees as committee left join silver.maryland_candidates as candidate"
        " on candidate.candidate_id = committee.candidate_id",
    )
    assert {ccf: (last or "", first or "") for ccf, last, first in linked} == {
        committee.ccf_id: committee.candidate for committee in desk.world.committees
    }
    passes = "select distinct candidate_source from silver.maryland_committees where candidate_source is not null"
    assert len(rows_of(desk.warehouse, passes)) >= 3


@pytest.mark.parametrize(
    ("office", "expected"),
    [
        ("Representative in Congress", ("US_HOUSE", "FEDERAL", "06", None, None)),
        ("House of Delegates", ("STATE_HOUSE", "STATE", "12A", None, None)),
        ("Governor / Lt. Governor", ("GOVERNOR", "STATE", None, None, None)),
        ("County Council", ("COUNTY_COUNCIL", "COUNTY", "District 3", "Prince George's", None)),
        ("Judge of the Circuit Court", ("CIRCUIT_JUDGE", "COUNTY", "Circuit 5", "Anne Arundel", None)),
        ("Member of the City Council", ("CITY_COUNCIL", "CITY", "District 9", None, "Baltimore City")),
        ("Keeper of the Trees", ("OTHER", "COUNTY", None, "Howard", None)),
    ],
)
def test_offices_have_a_word_a_level_a_district_and_a_place(
    shared: Desk, office: str, expected: tuple[str | None, ...]
) -> None:
    found = rows_of(
        shared.warehouse,
        "select distinct office_name, level, office_district, office_county, office_city"
        " from silver.maryland_candidates where office = $office",
        office=office,
    )
    assert found == [expected]


def test_the_sheriff_of_baltimore_is_a_citys_and_others_are_a_countys(shared: Desk) -> None:
    sheriffs = (
        "select distinct level, office_county, office_city from silver.maryland_candidates where office = 'Sheriff'"
    )
    assert sorted(rows_of(shared.warehouse, sheriffs)) == [
        ("CITY", None, "Baltimore City"),
        ("COUNTY", "Allegany", None),
    ]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Maryland and the FEC in one warehouse, nothing of it changed by any test."""
    with a_desk(tmp_path_factory.mktemp("shared"), gifts=300, days=1) as made:
        made.run(ALONE)
        yield made


def test_a_session_that_ends_is_begun_anew_and_no_month_is_lost(tmp_path: Path) -> None:
    faults = Faults([Fault(FaultKind.HTML, "/Public/ExportCsv"), Fault(FaultKind.CUT_JSON, "/Public/ExportCsv", nth=3)])
    with a_desk(tmp_path / "home", gifts=100, days=1, faults=faults) as desk:
        view = desk.run(ALONE)
        assert view.run.status == "completed"
        assert listed(desk) == told(desk.world.gifts_on(0))


def test_a_site_that_stays_broken_fails_its_months_and_stores_nothing_of_them(tmp_path: Path) -> None:
    faults = Faults([Fault(FaultKind.HTML, "/Public/ExportCsv", times=1000)])
    with a_desk(tmp_path / "home", gifts=50, days=1, faults=faults) as desk:
        view = desk.run(ALONE)
        assert statuses(view)["fetch_maryland_contributions"] == "failed"
        failure = by_name(view)["fetch_maryland_contributions"].failure
        assert failure is not None
        assert f"{MONTHS} of {MONTHS} items failed" in failure.message
        assert not listed(desk)


def test_months_that_failed_are_read_whole_by_the_next_run(tmp_path: Path) -> None:
    # Each is tried three times.
    faults = Faults([Fault(FaultKind.HTML, "/Public/ExportCsv", times=3 * MONTHS)])
    with a_desk(tmp_path / "home", gifts=50, days=1, faults=faults) as desk:
        assert statuses(desk.run(ALONE))["fetch_maryland_contributions"] == "failed"
        desk.go_to(1)
        assert desk.run(ALONE).run.status == "completed"
        assert listed(desk) == told(desk.world.gifts_on(1))


def test_months_read_side_by_side_do_not_take_each_others_rows(tmp_path: Path) -> None:
    with a_desk(tmp_path / "home", gifts=300, days=1, starts_on=date(2021, 12, 20)) as desk:
        asked = {"params": {"cycle": 2022}, "tasks": [ALONE]}
        assert run(desk.engine, pipeline.name, executor="threads", workers=4, **asked).run.status == "completed"
        assert listed(desk) == told(desk.world.gifts_on(0))


# Gold -----------------------------------------------------------------------------------------------------------------

#: Gold tables that hold Maryland's rows beside the FEC's.
SHARED = [
    table.name
    for table in pipeline.datasets.values()
    if isinstance(table, Table) and table.layer == "gold" and "source_system" in {each.name for each in table.columns}
]


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, dict[str, list[Any]]]]:
    """The FEC and Maryland in one gold, and what gold held of the FEC before Maryland came."""
    place = tmp_path_factory.mktemp("both")
    write_bulk_files(place / "bulk", 2022, 2000)
    with a_desk(place / "home", gifts=300, days=2) as made:
        bulk = {"bulk_dir": str(place / "bulk")}
        assert run_bulk(made.engine, place / "bulk", 2022).run.status == "completed"
        alone = {name: rows_of_system(made, name, "FEC") for name in SHARED}
        assert made.run(**bulk).run.status == "completed"
        made.go_to(2)
        assert made.run(**bulk, maryland_full=True).run.status == "completed"
        yield made, alone


def rows_of_system(desk: Desk, table: str, system: str) -> list[Any]:
    declared: Any = pipeline.datasets[table]
    columns = ", ".join(f'"{column.name}"' for column in declared.columns)
    order = ", ".join(f'"{name}"' for name in declared.key)
    sql = f"select {columns} from {table} where source_system = $system order by {order}"
    return rows_of(desk.warehouse, sql, system=system)


def test_both_publishers_are_in_every_table_of_gold_that_names_its_publisher(both: tuple[Desk, Any]) -> None:
    desk, _ = both
    assert len(SHARED) >= 12
    for name in SHARED:
        assert rows_of_system(desk, name, "FEC"), name
        assert rows_of_system(desk, name, "MARYLAND"), name


@pytest.mark.parametrize("table", SHARED)
def test_what_gold_says_of_the_fec_is_as_it_was_without_maryland(both: tuple[Desk, Any], table: str) -> None:
    desk, alone = both
    assert rows_of_system(desk, table, "FEC") == alone[table]


def test_totals_of_every_committee_are_those_of_the_simulators_ledger(both: tuple[Desk, Any]) -> None:
    desk, _ = both
    ours = rows_of(
        desk.warehouse,
        "select committee.name, stats.total_amount from gold.committee_stats as stats"
        " join gold.committees as committee on committee.committee_id = stats.committee_id"
        " where stats.source_system = 'MARYLAND'",
    )
    assert dict(ours) == dict(desk.world.totals_on(2))


def test_every_row_of_silver_is_in_gold_once_with_a_reason_and_refunds_are_negative(both: tuple[Desk, Any]) -> None:
    desk, _ = both
    gold = "select sub_id, counted, reason, amount, counted_amount, is_refund from gold.contributions"
    rows = rows_of(desk.warehouse, f"{gold} where source_system = 'MARYLAND'")
    silver = rows_of(desk.warehouse, "select contribution_id from silver.maryland_contributions")
    assert Counter(row[0] for row in rows) == Counter(key for (key,) in silver)
    assert all(counted_amount == (amount if counted else 0) for _, counted, _, amount, counted_amount, _ in rows)
    reasons = {(counted, reason, is_refund) for _, counted, reason, _, _, is_refund in rows}
    assert reasons == {
        (True, "contribution", False),
        (True, "contribution by a committee", False),
        (True, "candidate's own contribution", False),
        (True, "refund", True),
        (False, "loan", False),
        (False, "other receipt", False),
    }
    assert all(amount < 0 for *_, amount, _, is_refund in rows if is_refund)


def test_an_organisation_is_one_contributor_however_it_is_punctuated(both: tuple[Desk, Any]) -> None:
    desk, _ = both
    spelled = rows_of(
        desk.warehouse,
        "select distinct given.name, gold.contributor_id from gold.contributions as gold"
        " join silver.maryland_contributions as given on given.contribution_id = gold.sub_id"
        " where given.contributor_type = 'Business/Group/Organization'",
    )
    assert None not in {contributor for _, contributor in spelled}
    acme = {contributor for name, contributor in spelled if name in ACME}
    assert len({name for name, _ in spelled} & set(ACME)) >= 3
    assert len(acme) == 1


def test_gifts_reach_the_candidate_the_committee_works_for(both: tuple[Desk, Any]) -> None:
    desk, _ = both
    ours = rows_of(
        desk.warehouse,
        "select candidate.display_name, stats.total_amount from gold.candidate_stats as stats"
        " join gold.candidates as candidate on candidate.candidate_id = stats.candidate_id"
        " where stats.source_system = 'MARYLAND'",
    )
    totals = desk.world.totals_on(2)
    worked_for = {each.candidate: each.name for each in desk.world.committees if each.candidate[0]}
    expected = {f"{first} {last}": totals[name] for (last, first), name in worked_for.items() if name in totals}
    assert dict(ours) == expected


def test_maryland_alone_reaches_gold_too(tmp_path: Path) -> None:
    with a_desk(tmp_path / "home", gifts=60, days=1) as desk:
        assert desk.run().run.status == "completed"
        total = "select sum(total_amount) from gold.committee_stats"
        assert rows_of(desk.warehouse, total) == [(sum(desk.world.totals_on(0).values()),)]


def test_duckdb_and_postgresql_hold_the_same_rows_of_maryland(tmp_path: Path) -> None:
    for url in postgres_database():
        held = []
        for name, where in (("duckdb", None), ("postgres", url)):
            with a_desk(tmp_path / name, gifts=150, days=1, warehouse_url=where) as desk:
                assert desk.run().run.status == "completed"
                desk.go_to(1)
                assert desk.run(maryland_full=True).run.status == "completed"
                names = [table.name for table in pipeline.datasets.values() if isinstance(table, Table)]
                held.append({table: all_rows(desk, table) for table in names if table in SHARED or "maryland" in table})
        one, other = held
        assert [table for table in one if one[table] != other[table]] == []


def all_rows(desk: Desk, table: str) -> list[Any]:
    declared: Any = pipeline.datasets[table]
    columns = ", ".join(f'"{column.name}"' for column in declared.columns)
    order = ", ".join(f'"{name}"' for name in declared.identity)
    return rows_of(desk.warehouse, f"select {columns} from {table} order by {order}")
