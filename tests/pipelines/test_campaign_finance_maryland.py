"""Maryland beside the FEC: every row accounted for, equal gifts both there, corrections changed in place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from penstock.simulators.faults import Fault, FaultKind, Faults
from penstock.simulators.maryland_world import Event, Gift, Planted
from tests.engines import by_name, executed, statuses
from tests.pipelines.campaign import pipeline, rows_of, run_bulk, the, write_bulk
from tests.pipelines.maryland import Desk, a_desk

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
    assert len(months_asked(desk)) == 2 * 22


def tables() -> list[str]:
    return [name for name in pipeline.datasets if "maryland" in name]


def hash_of(desk: Desk, name: str) -> str:
    declared: Any = pipeline.datasets[name]
    return desk.warehouse.table(declared, str(desk.world.cycle)).content_hash()


def test_later_runs_read_the_last_days_whole_and_nothing_else(desk: Desk) -> None:
    desk.run(ALONE)
    desk.go_to(2)
    asked = len(months_asked(desk))
    desk.run(ALONE, maryland_lookback=6)
    assert months_asked(desk)[asked:] == [("09/29/2022", "09/30/2022"), ("10/01/2022", "10/07/2022")]
    desk.go_to(3)
    desk.run(ALONE, maryland_lookback=0)
    assert months_asked(desk)[asked + 2 :] == [("10/07/2022", "10/08/2022")]


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
    assert sums["fetch_maryland_contributions"].completed == 22
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
    assert rows_of(desk.warehouse, usual) == [(2022, 2023)]


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
    faults = Faults(
        [Fault(FaultKind.HTML, "/Public/ExportCsv", nth=3), Fault(FaultKind.CUT_JSON, "/Public/ExportCsv", nth=9)]
    )
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
        assert "22 of 22 items failed" in failure.message
        assert not listed(desk)


def test_months_that_failed_are_read_whole_by_the_next_run(tmp_path: Path) -> None:
    # Every one of 22 months is tried three times.
    faults = Faults([Fault(FaultKind.HTML, "/Public/ExportCsv", times=66)])
    with a_desk(tmp_path / "home", gifts=50, days=1, faults=faults) as desk:
        assert statuses(desk.run(ALONE))["fetch_maryland_contributions"] == "failed"
        desk.go_to(1)
        assert desk.run(ALONE).run.status == "completed"
        assert listed(desk) == told(desk.world.gifts_on(1))
