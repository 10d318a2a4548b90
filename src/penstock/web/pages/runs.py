"""All runs, the newest first: found by pipeline, status, deployment, text and age."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from penstock.engine.state.records import RunStatus
from penstock.engine.survey.pages import RunPage
from penstock.engine.view import RunView
from penstock.errors import UsageError
from penstock.kit.durations import parse_duration
from penstock.web.console import Console
from penstock.web.page import Ask, Page, Topic
from penstock.web.pages.run_row import row_of
from penstock.web.paging import address

_SHEET = 50
_PARTS = ("pipeline", "status", "deployment", "text", "since")
_MOST_PAGES_BACK = 40


@dataclass(frozen=True, slots=True)
class Chip:
    """How many of the runs shown have a status.

    Args:
        href: Leads to the runs that have it; to all where only these are shown.
    """

    status: str
    runs: int
    href: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Filter:
    """What a reader asks for; empty for anything.

    Args:
        since: As it was typed: a day, an instant, or how long ago.
    """

    pipeline: str = ""
    status: str = ""
    deployment: str = ""
    text: str = ""
    since: str = ""

    @property
    def is_any(self) -> bool:
        """Whether nothing is asked for."""
        return not any((self.pipeline, self.status, self.deployment, self.text, self.since))

    def address(self, **changed: str) -> str:
        """Return the address of the runs asked for, with some of it changed."""
        told = {name: getattr(self, name) for name in _PARTS}
        return address("/runs", **{**told, **changed})


def show(console: Console, ask: Ask) -> Page:
    """Return a page of runs."""
    chosen = Filter(**{name: ask.query.get(name, "").strip() for name in _PARTS})
    before, trail = ask.query.get("before") or None, [one for one in ask.query.get("trail", "").split(".") if one]
    now = console.clock.now()
    found = _find(console, chosen, before, now)
    facts = {
        "chosen": chosen,
        "rows": [row_of(view, now) for view in found.runs],
        "chips": _chips(chosen, found.runs),
        "before": before,
        "older": _older(chosen, before, trail, found.next_before),
        "newer": _newer(chosen, before, trail),
        "pipelines": _pipelines(console, chosen),
        "deployments": _deployments(console, chosen),
        "statuses": [status.value for status in RunStatus],
        "pair": [view.run.run_id for view in found.runs[:2]],
    }
    # Older pages stand still: what happens now happens on the first.
    return Page("runs", "Runs", facts, ("list",), Topic() if before is None else Topic(nothing=True))


def _find(console: Console, chosen: Filter, before: str | None, now: datetime) -> RunPage:
    found = console.engine.survey.runs(
        pipeline=chosen.pipeline or None,
        status=_status(chosen.status),
        deployment=chosen.deployment or None,
        text=chosen.text or None,
        before=before,
        limit=_SHEET,
    )
    if not chosen.since:
        return found
    start = read_since(chosen.since, now)
    recent = tuple(view for view in found.runs if view.run.created_at >= start)
    return RunPage(recent, found.next_before if len(recent) == len(found.runs) else None)


def _status(name: str) -> RunStatus | None:
    if name and name not in set(RunStatus):
        raise UsageError(f"no run has the status `{name}`", hint=f"known are {', '.join(RunStatus)}")
    return RunStatus(name) if name else None


def read_since(text: str, now: datetime) -> datetime:
    """Return the instant from which on runs are wanted: a day or an instant in UTC, or so long ago.

    Raises:
        UsageError: It is neither.
    """
    try:
        if text[:4].isdigit() and len(text) >= len("2026-01-01"):
            at = datetime.fromisoformat(text)
            return at if at.tzinfo is not None else at.replace(tzinfo=UTC)
        return now - min(parse_duration(text), timedelta(days=36500))
    except (ValueError, OverflowError) as error:
        raise UsageError(
            f"`{text}` is neither a day nor a time span", hint="write for example `2026-11-01`, `24h` or `7d`"
        ) from error


def _chips(chosen: Filter, runs: Sequence[RunView]) -> list[Chip]:
    counted = Counter(view.status for view in runs)
    return [
        Chip(
            status.value,
            counted[status],
            chosen.address(status="" if chosen.status == status else status.value),
            chosen.status == status,
        )
        for status in RunStatus
        if counted[status]
    ]


def _older(chosen: Filter, before: str | None, trail: Sequence[str], next_before: str | None) -> str:
    if next_before is None:
        return ""
    way = [*trail, *([before] if before else [])][-_MOST_PAGES_BACK:]
    return chosen.address(before=next_before, trail=".".join(way))


def _newer(chosen: Filter, before: str | None, trail: Sequence[str]) -> str:
    if before is None:
        return ""
    return chosen.address(before=trail[-1] if trail else "", trail=".".join(trail[:-1]))


def _pipelines(console: Console, chosen: Filter) -> list[str]:
    return sorted({*console.engine.registry.all(), *filter(None, [chosen.pipeline])})


def _deployments(console: Console, chosen: Filter) -> list[str]:
    known = console.engine.registry.all()
    wanted = [pipeline for name, pipeline in known.items() if chosen.pipeline in ("", name)]
    declared = {name for pipeline in wanted for name in pipeline.deployments}
    return sorted({*declared, *filter(None, [chosen.deployment])})
