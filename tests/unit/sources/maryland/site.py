"""Clients of Maryland's sites: of the simulated ones, and of one whose every answer a test writes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

from penstock.kit.clock import ManualClock
from penstock.simulators.maryland import create_maryland_app
from penstock.simulators.maryland_world import MarylandWorld, make_world
from penstock.simulators.requestlog import RequestLog
from penstock.simulators.serve import Served
from penstock.sources.budget import LocalBudget
from penstock.sources.http.client import Client
from penstock.sources.maryland.publishers import ELECTIONS, FINANCE
from penstock.sources.source import Source
from tests.servers.http import Asked, Publisher, Reply, page_of, publishing

#: The header line of the contributions' sheet, as published.
HEADER = (
    "Receiving Committee,Filing Period,Contribution Date,Contributor Name,Contributor Address,Contributor Type,"
    "Contribution Type,Contribution Amount,Employer Name,Employer Occupation,Office,Fundtype,"
)
#: A row of it.
ROW = 'Friends of Ann,2023 Annual,03/05/2022,"ACME, INC.",1 Main St  Bowie  MD 20715-,Other,Check,10.0000,,,,Electoral,'


def a_client(source: Source, base_url: str, clock: ManualClock | None = None) -> Client:
    """A client without limits, of this address."""
    time_of_day = clock or ManualClock()
    at = replace(source, base_url=base_url)
    return Client(at, budget=LocalBudget((), time_of_day), clock=time_of_day, chance=lambda: 1.0)


@dataclass
class Site:
    """The simulated sites, their clients, and what was asked."""

    world: MarylandWorld
    clock: ManualClock
    finance: Client
    elections: Client
    log: RequestLog
    url: str

    def go_to(self, day: int) -> None:
        """Move the clock to a day of the world."""
        noon = datetime.combine(self.world.starts_on + timedelta(days=day), time(12), UTC)
        self.clock.advance(noon - self.clock.now())


@contextmanager
def a_simulated_site(*, cycle: int = 2022, gifts: int = 200, **how: Any) -> Iterator[Site]:
    """The simulated sites on day 0 of a world."""
    world, log = make_world(cycle, gifts=gifts), RequestLog()
    clock = ManualClock(datetime.combine(world.starts_on, time(12), UTC))
    with (
        Served(create_maryland_app(world, clock, log=log, **how)) as served,
        a_client(FINANCE, served.url, clock) as finance,
        a_client(ELECTIONS, f"{served.url}/elections", clock) as elections,
    ):
        yield Site(world, clock, finance, elections, log, served.url)


@contextmanager
def a_written_site(sheet: bytes, *, total: int | None = None, path: str = "/Public/ExportCsv") -> Iterator[Client]:
    """A finance site that answers every form with this total, if any, and its export with this sheet."""
    page = Reply(
        200, f"<html>{'' if total is None else f'total:{total}'}</html>".encode(), {"Content-Type": "text/html"}
    )

    def answer(asked: Asked) -> Reply:
        if asked.path == path:
            return Reply(200, sheet, {"Content-Type": "text/csv"})
        return page if asked.method == "POST" else page_of("search")

    with publishing() as publisher, a_client(FINANCE, publisher.base) as client:
        _set(publisher, answer)
        yield client


def _set(publisher: Publisher, answer: Any) -> None:
    publisher.answer = answer
