"""What a tab of a run's page is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from penstock.engine.state.records import ItemCounts, TaskRun
from penstock.engine.state.store import StateStore
from penstock.web.pages.run_subject import Subject


class Matter(NamedTuple):
    """What a tab is given.

    Args:
        tasks: The run's task runs, where the tab asked for them.
        items: The sums of the run's fan-outs.
        query: What stands behind the `?` of the address.
    """

    store: StateStore
    subject: Subject
    tasks: Sequence[TaskRun]
    items: Mapping[str, ItemCounts]
    query: Mapping[str, str]
