"""What the simulated API answers besides pages: refusals, keys, limits, shapes of real answers."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette

from penstock.kit.clock import ManualClock
from penstock.kit.pace import Window
from penstock.simulators.openfec.app import create_app
from penstock.simulators.openfec.listings import LISTINGS
from penstock.simulators.openfec.schedules import SCHEDULES
from penstock.simulators.requestlog import RequestLog
from penstock.simulators.story import Story
from tests.unit.simulators.asking import Answer, ask

A = "/v1/schedules/schedule_a/"
SAMPLES = Path(os.environ.get("PENSTOCK_REAL_DATA", Path(__file__).parents[5] / "shared" / "data")) / "openfec"
with_samples = pytest.mark.skipif(
    not SAMPLES.is_dir(), reason="no real data: set PENSTOCK_REAL_DATA to the folder that holds `openfec/`"
)


@cache
def story() -> Story:
    return Story(2020, rows=900, days=4, committees=24)


def app_with(clock: ManualClock | None = None, **said: Any) -> Starlette:
    return create_app(story(), clock or ManualClock(story().instant_of(3)), **{"limits": (), **said})


@pytest.mark.parametrize(
    ("path", "asked", "words"),
    [
        (A, {"page": 2}, "Unknown field"),
        (A, {"nonsense": 1}, "Unknown field"),
        ("/v1/committees/", {"nonsense": 1}, "Unknown field"),
        (A, {"per_page": 101}, "between 1 and 100"),
        (A, {"per_page": "many"}, "valid integer"),
        (A, {"last_index": 5}, "both values"),
        (A, {"last_index": "x", "last_contribution_receipt_date": "2020-01-01"}, "valid integer"),
        (A, {"last_index": 5, "last_contribution_receipt_date": "soon"}, "Invalid date"),
        (A, {"sort": "contributor_name"}, "Cannot sort on value"),
        (A, {"min_date": "2020-02-30"}, "Invalid date"),
        (A, {"min_load_date": "yesterday"}, "valid datetime"),
        (A, {"min_amount": "much"}, "valid number"),
        (A, {"is_individual": "maybe"}, "valid boolean"),
        (A, {"committee_id": [f"C{number:08d}" for number in range(11)]}, "up to 10 values"),
        ("/v1/committees/", {"page": 0}, "greater than or equal to 1"),
        ("/v1/committees/", {"sort": "taste"}, "Cannot sort on value"),
        ("/v1/elections/", {"cycle": 2020}, "Missing data for required field"),
        ("/v1/elections/", {"cycle": 2020, "office": "mayor"}, "Must be one of"),
        ("/v1/totals/anybody/", {}, "Must be one of"),
    ],
)  # fmt: skip
def test_a_wrong_parameter_is_refused_with_422(path: str, asked: dict[str, Any], words: str) -> None:
    answer = ask(app_with(), path, **asked)
    assert answer.status == answer.json["status"] == 422
    assert words in json.dumps(answer.json["message"])


def test_an_unknown_path_is_a_page_of_html() -> None:
    answer = ask(app_with(), "/v1/nothing/")
    assert answer.status == 404
    assert answer.headers["content-type"] == "text/html"


def test_somebody_unknown_is_an_empty_list() -> None:
    assert ask(app_with(), "/v1/committee/C99999999/").json["results"] == []
    assert ask(app_with(), "/v1/candidate/H0XX99999/").json["results"] == []


def test_candidates_with_totals_are_not_taken_for_a_candidate() -> None:
    rows = ask(app_with(), "/v1/candidates/totals/", per_page=100).json["results"]
    assert len(rows) == len(story().state_on(3).universe.candidates)
    assert any(row["receipts"] > 0 for row in rows)


def test_totals_are_those_of_the_rows_of_the_day() -> None:
    committee = story().universe.committees[0].id
    (row,) = ask(app_with(), f"/v1/committee/{committee}/totals/").json["results"]
    lines = story().state_on(3).processed
    assert row["individual_contributions"] == float(
        sum(x.amount for x in lines if (committee, "individual") in x.counts)
    )


def test_races_are_told_once_and_kept_by_office() -> None:
    rows = ask(app_with(), "/v1/elections/search/", per_page=100, cycle=2020).json["results"]
    people = story().state_on(3).universe.candidates
    told = [(row["state"], row["office"], row["district"]) for row in rows]
    assert sorted(told) == sorted({(each.state, each.office, each.district) for each in people})
    senate = ask(app_with(), "/v1/elections/search/", per_page=100, office="senate").json["results"]
    assert senate == [row for row in rows if row["office"] == "S"]


def test_filings_tell_who_amends_whom() -> None:
    rows = ask(app_with(), "/v1/filings/", per_page=100, amendment_indicator="A").json["results"]
    assert rows
    for row in rows:
        assert row["previous_file_number"] == row["amendment_chain"][-2]
        (old,) = ask(app_with(), "/v1/filings/", file_number=row["previous_file_number"]).json["results"]
        assert (old["is_amended"], old["most_recent"]) == (True, False)


@pytest.mark.parametrize(("key", "code"), [("", "API_KEY_MISSING"), ("wrong", "API_KEY_INVALID")])
def test_a_missing_or_wrong_key_is_refused_with_403(key: str, code: str) -> None:
    answer = ask(app_with(keys={"right"}), A, key=key)
    assert answer.status == 403
    assert answer.json["error"]["code"] == code


def test_a_key_may_travel_as_parameter_or_header() -> None:
    app = app_with(keys={"right"})
    assert ask(app, A, key="", api_key="right").status == ask(app, A, key="right").status == 200


@with_samples
@pytest.mark.parametrize(("name", "status"), [("api_key_missing", 403), ("over_rate_limit", 429)])
def test_refusals_have_the_bodies_of_the_real_ones(name: str, status: int) -> None:
    app = app_with(limits=(Window(1, timedelta(hours=1)),))
    ask(app, A)
    answer = ask(app, A, key="" if status == 403 else "k")
    assert answer.status == status
    assert answer.json == json.loads((SAMPLES / "errors" / f"{name}.json").read_text())


def test_every_answer_tells_the_time_of_the_simulators_clock() -> None:
    clock = ManualClock(story().instant_of(3) + timedelta(hours=5, seconds=7))
    assert ask(app_with(clock), A).headers["date"] == "Thu, 08 Oct 2020 05:00:07 GMT"


def test_answers_count_down_what_is_left_of_the_hour() -> None:
    app = app_with(limits=(Window(3, timedelta(hours=1)), Window(60, timedelta(minutes=1))))
    said = [ask(app, "/v1/committees/") for _ in range(4)]
    assert [answer.status for answer in said] == [200, 200, 200, 429]
    assert [answer.headers["x-ratelimit-remaining"] for answer in said] == ["2", "1", "0", "0"]
    assert {answer.headers["x-ratelimit-limit"] for answer in said} == {"3"}


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 40), min_size=1, max_size=60))
def test_a_call_is_refused_exactly_when_a_rolling_period_is_full(waits: list[int]) -> None:
    clock, log = ManualClock(story().instant_of(0)), RequestLog()
    limits = (Window(8, timedelta(seconds=200)), Window(3, timedelta(seconds=30)))
    app = app_with(clock, limits=limits, log=log)
    taken: list[Any] = []
    for wait in waits:
        clock.advance(timedelta(seconds=wait))
        now = clock.now()
        has_room = all(sum(at > now - limit.period for at in taken) < limit.calls for limit in limits)
        assert (ask(app, "/v1/elections/").status == 429) is not has_room
        taken += [now] if has_room else []
    answered = RequestLog()
    for request in log:
        if request.status != 429:
            answered.record(request)
    assert all(answered.busiest(limit.period) <= limit.calls for limit in limits)


def test_keys_have_limits_of_their_own() -> None:
    app = app_with(limits=(Window(1, timedelta(hours=1)),))
    assert [ask(app, A, key=key).status for key in ("one", "two", "one")] == [200, 200, 429]


def fields_of(sample: str) -> set[str]:
    path = SAMPLES / sample
    text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return {name for row in json.loads(text)["results"] for name in row}


def row_of(path: str, **asked: Any) -> dict[str, Any]:
    answer: Answer = ask(app_with(), path, per_page=1, **asked)
    row: dict[str, Any] = answer.json["results"][0]
    return row


@with_samples
@pytest.mark.parametrize(
    ("path", "asked", "sample"),
    [
        (A, {}, "schedule_a_2020_page.json.gz"),
        ("/v1/schedules/schedule_e/", {}, "schedule_e_2024.json"),
        ("/v1/committees/", {}, "v1_2015/committees.json"),
        ("/v1/candidates/", {}, "v1_2015/candidates.json"),
    ],
)
def test_a_row_has_every_field_of_the_real_ones(path: str, asked: dict[str, Any], sample: str) -> None:
    assert fields_of(sample) <= row_of(path, **asked).keys()


@with_samples
def test_a_committee_inside_a_row_has_every_field_of_the_real_ones() -> None:
    real = json.loads(gzip.decompress((SAMPLES / "schedule_a_2020_page.json.gz").read_bytes()))["results"]
    assert {name for row in real for name in row["committee"]} <= row_of(A)["committee"].keys()


@cache
def specification() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(gzip.decompress((SAMPLES / "openapi_spec.json.gz").read_bytes()))
    return document


def definition_of(path: str) -> set[str]:
    spec = specification()
    page = spec["paths"][path]["get"]["responses"]["default"]["schema"]["$ref"].rpartition("/")[2]
    row = spec["definitions"][page]["properties"]["results"]["items"]["$ref"].rpartition("/")[2]
    return set(spec["definitions"][row]["properties"])


@with_samples
@pytest.mark.parametrize("endpoint", [*LISTINGS, *SCHEDULES], ids=lambda endpoint: endpoint.path)
def test_every_parameter_taken_is_in_the_specification(endpoint: Any) -> None:
    known = {each["name"] for each in specification()["paths"][f"/v1{endpoint.path}"]["get"]["parameters"]}
    cursor = {f"last_{name}" for name in endpoint.seek or ()}
    assert {*endpoint.filters, *endpoint.by_row, *cursor} <= known
    assert ("page" in known) is (endpoint.seek is None)


@with_samples
@pytest.mark.parametrize(
    "path",
    [
        A, f"{A}efile/", "/v1/schedules/schedule_b/", "/v1/schedules/schedule_b/efile/", "/v1/schedules/schedule_e/",
        "/v1/schedules/schedule_e/efile/", "/v1/committees/", "/v1/candidates/", "/v1/filings/",
    ],
)  # fmt: skip
def test_a_row_has_every_field_of_the_specification(path: str) -> None:
    assert definition_of(path) <= row_of(path).keys()


def details() -> Iterator[tuple[str, str]]:
    yield "/v1/committee/{committee_id}/", f"/v1/committee/{story().universe.committees[0].id}/"
    yield "/v1/candidate/{candidate_id}/", f"/v1/candidate/{story().universe.candidates[0].id}/"


@with_samples
@pytest.mark.parametrize(("specified", "path"), list(details()))
def test_a_detail_has_every_field_of_the_specification(specified: str, path: str) -> None:
    assert definition_of(specified) <= row_of(path).keys()


@with_samples
def test_an_election_has_every_field_of_the_specification() -> None:
    assert definition_of("/v1/elections/") <= row_of("/v1/elections/", office="house", cycle=2020).keys()
