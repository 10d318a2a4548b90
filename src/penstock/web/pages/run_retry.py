"""What trying a run again would do: told before somebody asks for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from penstock.engine.state.records import ItemCounts, RunStatus, TaskRun, TaskStatus
from penstock.web.drawing.status import name_some
from penstock.web.pages.run_subject import Subject
from penstock.web.words import plural


@dataclass(frozen=True, slots=True)
class Retry:
    """What can be tried again.

    Args:
        label: Of the button.
        told: What it does, and what it leaves alone.
    """

    label: str
    told: str


def retry_of(subject: Subject, tasks: Sequence[TaskRun], items: Mapping[str, ItemCounts]) -> Retry | None:
    """Return what can be tried again in a run that is over; None when nothing failed, or its pipeline cannot be read.

    Args:
        tasks: Its task runs; not needed where none failed.
        items: The sums of its fan-outs.
    """
    if subject.pipeline is None:
        return None
    failed_items = {task: sums.failed for task, sums in items.items() if sums.failed}
    if subject.status is RunStatus.COMPLETED:
        return _items_anew(subject, failed_items)
    if subject.status is not RunStatus.FAILED:
        return None
    failed = [task.task for task in tasks if task.status is TaskStatus.FAILED]
    counts = subject.run.counts
    waiting = counts.get(TaskStatus.UPSTREAM_FAILED, 0) + counts.get(TaskStatus.CANCELLED, 0)
    if not failed and not waiting:
        return None
    tolerated = {task: number for task, number in failed_items.items() if task not in failed}
    return Retry("Retry failed", f"{_tasks_again(subject, failed, waiting)} {_left_alone(subject, tolerated)}")


def _items_anew(subject: Subject, failed_items: Mapping[str, int]) -> Retry | None:
    if not failed_items:
        return None
    again = f"a new run tries again {_items(subject, failed_items)}, and what follows from them"
    return Retry("Retry failed items", f"{again}. Completed items stay completed.")


def _tasks_again(subject: Subject, failed: list[str], waiting: int) -> str:
    what = [name_some(map(subject.title_of, failed))] if failed else []
    what += [f"{plural(waiting, 'task')} that did not begin"] if waiting else []
    return f"this run tries again {' and '.join(what)}."


def _left_alone(subject: Subject, tolerated: Mapping[str, int]) -> str:
    passed_over = subject.run.passed_over
    left = ["what completed"]
    left += [f"{plural(passed_over, 'failure')} passed over"] if passed_over else []
    left += [f"{_items(subject, tolerated)}, as tolerated: try them again once the run completed"] if tolerated else []
    return f"Left alone: {'; '.join(left)}."


def _items(subject: Subject, failed: Mapping[str, int]) -> str:
    told = [f"{plural(number, 'failed item')} of {subject.title_of(task)}" for task, number in failed.items()]
    return name_some(told)
