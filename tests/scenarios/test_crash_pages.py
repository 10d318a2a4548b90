"""SIGKILL at every page boundary, on every warehouse: no row lost or doubled, no page read anew but once a crash."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from penstock.kit.clock import SystemClock
from penstock.kit.jsonable import to_json
from penstock.pipelines.campaign_finance.openfec_tables import RECEIPTS
from penstock.simulators.openfec.app import create_app
from penstock.simulators.requestlog import RequestLog
from penstock.simulators.serve import Served
from penstock.simulators.story import Story
from penstock.warehouse.connect import open_warehouse

#: Boundaries to be killed at: twenty show all there is to see, `PENSTOCK_CRASH_PAGES=200` takes some minutes.
PAGES = int(os.environ.get("PENSTOCK_CRASH_PAGES", "20"))
KEY = "a-key-nobody-may-see"


@dataclass
class Killer:
    """Kills the reader when it asks for a page for the first time: everything before that page is saved by then."""

    app: ASGIApp
    victim: int = 0
    seen: set[bytes] = field(default_factory=set)
    kills: int = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and "schedule_a" in scope["path"] and scope["query_string"] not in self.seen:
            self.seen.add(scope["query_string"])
            if self.victim:
                self.kills += 1
                os.kill(self.victim, signal.SIGKILL)
                return
        await self.app(scope, receive, send)


@cache
def a_story() -> tuple[Story, str, int]:
    """A story in which one committee has as many pages as are to be killed at."""
    story = Story(2020, seed=3, rows=205 * PAGES, days=1, committees=8)
    rows: dict[str, int] = {}
    for line in story.state_on(0).processed:
        if line.schedule == "A":
            rows[line.committee_id] = rows.get(line.committee_id, 0) + 1
    committee = max(rows, key=lambda name: rows[name])
    return story, committee, rows[committee]


def warehouse_url(scheme: str, folder: Path, request: pytest.FixtureRequest) -> str:
    if scheme == "postgresql":
        return str(request.getfixturevalue("postgres").new_database())
    return f"{scheme}:///{folder}/warehouse.db"


def read_all(folder: Path, url: str, api: str, committee: str, killer: Killer | None) -> int:
    """Read until the run completes; return how many children it took."""
    settings = {
        "home": str(folder / "home"),
        "state_url": f"sqlite:///{folder}/state.db",
        "warehouse_url": url,
        "sources": {"openfec": api},
        "budgets": {"openfec": "1000000/1h"},
    }
    with subprocess.Popen(
        [sys.executable, "-m", "tests.scenarios.page_reader", to_json({"settings": settings, "committee": committee})],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "FEC_API_KEY": KEY},
    ) as parent:
        children = 1
        while not ends_well(parent, killer):
            children += 1
    return children


def ends_well(parent: subprocess.Popen[str], killer: Killer | None) -> bool:
    """Have one child read; return whether it came to its end instead of being killed."""
    assert parent.stdin is not None
    assert parent.stdout is not None
    parent.stdin.write("go\n")
    parent.stdin.flush()
    ended = ""
    for line in parent.stdout:
        word, _, rest = line.strip().partition(" ")
        if word == "child" and killer is not None:
            killer.victim = int(rest)
        elif word == "ended":
            ended = rest
        elif word == "reaped":
            assert (ended, rest) in (("completed", "0"), ("", str(-signal.SIGKILL)))
            return bool(ended)
    raise AssertionError("the parent ended")


def content(url: str) -> tuple[str, int, object]:
    warehouse = open_warehouse(url)
    table = warehouse.table(RECEIPTS, "2020")
    assert table.content_hash() == table.fingerprint().value
    held = table.content_hash(), sum(1 for _ in warehouse.query(_ALL[url.partition(":")[0]]).rows)
    warehouse.close()
    return (*held, url.partition(":")[0])


_ALL = {
    "sqlite": 'select sub_id from "bronze.openfec_receipts"',
    "duckdb": "select sub_id from bronze.openfec_receipts",
    "postgresql": "select sub_id from bronze.openfec_receipts",
}


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.parametrize("scheme", ["duckdb", "sqlite", "postgresql"])
def test_killed_at_every_page_the_table_is_that_of_an_undisturbed_run(tmp_path, scheme, request):
    story, committee, rows = a_story()
    per_page = 100
    clock, calm, wild = SystemClock(), RequestLog(), RequestLog()
    calm_url, wild_url = (warehouse_url(scheme, tmp_path / name, request) for name in ("calm", "wild"))
    (tmp_path / "calm").mkdir()
    (tmp_path / "wild").mkdir()
    with Served(create_app(story, clock, limits=(), log=calm)) as api:
        assert read_all(tmp_path / "calm", calm_url, f"{api.url}/v1", committee, None) == 1
    killer = Killer(create_app(story, clock, limits=(), log=wild))
    with Served(killer) as api:
        children = read_all(tmp_path / "wild", wild_url, f"{api.url}/v1", committee, killer)
    assert killer.kills >= rows // per_page
    assert children == killer.kills + 1
    assert sum(wild.repeated().values()) - len(wild.repeated()) <= killer.kills
    assert len(wild) - len(calm) <= killer.kills
    assert content(wild_url) == content(calm_url)
    assert content(calm_url)[1] == rows
