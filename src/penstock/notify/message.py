"""A message: one thing people are told, as every channel sends it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from penstock.kit.jsonable import digest

#: Name and version of the messages' form; fields are added to it, never taken away or changed.
SCHEMA = "penstock.notification/1"
#: What a message is about that stands for many, and one that only tries the way.
SUMMARY, TEST = "summary", "test"
#: A summary tells so many one by one, the first ones.
_TOLD = 20


@dataclass(frozen=True, slots=True)
class Message:
    """One thing people are told.

    Args:
        key: The same whenever this message is sent, so that a receiver can tell a second one from a new one.
        event: `failure`, `recovery`, `late`, `summary` or `test`.
        headline: All of it in one line.
        facts: What is known of it, JSON-able.
    """

    key: str
    event: str
    at: datetime
    headline: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self, channel: str) -> dict[str, Any]:
        """Return the message as it is sent."""
        return {"schema": SCHEMA, "channel": channel, **self.stored()}

    def stored(self) -> dict[str, Any]:
        """Return the message as it is kept until it is delivered."""
        head = {"key": self.key, "event": self.event, "at": self.at.isoformat(), "headline": self.headline}
        return {**head, **self.facts}

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Message:
        """Return a message that was kept."""
        facts = {name: value for name, value in stored.items() if name not in ("key", "event", "at", "headline")}
        at = datetime.fromisoformat(stored["at"])
        return cls(stored["key"], stored["event"], at, stored["headline"], facts)

    @property
    def run_id(self) -> str:
        """The run it is about; empty when it is about none, or many."""
        return self.facts.get("run_id") or ""


def summarize(messages: Iterable[Message]) -> Message:
    """Return one message that stands for many, summaries among them."""
    told = list(messages)
    counts, pipelines = _sum(told, "counts"), _sum(told, "pipelines")
    first = [line for message in told for line in message.facts.get("first", [_line(message)])][:_TOLD]
    words = ", ".join(f"{count:,} {event}" for event, count in counts.items())
    key = f"summary/{digest([message.key for message in told])}"
    headline = f"{sum(counts.values()):,} notifications at once: {words}"
    console = next((one.facts["console_url"] for one in told if one.facts.get("console_url")), None)
    facts = {
        "counts": counts,
        "pipelines": pipelines,
        "first": first,
        "command": "penstock history",
        "console_url": console,
        "url": console and f"{console}/runs",
    }
    return Message(key, SUMMARY, told[-1].at, headline, facts)


def _sum(messages: list[Message], what: str) -> dict[str, int]:
    total: dict[str, int] = {}
    for message in messages:
        name = message.event if what == "counts" else message.facts.get("pipeline") or ""
        for key, count in message.facts.get(what, {name: 1}).items():
            total[key] = total.get(key, 0) + count
    return dict(sorted(total.items()))


def _line(message: Message) -> dict[str, Any]:
    head = {"key": message.key, "event": message.event, "headline": message.headline}
    return {**head, "run_id": message.run_id or None, "url": message.facts.get("url")}
