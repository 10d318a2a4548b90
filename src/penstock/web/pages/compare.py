"""Two runs of one pipeline side by side: what differs first, then what is the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from penstock.engine.survey.comparison import Comparison, TaskComparison
from penstock.engine.view import RunView, TaskView
from penstock.errors import UsageError
from penstock.kit.durations import format_duration
from penstock.kit.secret import STARS
from penstock.kit.veil import Veil
from penstock.web.console import Console
from penstock.web.page import Ask, Page, Topic
from penstock.web.pages.run_row import row_of
from penstock.web.words import brief, part

_CHOICE = 30
_LEAST_DRIFT = timedelta(seconds=0.5)


@dataclass(frozen=True, slots=True)
class Side:
    """One task in one of the runs."""

    href: str
    status: str
    reason: str
    duration: timedelta | None
    result: str


@dataclass(frozen=True, slots=True)
class Pair:
    """One task in both runs; None where a run did not know it.

    Args:
        drift: By how much the second took longer or shorter, where both took time worth a word.
        outputs: What is known of what it left behind.
        what: Which of its facts differ, in words.
    """

    name: str
    first: Side | None
    second: Side | None
    drift: str
    outputs: str
    what: tuple[str, ...]

    @property
    def differs(self) -> bool:
        """Whether anything but the time differs."""
        return bool(self.what)


def show(console: Console, ask: Ask) -> Page:
    """Return the comparison of the runs `first` and `second` of the query, or a choice of runs."""
    first, second = (ask.query.get(name, "").strip() for name in ("first", "second"))
    now = console.clock.now()
    facts: dict[str, Any] = {"first": first, "second": second, "told": False}
    if not (first and second):
        found = console.engine.survey.runs(limit=_CHOICE).runs
        return Page("compare", "Compare runs", {**facts, "choice": [row_of(view, now) for view in found]})
    comparison = console.engine.survey.compare(first, second)
    if comparison.first.run.run_id == comparison.second.run.run_id:
        raise UsageError(f"both are run `{comparison.first.run.run_id}`", hint="choose two runs: /runs/compare")
    views = (comparison.first, comparison.second)
    pairs = [_pair(task, views, comparison.veil) for task in comparison.tasks]
    facts |= {
        "told": True,
        "runs": [row_of(view, now) for view in views],
        "pipeline": comparison.first.run.pipeline,
        "swapped": f"/runs/compare?first={part(second)}&second={part(first)}",
        "params": _params(comparison),
        "different": [pair for pair in pairs if pair.differs],
        "same": [pair for pair in pairs if not pair.differs],
        "command": f"penstock compare {comparison.first.run.run_id} {comparison.second.run.run_id}",
    }
    is_going = not all(view.status.is_final for view in views)
    topic = Topic() if is_going else Topic(nothing=True)
    return Page("compare", "Compare runs", facts, ("differences",), topic)


def _params(comparison: Comparison) -> list[tuple[str, str, str]]:
    return [
        (one.name, _value(one.first), _value(one.second))
        if one.first != one.second
        else (one.name, f"{STARS} (secret)", f"{STARS} (another secret)")
        for one in comparison.params
    ]


def _value(value: Any) -> str:
    return "–" if value is None else brief(value)


def _pair(task: TaskComparison, views: Sequence[RunView], veil: Veil) -> Pair:
    first, second = (_side(one, view, veil) for one, view in zip((task.first, task.second), views, strict=True))
    return Pair(task.name, first, second, _drift(first, second), _outputs(task), tuple(_differences(task)))


def _side(task: TaskView | None, view: RunView, veil: Veil) -> Side | None:
    if task is None:
        return None
    task = task.veiled(veil)
    return Side(
        href=f"/runs/{part(view.run.run_id)}/tasks/{part(task.name)}",
        status=task.standing,
        reason=task.reason,
        duration=task.duration,
        result="" if task.result is None else brief(task.result),
    )


def _differences(task: TaskComparison) -> list[str]:
    first, second = task.first, task.second
    if first is None or second is None:
        return ["only in the second" if first is None else "only in the first"]
    told = [("status", first.status != second.status), ("reason", first.reason != second.reason)]
    told += [("result", first.result != second.result), ("outputs", bool(task.outputs_differ))]
    return [name for name, differs in told if differs]


def _outputs(task: TaskComparison) -> str:
    if task.outputs_differ is None:
        return ""
    return "differ" if task.outputs_differ else "the same"


def _drift(first: Side | None, second: Side | None) -> str:
    if first is None or second is None or first.duration is None or second.duration is None:
        return ""
    drift = second.duration - first.duration
    if abs(drift) < _LEAST_DRIFT:
        return ""
    return ("+" if drift > timedelta(0) else "−") + format_duration(abs(drift))
