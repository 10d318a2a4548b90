"""Simulators on the loopback address: real connections, real ends of them, a clock that runs fast."""

from __future__ import annotations

import http.client
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from penstock.errors import UsageError
from penstock.kit.clock import ManualClock, ScaledClock
from penstock.simulators.faults import Fault, FaultKind, Faults
from penstock.simulators.serve import Served, ServedFec
from penstock.simulators.story import Story

KEY = {"X-Api-Key": "k"}


@pytest.fixture(scope="module")
def story() -> Story:
    return Story(2020, rows=300, days=2, committees=12)


@pytest.fixture
def fec(story: Story, tmp_path: Path) -> Iterator[ServedFec]:
    faults = Faults(
        [Fault(FaultKind.DROPPED, "/committees/", nth=2), Fault(FaultKind.TRUNCATED, "/committees/", nth=3)]
    )
    with ServedFec(story, ManualClock(story.instant_of(0)), tmp_path, faults=faults) as served:
        yield served


def connect(url: str) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(urlsplit(url).netloc, timeout=20)


def get(url: str) -> bytes:
    connection = connect(url)
    try:
        connection.request("GET", urlsplit(url).path, headers=KEY)
        response = connection.getresponse()
        assert response.status == 200
        return response.read()
    finally:
        connection.close()


def test_api_and_downloads_lie_below_one_address(fec: ServedFec) -> None:
    assert json.loads(get(f"{fec.openfec_url}/committees/"))["results"]
    assert get(f"{fec.bulk_url}2020/cm20.zip")[:2] == b"PK"
    assert [each.status for each in fec.log] == [200, 200]


def test_connections_are_dropped_and_bodies_truncated_over_the_wire(fec: ServedFec) -> None:
    url = f"{fec.openfec_url}/committees/"
    whole = get(url)
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        get(url)
    with pytest.raises(http.client.IncompleteRead) as cut:
        get(url)
    assert 0 < len(cut.value.partial) < len(whole)
    assert get(url) == whole
    assert [each.status for each in fec.log] == [200, 0, 200, 200]


def test_a_connection_serves_many_requests_and_none_after_the_end(story: Story, tmp_path: Path) -> None:
    with ServedFec(story, ManualClock(story.instant_of(0)), tmp_path, limits=()) as served:
        connection = connect(served.url)
        for _ in range(20):
            connection.request("GET", "/v1/candidates/", headers=KEY)
            assert connection.getresponse().read()
        connection.close()
        url = served.openfec_url
    with pytest.raises(ConnectionRefusedError):
        get(f"{url}/candidates/")


def test_a_port_that_is_taken_is_told(fec: ServedFec, story: Story, tmp_path: Path) -> None:
    port = urlsplit(fec.url).port or 0
    with pytest.raises(UsageError, match=f"cannot serve at `127.0.0.1:{port}`"):
        Served(lambda *_: None, port=port).__enter__()  # type: ignore[arg-type,return-value]


def test_a_scaled_clock_runs_as_much_faster_as_it_was_told() -> None:
    start, epoch = datetime(2020, 10, 5, tzinfo=UTC), datetime.now(UTC) - timedelta(seconds=100)
    clock = ScaledClock(start, 1000, epoch=epoch)
    assert clock.now() - start >= timedelta(seconds=100_000)
    before = clock.now()
    clock.sleep(timedelta(seconds=20))
    assert clock.now() - before >= timedelta(seconds=20)


def test_processes_with_one_epoch_read_one_time() -> None:
    start, epoch = datetime(2020, 10, 5, tzinfo=UTC), datetime.now(UTC)
    one, other = (ScaledClock(start, 60, epoch=epoch) for _ in range(2))
    before, between, after = one.now(), other.now(), one.now()
    assert before <= between <= after


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_serves_until_it_is_told_to_stop_and_ends_quietly(number: signal.Signals, tmp_path: Path) -> None:
    told = [sys.executable, "-m", "penstock", "simulate", "serve", "fec", "--port", "0", "--rows", "100"]
    with subprocess.Popen(told, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path) as process:
        assert process.stdout is not None
        setting, key = process.stdout.readline().strip(), process.stdout.readline().strip()
        assert setting.startswith("export PENSTOCK_SOURCES=openfec=http://127.0.0.1:")
        assert key == "export FEC_API_KEY=simulated"
        assert json.loads(get(f"{setting.partition('openfec=')[2]}/candidates/"))["results"]
        process.send_signal(number)
        _, said = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "Traceback" not in said
    assert "--bulk-dir http://127.0.0.1:" in said


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--day", "9"], "the story has no day `9`"),
        (["--faults", "429,rain"], "names no known fault"),
        (["--speed", "0"], "`--speed 0` stands still"),
        (["--cycle", "2021"], "`2021` is no election cycle"),
    ],
)
def test_a_wrong_flag_of_the_command_is_told_in_a_line(flags: list[str], words: str, tmp_path: Path) -> None:
    told = [sys.executable, "-m", "penstock", "simulate", "serve", "fec", "--port", "0", "--rows", "9", *flags]
    done = subprocess.run(told, capture_output=True, text=True, check=False, cwd=tmp_path, timeout=60)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr
