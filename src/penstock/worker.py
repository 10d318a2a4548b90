"""A child of the process executor: reads requests from standard input, calls bodies, answers on standard output."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import IO, Any

from penstock.bootstrap import open_engine
from penstock.engine.engine import Engine
from penstock.engine.execution.context import Context, Params
from penstock.engine.execution.journal import require_claim
from penstock.engine.execution.retry import asked_delay, describe_failure
from penstock.engine.state.records import Claim, Item
from penstock.engine.state.store import StateStore
from penstock.errors import Skip
from penstock.kit.clock import SystemClock
from penstock.kit.jsonable import from_json, to_json

_WATCH_INTERVAL = timedelta(milliseconds=250)


class PipeJournal:
    """Sends what a body reports to the parent, one line of JSON each."""

    def __init__(self, pipe: IO[bytes], store: StateStore, claim: Claim) -> None:
        self._pipe = pipe
        self._store = store
        self.claim = claim
        self._lock = threading.Lock()

    def answer(self, facts: Mapping[str, Any]) -> None:
        """Write one line to the parent."""
        with self._lock:
            self._pipe.write(to_json(facts).encode() + b"\n")
            self._pipe.flush()

    def log(self, message: str, facts: Mapping[str, Any]) -> None:
        """Have the parent append a message to the event log."""
        self.answer({"message": message, "facts": facts})

    def progress(self, done: int, total: int | None, unit: str) -> None:
        """Have the parent report progress."""
        self.answer({"done": done, "total": total, "unit": unit})

    def check(self) -> None:
        """Return: a child whose work was taken away is killed by its parent."""

    def fence(self) -> None:
        """Ask the state store whether the parent's claim still holds.

        Raises:
            LeaseLostError: Another process took the task over.
        """
        require_claim(self._store, self.claim, SystemClock().now())


def main() -> None:
    """Serve requests until the parent closes the pipe."""
    # What bodies print must not get between the answers: it goes where talk goes, to standard error.
    pipe = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    threading.Thread(target=_end_with, args=(os.getppid(),), name="penstock-parent-watch", daemon=True).start()
    with open_engine() as engine:
        engine.data.share()
        for line in sys.stdin.buffer:
            request = from_json(line)
            journal = PipeJournal(pipe, engine.store, _claim_of(request))
            journal.answer(_serve(engine, request, journal))
            engine.data.release()


def _claim_of(request: dict[str, Any]) -> Claim:
    """Return the parent's claim, as far as a write is fenced by it."""
    now = SystemClock().now()
    return Claim(
        request["run_id"], request["task"], "run", {}, request["attempt"], request["token"], request["owner"], now
    )


def _end_with(parent: int) -> None:
    """End this process with its parent: the work may be in other hands then, and must not be written twice."""
    clock = SystemClock()
    while os.getppid() == parent:
        clock.sleep(_WATCH_INTERVAL)
    os._exit(1)


def _serve(engine: Engine, request: dict[str, Any], journal: PipeJournal) -> dict[str, Any]:
    read: set[str] = set()
    try:
        pipeline = engine.pipeline(request["pipeline"])
        values = pipeline.resolve(request["params"])
        params = Params(values)
        read = params.read
        context = Context(
            run_id=request["run_id"],
            attempt=request["attempt"],
            params=params,
            resources=engine.resources_for(pipeline),
            results=lambda task: engine.result(pipeline, pipeline.partition(values), task),
            journal=journal,
        )
        arguments = [] if request["item"] is None else [Item(*request["item"])]
        value = pipeline.task(request["task"]).body(context, *arguments)
        return {"value": _listed(value), "read": sorted(read)}
    except Skip as skip:
        return {"skip": str(skip), "read": sorted(read)}
    except Exception as error:  # noqa: BLE001 - told to the parent, which records it as the attempt's outcome
        after = asked_delay(error)
        return {
            "failure": asdict(describe_failure(error)),
            "after": after and after.total_seconds(),
            "read": sorted(read),
        }


def _listed(value: Any) -> Any:
    """Items travel as pairs; the parent makes items of them again."""
    if isinstance(value, list | tuple) and value and all(isinstance(one, Item) for one in value):
        return {"items": [[one.key, one.payload] for one in value]}
    return {"plain": value}


if __name__ == "__main__":
    main()
