"""The tab with how a run was asked for and who worked on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from penstock.kit.process import describe
from penstock.web.pages.run_tab import Matter

_MOST_WORKERS = 50


@dataclass(frozen=True, slots=True)
class Worker:
    """A process that worked on the run.

    Args:
        attempts: How many attempts it made.
    """

    process: str
    attempts: int


def tell(matter: Matter) -> Mapping[str, Any]:
    """Return parameters, cause, deployment and workers."""
    run, pipeline = matter.subject.run, matter.subject.pipeline
    attempts = Counter(describe(attempt.owner) for task in matter.tasks for attempt in task.attempts)
    declared = {param.name: param for param in pipeline.params} if pipeline else {}
    return {
        "params": [
            (name, value, declared[name].doc if name in declared else "")
            for name, value in matter.subject.veil.params.items()
        ],
        "owner": describe(run.owner),
        "workers": [Worker(process, count) for process, count in attempts.most_common(_MOST_WORKERS)],
        "more_workers": max(0, len(attempts) - _MOST_WORKERS),
        "file": str(pipeline.file.name) if pipeline and pipeline.file else "",
        "is_declared": pipeline is not None,
        "all_tasks": len(matter.tasks),
    }
