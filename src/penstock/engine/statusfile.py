"""Keeps pipelines' status files: views of the state store for other tools, never read back."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import quote, unquote

from penstock.engine.definition.pipeline import Pipeline
from penstock.engine.definition.registry import Registry
from penstock.engine.events import Event, EventKind
from penstock.engine.guard import is_dead
from penstock.engine.planning.reason import ReasonKind
from penstock.engine.reading import RunReader
from penstock.engine.state.records import TESTED, Completion, Run, RunStatus, TaskStatus
from penstock.engine.state.store import StateStore
from penstock.engine.view import TaskView
from penstock.errors import PenstockError, StateError
from penstock.kit.clock import Clock
from penstock.kit.process import is_gone, own_name

#: While attempts end in quick succession, the file is written this often.
_SHORTEST_REST = timedelta(milliseconds=200)
_MOST_RUNS = 1000
#: Ends the name of a file that is being written; between it and the name of the status file stands who writes it.
_UNFINISHED = ".tmp"


class StatusFile:
    """The status file of one pipeline, written when something changes: a context manager around the work on a run.

    A file that cannot be written costs a message in the newest run's log, never the run.
    """

    def __init__(self, path: Path, pipeline: Pipeline, store: StateStore, clock: Clock) -> None:
        self._path = path
        self._pipeline = pipeline
        self._store = store
        self._clock = clock
        self._reader = RunReader(store, clock)
        self._writing = threading.Lock()
        self._written_at: datetime | None = None
        self._is_behind = False
        self._has_complained = False

    def __enter__(self) -> StatusFile:
        self.write()
        self._is_behind = True  # the first tasks are claimed a moment later, which nobody notes
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.write()

    def note(self) -> None:
        """Write the file, unless that was done a moment ago: then the next note or beat does it."""
        self._is_behind = True
        if self._written_at is None or self._clock.now() - self._written_at >= _SHORTEST_REST:
            self.beat()

    def beat(self) -> None:
        """Write the file if anything changed since it was written."""
        # While another worker of this process writes, it stays behind for the next beat.
        if self._is_behind and self._writing.acquire(blocking=False):
            try:
                self._write()
            finally:
                self._writing.release()

    def write(self) -> None:
        """Write the file now."""
        with self._writing:
            _clear_away(self._path)
            self._write()

    def _write(self) -> None:
        self._is_behind, self._written_at = False, self._clock.now()
        # A store that is busy or gone is told of by the run's own writes; what the file says stays a moment longer.
        with suppress(StateError):
            run = next(iter(self._store.list_runs(pipeline=self._pipeline.name, limit=1)), None)
            try:
                _replace(self._path, _text(self._told(run)))
            except OSError as error:
                self._complain(run, error)

    def _told(self, run: Run | None) -> dict[str, Any]:
        return {
            "pipeline": self._pipeline.name,
            "updated_at": self._clock.now().isoformat(),
            "run_id": run and run.run_id,
            "status": run and self._reader.status_of(run).value,
            "steps": self._steps(run.partition if run else ""),
        }

    def _steps(self, partition: str) -> dict[str, Any]:
        name, tasks = self._pipeline.name, self._pipeline.tasks
        decisions = {view.name: view for view in self._reader.newest_decisions(name, partition, list(tasks))}
        completions = self._store.load_completions(name, partition)
        tested = {mark.task for mark in self._store.list_marks(name) if mark.name == TESTED and mark.value}
        steps: dict[str, Any] = {}
        for task in tasks.values():
            step = _step(decisions.get(task.name), completions.get(task.name))
            called = task.title if task.title and task.title not in steps else task.name
            steps[called] = {"task": task.name, "tested": task.name in tested, **step}
        return steps

    def _complain(self, run: Run | None, error: OSError) -> None:
        if run is not None and not self._has_complained:
            self._has_complained = True
            message = f"the status file `{self._path}` cannot be written: {error.strerror}"
            event = Event(EventKind.MESSAGE_LOGGED, self._clock.now(), run.run_id, None, {"message": message})
            self._store.append_events([event])


class StatusFiles:
    """The status files of all pipelines that keep one.

    Args:
        store: Its runs are the truth; what the files say is not looked at.
    """

    def __init__(self, store: StateStore, registry: Registry, clock: Clock) -> None:
        self._store = store
        self._registry = registry
        self._clock = clock
        self._told: frozenset[str] = frozenset()

    def of(self, pipeline: Pipeline) -> StatusFile | None:
        """Return the status file of a pipeline; None when it keeps none."""
        path = pipeline.status_file
        return None if path is None else StatusFile(path, pipeline, self._store, self._clock)

    def tell(self, name: str) -> None:
        """Write the file of a pipeline now, if it keeps one."""
        try:
            file = self.of(self._registry.get(name))
        except PenstockError:
            return  # it is gone, or cannot be read: nothing says any more where its status would be kept
        if file is not None:
            file.write()

    def put_right(self) -> None:
        """Write the files of pipelines whose runs are found dead, once for each run."""
        with suppress(StateError):  # it is away for a moment: the next look tells
            now = self._clock.now()
            running = self._store.list_runs(status=RunStatus.RUNNING, limit=_MOST_RUNS)
            dead = {run.run_id: run.pipeline for run in running if is_dead(run, now)}
            for name in sorted({name for run_id, name in dead.items() if run_id not in self._told}):
                self.tell(name)
            self._told = frozenset(dead)


def _step(view: TaskView | None, completion: Completion | None) -> dict[str, Any]:
    is_completed = view is not None and completion is not None and _is_done(view)
    last_run = completion.completed_at if completion else None
    if view is not None and _body_ran(view):
        last_run = view.finished_at or view.started_at
    status = TaskStatus.PENDING if view is None or (_is_done(view) and completion is None) else view.status
    return {
        "status": status.value,
        "completed": is_completed,
        "last_run": last_run and last_run.isoformat(),
        "run_id": view and view.run_id,
        "error": view.failure.message if view and view.failure else None,
    }


def _is_done(view: TaskView) -> bool:
    is_fresh = view.status is TaskStatus.SKIPPED and view.reason_facts.get("kind") == ReasonKind.FRESH.value
    return view.status is TaskStatus.COMPLETED or is_fresh


def _body_ran(view: TaskView) -> bool:
    return view.started_at is not None and not (view.status is TaskStatus.SKIPPED and view.failure is None)


def _text(told: Mapping[str, Any]) -> str:
    return json.dumps(told, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _replace(path: Path, text: str) -> None:
    """Put the text in the file's place at once: a reader sees the old one or the new one, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.{quote(own_name(), safe='')}-{threading.get_native_id()}{_UNFINISHED}")
    try:
        beside.write_text(text, encoding="utf-8", errors="backslashreplace")
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _clear_away(path: Path) -> None:
    """Remove what processes left beside the file that died while they wrote it."""
    begin = f"{path.name}."
    with suppress(OSError):  # what is in the way of this is told when the file is written
        for left in path.parent.iterdir():
            if left.name.startswith(begin) and left.name.endswith(_UNFINISHED):
                process = left.name.removeprefix(begin).removesuffix(_UNFINISHED).rpartition("-")[0]
                if is_gone(unquote(process)):
                    left.unlink(missing_ok=True)
