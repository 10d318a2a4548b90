"""Scripts for tests: written, declared as tasks, and what was kept of them."""

from __future__ import annotations

import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from penstock import Task
from penstock.engine.definition.script import Script
from penstock.engine.engine import Engine
from penstock.engine.events import Event, EventKind
from penstock.engine.view import RunView

PATIENCE_S = 30


def a_script(project: Path, name: str, text: str, **declared: Any) -> Script:
    """A script of this text in the folder of scripts; what is no `.py` file is executable."""
    folder = project / "steps"
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(textwrap.dedent(text).lstrip(), encoding="utf-8")
    if path.suffix != ".py":
        path.chmod(0o755)
    return Script(**{"path": path, "folder": folder, "cwd": project, **declared})


def a_step(project: Path, name: str, text: str, *, ending: str = ".py", task: Any = None, **declared: Any) -> Task:
    """A task that runs a script of this text.

    Args:
        task: How the task itself is declared.
    """
    return Task(name, a_script(project, name + ending, text, **declared), **(task or {}))


def facts_of(engine: Engine, view: RunView, kind: EventKind, task: str | None = None) -> list[dict[str, Any]]:
    """The facts of all events of one kind, of one task."""
    found: list[Event] = []
    while True:
        after = found[-1].seq if found else 0
        page = engine.store.read_events(run_id=view.run.run_id, task=task, kinds=[kind], after=after)
        if not page:
            return [dict(event.facts) for event in found]
        found += page


def output_of(engine: Engine, view: RunView, task: str | None = None, stream: str | None = None) -> str:
    """Everything a task is known to have written, in the order of its lines."""
    blocks = facts_of(engine, view, EventKind.OUTPUT_WRITTEN, task)
    return "\n".join(block["text"] for block in blocks if stream in (None, block["stream"]))


def messages_of(engine: Engine, view: RunView, task: str | None = None) -> list[str]:
    """The messages of a run's log."""
    return [facts["message"] for facts in facts_of(engine, view, EventKind.MESSAGE_LOGGED, task)]


def failure_of(view: RunView, task: str) -> Any:
    """Why a task failed."""
    failure = next(one for one in view.tasks if one.name == task).failure
    assert failure is not None
    return failure


def is_alive(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
    return stat[stat.rindex(")") + 2] not in "ZX"


def until(condition: Callable[[], Any]) -> Any:
    """Wait for a condition, and return what it is then."""
    deadline = time.monotonic() + PATIENCE_S
    while not (told := condition()):
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)
    return told


def pid_in(path: Path) -> int:
    """The process id that a script writes to a file, once it is there."""
    return int(until(lambda: path.exists() and path.read_text(encoding="ascii").strip()))


def noting(text: str) -> str:
    """A script that can say who it is: `note("a")` writes its process id to the file `a.pid`."""
    return _NOTE + textwrap.dedent(text)


_NOTE = """
import os, pathlib, signal, subprocess, sys, time


def note(name):
    pathlib.Path(name + ".new").write_text(str(os.getpid()))
    os.replace(name + ".new", name + ".pid")


"""
