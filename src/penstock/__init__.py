"""Public-data pipelines that know what changed, survive anything, and can say why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from penstock.engine.definition.dataset import Feed, File
from penstock.engine.definition.deployment import After, Cron, Deployment
from penstock.engine.definition.param import Param
from penstock.engine.definition.pipeline import Pipeline
from penstock.engine.definition.task import Exponential, Task, task
from penstock.engine.execution.context import Context
from penstock.engine.state.records import Item
from penstock.errors import PenstockError, Retry, Skip, SourceError

if TYPE_CHECKING:
    from penstock.bootstrap import open_engine, open_source
    from penstock.engine.engine import Engine
    from penstock.engine.planning.request import RunRequest

__all__ = [
    "After",
    "Context",
    "Cron",
    "Deployment",
    "Engine",
    "Exponential",
    "Feed",
    "File",
    "Item",
    "Param",
    "PenstockError",
    "Pipeline",
    "Retry",
    "RunRequest",
    "Skip",
    "SourceError",
    "Task",
    "open_engine",
    "open_source",
    "task",
]

__version__ = "0.1.0"

# Declaring a pipeline needs none of the machinery that runs it: these load when they are first used.
_LAZY = {
    "Engine": "penstock.engine.engine",
    "RunRequest": "penstock.engine.planning.request",
    "open_engine": "penstock.bootstrap",
    "open_source": "penstock.bootstrap",
}


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        from importlib import import_module

        return getattr(import_module(_LAZY[name]), name)
    raise AttributeError(f"module `penstock` has no attribute `{name}`")
