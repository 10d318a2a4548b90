"""The log of requests: what it keeps, what it never keeps, and what can be asked of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from penstock.kit.clock import ManualClock
from penstock.simulators.openfec.app import create_app
from penstock.simulators.requestlog import LoggedRequest, RequestLog, key_hash
from penstock.simulators.story import Story
from tests.unit.simulators.asking import ask

START = datetime(2026, 1, 1, tzinfo=UTC)
A = "/v1/schedules/schedule_a/"


@given(st.lists(st.integers(0, 10_000), max_size=60), st.integers(1, 4000))
def test_the_busiest_period_is_the_most_that_any_period_of_that_length_holds(seconds: list[int], length: int) -> None:
    log = RequestLog()
    for second in seconds:
        log.record(LoggedRequest(START + timedelta(seconds=second), "GET", "/"))
    windows = (sum(begin <= second < begin + length for second in seconds) for begin in seconds)
    assert log.busiest(timedelta(seconds=length)) == max(windows, default=0)


def test_requests_are_logged_with_everything_but_the_key(tmp_path: Path) -> None:
    story = Story(2020, rows=100, days=1, committees=8)
    file = tmp_path / "requests.jsonl"
    log = RequestLog(file)
    app = create_app(story, ManualClock(story.instant_of(0)), log=log)
    ask(app, A, key="", api_key="very-secret", committee_id=["C00800000", "C00800001"], per_page=3)
    ask(app, A, key="very-secret", page=1)
    assert "very-secret" not in file.read_text()
    assert "very-secret" not in repr(list(log))
    first, second = log
    assert first.params == {"committee_id": ("C00800000", "C00800001"), "per_page": ("3",)}
    assert (first.at, first.path, first.status, first.rows) == (story.instant_of(0), A, 200, 3)
    assert first.key == second.key == key_hash("very-secret")
    assert second.status == 422


def test_a_log_is_read_from_the_file_that_several_simulators_wrote(tmp_path: Path) -> None:
    file = tmp_path / "requests.jsonl"
    logs = [RequestLog(file), RequestLog(file)]
    for place, log in enumerate(logs):
        log.record(LoggedRequest(START, "GET", "/v1/one/", {"page": (str(place),)}, status=200, rows=place))
    read = RequestLog.read(file)
    assert list(read) == [*logs[0], *logs[1]]
    assert read.count("/one", {"page": "1"}) == 1
    assert read.count("/one") == read.count(status=200) == 2
    assert read.count("/two") == 0


def test_pages_asked_more_than_once_are_told_with_how_often() -> None:
    log = RequestLog()
    for page, status in (("1", 200), ("2", 500), ("2", 200), ("1", 200), ("1", 200)):
        log.record(LoggedRequest(START, "GET", "/v1/one/", {"page": (page,)}, status=status))
    assert log.repeated() == {("/v1/one/", (("page", ("1",)),)): 3}
    log.clear()
    assert len(log) == 0
