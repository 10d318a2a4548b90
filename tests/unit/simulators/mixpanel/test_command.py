"""The commands that write and play the simulated Mixpanel."""

from __future__ import annotations

import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from penstock.kit.clock import ManualClock
from penstock.simulators.mixpanel.universe import Universe
from tests.unit.simulators.mixpanel.calling import Site

END_ON = date(2026, 3, 31)


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "penstock", "simulate", *words]


def test_a_folder_is_written_and_how_to_read_it_is_said(tmp_path: Path) -> None:
    told = command("mixpanel", "made", "--end-on", f"{END_ON}", "--late")
    done = subprocess.run(told, capture_output=True, text=True, check=True, cwd=tmp_path, timeout=120)
    assert done.stdout == "made\n"
    events = 1 + len(Universe(end_on=END_ON).deliveries)
    assert f"{events} events and 198 people until 2026-03-31" in done.stderr
    assert "--source folder --folder made --config made/config --end-on 2026-03-31" in done.stderr
    assert len(list((tmp_path / "made" / "events").rglob("*.gz"))) == 270


def test_mixpanel_is_played_until_it_is_told_to_stop(tmp_path: Path) -> None:
    told = command("serve", "mixpanel", "--port", "0", "--end-on", f"{END_ON}", "--no-limits")
    with subprocess.Popen(told, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path) as process:
        assert process.stdout is not None
        setting, secret = process.stdout.readline().strip(), process.stdout.readline().strip()
        exports, profiles = setting.removeprefix("export PENSTOCK_SOURCES=").split(",")
        assert exports.startswith("mixpanel=http://127.0.0.1:")
        assert profiles.endswith("/api/query")
        assert secret == "export MIXPANEL_API_SECRET=simulated"
        url = exports.removeprefix("mixpanel=").removesuffix("/api/2.0")
        answer = Site(url, ManualClock()).export(END_ON, END_ON)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
    universe = Universe(end_on=END_ON)
    assert len(answer.lines) == sum(each.on == END_ON for each in universe.deliveries)
    assert process.returncode == 0
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["mixpanel", "made", "--users", "10"], "a universe of 10 users and 90 days has no room"),
        (["serve", "mixpanel", "--faults", "wrong-count"], "`wrong-count` names no known fault"),
        (["serve", "mixpanel", "--speed", "0"], "`--speed 0` stands still"),
        (["mixpanel", "made", "--end-on", "2026-02-30"], "2026-02-30"),
    ],
)
def test_a_wrong_flag_is_told_in_a_line(words: list[str], said: str, tmp_path: Path) -> None:
    done = subprocess.run(command(*words), capture_output=True, text=True, check=False, cwd=tmp_path, timeout=60)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
