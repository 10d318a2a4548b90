"""The figures of a project, read from the state store whenever they are asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from penstock.engine.state.records import Run, RunStatus, TaskStatus
from penstock.engine.state.schedules import FiringStatus
from penstock.engine.view import RunView
from penstock.web.console import Console

#: So many runs of each pipeline are counted; older ones are beyond what most keep.
_MOST_RUNS = 2000
_ITEM_STATUSES = ("pending", "running", "completed", "failed", "skipped")


def exposition(console: Console, live: int) -> tuple[bytes, str]:
    """Return the figures as Prometheus reads them, and the type of that text.

    Args:
        live: How many pages are followed live.
    """
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Figures(console, live))
    return generate_latest(registry), CONTENT_TYPE_LATEST


class Figures(Collector):
    """Collects every figure at the instant of asking."""

    def __init__(self, console: Console, live: int) -> None:
        self._console = console
        self._live = live

    def collect(self) -> Iterator[Metric]:
        """Yield the figures."""
        engine = self._console.engine
        views = [view for name in engine.registry.all() for view in engine.history(name, limit=_MOST_RUNS)]
        yield _runs(views)
        yield _gauge("task_runs_running", "Task runs under way.", sum(map(_running_tasks, views)))
        yield self._items(views)
        yield self._oldest_firing()
        yield self._budgets()
        yield _gauge("live_connections", "Pages that are followed live.", self._live)
        yield from _newest(views)

    def _items(self, views: list[RunView]) -> Metric:
        found = GaugeMetricFamily(
            "penstock_items", "Items of fan-outs of running runs.", labels=["pipeline", "task", "status"]
        )
        for view in views:
            if view.status is RunStatus.RUNNING:
                sums, _ = self._console.engine.store.list_items(view.run.run_id, limit=0)
                for task, counts in sums.items():
                    for status in _ITEM_STATUSES:
                        found.add_metric([view.run.pipeline, task, status], getattr(counts, status))
        return found

    def _oldest_firing(self) -> Metric:
        now = self._console.clock.now()
        waiting = self._console.engine.store.list_firings(status=FiringStatus.PENDING, limit=_MOST_RUNS)
        ages = [(now - firing.due_at).total_seconds() for firing in waiting]
        return _gauge("oldest_pending_firing_seconds", "How long the oldest firing waits.", max([0.0, *ages]))

    def _budgets(self) -> Metric:
        now = self._console.clock.now()
        found = GaugeMetricFamily(
            "penstock_budget_calls_left", "Calls a source has left.", labels=["source", "window_seconds"]
        )
        for budget in self._console.engine.store.list_budgets():
            for window in budget.windows:
                used = sum(at > now - window.period for at in budget.counted)
                length = f"{window.period.total_seconds():g}"
                found.add_metric([budget.name, length], max(0, window.calls - used))
        return found


def _gauge(name: str, told: str, value: float) -> Metric:
    return GaugeMetricFamily(f"penstock_{name}", told, value=value)


def _runs(views: list[RunView]) -> Metric:
    found = GaugeMetricFamily("penstock_runs", "Runs that are kept.", labels=["pipeline", "status"])
    for (pipeline, status), count in sorted(Counter((view.run.pipeline, view.status.value) for view in views).items()):
        found.add_metric([pipeline, status], count)
    return found


def _running_tasks(view: RunView) -> int:
    return view.run.counts.get(TaskStatus.RUNNING, 0) if view.status is RunStatus.RUNNING else 0


def _newest(views: list[RunView]) -> Iterator[Metric]:
    """Yield what is told of each pipeline's newest run that ended."""
    success = GaugeMetricFamily(
        "penstock_last_success_timestamp_seconds", "When a run last completed.", labels=["pipeline"]
    )
    duration = GaugeMetricFamily(
        "penstock_newest_run_duration_seconds", "How long the newest ended run took.", labels=["pipeline"]
    )
    ended = [(view.run, view.status, view.run.finished_at) for view in views if view.run.finished_at is not None]
    for run, finished_at in _first_of_each([(run, at) for run, status, at in ended if status is RunStatus.COMPLETED]):
        success.add_metric([run.pipeline], finished_at.timestamp())
    for run, finished_at in _first_of_each([(run, at) for run, _, at in ended]):
        duration.add_metric([run.pipeline], (finished_at - run.created_at).total_seconds())
    yield success
    yield duration


def _first_of_each(runs: list[tuple[Run, datetime]]) -> list[tuple[Run, datetime]]:
    found: dict[str, tuple[Run, datetime]] = {}
    for run, finished_at in runs:
        found.setdefault(run.pipeline, (run, finished_at))
    return list(found.values())
