"""A small world for tests of notifications: an engine on a clock moved by hand, and channels that write to a file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from penstock import Pipeline
from penstock.engine.engine import Engine
from penstock.kit.clock import ManualClock
from penstock.kit.secret import Secret
from penstock.notify.channel import Channel
from penstock.notify.notice import Notice
from penstock.notify.notifier import Notifier
from penstock.notify.rules import read_channels
from penstock.notify.ways import Surroundings
from tests.engines import a_pipeline, a_task, an_engine

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@dataclass
class World:
    """An engine, the clock it goes by, and what notifiers said of their work."""

    engine: Engine
    clock: ManualClock
    folder: Path
    notices: list[Notice] = field(default_factory=list)

    def notifier(
        self, smtp_url: str | None = None, console_url: str = "", environ: dict[str, str] | None = None, **tables: Any
    ) -> Notifier:
        """A notifier of these channels."""
        server = Secret(smtp_url) if smtp_url else None
        around = Surroundings(environ or {}, server, "penstock@example.org", console_url)
        return Notifier(self.engine, channels(**tables), around, self.notices.append)

    def to_file(self, name: str = "told", **rules: Any) -> dict[str, Any]:
        """A channel that appends its messages to a file."""
        path = self.folder / f"{name}.jsonl"
        return {"command": ["/bin/sh", "-c", f"cat >> '{path}'; echo >> '{path}'"], **rules}

    def told(self, name: str = "told") -> list[dict[str, Any]]:
        """The messages in the file."""
        path = self.folder / f"{name}.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def events(self, name: str = "told") -> list[str]:
        return [message["event"] for message in self.told(name)]

    def whats(self) -> list[str]:
        return [notice.what for notice in self.notices]


def channels(**tables: Any) -> dict[str, Channel]:
    """Channels as the settings would read them."""
    return dict(read_channels(tables))


@contextmanager
def a_world(folder: Path, *pipelines: Pipeline, **settings: Any) -> Iterator[World]:
    clock = ManualClock()
    with an_engine(folder, *pipelines, clock=clock, **settings) as engine:
        yield World(engine, clock, folder)


class Mood:
    """Lets a task fail as long as it is bad."""

    def __init__(self) -> None:
        self.is_bad = True

    def pipeline(self, name: str = "sample", **declared: Any) -> Pipeline:
        return a_pipeline(a_task("load", self.body), name=name, **declared)

    @property
    def body(self) -> Callable[..., None]:
        def load(*_: Any) -> None:
            if self.is_bad:
                raise ValueError("the well is dry")

        return load
