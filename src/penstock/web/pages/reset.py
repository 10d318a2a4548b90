"""Asks before tasks are forgotten: which ones, in which partition, and whether their rows go too."""

from __future__ import annotations

from penstock.web.console import Console
from penstock.web.page import Ask, Page


def show(console: Console, ask: Ask) -> Page:
    """Return the form that resets a pipeline or some of its tasks."""
    pipeline = console.engine.pipeline(ask.path["pipeline"])
    facts = {
        "pipeline": pipeline,
        "partitions": [param for param in pipeline.params if param.partition],
        "chosen": frozenset(ask.lists.get("tasks", ())),
        "has_tables": bool(pipeline.datasets),
    }
    return Page("reset", f"reset {pipeline.title}", facts)
