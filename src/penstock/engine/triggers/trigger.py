"""Reads a trigger back from the text it is stored as."""

from __future__ import annotations

from penstock.engine.definition.deployment import After, Cron, Trigger
from penstock.engine.triggers.calendar.reading import parse_rule
from penstock.engine.triggers.calendar.rule import Rule

_AFTER, _MISFIRE = "after ", "; misfire "


def read_trigger(text: str) -> Trigger:
    """Return the trigger whose `text` this is."""
    if text.startswith(_AFTER):
        return After(*text.removeprefix(_AFTER).split(" or "))
    rule, _, misfire = text.rpartition(_MISFIRE)
    return Cron(rule, misfire)


def rule_of(text: str) -> Rule | None:
    """Return the calendar rule of a stored trigger; None when it follows runs.

    Raises:
        UsageError: The rule cannot be read.
    """
    trigger = read_trigger(text)
    return parse_rule(trigger.rule) if isinstance(trigger, Cron) else None
