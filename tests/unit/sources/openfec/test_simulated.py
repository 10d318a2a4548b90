"""The client and the simulated FEC, each written from the publisher's documents alone, understand each other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from penstock.errors import AbsentSourceError, SourceError
from penstock.kit.clock import ManualClock
from penstock.kit.secret import Secret
from penstock.simulators.faults import PASSING, Fault, FaultKind, Faults
from penstock.simulators.serve import ServedFec
from penstock.simulators.story import DayState, Story
from penstock.sources.budget import LocalBudget
from penstock.sources.http import Client
from penstock.sources.openfec.api import OPENFEC
from penstock.sources.openfec.client import OpenFec

CYCLE, DAY, GOOD_KEY = 2020, 3, "a-good-key-of-nobody"


@cache
def a_story() -> Story:
    return Story(CYCLE, rows=300, committees=60)


def truth() -> DayState:
    return a_story().state_on(DAY)


@contextmanager
def a_fec(folder: Path, *faults: Fault, key: str = GOOD_KEY, per_page: int = 20) -> Iterator[OpenFec]:
    clock = ManualClock(a_story().instant_of(DAY))
    with ServedFec(a_story(), clock, folder, faults=Faults(faults), keys={GOOD_KEY}, limits=()) as served:
        source = replace(OPENFEC, base_url=served.openfec_url)
        budget = LocalBudget((), clock)
        with Client(source, budget=budget, key=Secret(key), clock=clock, chance=lambda: 0.5) as client:
            yield OpenFec(client, per_page=per_page)


def rows_of(pages: Iterator[Any]) -> list[Any]:
    return [row for page in pages for row in page.rows]


def true_receipts() -> dict[str, tuple[date | None, Any, Any]]:
    lines = [line for line in truth().processed if line.schedule == "A"]
    return {line.sub_id: (line.received_on, line.amount, line.loaded_at) for line in lines}


def read_receipts(fec: OpenFec, **filters: Any) -> dict[str, tuple[date | None, Any, Any]]:
    rows = rows_of(fec.iter_receipts(two_year_transaction_period=CYCLE, **filters))
    read = {row.sub_id: (row.contribution_receipt_date, row.contribution_receipt_amount, row.load_date) for row in rows}
    assert len(read) == len(rows)
    return read


def test_all_receipts_are_read_once_with_amount_date_and_load_date(tmp_path: Path) -> None:
    with a_fec(tmp_path) as fec:
        read = read_receipts(fec)
    assert read == true_receipts()
    assert None in {received for received, _, _ in read.values()}


def test_receipts_are_narrowed_by_load_date_with_the_first_day_taken_in(tmp_path: Path) -> None:
    days = sorted({loaded.date() for _, _, loaded in true_receipts().values()})
    since = days[len(days) // 2]
    with a_fec(tmp_path) as fec:
        read = read_receipts(fec, min_load_date=since)
    assert read == {key: said for key, said in true_receipts().items() if said[2].date() >= since}


def test_a_walk_goes_on_behind_every_page(tmp_path: Path) -> None:
    with a_fec(tmp_path, per_page=50) as fec:
        pages = list(fec.iter_receipts(two_year_transaction_period=CYCLE))
        for at, page in enumerate(pages):
            saved = json.loads(json.dumps(dict(page.cursor)))
            rest = list(fec.iter_receipts(two_year_transaction_period=CYCLE, cursor=saved))
            assert [each.rows for each in rest] == [each.rows for each in pages[at + 1 :]]


def test_everyone_who_is_registered_is_listed_and_can_be_looked_up(tmp_path: Path) -> None:
    known = truth().universe
    with a_fec(tmp_path) as fec:
        committees = rows_of(fec.iter_committees(cycle=CYCLE))
        candidates = rows_of(fec.iter_candidates(cycle=CYCLE))
        assert sorted(each.committee_id for each in committees) == sorted(each.id for each in known.committees)
        assert sorted(each.candidate_id for each in candidates) == sorted(each.id for each in known.candidates)
        assert fec.get_committee(committees[0].committee_id).name == committees[0].name
        assert fec.get_candidate(candidates[0].candidate_id).name == candidates[0].name
        with pytest.raises(AbsentSourceError):
            fec.get_committee("C99999999")


def test_efiled_rows_bear_their_key_and_filings_their_chain(tmp_path: Path) -> None:
    with a_fec(tmp_path) as fec:
        efiled = rows_of(fec.iter_efile_receipts())
        filings = rows_of(fec.iter_filings(cycle=CYCLE))
    assert efiled
    assert len({(row.file_number, row.related_line_number) for row in efiled}) == len(efiled)
    chains = {filing.file_number: filing.amendment_chain for filing in filings}
    amended = [filing for filing in truth().filings if filing.amends is not None and filing.number in chains]
    assert amended
    assert all(filing.amends in (chains[filing.number] or ()) for filing in amended)


@pytest.mark.parametrize("kind", [*PASSING, FaultKind.DUPLICATE_PAGE, FaultKind.WRONG_COUNT, FaultKind.HTML])
def test_a_fault_that_passes_costs_no_row(kind: FaultKind, tmp_path: Path) -> None:
    with a_fec(tmp_path, Fault(kind, path="schedule_a", nth=3), per_page=50) as fec:
        assert read_receipts(fec) == true_receipts()


def test_rows_that_move_between_numbered_pages_are_not_missed(tmp_path: Path) -> None:
    with a_fec(tmp_path, Fault(FaultKind.PAGE_DRIFT, path="/committees/", nth=2)) as fec:
        read = {row.committee_id for row in rows_of(fec.iter_committees(cycle=CYCLE))}
    assert read == {each.id for each in truth().universe.committees}


def test_a_rejected_cursor_ends_the_walk_with_the_next_step(tmp_path: Path) -> None:
    with (
        a_fec(tmp_path, Fault(FaultKind.CURSOR_REJECTED, path="schedule_a", nth=3), per_page=50) as fec,
        pytest.raises(SourceError) as refused,
    ):
        read_receipts(fec)
    assert "read from the start again" in str(refused.value.hint)


def test_a_wrong_key_is_told_with_its_variable(tmp_path: Path) -> None:
    with a_fec(tmp_path, key="a-bad-key-of-nobody") as fec, pytest.raises(SourceError) as refused:
        rows_of(fec.iter_committees())
    assert "FEC_API_KEY" in str(refused.value.hint)
    assert "a-bad-key" not in f"{refused.value.message}{refused.value.hint}"
