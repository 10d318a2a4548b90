"""Reads who waits for whom in a run that is about to be written."""

from __future__ import annotations

from penstock.engine.state.records import NewRun, TaskStatus
from penstock.errors import StateError


def list_upstream(run: NewRun) -> list[dict[int, bool]]:
    """Return for every task run the positions of its upstream task runs, and whether each must be waited for.

    Raises:
        StateError: A task is named twice, or waits for one that is not in the run.
    """
    positions = {task.task: position for position, task in enumerate(run.tasks)}
    if len(positions) != len(run.tasks):
        raise StateError(f"run `{run.run_id}` names a task twice")
    is_pending = [task.status is TaskStatus.PENDING for task in run.tasks]
    upstream: list[dict[int, bool]] = []
    for task in run.tasks:
        try:
            named = [positions[name] for name in task.upstream]
        except KeyError as error:
            raise StateError(
                f"task `{task.task}` waits for `{error.args[0]}`, which is not in run `{run.run_id}`"
            ) from error
        upstream.append({position: is_pending[position] for position in named})
    return upstream
