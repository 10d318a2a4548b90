"""What the engine tells about runs: frozen values, ready to be rendered by any face."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from penstock.engine.planning.reason import veiled_reason
from penstock.engine.state.records import PASSED_OVER, Failure, ItemCounts, Run, RunStatus, TaskStatus, standing_of
from penstock.kit.veil import Veil


class TaskView(NamedTuple):
    """One task of one run.

    Args:
        reason: Why it ran or not, as a sentence.
        duration: Of the newest attempt; up to now while it runs.
        items: The ledger's sums, for a fan-out.
        started_at: When the newest attempt began.
    """

    name: str
    status: TaskStatus
    reason: str
    reason_facts: Mapping[str, Any]
    attempts: int
    duration: timedelta | None
    result: Any
    failure: Failure | None
    items: ItemCounts | None = None
    run_id: str = ""
    started_at: datetime | None = None
    finished_at: datetime | None = None

    @property
    def standing(self) -> str:
        """Where it is, as people read it: its status, or `passed_over` for a failure that stops nothing."""
        return standing_of(self.status, self.failure)

    def veiled(self, veil: Veil) -> TaskView:
        """Return the task as it may be shown."""
        facts = veil.value(veiled_reason(self.reason_facts))
        return self._replace(
            reason=str(facts.get("sentence", "")) if facts else veil.text(self.reason),
            reason_facts=facts,
            result=veil.value(self.result),
            failure=self.failure and self.failure.veiled(veil),
        )

    def as_json(self) -> dict[str, Any]:
        """Return the task as `run --json` prints it."""
        facts: dict[str, Any] = {
            "name": self.name,
            "status": self.status.value,
            "reason": self.reason,
            "attempts": self.attempts,
            "duration_s": None if self.duration is None else round(self.duration.total_seconds(), 6),
            "result": self.result,
        }
        if self.failure is not None:
            facts["error"] = {"type": self.failure.error, "message": self.failure.message, "hint": self.failure.hint}
        if self.standing == PASSED_OVER:
            facts["passed_over"] = True
        if self.items is not None:
            facts["items"] = items_json(self.items)
        return facts


def items_json(counts: ItemCounts) -> dict[str, int]:
    """Return an item ledger's sums as printed."""
    return {
        "discovered": counts.discovered,
        "completed": counts.completed,
        "failed": counts.failed,
        "skipped": counts.skipped,
        "pending": counts.pending,
        "running": counts.running,
    }


@dataclass(frozen=True, slots=True)
class RunView:
    """One run with its tasks.

    Args:
        status: As a person should read it: a run whose processes are dead is ABANDONED, whatever the store says.
    """

    run: Run
    status: RunStatus
    tasks: tuple[TaskView, ...]

    @property
    def failed(self) -> tuple[TaskView, ...]:
        """The tasks that failed by themselves."""
        return tuple(task for task in self.tasks if task.status is TaskStatus.FAILED)

    @property
    def exit_code(self) -> int:
        """0 when completed, 130 when cancelled, else the exit code of the first failure."""
        if self.status is RunStatus.COMPLETED:
            return 0
        if self.failed:
            failure = self.failed[0].failure
            return failure.exit_code if failure else 1
        return 130 if self.status is RunStatus.CANCELLED else 1

    @property
    def veil(self) -> Veil:
        """What may be shown of it, and of texts that tell of it."""
        return Veil.over(self.run.params)

    def veiled(self) -> RunView:
        """Return the run as it may be shown: stars in place of secret parameters, wherever they turn up."""
        veil = self.veil
        run = self.run._replace(params=veil.params, cause=veil.command(self.run.cause))
        return RunView(run, self.status, tuple(task.veiled(veil) for task in self.tasks))

    def as_json(self) -> dict[str, Any]:
        """Return the run as `run --json` and `status --json` print it: secrets are stars."""
        run, tasks = self.run, self.veiled().tasks
        return {
            "run_id": run.run_id,
            "pipeline": run.pipeline,
            "partition": run.partition,
            "params": dict(self.veil.params),
            "status": self.status.value,
            "started_at": _instant(run.created_at),
            "finished_at": _instant(run.finished_at),
            "tasks": [task.as_json() for task in tasks],
        }


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
