"""What the processes of `test_sqlite_state_store.py` do: work on a state store and say what it confirmed."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta

from penstock.engine.state.connect import open_state_store
from penstock.engine.state.records import ItemStatus, RunStatus
from penstock.engine.state.store import StateStore
from tests.factories import an_end, an_event, an_item_end

TTL = timedelta(seconds=60)


def now() -> datetime:
    return datetime.now(UTC)


def say(word: str, thing: object) -> None:
    print(word, thing, flush=True)


def work_on_tasks(store: StateStore, owner: str) -> None:
    while store.find_run("R1").status is RunStatus.RUNNING:
        claims = store.claim_task_runs("R1", owner, now(), TTL)
        while claims:
            claim = claims.pop()
            told = store.finish_task_run(claim, an_end(finished_at=now()), [an_event(task=claim.task)], next_ttl=TTL)
            say("done", claim.task)
            if told.run_closed:
                say("closed", told.run_closed.value)
            if told.next_claim:
                claims.append(told.next_claim)


def work_on_items(store: StateStore, owner: str) -> None:
    claim = store.claim_task_runs("R1", owner, now(), TTL)[0]
    while held := store.claim_items(claim, owner, now(), TTL, limit=5):
        store.finish_items(claim, [an_item_end(item, ItemStatus.COMPLETED) for item in held], now())
        for item in held:
            say("done", item.item.key)


def append_for_ever(store: StateStore, owner: str) -> None:
    number = 0
    while True:
        number += 1
        store.append_events([an_event(facts={"n": number, "part": part}) for part in (1, 2, 3)])
        say("done", number)


def take_names(store: StateStore, owner: str) -> None:
    for number in range(200):
        if store.acquire_lease(f"name{number}", owner, now(), TTL).owner == owner:
            say("done", number)


if __name__ == "__main__":
    verb, url, owner = sys.argv[1:]
    globals()[verb](open_state_store(url), owner)
