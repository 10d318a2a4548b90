"""A scheduler as a process of its own, on a clock that runs fast; killed or joined by others in the tests.

Called with: folder, URL of the state store, the real second the clock started at, how fast it runs, and how many hours
to look for. Each body appends a line to a file of the folder, so that what really ran can be counted.
"""

from __future__ import annotations

import os
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from penstock import After, Context, Cron, Deployment, Feed, Pipeline, task
from penstock.bootstrap import open_engine
from penstock.engine.engine import Engine
from penstock.engine.triggers.deployments import Deployments
from penstock.engine.triggers.launch import InProcess
from penstock.engine.triggers.scheduler import Scheduler
from penstock.settings import Settings

START = datetime(2026, 11, 1, 4, tzinfo=UTC)


class FastClock:
    """The machine's clock, so many times as fast; the same in every process that is told the same beginning."""

    def __init__(self, began: float, speed: float) -> None:
        self._began = began
        self._speed = speed

    def now(self) -> datetime:
        """Return how late it is here."""
        return START + timedelta(seconds=(time.time() - self._began) * self._speed)

    def sleep(self, duration: timedelta) -> None:
        """Wait for the duration, which passes fast."""
        time.sleep(max(0.0, duration.total_seconds() / self._speed))


def a_pipeline(folder: Path) -> Pipeline:
    """Two layers, the first every hour, the second after it; each leaves a line of what it did."""

    def note(what: str) -> None:
        handle = os.open(folder / "ran.txt", os.O_CREAT | os.O_APPEND | os.O_WRONLY)
        os.write(handle, f"{what}\n".encode())
        os.close(handle)

    @task(inputs=[Feed("world")])
    def load(ctx: Context) -> None:
        """Load."""
        note(f"load {ctx.run_id}")
        time.sleep(0.01)

    @task(inputs=[Feed("world")])
    def gold(ctx: Context) -> None:
        """Summarize."""
        note(f"gold {ctx.run_id}")

    return Pipeline(
        "layers",
        tasks=[load, gold],
        deployments=[
            Deployment("hourly", Cron("hourly :00 America/New_York", misfire="all"), tasks=("load",)),
            Deployment("gold", After("hourly"), tasks=("gold",)),
        ],
    )


def open_world(folder: Path, url: str, began: float, speed: float) -> Engine:
    """Return an engine whose leases last for an hour of the fast clock: dead processes are known to be dead at once."""
    settings = Settings(
        home=folder,
        state_url=url,
        pipelines_path=folder / "none",
        lease=timedelta(hours=1),
        retention_runs=100_000,
    )
    return open_engine(settings, pipelines=[a_pipeline(folder)], clock=FastClock(began, speed))


def deploy(engine: Engine) -> None:
    """Record both deployments."""
    pipeline = engine.pipeline("layers")
    Deployments(engine).record(pipeline, list(pipeline.deployments.values()), {})


def main() -> None:
    folder, url, began, speed, hours = sys.argv[1:]
    with open_world(Path(folder), url, float(began), float(speed)) as engine:
        scheduler = Scheduler(engine, InProcess(engine), ttl=timedelta(minutes=40), retry=timedelta(minutes=2))
        while engine.clock.now() < START + timedelta(hours=float(hours)):
            scheduler.tick()
            time.sleep(0.01)


if __name__ == "__main__":
    main()
