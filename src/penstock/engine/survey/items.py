"""A page of the items of one fan-out."""

from __future__ import annotations

from dataclasses import dataclass

from penstock.engine.state.records import ItemCounts, ItemRecord, ItemStatus
from penstock.engine.state.store import StateStore
from penstock.errors import UsageError
from penstock.kit.spelling import did_you_mean


@dataclass(frozen=True, slots=True)
class ItemPage:
    """Some items of a fan-out, by key.

    Args:
        counts: Sums of the whole ledger, whatever was asked for.
        next_after: What to ask for to get the page behind this one; None when there is none.
    """

    counts: ItemCounts
    records: tuple[ItemRecord, ...]
    next_after: str | None


def read_items(
    store: StateStore,
    run_id: str,
    task: str,
    *,
    status: ItemStatus | None,
    error: str | None,
    after: str | None,
    limit: int,
) -> ItemPage:
    """Return a page of items.

    Raises:
        UsageError: The run has no such fan-out.
    """
    sums, records = store.list_items(run_id, task=task, status=status, error=error, after=after, limit=limit + 1)
    if task not in sums:
        fan_outs, _ = store.list_items(run_id, limit=0)
        raise UsageError(f"run `{run_id}` has no fan-out `{task}`", hint=did_you_mean(task, fan_outs))
    is_more = len(records) > limit > 0
    return ItemPage(sums[task], tuple(records[:limit]), records[limit - 1].key if is_more else None)
