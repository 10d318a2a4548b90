"""What the FEC's API answers when something is wrong, over the wire: one clear error, and never an empty page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from penstock.errors import AbsentSourceError, SourceError
from penstock.kit.clock import ManualClock
from penstock.kit.secret import Secret
from penstock.sources.budget import LocalBudget
from penstock.sources.http import Client
from penstock.sources.openfec.api import OPENFEC
from penstock.sources.openfec.client import OpenFec
from tests.servers.http import Publisher, Reply, page_of, publishing, saying
from tests.unit.sources.openfec.publisher import a_page
from tests.unit.sources.openfec.samples import REAL, read_bytes

KEY = "k3y-of-nobody-0123456789"
A_ROW = {"sub_id": "1", "committee_id": "C1", "contribution_receipt_amount": 0.1}
A_PAGE = a_page([A_ROW], last_indexes=None)
NO_KEY = saying({"error": {"code": "API_KEY_MISSING", "message": "No key was sent"}}, status=403)
OVER_LIMIT = saying({"error": {"code": "OVER_RATE_LIMIT", "message": "Too many calls"}}, status=429)
IN_TROUBLE = page_of("Internal Server Error", 500)
#: Bodies the publisher really sent, and the status each came with.
SENT = {
    "errors/api_key_missing.json": 403,
    "errors/over_rate_limit.json": 429,
    "v1_2015/error_404.html": 404,
    "v1_2015/error_500.html": 500,
}
WALKS = ("iter_receipts", "iter_efile_receipts", "iter_committees", "iter_filings")


@pytest.fixture
def fec_gov() -> Iterator[Publisher]:
    with publishing() as publisher:
        yield publisher


@pytest.fixture
def fec(fec_gov: Publisher) -> Iterator[OpenFec]:
    clock = ManualClock()
    source = replace(OPENFEC, base_url=f"{fec_gov.base}/v1", time_limit=timedelta(seconds=5))
    budget = LocalBudget(source.windows, clock)
    with Client(source, budget=budget, key=Secret(KEY), clock=clock, chance=lambda: 0.5) as client:
        yield OpenFec(client)


def a_whole_page() -> Reply:
    return saying(A_PAGE)


def test_the_key_travels_in_a_header_alone_and_parameters_as_the_publisher_takes_them(
    fec: OpenFec, fec_gov: Publisher
) -> None:
    fec_gov.answer = lambda _: saying(a_page([], last_indexes=None))
    filters: dict[str, Any] = {"committee_id": ["C1", "C2"], "min_load_date": date(2020, 3, 1), "is_individual": True}
    assert list(fec.iter_receipts(**filters)) == []
    asked = fec_gov.asked[0]
    assert asked.path == "/v1/schedules/schedule_a/"
    assert asked.headers["x-api-key"] == KEY
    assert KEY not in asked.target
    assert "committee_id=C1&committee_id=C2" in asked.target
    assert asked.params.items() >= {"min_load_date": "2020-03-01", "is_individual": "true", "per_page": "100"}.items()


@pytest.mark.parametrize("method", WALKS)
def test_a_missing_key_is_told_with_its_variable_and_not_tried_again(
    method: str, fec: OpenFec, fec_gov: Publisher
) -> None:
    fec_gov.answer = lambda _: NO_KEY
    with pytest.raises(SourceError, match="403") as refused:
        list(getattr(fec, method)())
    assert "FEC_API_KEY" in str(refused.value.hint)
    assert KEY not in str(refused.value)
    assert len(fec_gov.asked) == 1


@pytest.mark.parametrize("method", WALKS)
def test_over_the_limit_is_waited_out_and_told_if_it_stays(method: str, fec: OpenFec, fec_gov: Publisher) -> None:
    fec_gov.answer = lambda _: OVER_LIMIT
    with pytest.raises(SourceError, match="429"):
        list(getattr(fec, method)())
    assert len(fec_gov.asked) > 1


def test_over_the_limit_once_costs_only_time(fec: OpenFec, fec_gov: Publisher) -> None:
    fec_gov.script = [OVER_LIMIT, saying(a_page([{"committee_id": "C1"}]))]
    assert fec.get_committee("C1").committee_id == "C1"


@pytest.mark.parametrize("method", WALKS)
def test_a_web_page_is_no_page_even_with_status_200(method: str, fec: OpenFec, fec_gov: Publisher) -> None:
    fec_gov.answer = lambda _: page_of("Maintenance")
    with pytest.raises(SourceError, match="web page"):
        list(getattr(fec, method)())


def test_a_committee_that_is_not_there_is_absent(fec: OpenFec, fec_gov: Publisher) -> None:
    fec_gov.answer = lambda _: page_of("Not Found", 404)
    with pytest.raises(AbsentSourceError, match="/committee/C9/"):
        fec.get_committee("C9")


@pytest.mark.parametrize("method", WALKS)
def test_a_server_in_trouble_is_an_error_after_some_attempts(method: str, fec: OpenFec, fec_gov: Publisher) -> None:
    fec_gov.answer = lambda _: IN_TROUBLE
    with pytest.raises(SourceError, match="500"):
        list(getattr(fec, method)())
    assert len(fec_gov.asked) > 1


@REAL
@pytest.mark.parametrize("name", SENT)
def test_errors_the_publisher_really_sent_end_in_one_clear_error(name: str, fec: OpenFec, fec_gov: Publisher) -> None:
    body = read_bytes(name)
    for status in (SENT[name], 200):
        fec_gov.answer = lambda _, status=status: Reply(status, body)
        with pytest.raises(SourceError) as refused:
            list(fec.iter_receipts())
        assert "\n" not in refused.value.message
        assert refused.value.hint


@pytest.mark.parametrize("method", WALKS)
def test_json_cut_in_the_middle_is_no_page(method: str, fec: OpenFec, fec_gov: Publisher) -> None:
    whole = a_whole_page()
    fec_gov.answer = lambda _: replace(whole, body=whole.body[: len(whole.body) // 2])
    with pytest.raises(SourceError, match="cut short or damaged"):
        list(getattr(fec, method)())


def test_a_page_cut_once_is_asked_for_again(fec: OpenFec, fec_gov: Publisher) -> None:
    whole = a_whole_page()
    fec_gov.script = [replace(whole, body=whole.body[:-30]), replace(whole, cut=9), Reply(is_dropped=True), whole]
    first = next(fec.iter_receipts())
    assert [row.sub_id for row in first.rows] == ["1"]
    assert str(first.rows[0].contribution_receipt_amount) == "0.1"
    assert len(fec_gov.asked) == 4


@pytest.mark.parametrize("method", WALKS)
def test_parameters_the_publisher_refuses_are_told_and_not_tried_again(
    method: str, fec: OpenFec, fec_gov: Publisher
) -> None:
    fec_gov.answer = lambda _: saying({"status": 422, "message": "Cannot sort on value"}, status=422)
    with pytest.raises(SourceError, match="Cannot sort on value"):
        list(getattr(fec, method)(sort="colour"))
    assert len(fec_gov.asked) == 1


def test_a_complaint_with_status_200_is_no_page(fec: OpenFec, fec_gov: Publisher) -> None:
    fec_gov.answer = lambda _: saying({"status": 422, "message": "Cannot sort on value"})
    with pytest.raises(SourceError, match="status `422`: Cannot sort on value"):
        list(fec.iter_receipts())
    assert len(fec_gov.asked) == 1


def test_a_page_without_results_is_asked_for_again_and_then_refused(fec: OpenFec, fec_gov: Publisher) -> None:
    fec_gov.script = [saying({"pagination": {"count": 0}})]
    fec_gov.answer = lambda _: a_whole_page()
    assert len(next(fec.iter_receipts()).rows) == 1
    fec_gov.answer = lambda _: saying({"pagination": {"count": 0}})
    with pytest.raises(SourceError, match="no `results`"):
        list(fec.iter_receipts())


def test_a_cursor_the_publisher_rejects_says_what_to_do(fec: OpenFec, fec_gov: Publisher) -> None:
    indexes = {"last_index": "1", "last_contribution_receipt_date": "2020-03-01"}
    fec_gov.script = [saying(a_page([A_ROW], last_indexes=indexes))]
    cursor = next(fec.iter_receipts()).cursor
    fec_gov.answer = lambda _: saying({"status": 422, "message": "bad index"}, status=422)
    with pytest.raises(SourceError) as refused:
        list(fec.iter_receipts(cursor=cursor))
    assert "bad index" in refused.value.message
    assert "read from the start again" in str(refused.value.hint)
    assert fec_gov.asked[-1].params["last_contribution_receipt_date"] == "2020-03-01"


def test_a_publisher_out_of_reach_is_one_error_with_the_next_step() -> None:
    with publishing() as publisher:
        gone = publisher.base
    clock = ManualClock()
    source = replace(OPENFEC, base_url=f"{gone}/v1", time_limit=timedelta(seconds=2))
    budget = LocalBudget(source.windows, clock)
    with (
        Client(source, budget=budget, key=Secret(KEY), clock=clock, chance=lambda: 0.5) as client,
        pytest.raises(SourceError) as refused,
    ):
        list(OpenFec(client).iter_committees())
    assert "\n" not in refused.value.message
    assert refused.value.hint
    assert KEY not in f"{refused.value.message}{refused.value.hint}"
