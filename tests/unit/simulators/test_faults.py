"""What the simulators do wrong when told to, in turn and by chance."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from functools import cache
from typing import Any

import pytest
from starlette.applications import Starlette

from penstock.kit.clock import ManualClock
from penstock.simulators.faults import PASSING, Fault, FaultKind, Faults
from penstock.simulators.openfec.app import create_app
from penstock.simulators.requestlog import RequestLog
from penstock.simulators.story import Story
from tests.unit.simulators.asking import ask

A, COMMITTEES = "/v1/schedules/schedule_a/", "/v1/committees/"


@cache
def story() -> Story:
    return Story(2020, rows=400, days=2, committees=24)


def app_with(*scripted: Fault, log: RequestLog | None = None, **chance: Any) -> Starlette:
    return create_app(
        story(), ManualClock(story().instant_of(1)), faults=Faults(scripted, **chance), limits=(), log=log
    )


@pytest.mark.parametrize(
    ("kind", "status", "body"),
    [
        (FaultKind.LIMIT, 429, b"OVER_RATE_LIMIT"),
        (FaultKind.SERVER_ERROR, 500, b"<html>"),
        (FaultKind.BAD_GATEWAY, 502, b"<html>"),
        (FaultKind.UNAVAILABLE, 503, b"<html>"),
        (FaultKind.HTML, 200, b"<html>"),
    ],
)
def test_an_error_is_answered_on_its_turn_alone(kind: FaultKind, status: int, body: bytes) -> None:
    app = app_with(Fault(kind, A, nth=2, times=2))
    said = [ask(app, A) for _ in range(4)]
    assert [answer.status for answer in said] == [200, status, status, 200]
    assert body in said[1].body
    assert "retry-after" not in said[1].headers


def test_a_turn_counts_requests_to_its_paths_alone() -> None:
    app = app_with(Fault(FaultKind.SERVER_ERROR, A, nth=2))
    paths = [A, COMMITTEES, COMMITTEES, A, A]
    assert [ask(app, path).status for path in paths] == [200, 200, 200, 500, 200]


@pytest.mark.parametrize("kind", [FaultKind.LIMIT, FaultKind.UNAVAILABLE])
def test_an_error_can_tell_how_long_to_wait(kind: FaultKind) -> None:
    answer = ask(app_with(Fault(kind, retry_after=timedelta(minutes=2))), A)
    assert answer.headers["retry-after"] == "120"


def test_json_is_cut_in_the_middle_of_a_whole_answer() -> None:
    answer = ask(app_with(Fault(FaultKind.CUT_JSON)), A)
    assert answer.status == 200
    assert int(answer.headers["content-length"]) == len(answer.body)
    with pytest.raises(json.JSONDecodeError):
        json.loads(answer.body)


@pytest.mark.parametrize("kind", [FaultKind.DROPPED, FaultKind.TRUNCATED])
def test_a_connection_that_ends_early_is_an_error_without_a_server(kind: FaultKind) -> None:
    log = RequestLog()
    app = app_with(Fault(kind), log=log)
    with pytest.raises(ConnectionResetError):
        ask(app, A)
    (request,) = log
    assert request.fault == kind.value


def test_the_page_before_comes_once_more() -> None:
    app = app_with(Fault(FaultKind.DUPLICATE_PAGE, nth=2))
    pages = [ask(app, COMMITTEES, page=number, per_page=5).json for number in (1, 2, 2)]
    assert pages[1] == pages[0]
    assert pages[2]["pagination"]["page"] == 2
    assert pages[2]["results"] != pages[0]["results"]


def test_a_page_can_repeat_in_a_keyset_walk_too() -> None:
    app = app_with(Fault(FaultKind.DUPLICATE_PAGE, A, nth=2))
    first = ask(app, A, per_page=10).json
    assert ask(app, A, per_page=10, **first["pagination"]["last_indexes"]).json == first
    assert ask(app, A, per_page=10, **first["pagination"]["last_indexes"]).json != first


def test_a_row_that_goes_while_paging_makes_numbered_pages_skip_one() -> None:
    app = app_with(Fault(FaultKind.PAGE_DRIFT, nth=2))
    pages = [ask(app, COMMITTEES, page=number, per_page=6).json for number in (1, 2, 3, 4)]
    seen = [row["committee_id"] for page in pages for row in page["results"]]
    assert pages[0]["pagination"]["count"] == 24
    assert pages[1]["pagination"]["count"] == 23
    assert (len(seen), len(set(seen))) == (23, 23)
    again = [ask(app, COMMITTEES, page=number, per_page=6).json for number in (1, 2, 3, 4)]
    assert len({row["committee_id"] for page in again for row in page["results"]}) == 24


def test_the_count_lies_and_the_rows_do_not() -> None:
    app = app_with(Fault(FaultKind.WRONG_COUNT))
    lie, truth = ask(app, COMMITTEES).json, ask(app, COMMITTEES).json
    assert lie["results"] == truth["results"]
    assert lie["pagination"]["count"] > truth["pagination"]["count"]


def test_a_cursor_is_rejected() -> None:
    app = app_with(Fault(FaultKind.CURSOR_REJECTED, A, nth=2))
    cursor = ask(app, A).json["pagination"]["last_indexes"]
    assert [ask(app, A, **cursor).status for _ in range(2)] == [422, 200]


def test_chance_hits_about_the_share_it_was_told_and_equal_seeds_the_same_turns() -> None:
    def turns(seed: int) -> list[str]:
        faults = Faults(rate=0.2, seed=seed)
        found = [faults.find_fault(A) for _ in range(1000)]
        return [fault.kind.value if fault else "" for fault in found]

    assert turns(1) == turns(1)
    assert turns(1) != turns(2)
    counts = Counter(turns(1))
    assert 150 < 1000 - counts[""] < 250
    assert set(counts) == {"", *(kind.value for kind in PASSING)}
