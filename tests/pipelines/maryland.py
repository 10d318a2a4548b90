"""A simulated Maryland, and the campaign finance pipeline run over it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from penstock.engine.engine import Engine
from penstock.engine.view import RunView
from penstock.kit.clock import ManualClock
from penstock.simulators.faults import Faults
from penstock.simulators.maryland import create_maryland_app
from penstock.simulators.maryland_world import MarylandWorld, make_world
from penstock.simulators.requestlog import RequestLog
from penstock.simulators.serve import Served
from penstock.warehouse.warehouse import Warehouse
from tests.engines import an_engine, run
from tests.pipelines.campaign import pipeline, warehouse_of


@dataclass
class Desk:
    """An engine beside the simulated sites; its clock says which day of the world it is."""

    world: MarylandWorld
    engine: Engine
    clock: ManualClock
    log: RequestLog

    @property
    def warehouse(self) -> Warehouse:
        return warehouse_of(self.engine)

    @property
    def day(self) -> int:
        return self.world.day_at(self.clock.now())

    def go_to(self, day: int) -> None:
        """Move the clock to noon, Maryland's time, of a day of the world."""
        self.clock.advance(_noon(self.world, day) - self.clock.now())

    def run(self, *tasks: str, **params: Any) -> RunView:
        """Run Maryland's tasks, and these, or gold."""
        wanted = ["tag:maryland", *(tasks or ("tag:gold",))]
        return run(self.engine, pipeline.name, params={"cycle": self.world.cycle, **params}, tasks=wanted)


#: Day 0, unless a test says otherwise: in the third month of the cycle, so that there are three months to read.
STARTS_ON = date(2021, 3, 25)
#: How many searches for contributions a full read takes.
MONTHS = 3


@contextmanager
def a_desk(
    home: Path, *, faults: Faults | None = None, warehouse_url: str | None = None, **world: Any
) -> Iterator[Desk]:
    """Yield a desk on day 0 of a world of the cycle 2022."""
    made = make_world(2022, **{"starts_on": STARTS_ON, **world})
    clock, log = ManualClock(_noon(made, 0)), RequestLog()
    elsewhere = {} if warehouse_url is None else {"warehouse_url": warehouse_url}
    with Served(create_maryland_app(made, clock, faults=faults, log=log)) as site:
        addresses = {"maryland": site.url, "marylandelections": f"{site.url}/elections"}
        with an_engine(home, clock=clock, sources=addresses, **elsewhere) as engine:
            yield Desk(made, engine, clock, log)


def _noon(world: MarylandWorld, day: int) -> datetime:
    return datetime.combine(world.starts_on + timedelta(days=day), time(17), UTC)
