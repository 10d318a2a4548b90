"""Calls bodies in a child process: it speaks lines of JSON over pipes, and can be killed when it is stuck."""

from __future__ import annotations

import os
import selectors
import subprocess
import sys
from contextlib import suppress
from datetime import timedelta
from typing import IO, Any

from penstock.engine.execution.call import Call
from penstock.engine.execution.retry import ForeignFailure
from penstock.engine.execution.session import Session
from penstock.engine.state.records import Failure, Item
from penstock.errors import RunCancelledError, Skip, TimeLimitError
from penstock.kit.durations import format_duration
from penstock.kit.jsonable import from_json, to_json

_POLL = 0.05
#: How long an idle child may take to leave.
_PARTING = timedelta(seconds=10)


class ChildCaller:
    """A child process that calls bodies one at a time; started with the first call, and anew after it died.

    The parent keeps the right to the work and records every outcome; the child only calls. It finds the pipeline by
    name, with the settings of this process, so the pipeline has to be one that `penstock list` shows.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        session.resources.share()
        self._process: subprocess.Popen[bytes] | None = None
        self._buffer = b""
        self._is_busy = False

    def __call__(self, call: Call) -> Any:
        """Return what the body returned in the child.

        Raises:
            TimeLimitError: The time limit passed; the child was killed.
            RunCancelledError: The run is being stopped now; the child was killed.
            ForeignFailure: The body failed in the child, or the child died.
        """
        self._session.resources.release()
        if call.task.script is not None:
            from penstock.engine.execution.script.run import run_script

            return run_script(self._session, call)
        process = self._start()
        self._is_busy = True
        _send(process.stdin, self._request(call))
        clock, began = self._session.clock, self._session.clock.now()
        while True:
            answer = self._receive(process, call, clock.now() - began)
            if answer is not None and "message" in answer:
                call.journal.log(answer["message"], answer["facts"])
            elif answer is not None and "done" in answer:
                call.journal.progress(answer["done"], answer["total"], answer["unit"])
            elif answer is not None:
                self._is_busy = False
                call.params.read.update(answer["read"])
                return _outcome(answer)

    def close(self) -> None:
        """End the child: one that is idle puts its files in order and leaves by itself; any other is killed."""
        process = self._process
        if process is not None:
            if process.stdin is not None and not self._is_busy:
                process.stdin.close()
                with suppress(subprocess.TimeoutExpired):
                    process.wait(_PARTING.total_seconds())
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()
            self._process = None
            self._buffer = b""
            self._is_busy = False

    def _start(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self.close()
            environment = {**os.environ, **self._session.resources.get("environment")}
            self._process = subprocess.Popen(
                [sys.executable, "-m", "penstock.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=environment,
                start_new_session=True,  # a Ctrl-C at the terminal is for the parent to hear
            )
        return self._process

    def _request(self, call: Call) -> dict[str, Any]:
        item = None if call.item is None else [call.item.key, call.item.payload]
        run = self._session.run
        return {
            "run_id": run.run_id,
            "pipeline": run.pipeline,
            "params": run.params,
            "task": call.task.name,
            "attempt": call.attempt,
            "token": call.claim.token,
            "owner": call.claim.owner,
            "item": item,
        }

    def _receive(self, process: subprocess.Popen[bytes], call: Call, elapsed: timedelta) -> dict[str, Any] | None:
        limit = call.task.timeout
        if limit is not None and elapsed > limit:
            self.close()
            raise TimeLimitError(f"passed its time limit of {format_duration(limit)}; its process was ended")
        if self._session.stopping_now.is_set():
            self.close()
            raise RunCancelledError("the run was stopped")
        assert process.stdout is not None  # noqa: S101 - opened with a pipe
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            if b"\n" not in self._buffer and selector.select(_POLL):
                block = os.read(process.stdout.fileno(), 1 << 16)
                if not block:
                    raise self._died(process)
                self._buffer += block
        line, found, rest = self._buffer.partition(b"\n")
        if not found:
            return None
        self._buffer = rest
        answer: dict[str, Any] = from_json(line)
        return answer

    def _died(self, process: subprocess.Popen[bytes]) -> ForeignFailure:
        code = process.wait()
        self.close()
        return ForeignFailure(Failure("ProcessDied", f"the process of the body ended by itself with code {code}"))


def _send(pipe: IO[bytes] | None, request: dict[str, Any]) -> None:
    assert pipe is not None  # noqa: S101 - opened with a pipe
    pipe.write(to_json(request).encode() + b"\n")
    pipe.flush()


def _outcome(answer: dict[str, Any]) -> Any:
    if "skip" in answer:
        raise Skip(answer["skip"])
    if "failure" in answer:
        after = answer["after"]
        raise ForeignFailure(Failure(**answer["failure"]), None if after is None else timedelta(seconds=after))
    value = answer["value"]
    return [Item(key, payload) for key, payload in value["items"]] if "items" in value else value["plain"]
