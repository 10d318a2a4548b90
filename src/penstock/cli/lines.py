"""Turns runs, plans, tasks and items into lines for people; every word also readable without colour."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from penstock.cli.output import BAD, FAINT, GOOD, NOTE, WARN, columns, paint
from penstock.engine.events import Event, EventKind
from penstock.engine.planning.forecast import SourceForecast
from penstock.engine.planning.plan import Action, Decision, Plan
from penstock.engine.planning.reason import Reason, ReasonKind
from penstock.engine.state.records import (
    PASSED_OVER,
    Failure,
    ItemCounts,
    ItemRecord,
    ItemStatus,
    RunStatus,
    TaskStatus,
)
from penstock.engine.view import RunView, TaskView
from penstock.kit.durations import format_duration
from penstock.kit.veil import shown

#: More fresh tasks than this are folded into one line for each run they are fresh since.
FOLD_BEYOND = 10
_MOST_SUMS = 5
#: What a write tells of its rows.
_ROW_COUNTS = frozenset({"inserted", "changed", "unchanged", "vanished", "repeated"})
_LONGEST_RESULT = 400

_COLOURS: dict[str, str | None] = {
    RunStatus.ABANDONED.value: WARN,
    RunStatus.CANCELLED.value: WARN,
    RunStatus.COMPLETED.value: GOOD,
    RunStatus.FAILED.value: BAD,
    RunStatus.RUNNING.value: NOTE,
    TaskStatus.SKIPPED.value: FAINT,
    TaskStatus.UPSTREAM_FAILED.value: WARN,
    PASSED_OVER: WARN,
}
_WORDS = {PASSED_OVER: "passed over"}
#: In sums, where no failure stands beside the word.
_COUNTED = {PASSED_OVER: "failed and passed over"}


def status_word(status: RunStatus | TaskStatus | ItemStatus) -> str:
    """Return a status in its colour."""
    return paint(status.value, _COLOURS.get(status.value))


def standing_word(standing: str) -> str:
    """Return where a task is, as people read it, in its colour."""
    return paint(_WORDS.get(standing, standing), _COLOURS.get(standing))


def _counted(standings: Mapping[str, int]) -> Iterator[str]:
    for standing, count in standings.items():
        yield f"{count:,} {paint(_COUNTED.get(standing, standing), _COLOURS.get(standing))}"


def instant(at: datetime | None) -> str:
    """Return an instant in UTC, to the second."""
    return "" if at is None else f"{at:%Y-%m-%d %H:%M:%S}Z"


def plural(count: int, noun: str) -> str:
    """Return a count with its noun, e.g. `1 task`, `12,000 tasks`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def params_text(params: Mapping[str, Any]) -> str:
    """Return the parameters that have a value, as typed; secret ones are stars."""
    return " ".join(f"{name}={shown(name, value)}" for name, value in params.items() if value is not None)


def run_heading(view: RunView) -> str:
    """Return one line that names a run and says where it is."""
    run = view.run
    took = f" in {format_duration(run.finished_at - run.created_at)}" if run.finished_at else ""
    slice_of = f" ({run.partition})" if run.partition else ""
    return f"{run.pipeline}{slice_of} · run {run.run_id} · {status_word(view.status)}{took}"


def run_lines(view: RunView, *, everything: bool) -> str:
    """Return a run: heading, a line per task, and sums."""
    view = view.veiled()
    told, folded = _fold(view.tasks, everything=everything)
    body = columns([_task_row(task) for task in told])
    return "\n".join(filter(None, [run_heading(view), body, *folded, _sums(view.tasks)]))


def _fold(tasks: Sequence[TaskView], *, everything: bool) -> tuple[list[TaskView], list[str]]:
    quiet = {task.name: Reason.from_json(task.reason_facts) for task in tasks if task.status is TaskStatus.SKIPPED}
    folded, lines = _fold_quiet({} if everything else quiet)
    return [task for task in tasks if task.name not in folded], lines


def _fold_quiet(reasons: Mapping[str, Reason]) -> tuple[set[str], list[str]]:
    """Return the tasks that need no line of their own, given why each does not run, and the lines told in their stead.

    Those not selected, and many fresh ones.
    """
    unselected = {name for name, reason in reasons.items() if reason.kind is ReasonKind.NOT_SELECTED}
    fresh = {name for name, reason in reasons.items() if reason.kind is ReasonKind.FRESH}
    fresh = fresh if len(fresh) > FOLD_BEYOND else set()
    sums: dict[str, int] = {}
    for name in reasons:
        if name in fresh:
            sentence = reasons[name].sentence
            sums[sentence] = sums.get(sentence, 0) + 1
    if len(sums) > _MOST_SUMS:
        sums = {"fresh since earlier runs": len(fresh)}
    sums |= {ReasonKind.NOT_SELECTED.sentence: len(unselected)} if unselected else {}
    return fresh | unselected, [f"  {plural(count, 'task')} {reason}" for reason, count in sums.items()]


def _task_row(task: TaskView) -> tuple[str, str, str, str]:
    took = "" if task.duration is None or task.standing == TaskStatus.SKIPPED else format_duration(task.duration)
    return task.name, standing_word(task.standing), took, _told(task)


_NOT_BEGUN = {
    TaskStatus.CANCELLED: "was not begun",
    TaskStatus.UPSTREAM_FAILED: "a task it needs did not complete",
}


def _told(task: TaskView) -> str:
    tries = f"attempt {task.attempts}" if task.attempts > 1 else ""
    if task.status in _NOT_BEGUN and not task.attempts:
        return _NOT_BEGUN[task.status]
    if task.standing in (TaskStatus.FAILED, PASSED_OVER) and task.failure is not None:
        return _joined(failure_text(task.failure), items_text(task.items), tries)
    if task.status is TaskStatus.COMPLETED:
        return _joined(items_text(task.items) or result_text(task.result), task.reason, tries)
    return _joined(task.reason, items_text(task.items), tries)


def _joined(*parts: str) -> str:
    return " · ".join(filter(None, parts))


def failure_text(failure: Failure) -> str:
    """Return why something failed; the class is named where it tells more than that it failed."""
    return failure.message if failure.error == "TaskFailedError" else f"{failure.error}: {failure.message}"


def result_text(result: Any) -> str:
    """Return what a body returned, in short; zeros are told only where there is nothing else, zero rows as such."""
    if isinstance(result, Mapping):
        figures = {name: value for name, value in result.items() if _is_figure(value)}
        told = {name: value for name, value in figures.items() if value != 0}
        counts = figures.keys() & _ROW_COUNTS
        shown = told if told or counts else figures
        kinds = [_kinds(name, value) for name, value in result.items() if isinstance(value, Mapping) and value]
        nothing = ["no rows"] if counts and not counts & told.keys() and not kinds else []
        return " · ".join([*nothing, *(f"{name} {_figure(value)}" for name, value in shown.items()), *kinds])
    text = _figure(result) if _is_figure(result) else ""
    return text if len(text) <= _LONGEST_RESULT else text[: _LONGEST_RESULT - 1] + "…"


def _kinds(name: str, counts: Mapping[str, Any]) -> str:
    """Tell counts by kind, such as rejected rows by reason."""
    return f"{name} " + ", ".join(f"{_figure(count)} ({kind})" for kind, count in counts.items())


def _is_figure(value: Any) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool) and value != ""


def _figure(value: Any) -> str:
    # Four digits stay together: they may be a year.
    return f"{value:,}" if isinstance(value, int | float) and value >= 10_000 else str(value)


def items_text(counts: ItemCounts | None) -> str:
    """Return the sums of an item ledger, in short."""
    if counts is None:
        return ""
    parts = {
        "completed": counts.completed,
        "failed": counts.failed,
        "skipped": counts.skipped,
        "running": counts.running,
        "pending": counts.pending,
    }
    told = ", ".join(f"{count:,} {word}" for word, count in parts.items() if count)
    return plural(counts.discovered, "item") + (f": {told}" if told else "")


def _sums(tasks: Iterable[TaskView]) -> str:
    sums = Counter(task.standing for task in tasks)
    told = ", ".join(_counted({one: sums[one] for one in (*TaskStatus, PASSED_OVER) if sums[one]}))
    return f"{plural(sum(sums.values()), 'task')}: {told}" if sums else ""


_ACTIONS = {Action.RUN: ("run", GOOD), Action.SKIP: ("skip", FAINT), Action.CHECK: ("check", NOTE)}


def plan_lines(plan: Plan, *, everything: bool) -> str:
    """Return a plan: heading, a line per decision, and sums."""
    told, folded = _fold_decisions(plan.decisions, everything=everything)
    where = f" ({plan.partition})" if plan.partition else ""
    body = columns([(decision.task, paint(*_ACTIONS[decision.action]), decision.reason.sentence) for decision in told])
    counts = {action: sum(one.action is action for one in plan.decisions) for action in Action}
    sums = f"{counts[Action.RUN]:,} to run, {counts[Action.CHECK]:,} to check, {counts[Action.SKIP]:,} to skip"
    return "\n".join(filter(None, [f"{plan.request.pipeline}{where} · plan {plan.identity}", body, *folded, sums]))


def _fold_decisions(decisions: Sequence[Decision], *, everything: bool) -> tuple[list[Decision], list[str]]:
    quiet = {one.task: one.reason for one in decisions if one.action is Action.SKIP}
    folded, lines = _fold_quiet({} if everything else quiet)
    return [one for one in decisions if one.task not in folded], lines


def forecast_line(forecast: SourceForecast) -> str:
    """Return how many calls a source is going to get, and how long that takes within its limits."""
    parts = []
    if forecast.tasks:
        limits = " and ".join(f"{window.calls:,} per {format_duration(window.period)}" for window in forecast.windows)
        within = f" within {limits}" if limits else ""
        parts.append(f"{plural(forecast.calls, 'call')}, at least {format_duration(forecast.duration)}{within}")
    if forecast.silent:
        listed = ", ".join(f"`{name}`" for name in forecast.silent)
        parts.append(f"{'more' if forecast.tasks else 'calls'} by {listed} that nobody can tell beforehand")
    return f"{forecast.source}: {'; '.join(parts)}"


def why_lines(tasks: Sequence[TaskView]) -> str:
    """Return a line per task with the reason of its newest decision."""
    return columns([(task.name, standing_word(task.standing), task.reason) for task in tasks])


def history_lines(views: Sequence[RunView]) -> str:
    """Return a line per run."""
    return columns([_history_row(view) for view in views], indent=0)


def _history_row(view: RunView) -> tuple[str, ...]:
    run = view.run
    took = "" if run.finished_at is None else format_duration(run.finished_at - run.created_at)
    counts = ", ".join(_counted(run.standings))
    what = f"{run.pipeline}{f' ({run.partition})' if run.partition else ''}"
    return (
        run.run_id,
        status_word(view.status),
        f"{run.created_at:%Y-%m-%d %H:%M}",
        _joined(what, took, counts),
    )


def items_lines(sums: Mapping[str, ItemCounts], records: Sequence[ItemRecord]) -> str:
    """Return the sums of every ledger and a line per item."""
    heads = [f"{task} · {items_text(counts)}" for task, counts in sums.items()]
    rows = columns([(one.task, one.key, status_word(one.status), _item_told(one)) for one in records])
    return "\n".join(filter(None, [*heads, rows]))


def _item_told(record: ItemRecord) -> str:
    tries = f"attempt {record.attempt}" if record.attempt > 1 else ""
    told = result_text(record.result) if record.failure is None else failure_text(record.failure)
    return _joined(told, tries)


def event_line(event: Event) -> str:
    """Return a fact as one line: when, which task, what."""
    return "  ".join(filter(None, [f"{event.at:%H:%M:%S}", event.task, _fact(event)]))


def _fact(event: Event) -> str:
    tell = _TOLD.get(event.kind)
    if tell is not None:
        return tell(event)
    words = event.kind.value.replace("_", " ")
    rest = ", ".join(f"{name} {value}" for name, value in event.facts.items() if value not in (None, "", 0))
    return f"{words}: {rest}" if rest else words


def _told_message(event: Event) -> str:
    rest = " ".join(f"{name}={value}" for name, value in event.facts.items() if name != "message")
    return f"{event.facts.get('message', '')} {rest}".strip()


def _told_output(event: Event) -> str:
    """Return what a script wrote, each line behind a bar: it is the script that speaks."""
    lines = str(event.facts.get("text", "")).rstrip("\n").split("\n")
    mark = "!" if event.facts.get("stream") == "stderr" else "|"
    return "".join(f"\n  {mark} {line}" for line in lines)


def _told_progress(event: Event) -> str:
    facts = event.facts
    of = f" of {facts['total']:,}" if facts.get("total") else ""
    return f"{facts.get('done', 0):,}{of} {facts.get('unit', '')}".strip()


def _told_task_start(event: Event) -> str:
    attempt = event.facts["attempt"]
    return "started" if attempt == 1 else f"started, attempt {attempt}"


def _told_task_end(event: Event) -> str:
    message = event.facts.get("message")
    status = TaskStatus(event.facts["status"])
    is_passed_over = status is TaskStatus.SKIPPED and message is not None  # a failure alone has one
    return standing_word(PASSED_OVER if is_passed_over else status.value) + (f": {message}" if message else "")


def _told_run_start(event: Event) -> str:
    facts = event.facts
    where = f" ({facts['partition']})" if facts.get("partition") else ""
    return f"run {event.run_id} of {facts.get('pipeline')}{where} started"


def _told_run_end(event: Event) -> str:
    return f"run {status_word(RunStatus(event.facts['status']))}"


_TOLD: Mapping[EventKind, Callable[[Event], str]] = {
    EventKind.MESSAGE_LOGGED: _told_message,
    EventKind.OUTPUT_WRITTEN: _told_output,
    EventKind.PROGRESS_REPORTED: _told_progress,
    EventKind.TASK_STARTED: _told_task_start,
    EventKind.TASK_FINISHED: _told_task_end,
    EventKind.RUN_STARTED: _told_run_start,
    EventKind.RUN_FINISHED: _told_run_end,
}
