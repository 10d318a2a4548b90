"""Finds runs page by page, with statuses as they truly are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from penstock.engine.reading import RunReader
from penstock.engine.state.records import Run, RunStatus
from penstock.engine.state.store import StateStore
from penstock.engine.view import RunView
from penstock.kit.jsonable import to_json
from penstock.kit.veil import Veil

#: Runs read at a time while looking for those a store cannot tell apart by itself.
_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class RunPage:
    """Some runs, newest first, without their tasks.

    Args:
        next_before: What to ask for to get the page behind this one; None when there is none.
    """

    runs: tuple[RunView, ...]
    next_before: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSearch:
    """Which runs are looked for; None is no condition."""

    pipeline: str | None = None
    status: RunStatus | None = None
    deployment: str | None = None
    text: str = ""

    def page(self, store: StateStore, reader: RunReader, before: str | None, limit: int) -> RunPage:
        """Return up to `limit` runs that are older than `before`."""
        found = list(islice(self._matches(store, reader, before, limit), limit + 1))
        is_more = len(found) > limit > 0
        return RunPage(tuple(found[:limit]), found[limit - 1].run.run_id if is_more else None)

    def _matches(self, store: StateStore, reader: RunReader, before: str | None, limit: int) -> Iterator[RunView]:
        at_once = max(limit + 1, _AT_ONCE) if self.text else limit + 1
        while True:
            runs = store.list_runs(
                pipeline=self.pipeline,
                status=self._stored_status(),
                deployment=self.deployment,
                before=before,
                limit=at_once,
            )
            views = (RunView(run, reader.status_of(run), ()) for run in runs if self._has_text(run))
            yield from (view for view in views if self.status in (None, view.status))
            if len(runs) < at_once:
                return
            before = runs[-1].run_id

    def _stored_status(self) -> RunStatus | None:
        """Return what the store can filter by: a run that is stored as running may be abandoned in truth."""
        return None if self.status is RunStatus.ABANDONED else self.status

    def _has_text(self, run: Run) -> bool:
        text = self.text.casefold()
        if not text:
            return True
        veil = Veil.over(run.params)  # a search that finds secrets could be asked for them letter by letter
        told = (run.run_id, veil.command(run.cause), run.partition, to_json(veil.params))
        return any(text in one.casefold() for one in told)
