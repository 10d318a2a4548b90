"""The simulated Mixpanel over the wire: what can be asked, by whom, how often, and what goes wrong on demand."""

from __future__ import annotations

import http.client
import json
from datetime import timedelta
from functools import cache
from typing import Any

import pytest

from penstock.kit.pace import Window
from penstock.simulators.faults import Fault, FaultKind, Faults
from penstock.simulators.mixpanel.access import LIMITS, Door
from penstock.simulators.mixpanel.move import RENEWAL, TRIAL_STARTED
from penstock.simulators.mixpanel.refusal import Refusal
from penstock.simulators.mixpanel.universe import Universe
from penstock.simulators.requestlog import RequestLog
from tests.unit.simulators.mixpanel.calling import END_ON, ENGAGE, EXPORT, a_site


@cache
def universe() -> Universe:
    return Universe(end_on=END_ON)


def test_days_are_exported_with_both_ends_as_lines_of_json() -> None:
    first = END_ON - timedelta(days=2)
    with a_site(universe()) as site:
        answer = site.export(first)
        by_day = [line for ago in (2, 1, 0) for line in site.export(*[END_ON - timedelta(days=ago)] * 2).lines]
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert "content-length" not in answer.headers
    assert answer.lines == by_day
    assert set(answer.lines[0]) == {"event", "properties"}
    assert {"time", "distinct_id", "$insert_id", "mp_processing_time_ms"} <= set(answer.lines[0]["properties"])


def test_names_and_a_limit_choose_lines_and_time_is_told_in_milliseconds() -> None:
    with a_site(universe()) as site:
        chosen = site.export(universe().start_on, event=json.dumps([RENEWAL, TRIAL_STARTED])).lines
        few = site.export(universe().start_on, limit=7).lines
        exact = site.export(time_in_ms="true").lines
        rounded = site.export().lines
    assert {line["event"] for line in chosen} == {RENEWAL, TRIAL_STARTED}
    assert len(few) == 7
    assert [line["properties"]["time"] for line in exact] == [line["properties"]["time"] * 1000 for line in rounded]


def test_a_client_that_takes_gzip_gets_the_same_lines_compressed() -> None:
    params = {"from_date": END_ON, "to_date": END_ON}
    with a_site(universe()) as site:
        plain, packed = (site.ask("GET", EXPORT, params, gzipped=gzipped) for gzipped in (False, True))
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.body == plain.body


def test_a_day_without_events_is_an_empty_body() -> None:
    with a_site(universe()) as site:
        answer = site.export("2020-01-01", "2020-01-02")
    assert (answer.status, answer.body) == (200, b"")


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"from_date": ""}, "Missing required parameter: from_date"),
        ({"to_date": ""}, "Missing required parameter: to_date"),
        ({"from_date": "03/31/2026"}, "Invalid date for from_date"),
        ({"from_date": "20260331"}, "Invalid date for from_date"),
        ({"to_date": "2026-02-30"}, "Invalid date for to_date"),
        ({"to_date": "2026-03-30"}, "is before from_date"),
        ({"event": "RC Renewal"}, "must be a JSON array of names"),
        ({"event": '{"a": 1}'}, "must be a JSON array of names"),
        ({"event": "[1]"}, "must be a JSON array of names"),
        ({"where": 'properties["x"]'}, "evaluates no where expressions"),
        ({"limit": "0"}, "Invalid limit"),
        ({"limit": "100001"}, "Invalid limit"),
        ({"limit": "many"}, "Invalid limit"),
        ({"time_in_ms": "perhaps"}, "Invalid time_in_ms"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(params: dict[str, str], words: str) -> None:
    with a_site(universe()) as site:
        answer = site.ask("GET", EXPORT, {"from_date": END_ON, "to_date": END_ON, **params})
    assert answer.status == 400
    assert words in answer.json["error"]


@pytest.mark.parametrize(
    ("user", "params", "status"),
    [
        ("secret:", {}, 200),
        ("", {}, 401),
        ("wrong:", {}, 401),
        (":", {}, 401),
        ("account:word", {"project_id": "7"}, 200),
        ("account:word", {}, 400),
        ("account:word", {"project_id": "8"}, 403),
        ("wrong:word", {"project_id": "7"}, 401),
    ],
)
def test_a_project_asks_by_its_secret_and_an_account_for_its_project(
    user: str, params: dict[str, str], status: int
) -> None:
    with a_site(universe(), keys=("secret", "account"), project_id="7") as site:
        assert site.export(user=user, **params).status == status


def test_credentials_that_cannot_be_read_are_refused() -> None:
    log = RequestLog()
    with a_site(universe(), log=log) as site:
        connection = http.client.HTTPConnection(site.url.partition("//")[2], timeout=20)
        for said in ("Bearer abc", "Basic ###", "Basic YWJj", "Basic /w=="):
            connection.request("GET", EXPORT, headers={"Authorization": said})
            response = connection.getresponse()
            assert (response.status, response.headers["WWW-Authenticate"]) == (401, 'Basic realm="mixpanel"')
            response.read()
        connection.close()
    assert [each.status for each in log] == [401] * 4


def test_the_fourth_query_within_a_second_is_refused_until_the_second_is_over() -> None:
    with a_site(universe(), limits=LIMITS) as site:
        assert [site.export().status for _ in range(4)] == [200, 200, 200, 429]
        assert site.export(user="other:").status == 200
        assert site.engage().status == 200
        site.clock.advance(timedelta(seconds=1))
        assert site.export().status == 200


def test_the_sixty_first_query_within_an_hour_is_told_how_long_to_wait() -> None:
    with a_site(universe(), limits=LIMITS) as site:
        for _ in range(60):
            assert site.export(limit=1).status == 200
            site.clock.advance(timedelta(seconds=10))
        refused = site.export()
        assert (refused.status, refused.headers["retry-after"]) == (429, "3000")
        assert "rate limit" in refused.json["error"]
        site.clock.advance(timedelta(seconds=2999))
        assert site.export().status == 429
        site.clock.advance(timedelta(seconds=1))
        assert site.export().status == 200


def test_more_queries_at_once_than_allowed_are_refused_until_one_is_answered() -> None:
    door = Door(keys=None, project_id=None, limits=(), concurrent=2)
    caller, now = door.admit("Basic c2VjcmV0Og==", ""), universe().closes_at
    with door.entered(caller, EXPORT, now):
        with (
            door.entered(caller, ENGAGE, now),
            pytest.raises(Refusal, match="Too many concurrent") as refused,
            door.entered(caller, EXPORT, now),
        ):
            raise AssertionError("a third came in")
        with door.entered(caller, EXPORT, now):
            assert (refused.value.status, refused.value.headers) == (429, {"Retry-After": "1"})


def test_profiles_come_page_by_page_within_a_session() -> None:
    with a_site(universe(), page_size=90) as site:
        first = site.engage(page=0).json
        rest = [site.engage(session_id=first["session_id"], page=page).json for page in (1, 2, 3)]
    assert [len(page["results"]) for page in (first, *rest)] == [90, 90, 18, 0]
    assert {page["total"] for page in (first, *rest)} == {198}
    assert (first["page"], first["page_size"], first["status"]) == (0, 90, "ok")
    ids = [one["$distinct_id"] for page in (first, *rest) for one in page["results"]]
    assert sorted(ids) == sorted(person.distinct_id for person in universe().people)


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"page": 1}, "session_id is needed with page"),
        ({"page": 1, "session_id": "made-up"}, "Invalid session_id"),
        ({"page": "last"}, "Invalid page"),
        ({"where": "true"}, "does not evaluate where"),
        ({"output_properties": '["$email"]'}, "does not evaluate output_properties"),
    ],
)
def test_a_page_that_cannot_be_asked_for_is_refused(form: dict[str, Any], words: str) -> None:
    with a_site(universe()) as site:
        answer = site.engage(**form)
    assert answer.status == 400
    assert words in answer.json["error"]


def test_profiles_are_asked_for_by_post_alone_and_there_is_nothing_else() -> None:
    with a_site(universe()) as site:
        assert site.ask("GET", ENGAGE, {}).status == 405
        assert site.ask("GET", "/api/2.0/funnels", {}).status == 404


def test_an_event_appears_only_when_it_has_been_processed() -> None:
    late = universe().late(hours=6)
    with a_site(universe().with_arrivals(late)) as site:
        before = site.export(late.on, late.on).lines
        site.clock.advance(timedelta(hours=6) - timedelta(seconds=1))
        assert site.export(late.on, late.on).lines == before
        site.clock.advance(timedelta(seconds=1))
        after = site.export(late.on, late.on).lines
    assert [line["properties"]["$insert_id"] for line in after if line not in before] == [late.insert_id]
    assert len(after) == len(before) + 1


@pytest.mark.parametrize(
    ("kind", "status"), [(FaultKind.LIMIT, 429), (FaultKind.SERVER_ERROR, 500), (FaultKind.UNAVAILABLE, 503)]
)
def test_errors_are_told_on_demand_and_pass(kind: FaultKind, status: int) -> None:
    faults = Faults([Fault(kind, EXPORT, nth=2, retry_after=timedelta(seconds=9))])
    with a_site(universe(), faults=faults) as site:
        answers = [site.export() for _ in range(3)]
    assert [answer.status for answer in answers] == [200, status, 200]
    assert answers[1].headers.get("retry-after") == (None if status == 500 else "9")


@pytest.mark.parametrize("path", [EXPORT, ENGAGE])
def test_a_body_ends_early_on_demand(path: str) -> None:
    method, params = ("GET", {"from_date": END_ON, "to_date": END_ON}) if path == EXPORT else ("POST", {})
    with a_site(universe(), faults=Faults([Fault(FaultKind.TRUNCATED, path, nth=2)])) as site:
        whole = site.ask(method, path, params)
        with pytest.raises(http.client.IncompleteRead):
            site.ask(method, path, params)
        assert site.ask(method, path, params, gzipped=True).status == 200
    assert whole.body


def test_the_last_line_of_a_whole_answer_stops_in_its_middle_on_demand_compressed_or_not() -> None:
    faults = Faults([Fault(FaultKind.CUT_JSON, times=2)])
    first = END_ON - timedelta(days=1)
    params = {"from_date": first, "to_date": END_ON}
    with a_site(universe(), faults=faults) as site:
        cut = [site.ask("GET", EXPORT, params, gzipped=gzipped) for gzipped in (False, True)]
        whole = site.export(first)
    assert cut[0].body == cut[1].body == whole.body[: len(whole.body) * 2 // 3]
    with pytest.raises(ValueError, match=r".+"):
        json.loads(cut[0].body.splitlines()[-1])


def test_the_log_tells_who_asked_for_what_and_no_secret() -> None:
    log = RequestLog()
    with a_site(universe(), log=log, limits=(Window(2, timedelta(hours=1)),)) as site:
        statuses = [site.export(user="top-secret:", limit=3).status for _ in range(3)]
    assert statuses == [200, 200, 429]
    assert [(each.status, each.rows, each.params["limit"]) for each in log] == [
        (200, 3, ("3",)), (200, 3, ("3",)), (429, 0, ("3",))
    ]  # fmt: skip
    assert log.busiest(key="top-secret") == 3
    assert "top-secret" not in str(list(log))
