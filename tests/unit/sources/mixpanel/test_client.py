"""Mixpanel is read to the last line, with credentials nobody sees, and what is cut short is an error."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from penstock.errors import SourceError, UsageError
from penstock.kit.clock import ManualClock
from penstock.simulators.faults import FaultKind, Faults
from penstock.simulators.mixpanel.app import create_mixpanel_app
from penstock.simulators.mixpanel.universe import Universe
from penstock.simulators.serve import Served
from penstock.sources.budget import LocalBudget
from penstock.sources.home import SourceHome, SourceSettings
from penstock.sources.mixpanel import EXPORT, PROFILES, Mixpanel, Region, in_region
from penstock.sources.mixpanel.api import make_basic_key
from tests.servers.http import Publisher, Reply, publishing, saying

SECRET = {"MIXPANEL_API_SECRET": "a-telling-secret"}
ACCOUNT = {
    "MIXPANEL_SERVICE_ACCOUNT": "robot.1",
    "MIXPANEL_SERVICE_SECRET": "another-secret",
    "MIXPANEL_PROJECT_ID": "77",
}
DAY = date(2026, 3, 1)


@contextmanager
def reading(
    base: str, folder: Path, environment: Mapping[str, str] | None = None, recordings: str = "off", project: str = ""
) -> Iterator[Mixpanel]:
    """A client of what lies at an address."""
    clock = ManualClock()
    addresses = {"mixpanel": f"{base}/api/2.0", "mixpanelprofiles": f"{base}/api/query"}
    told = SourceSettings(folder, environment or SECRET, addresses, {}, recordings)
    home = SourceHome(told, lambda source: LocalBudget(source.windows, clock), clock, lambda: 0.0)
    try:
        yield Mixpanel(
            home.client(EXPORT, lambda: None), home.client(PROFILES, lambda: None), project_id=project or None
        )
    finally:
        home.close()


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with publishing() as publisher:
        yield publisher


def lines(*values: object, end: str = "\n") -> Reply:
    return Reply(body=("\n".join(map(json.dumps, values)) + end).encode(), headers={"Content-Type": "text/plain"})


def test_days_are_asked_for_and_every_line_is_told(publisher: Publisher, tmp_path: Path) -> None:
    events = [{"event": "a", "properties": {"time": 1}}, {"event_name": "b", "distinct_id": "u", "properties": {}}]
    publisher.script = [lines(*events), lines(*events, end="")]
    with reading(publisher.base, tmp_path, project="77") as mixpanel:
        assert list(mixpanel.export(DAY, date(2026, 3, 7), ["a", "b"])) == events
        assert list(mixpanel.export(DAY, DAY)) == events
    first, second = publisher.asked
    assert first.path == "/api/2.0/export"
    assert first.params == {
        "from_date": "2026-03-01",
        "to_date": "2026-03-07",
        "event": '["a","b"]',
        "project_id": "77",
    }
    assert "event" not in second.params


def test_fractions_keep_their_digits(publisher: Publisher, tmp_path: Path) -> None:
    publisher.script = [Reply(body=b'{"event":"a","properties":{"revenue":9.90}}\n')]
    with reading(publisher.base, tmp_path) as mixpanel:
        (line,) = mixpanel.export(DAY, DAY)
    assert str(line["properties"]["revenue"]) == "9.90"


def test_days_without_events_are_no_error(publisher: Publisher, tmp_path: Path) -> None:
    publisher.script = [Reply(body=b"")]
    with reading(publisher.base, tmp_path) as mixpanel:
        assert list(mixpanel.export(DAY, DAY)) == []
    assert len(publisher.asked) == 1


@pytest.mark.parametrize(
    "body", [b'{"event": "a", "prop', b'{"event": "a"}\nterminated early\n', b"[1]\n", b"\xff\xfe\n"]
)
def test_a_line_that_is_no_event_is_an_error_that_may_pass(publisher: Publisher, tmp_path: Path, body: bytes) -> None:
    publisher.script = [Reply(body=body)]
    with (
        reading(publisher.base, tmp_path) as mixpanel,
        pytest.raises(SourceError, match="of the export of days") as told,
    ):
        list(mixpanel.export(DAY, DAY))
    assert told.value.retriable


@pytest.mark.parametrize("how", [{"cut": 8}, {"cut": 8, "is_zipped": True}])
def test_a_body_that_is_cut_short_is_asked_for_again_and_then_an_error(
    publisher: Publisher, tmp_path: Path, how: dict[str, object]
) -> None:
    publisher.answer = lambda _: Reply(body=b'{"event":"a"}\n' * 50, **how)  # type: ignore[arg-type]
    with reading(publisher.base, tmp_path) as mixpanel, pytest.raises(SourceError, match="cut short") as told:
        list(mixpanel.export(DAY, DAY))
    assert told.value.retriable
    assert len(publisher.asked) > 1


def test_days_in_the_wrong_order_are_not_asked_for(publisher: Publisher, tmp_path: Path) -> None:
    with reading(publisher.base, tmp_path) as mixpanel, pytest.raises(UsageError, match="before they begin"):
        list(mixpanel.export(DAY, date(2026, 2, 1)))
    assert publisher.asked == []


def a_page(users: list[str], total: int) -> Reply:
    rows = [{"$distinct_id": user, "$properties": {}} for user in users]
    return saying({"session_id": "s-1", "page": 0, "page_size": 2, "total": total, "results": rows})


def test_profiles_are_paged_in_one_session(publisher: Publisher, tmp_path: Path) -> None:
    publisher.script = [a_page(["a", "b"], 3), a_page(["c"], 3)]
    with reading(publisher.base, tmp_path) as mixpanel:
        assert [row["$distinct_id"] for row in mixpanel.engage()] == ["a", "b", "c"]
    forms = [parse_qs(asked.body.decode()) for asked in publisher.asked]
    assert forms == [{"page": ["0"]}, {"page": ["1"], "session_id": ["s-1"]}]
    assert {asked.method for asked in publisher.asked} == {"POST"}


def test_fewer_profiles_than_announced_are_an_error(publisher: Publisher, tmp_path: Path) -> None:
    publisher.script = [a_page(["a", "b"], 5), a_page([], 5)]
    with reading(publisher.base, tmp_path) as mixpanel, pytest.raises(SourceError, match="2 of 5 profiles") as told:
        list(mixpanel.engage())
    assert told.value.retriable


@pytest.mark.parametrize(
    "body",
    [b"[]", b"{}", b'{"results":', b'{"results": [], "total": "many", "session_id": "s"}',
     b'{"results": [1], "total": 1, "session_id": "s"}'],
)  # fmt: skip
def test_a_page_that_is_none_is_an_error(publisher: Publisher, tmp_path: Path, body: bytes) -> None:
    publisher.answer = lambda _: Reply(body=body, headers={"Content-Type": "application/json"})
    with reading(publisher.base, tmp_path) as mixpanel, pytest.raises(SourceError, match="page 0 of `engage`"):
        list(mixpanel.engage())


@pytest.mark.parametrize(("environment", "pair"), [(SECRET, "a-telling-secret:"), (ACCOUNT, "robot.1:another-secret")])
def test_credentials_travel_as_basic_authorization(
    publisher: Publisher, tmp_path: Path, environment: dict[str, str], pair: str
) -> None:
    publisher.script = [lines({"event": "a"})]
    with reading(publisher.base, tmp_path, environment) as mixpanel:
        list(mixpanel.export(DAY, DAY))
    (asked,) = publisher.asked
    assert asked.headers["authorization"] == f"Basic {b64encode(pair.encode()).decode()}"


def test_a_refusal_that_repeats_the_credentials_gives_nothing_away(publisher: Publisher, tmp_path: Path) -> None:
    encoded = b64encode(b"a-telling-secret:").decode()
    publisher.script = [Reply(401, f"no such secret: a-telling-secret ({encoded})".encode())]
    with reading(publisher.base, tmp_path) as mixpanel, pytest.raises(SourceError, match="status 401") as told:
        list(mixpanel.export(DAY, DAY))
    assert "a-telling-secret" not in str(told.value)
    assert encoded not in str(told.value)
    assert "MIXPANEL_API_SECRET" in str(told.value.hint)


@pytest.mark.parametrize(
    ("environment", "missing"),
    [
        ({}, "MIXPANEL_API_SECRET"),
        ({"MIXPANEL_SERVICE_ACCOUNT": "robot"}, "MIXPANEL_SERVICE_SECRET"),
        ({"MIXPANEL_SERVICE_SECRET": "word", **SECRET}, "MIXPANEL_SERVICE_ACCOUNT"),
        ({"MIXPANEL_SERVICE_ACCOUNT": "robot", "MIXPANEL_SERVICE_SECRET": "word"}, "MIXPANEL_PROJECT_ID"),
    ],
)
def test_missing_credentials_are_named(environment: dict[str, str], missing: str) -> None:
    with pytest.raises(SourceError, match=missing) as told:
        make_basic_key(environment)
    assert f"{missing}=…" in str(told.value.hint)


def test_answers_about_persons_are_kept_nowhere(publisher: Publisher, tmp_path: Path) -> None:
    publisher.script = [lines({"event": "a", "properties": {"$email": "someone@example.com"}}), a_page(["a"], 1)]
    with reading(publisher.base, tmp_path) as mixpanel:
        list(mixpanel.export(DAY, DAY))
        list(mixpanel.engage())
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_answers_about_persons_are_not_recorded(publisher: Publisher, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="are about persons"), reading(publisher.base, tmp_path, recordings="record"):
        pass


@pytest.mark.parametrize(
    ("region", "export", "profiles"),
    [
        (Region.US, "https://data.mixpanel.com/api/2.0", "https://mixpanel.com/api/query"),
        (Region.EU, "https://data-eu.mixpanel.com/api/2.0", "https://eu.mixpanel.com/api/query"),
        (Region.INDIA, "https://data-in.mixpanel.com/api/2.0", "https://in.mixpanel.com/api/query"),
    ],
)
def test_each_region_has_its_hosts(region: Region, export: str, profiles: str) -> None:
    assert (in_region(EXPORT, region).base_url, in_region(PROFILES, region).base_url) == (export, profiles)


def test_the_simulated_interfaces_are_read_whole_in_spite_of_faults(tmp_path: Path) -> None:
    universe = Universe(end_on=date(2026, 3, 31))
    kinds = (FaultKind.DROPPED, FaultKind.SERVER_ERROR, FaultKind.TRUNCATED, FaultKind.LIMIT)
    app = create_mixpanel_app(
        universe,
        ManualClock(universe.closes_at),
        faults=Faults(rate=0.2, kinds=kinds, seed=3),
        keys=["a-telling-secret"],
        limits=(),
        page_size=30,
    )
    with Served(app) as served, reading(served.url, tmp_path) as mixpanel:
        events = list(mixpanel.export(universe.start_on, universe.end_on))
        profiles = list(mixpanel.engage())
    assert len(events) == len(universe.deliveries_until(universe.closes_at))
    assert len(profiles) == len(universe.people)
