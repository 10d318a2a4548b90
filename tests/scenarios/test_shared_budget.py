"""Eight processes on one budget: by the publisher's own log no limit is passed and next to nothing is wasted."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from penstock.kit.clock import ScaledClock, SystemClock
from penstock.kit.jsonable import to_json
from penstock.kit.pace import forecast_duration
from penstock.simulators.openfec.app import LIMITS, create_app
from penstock.simulators.requestlog import RequestLog
from penstock.simulators.serve import Served
from penstock.simulators.story import Story
from penstock.sources.openfec.api import OPENFEC

PROCESSES, CALLS_EACH = 8, 140
#: An hour of the publisher's passes in one minute.
FACTOR = 60.0
#: How long the processes have to get ready.
_GRACE = timedelta(seconds=8)


def start(home: Path, state_url: str, api: str, epoch: datetime) -> subprocess.Popen[bytes]:
    asked = {
        "home": str(home),
        "state_url": state_url,
        "api": api,
        "calls": CALLS_EACH,
        "start": _START.isoformat(),
        "factor": FACTOR,
        "epoch": epoch.isoformat(),
    }
    environment = {**os.environ, "FEC_API_KEY": "one-key-for-all"}
    return subprocess.Popen([sys.executable, "-m", "tests.scenarios.budget_caller", to_json(asked)], env=environment)


_START = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("store", ["sqlite", "postgres"])
def test_eight_processes_fill_one_budget_and_never_pass_it(tmp_path, store, request):
    url = f"sqlite:///{tmp_path}/state.db" if store == "sqlite" else request.getfixturevalue("postgres_state_url")
    epoch = SystemClock().now() + _GRACE
    clock = ScaledClock(_START, FACTOR, epoch=epoch)
    log = RequestLog()
    with Served(create_app(Story(2020, rows=50, days=1, committees=8), clock, limits=LIMITS, log=log)) as api:
        callers = [start(tmp_path / f"home{one}", url, f"{api.url}/v1", epoch) for one in range(PROCESSES)]
        assert [caller.wait(timeout=280) for caller in callers] == [0] * PROCESSES
    calls = PROCESSES * CALLS_EACH
    assert len(log) == calls
    assert log.count(status=429) == 0
    assert log.busiest(timedelta(hours=1)) <= 1000
    assert log.busiest(timedelta(minutes=1)) <= 60
    times = sorted(each.at for each in log)
    taken, told = times[-1] - times[0], forecast_duration(OPENFEC.windows, (), calls, _START)
    assert told / taken > 0.95, f"forecast {told}, taken {taken}"
    assert told / taken < 1.1
