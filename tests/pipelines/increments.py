"""A simulated FEC whose days go by, and the campaign finance pipeline reading it day after day."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from penstock.engine.engine import Engine
from penstock.engine.planning.request import RunRequest
from penstock.engine.view import RunView
from penstock.kit.clock import ManualClock
from penstock.simulators.faults import Faults
from penstock.simulators.filing import PlantedKind
from penstock.simulators.serve import ServedFec
from penstock.simulators.story import Story
from tests.engines import an_engine

KEY = "a-key-nobody-may-see"


@dataclass
class Increments:
    """One engine beside one simulated FEC, on one clock."""

    story: Story
    clock: ManualClock
    fec: ServedFec
    engine: Engine

    def go_to(self, day: int) -> None:
        """Let it be the early morning of this day."""
        self.clock.advance(self.story.instant_of(day) + timedelta(hours=5) - self.clock.now())

    def deploy(self, deployment: str, **params: Any) -> RunView:
        """Run a deployment of the pipeline."""
        return self.engine.run(RunRequest("campaign-finance", self.params(**params), deployment=deployment))

    def params(self, **more: Any) -> dict[str, Any]:
        """The parameters of a run: only the states somebody lives in, which spares calls."""
        states = {committee.place[1] for committee in self.story.state_on(0).universe.committees}
        return {
            "cycle": self.story.cycle,
            "bulk_dir": self.fec.bulk_url,
            "states": ",".join(sorted(states)),
            "committees": "all",
            **more,
        }

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of the warehouse."""
        return list(self.engine.data.warehouse.query(sql).rows)

    def column(self, sql: str) -> set[Any]:
        """The first column of a query, as a set."""
        return {row[0] for row in self.query(sql)}

    def planted(self, *kinds: PlantedKind) -> list[Any]:
        """What was planted of these kinds."""
        return [planted for planted in self.story.planted if planted.kind in kinds]


@contextmanager
def increments(
    folder: Path, *, faults: Faults | None = None, story: Mapping[str, Any] | None = None, **settings: Any
) -> Iterator[Increments]:
    """A small story at its beginning."""
    told = Story(2020, **{"seed": 1, "rows": 900, "days": 4, "committees": 12, **(story or {})})
    clock = ManualClock(told.instant_of(0) + timedelta(hours=5))
    os.environ["FEC_API_KEY"] = KEY
    with ServedFec(told, clock, folder / "publisher", faults=faults, limits=()) as fec:
        given = {"sources": {"openfec": fec.openfec_url}, **settings}
        with an_engine(folder / "home", clock=clock, **given) as engine:
            yield Increments(told, clock, fec, engine)
