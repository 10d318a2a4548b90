"""Browsers for consoles that tests make themselves, and runs written straight into their stores."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from starlette.testclient import TestClient

from penstock import Pipeline
from penstock.engine.events import Event, EventKind
from penstock.engine.planning.request import RunRequest
from penstock.engine.state.records import Claim, NewRun, NewTaskRun, TaskStatus
from penstock.engine.view import RunView
from penstock.web.access import LOOPBACK_NAMES, Access
from penstock.web.app import create_app
from penstock.web.console import Console

#: Tabs of a run's page.
TABS = ("graph", "timeline", "tasks", "items", "logs", "data", "events", "config")
_TTL = timedelta(hours=1)


def browse(console: Console) -> TestClient:
    """A browser on the machine itself."""
    app = create_app(console, Access(LOOPBACK_NAMES, b"a key for tests, of 32 bytes or so"))
    return TestClient(app, base_url="http://127.0.0.1:5001", follow_redirects=False, raise_server_exceptions=False)


def run(console: Console, pipeline: str = "party", cause: str = "test", **asked: object) -> RunView:
    """Run a pipeline."""
    return console.engine.run(RunRequest(pipeline, cause=cause, **asked))  # type: ignore[arg-type] # the test knows


def a_stored_run(
    console: Console, pipeline: Pipeline, run_id: str = "R1", ttl: timedelta = _TTL, **told: object
) -> str:
    """Write a run of all tasks of a pipeline that nobody works on."""
    reason = {"kind": "never_ran", "sentence": "has not completed before"}
    tasks = tuple(
        NewTaskRun(name, TaskStatus.PENDING, "run", reason, pipeline.graph.upstream(name)) for name in pipeline.tasks
    )
    now = console.clock.now()
    new = NewRun(run_id, pipeline.name, "", {}, "test", now, continue_on_failure=True, tasks=tasks)
    console.engine.store.create_run(new._replace(**told), "elsewhere:1:1", ttl)
    return run_id


def claim(console: Console, run_id: str) -> Claim:
    """Claim the task run that may be claimed next."""
    (found,) = console.engine.store.claim_task_runs(run_id, "elsewhere:1:1", console.clock.now(), _TTL)
    return found


def write_output(console: Console, run_id: str, task: str, blocks: Iterable[str], **facts: object) -> None:
    """Write blocks of a script's output to the log, lines counted on."""
    line, events = 1, []
    for text in blocks:
        told = {"attempt": 1, "stream": "stdout", **facts, "line": line, "text": text}
        events.append(Event(EventKind.OUTPUT_WRITTEN, console.clock.now(), run_id, task, told))
        line += text.count("\n")
    console.engine.store.append_events(events)
