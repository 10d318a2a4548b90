"""A message as a text people read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from penstock.kit.durations import format_duration
from penstock.notify.message import Message

_SUBJECT = 160


def subject_of(message: Message) -> str:
    """Return the message in one line short enough for the subject of a letter."""
    line = " ".join("".join(one if one.isprintable() else " " for one in message.headline).split())
    return f"[penstock] {message.event}: {line}"[:_SUBJECT]


def text_of(message: Message) -> str:
    """Return the message as a text: what, the facts, the first failure, and how to look closer."""
    return "\n".join([message.headline, "", *_rows(message), *_parts(message)]) + "\n"


def _rows(message: Message) -> Iterator[str]:
    facts = message.facts
    for label, value in (
        ("pipeline", facts.get("pipeline")),
        ("partition", facts.get("partition")),
        ("deployment", facts.get("deployment")),
        ("run", facts.get("run_id")),
        ("cause", facts.get("cause")),
        ("due", _instant(facts.get("due_at"))),
        ("late by", _duration(facts.get("late_s"))),
        ("started", _instant(facts.get("started_at"))),
        ("duration", _duration(facts.get("duration_s"))),
    ):
        if value:
            yield f"{label:<11} {value}"
    for event, count in facts.get("counts", {}).items():
        yield f"{event:<11} {count:,}"


def _parts(message: Message) -> Iterator[str]:
    facts = message.facts
    if failing := facts.get("failing"):
        yield f"{'failing':<11} since {_instant(failing['since_at'])}, in run {failing['since_run']}"
        yield f"{'':<11} for {_duration(failing['duration_s'])}, {failing['failures']:,} failed or abandoned"
    if task := facts.get("task"):
        yield from _failure(task)
    if first := facts.get("first"):
        yield from ("", *(f"- {line['headline']}" for line in first))
    yield from ("", f"look closer: {facts['command']}")
    if facts.get("url"):
        yield str(facts["url"])
    yield from ("", f"key {message.key}")


def _failure(task: dict[str, Any]) -> Iterator[str]:
    head = f"task `{task['name']}` failed: {task['error']}" if task["name"] else "why:"
    yield from ("", head, *(f"  {line}" for line in task["message"].splitlines()))
    if task["hint"]:
        yield f"hint: {task['hint']}"


def _instant(text: str | None) -> str:
    return f"{datetime.fromisoformat(text):%Y-%m-%d %H:%M:%S} UTC" if text else ""


def _duration(number: float | None) -> str:
    return "" if number is None else format_duration(timedelta(seconds=number))
