"""How many calls each publisher still allows, who draws on them, and who has not called yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from penstock.engine.definition.task import Publisher
from penstock.engine.state.budgets import BudgetState
from penstock.kit.durations import format_duration
from penstock.kit.pace import Window, next_turn
from penstock.web.console import Console
from penstock.web.page import Ask, Page, Topic
from penstock.web.words import part, plural

_UNITS = {
    timedelta(seconds=1): "a second",
    timedelta(minutes=1): "a minute",
    timedelta(hours=1): "an hour",
    timedelta(days=1): "a day",
}


@dataclass(frozen=True, slots=True)
class Usage:
    """One window of a budget.

    Args:
        limit: How many calls it allows, in words.
        scarce: From how few calls left on it is drawn as scarce.
    """

    limit: str
    calls: int
    used: int
    left: int
    scarce: float


@dataclass(frozen=True, slots=True)
class Caller:
    """A task that draws on a budget."""

    pipeline: str
    task: str
    href: str


@dataclass(frozen=True, slots=True)
class Budget:
    """One publisher's budget.

    Args:
        next_at: When the next call may go; None for at once.
        blocked_until: Until when the publisher refuses calls; None when it does not.
        last_at: When the newest call ended, or will have by the latest; None before the first.
        was_drawn_on: Whether anybody ever called.
    """

    name: str
    windows: Sequence[Usage]
    next_at: datetime | None
    blocked_until: datetime | None
    last_at: datetime | None
    callers: Sequence[Caller]
    was_drawn_on: bool


def show(console: Console, ask: Ask) -> Page:  # noqa: ARG001 - part of the protocol
    """Return the budgets."""
    now = console.clock.now()
    publishers, callers = _declared(console)
    known = {state.name: state for state in console.engine.store.list_budgets()}
    windows = {name: console.engine.data.windows_of(one) for name, one in publishers.items()}
    for name in publishers:
        known.setdefault(name, BudgetState(name, windows[name], ()))
    drawn = [_budget(state, callers.get(name, ()), now) for name, state in sorted(known.items())]
    return Page("budgets", "Budgets", {"budgets": drawn}, ("list",), Topic())


def _declared(console: Console) -> tuple[dict[str, Publisher], dict[str, list[Caller]]]:
    publishers: dict[str, Publisher] = {}
    callers: dict[str, list[Caller]] = {}
    for pipeline in console.engine.registry.all().values():
        for task in pipeline.tasks.values():
            for source in task.sources:
                publishers[source.name] = source
                href = f"/pipelines/{part(pipeline.name)}/tasks/{part(task.name)}"
                callers.setdefault(source.name, []).append(Caller(pipeline.title, task.title or task.name, href))
    return publishers, callers


def _budget(state: BudgetState, callers: Sequence[Caller], now: datetime) -> Budget:
    turn = next_turn(state.windows, state.counted, now)
    blocked = state.blocked_until if state.blocked_until is not None and state.blocked_until > now else None
    turn = max(turn, blocked) if blocked else turn
    return Budget(
        name=state.name,
        windows=[_usage(window, state.counted, now) for window in state.windows],
        next_at=turn if turn > now else None,
        blocked_until=blocked,
        last_at=state.counted[-1] if state.counted else None,
        callers=callers,
        was_drawn_on=bool(state.counted) or state.blocked_until is not None,
    )


def _usage(window: Window, counted: Sequence[datetime], now: datetime) -> Usage:
    used = sum(at > now - window.period for at in counted)
    return Usage(say_limit(window), window.calls, used, max(0, window.calls - used), scarce=round(window.calls / 10, 1))


def say_limit(window: Window) -> str:
    """Return how many calls a window allows: `60 calls a minute`, `1 call in 2 s`."""
    calls = plural(window.calls, "call")
    if window.period in _UNITS:
        return f"{calls} {_UNITS[window.period]}"
    seconds = window.period.total_seconds()
    return f"{calls} in {f'{seconds:g} s' if seconds < 60 else format_duration(window.period)}"
