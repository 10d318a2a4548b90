"""The tab with the sums of a run's fan-outs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from penstock.engine.state.records import ItemCounts
from penstock.web.pages.run_tab import Matter


@dataclass(frozen=True, slots=True)
class Ledger:
    """The items of one fan-out.

    Args:
        href: Address of its items.
    """

    title: str
    href: str
    counts: ItemCounts


def tell(matter: Matter) -> Mapping[str, Any]:
    """Return the sums of every fan-out."""
    subject = matter.subject
    ledgers = [
        Ledger(subject.title_of(task), f"{subject.address_of(task)}/items", counts)
        for task, counts in sorted(matter.items.items())
    ]
    return {"ledgers": ledgers}
