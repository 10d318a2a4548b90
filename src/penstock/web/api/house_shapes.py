"""The shapes of schedules, budgets, workers and settings."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from penstock.engine.state.schedules import FiringStatus
from penstock.engine.survey.workers import Held
from penstock.web.api.shape import Name, ParamValue, Request, Shape


class TickAnswer(Shape):
    """One instant a schedule names."""

    at: datetime
    local: datetime
    note: str | None = Field(None, description="what the change of clocks did to it")


class FiringAnswer(Shape):
    """What a trigger asked for last."""

    key: str
    run_id: str
    status: FiringStatus
    message: str | None = None


class ScheduleAnswer(Shape):
    """A recorded deployment."""

    name: str
    pipeline: str
    deployment: str
    trigger: str
    params: dict[str, Any]
    deployed_at: datetime
    is_paused: bool
    last_firing: FiringAnswer | None
    next: list[TickAnswer] = Field(description="the next fires; none while paused, or when it follows runs")


class ScheduleList(Shape):
    """Every recorded deployment, by name."""

    deployments: list[ScheduleAnswer]


class PreviewAnswer(Shape):
    """When a rule fires."""

    rule: str
    zone: str
    ticks: list[TickAnswer]


class DeployOrder(Request):
    """Which deployment to record."""

    pipeline: Name
    deployment: Name
    params: dict[Name, ParamValue] = Field({}, description="of every run, beside those it declares")


class Named(Request):
    """Which recorded deployment is meant."""

    name: Name


class WindowAnswer(Shape):
    """One limit of a source."""

    calls: int
    seconds: float
    used: int
    left: int


class BudgetAnswer(Shape):
    """What is known of one budget."""

    name: str
    windows: list[WindowAnswer]
    blocked_until: datetime | None = None


class BudgetList(Shape):
    """Every budget that was ever drawn on."""

    budgets: list[BudgetAnswer]


class HoldingAnswer(Shape):
    """One thing a process holds."""

    kind: Held
    name: str
    run_id: str | None = None
    pipeline: str | None = None
    since: datetime | None = None
    until: datetime


class WorkerAnswer(Shape):
    """One process."""

    process: str
    number: str
    host: str
    is_dead: bool
    holdings: list[HoldingAnswer]


class WorkerList(Shape):
    """The processes that hold anything."""

    workers: list[WorkerAnswer]


class SettingAnswer(Shape):
    """One setting; secrets are stars."""

    name: str
    value: str
    source: str
    doc: str


class SettingList(Shape):
    """Every setting."""

    settings: list[SettingAnswer]
