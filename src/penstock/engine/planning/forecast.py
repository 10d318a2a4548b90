"""How many calls a plan is going to make, and how long the publishers' limits make it wait."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from penstock.engine.definition.pipeline import Pipeline
from penstock.engine.definition.task import Publisher
from penstock.engine.planning.plan import Action, Plan
from penstock.engine.state.budgets import BudgetState
from penstock.kit.glance import Glance
from penstock.kit.pace import Window, forecast_duration


class SourceForecast(NamedTuple):
    """What a plan is going to ask of one source.

    Args:
        calls: How many, as far as can be told.
        duration: How long they take at least, after what the budget has seen already.
        tasks: The tasks that tell how many calls they make.
        silent: The tasks that call the source, but cannot tell how often.
    """

    source: str
    windows: tuple[Window, ...]
    calls: int
    duration: timedelta
    tasks: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()


def forecast_calls(
    plan: Plan,
    pipeline: Pipeline,
    glance: Glance,
    *,
    budgets: Sequence[BudgetState],
    now: datetime,
    windows_of: Callable[[Publisher], tuple[Window, ...]],
) -> tuple[SourceForecast, ...]:
    """Return what the plan is going to ask of each source it calls, by the source's name.

    Args:
        windows_of: Tells the limits of a source.
    """
    known = {state.name: state for state in budgets}
    publishers: dict[str, Publisher] = {}
    told: dict[str, dict[str, int]] = {}
    silent: dict[str, list[str]] = {}
    for decision in plan.decisions:
        task = pipeline.tasks[decision.task]
        if decision.action is Action.SKIP or not task.sources:
            continue
        calls = _calls_of(task.forecast(glance)) if task.forecast else {}
        for publisher in task.sources:
            publishers[publisher.name] = publisher
            if publisher.name in calls:
                told.setdefault(publisher.name, {})[task.name] = calls[publisher.name]
            else:
                silent.setdefault(publisher.name, []).append(task.name)
    states = {name: _state_of(publisher, windows_of, known) for name, publisher in publishers.items()}
    return tuple(_forecast(told.get(name, {}), silent.get(name, []), states[name], now) for name in sorted(publishers))


def _state_of(
    publisher: Publisher, windows_of: Callable[[Publisher], tuple[Window, ...]], known: Mapping[str, BudgetState]
) -> BudgetState:
    state = known.get(publisher.name) or BudgetState(publisher.name, (), ())
    return state._replace(windows=windows_of(publisher))


def _calls_of(told: Mapping[str, int]) -> dict[str, int]:
    return {name: max(0, calls) for name, calls in told.items()}


def _forecast(told: Mapping[str, int], silent: Sequence[str], state: BudgetState, now: datetime) -> SourceForecast:
    calls = sum(told.values())
    begin = max(now, state.blocked_until or now)
    duration = begin - now + forecast_duration(state.windows, state.counted, calls, begin)
    waiting = duration if calls else timedelta(0)
    return SourceForecast(state.name, state.windows, calls, waiting, tuple(told), tuple(silent))
