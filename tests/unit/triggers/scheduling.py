"""A small world for tests of triggers: layers that follow each other, and a scheduler on a clock moved by hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from penstock import Cron, Deployment, Param, Pipeline
from penstock.engine.engine import Engine
from penstock.engine.state.schedules import Firing, StoredDeployment
from penstock.engine.triggers.deployments import Deployments
from penstock.engine.triggers.launch import InProcess, Launch
from penstock.engine.triggers.scheduler import Happening, Scheduler
from penstock.kit.clock import ManualClock
from tests.engines import Calls, a_pipeline, a_task, an_engine

#: A Sunday, midnight in UTC.
START = datetime(2026, 11, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@dataclass
class World:
    """An engine, its recorded deployments, and the clock they go by."""

    engine: Engine
    clock: ManualClock
    deployments: Deployments

    def scheduler(self, launch: Launch | None = None, **options: Any) -> Scheduler:
        return Scheduler(self.engine, launch or InProcess(self.engine), **options)

    def deploy(self, pipeline: str = "sample", *names: str, **params: Any) -> list[StoredDeployment]:
        known = self.engine.pipeline(pipeline)
        chosen = [one for one in known.deployments.values() if not names or one.name in names]
        return self.deployments.record(known, chosen, params)

    def pass_time(self, scheduler: Scheduler, duration: timedelta, step: timedelta = HOUR) -> list[Happening]:
        happened, end = [], self.clock.now() + duration
        while self.clock.now() < end:
            self.clock.advance(step)
            happened.extend(scheduler.tick())
        return happened

    def firings(self, deployment: str | None = None) -> list[Firing]:
        """The firings, oldest first; of a deployment by its short name."""
        name = self.deployments.get(deployment).name if deployment else None
        return self.engine.store.list_firings(name, limit=100_000)[::-1]

    def runs(self, deployment: str = "") -> list[Any]:
        return [one.run for one in self.engine.history(limit=1000) if deployment in ("", one.run.deployment)][::-1]


@contextmanager
def a_world(folder: Path, *pipelines: Pipeline, start: datetime = START, **settings: Any) -> Iterator[World]:
    clock = ManualClock(start)
    with an_engine(folder, *pipelines, clock=clock, **settings) as engine:
        yield World(engine, clock, Deployments(engine))


def a_daily(
    calls: Calls | None = None, misfire: str = "latest", rule: str = "daily 06:00 UTC", **declared: Any
) -> Pipeline:
    """A pipeline of one task with a deployment of a calendar."""
    task = a_task("load", calls.body("load") if calls is not None else None)
    return a_pipeline(task, deployments=[Deployment("daily", Cron(rule, misfire), **declared)])


def in_cycles(*deployments: Deployment, tasks: tuple[Any, ...] = (), name: str = "sample") -> Pipeline:
    """A pipeline partitioned by cycle."""
    made = tasks or (a_task("load"), a_task("gold", depends_on=["load"]))
    cycle = Param("cycle", int, default=2026, partition=True)
    return a_pipeline(*made, name=name, params=[cycle, Param("day")], deployments=deployments)


def told(happened: list[Happening]) -> list[str]:
    return [one.what for one in happened]
