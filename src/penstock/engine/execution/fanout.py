"""Works through the items of one fan-out: claims them in batches, calls the body on each, records how each ended."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from penstock.engine.definition.task import Task
from penstock.engine.execution.call import Call, Caller
from penstock.engine.execution.context import Params
from penstock.engine.execution.journal import AttemptJournal
from penstock.engine.execution.retry import asked_delay, decide_retry, describe_failure
from penstock.engine.execution.session import Session
from penstock.engine.planning.freshness import Present
from penstock.engine.state.records import Claim, Item, ItemClaim, ItemCounts, ItemOutcome, ItemStatus
from penstock.errors import DefinitionError, LeaseLostError, RunCancelledError, Skip
from penstock.kit.jsonable import digest

#: How many items are claimed at a time, and how long outcomes may wait to be recorded together.
BATCH = 200
GROUP_COMMIT = timedelta(milliseconds=10)
_POLL = timedelta(milliseconds=20)


class FanOut:
    """One fan-out task run in the hands of this process; any of its workers may help with it."""

    def __init__(self, session: Session, claim: Claim, task: Task, params: Params, journal: AttemptJournal) -> None:
        self._session = session
        self._claim = claim
        self._task = task
        self._params = params
        self._journal = journal
        self.counts = ItemCounts()

    def discover(self, items: Iterable[Item], present: Present, carry_from: str | None) -> None:
        """Write the items to the ledger; those that an earlier run completed alike are taken over from there.

        Alike means: with the same payload, code, version and parameters, and the same state of everything else the task
        reads; only the list of items itself may differ.
        """
        read = {name: state.value for name, state in present.inputs.items()}
        others = {name: token for name, token in present.results.items() if name != self._task.each}
        basis = digest([present.code, present.version, present.params, read, others])
        now = self._session.clock.now()
        self.counts = self._session.store.add_items(self._claim, items, basis, carry_from, now)

    def finish(self, caller: Caller) -> None:
        """Work until no item is waiting or being handled.

        Raises:
            RunCancelledError: The run is stopping; items not begun stay pending.
            LeaseLostError: Another process took the fan-out over.
        """
        session = self._session
        while True:
            self.help(caller)
            self.counts = session.store.finish_items(self._claim, [], session.clock.now())
            if self.counts.is_settled:
                return
            if session.stopping.is_set():
                raise RunCancelledError("the run was stopped", hint=f"penstock resume {session.run.run_id}")
            session.wait(_POLL)

    def help(self, caller: Caller) -> bool:
        """Work on items until none can be claimed; return whether any was."""
        session, worked = self._session, False
        while not session.stopping.is_set():
            now = session.clock.now()
            claims = session.store.claim_items(self._claim, session.owner, now, session.ttl, limit=BATCH)
            if not claims:
                break
            worked = True
            self._handle(claims, caller, now)
        return worked

    def _handle(self, claims: list[ItemClaim], caller: Caller, began: datetime) -> None:
        session = self._session
        done: list[ItemOutcome] = []
        left = claims[::-1]
        try:
            while left and not session.stopping.is_set():
                done.append(self._call(left[-1], caller))
                left.pop()
                now = session.clock.now()
                if now - began >= GROUP_COMMIT:
                    self._record(done, now)
                    done, began = [], now
        finally:
            # Whatever ends this, what is done is kept, and what was not begun or not finished waits again.
            done += [ItemOutcome(claim.item.key, claim.token, ItemStatus.PENDING) for claim in reversed(left)]
            self._record(done, session.clock.now())

    def _record(self, done: list[ItemOutcome], now: datetime) -> None:
        if done:
            self.counts = self._session.store.finish_items(self._claim, done, now)
        settled = self.counts.discovered - self.counts.pending - self.counts.running
        self._journal.progress(settled, self.counts.discovered, "items")

    def _call(self, claim: ItemClaim, caller: Caller) -> ItemOutcome:
        key, token = claim.item.key, claim.token
        # A call that passes its time limit expires its journal: then each item has one of its own.
        journal = self._journal if self._task.timeout is None else AttemptJournal(self._session, self._claim)
        try:
            value = caller(Call(self._task, self._claim, claim.attempt, self._params, journal, claim.item))
            return ItemOutcome(key, token, ItemStatus.COMPLETED, value)
        except Skip as skip:
            return ItemOutcome(key, token, ItemStatus.SKIPPED, self._session.veil.text(str(skip)) or None)
        except (LeaseLostError, RunCancelledError):
            raise
        except Exception as error:  # noqa: BLE001 - the item's attempt boundary: whatever a body raises is its outcome
            return self._failed(claim, error)

    def _failed(self, claim: ItemClaim, error: Exception) -> ItemOutcome:
        failure = describe_failure(error).veiled(self._session.veil)
        asked = asked_delay(error)
        delay = decide_retry(self._task, failure, claim.attempt, asked, self._session.chance())
        key, token = claim.item.key, claim.token
        if delay is None:
            return ItemOutcome(key, token, ItemStatus.FAILED, failure=failure)
        return ItemOutcome(key, token, ItemStatus.PENDING, failure=failure, retry_at=self._session.clock.now() + delay)


def items_of(value: Any, task: Task) -> list[Item]:
    """Return what the task that lists a fan-out's items returned, as items.

    Raises:
        DefinitionError: It is not a list of items, texts, or pairs of a key and a payload; or two have one key.
    """
    if not isinstance(value, list | tuple):
        raise DefinitionError(
            f"task `{task.each}` returned {type(value).__name__}, but `{task.name}` handles its items one by one",
            hint="return a list of `Item(key, payload)` or of texts",
        )
    found: dict[str, Item] = {}
    for item in (_item(one, task) for one in value):
        if found.setdefault(item.key, item).payload != item.payload:
            raise DefinitionError(
                f"task `{task.each}` listed item `{item.key}` twice, with different payloads",
                hint="give each item a key of its own",
            )
    return list(found.values())


def _item(one: Any, task: Task) -> Item:
    if isinstance(one, Item):
        return one
    if isinstance(one, str):
        return Item(one)
    if isinstance(one, list | tuple) and len(one) == 2 and isinstance(one[0], str):
        return Item(one[0], one[1])
    raise DefinitionError(
        f"task `{task.each}` listed `{one!r:.60}`, which is no item", hint="give each item a text as its stable key"
    )
