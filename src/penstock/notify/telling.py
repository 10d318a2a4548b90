"""Puts what happened into messages: what, where, since when, why, and how to look closer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from penstock.engine.engine import Engine
from penstock.engine.state.records import Run, RunStatus
from penstock.engine.state.schedules import Firing, StoredDeployment
from penstock.engine.view import TaskView
from penstock.kit.durations import format_duration
from penstock.kit.veil import Veil
from penstock.notify.channel import Occasion
from penstock.notify.message import TEST, Message

_LONGEST = 2000


class Telling:
    """Makes messages.

    Args:
        console_url: Where people reach the console; empty when they do not.
    """

    def __init__(self, engine: Engine, console_url: str = "") -> None:
        self._engine = engine
        self._console = console_url

    def failure(self, run: Run, status: RunStatus, at: datetime, mark: str) -> Message:
        """Return the message that a run closed as failed or abandoned.

        Args:
            mark: Tells this end of the run from its other ones.
        """
        task = self._first_failure(run)
        words = "was abandoned: its process died" if status is RunStatus.ABANDONED else "failed"
        why = f": task `{task['name']}`: {_first_line(task['message'])}" if task else ""
        facts = {**self._facts(run, status, at), "task": task, "failing": None}
        return Message(
            f"failure/{run.run_id}/{mark}", Occasion.FAILURE, at, f"{_subject(run)} {words}{why}"[:_LONGEST], facts
        )

    def recovery(self, run: Run, at: datetime, mark: str, failing: Mapping[str, Any]) -> Message:
        """Return the message that a run completed after others had failed."""
        since = datetime.fromisoformat(failing["since_at"])
        took = at - since
        told = {**failing, "duration_s": round(took.total_seconds(), 3)}
        headline = f"{_subject(run)} completed, after {format_duration(took)} of failing"
        facts = {**self._facts(run, RunStatus.COMPLETED, at), "task": None, "failing": told}
        return Message(f"recovery/{run.run_id}/{mark}", Occasion.RECOVERY, at, headline, facts)

    def unstarted(self, deployment: StoredDeployment | None, firing: Firing, at: datetime) -> Message:
        """Return the message that what a deployment asked for ended without a run."""
        firing = firing.veiled()
        headline = (
            f"`{firing.deployment}` could not start a run: {_first_line(firing.message or 'nothing was started')}"
        )
        task = {"name": None, "error": None, "message": (firing.message or "")[:_LONGEST], "hint": None}
        facts = {**self._place(deployment, firing.deployment), "due_at": firing.due_at.isoformat(), "task": task}
        return Message(f"failure/{firing.run_id}/unstarted", Occasion.FAILURE, at, headline[:_LONGEST], facts)

    def late(
        self, deployment: StoredDeployment, due_at: datetime, firing: Firing | None, further: int, at: datetime
    ) -> Message:
        """Return the message that something of a deployment is late.

        Args:
            due_at: The earliest tick that is late; with its firing, if it was asked for at all.
            further: How many later ticks are late as well.
        """
        run = self._engine.store.find_run(firing.run_id) if firing is not None else None
        words = "its run is not over" if run is not None else "it has not been started"
        behind = f", nor were {further:,} after it" if further else ""
        late = at - due_at
        headline = f"`{deployment.name}` is late by {format_duration(late)}: {words}{behind}"
        facts = {
            **self._place(deployment, deployment.name),
            "run_id": run.run_id if run is not None else None,
            "due_at": due_at.isoformat(),
            "late_s": round(late.total_seconds(), 3),
            "further": further,
            **(self._ways_to(run) if run is not None else {}),
        }
        return Message(f"late/{deployment.name}/{due_at:%Y-%m-%dT%H:%M:%SZ}", Occasion.LATE, at, headline, facts)

    def test(self, channel: str, at: datetime) -> Message:
        """Return a message that only tries the way."""
        headline = f"a test of channel `{channel}`: notifications arrive here"
        facts = {"command": "penstock notify list", "url": self._console or None}
        return Message(f"test/{channel}/{at:%Y%m%dT%H%M%S.%fZ}", TEST, at, headline, facts)

    def _facts(self, run: Run, status: RunStatus, at: datetime) -> dict[str, Any]:
        return {
            "pipeline": run.pipeline,
            "partition": run.partition,
            "deployment": run.deployment,
            "run_id": run.run_id,
            "status": status.value,
            "cause": Veil.over(run.params).command(run.cause),
            "started_at": run.created_at.isoformat(),
            "finished_at": at.isoformat(),
            "duration_s": round((at - run.created_at) / timedelta(seconds=1), 3),
            **self._ways_to(run),
        }

    def _ways_to(self, run: Run) -> dict[str, Any]:
        url = f"{self._console}/runs/{quote(run.run_id, safe='')}" if self._console else None
        return {"command": f"penstock status {run.run_id}", "console_url": self._console or None, "url": url}

    def _place(self, deployment: StoredDeployment | None, name: str) -> dict[str, Any]:
        return {
            "pipeline": deployment.pipeline if deployment is not None else name.partition("/")[0],
            "partition": name.partition("[")[2].removesuffix("]"),
            "deployment": deployment.deployment if deployment is not None else name,
            "run_id": None,
            "command": "penstock schedule list",
            "console_url": self._console or None,
            "url": f"{self._console}/schedules" if self._console else None,
        }

    def _first_failure(self, run: Run) -> dict[str, Any] | None:
        failed = [task for task in self._engine.view(run.run_id).veiled().failed if task.failure is not None]
        first = min(failed, key=_ended_at, default=None)
        if first is None or first.failure is None:
            return None
        failure = first.failure
        message, hint = failure.message[:_LONGEST], failure.hint and failure.hint[:_LONGEST]
        return {"name": first.name, "error": failure.error, "message": message, "hint": hint}


def _ended_at(task: TaskView) -> str:
    return task.finished_at.isoformat() if task.finished_at else "~"


def _subject(run: Run) -> str:
    slice_of = f" ({run.partition})" if run.partition else ""
    return f"`{run.pipeline}`{slice_of}"


def _first_line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "")
