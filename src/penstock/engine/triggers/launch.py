"""Starts the runs that firings ask for: within this process, or each in a child process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, Any, Protocol

from penstock.engine.engine import Engine
from penstock.engine.planning.request import RunRequest
from penstock.errors import ConflictError, PenstockError
from penstock.kit.jsonable import from_json, to_json

_LONGEST_MESSAGE = 500


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done: a request for a new run, or the id of a run to go on with, or of one to try again.

    Args:
        new_id: The id of the new run that trying again takes, where it takes one.
    """

    request: RunRequest | None = None
    resume: str | None = None
    retry: str | None = None
    new_id: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the order as sent to a child process."""
        asked = self.request
        return {
            "resume": self.resume,
            "retry": self.retry,
            "new_id": self.new_id,
            "request": asked
            and {
                "pipeline": asked.pipeline,
                "params": dict(asked.params),
                "tasks": list(asked.tasks),
                "skip": list(asked.skip),
                "force": asked.force,
                "continue_on_failure": asked.continue_on_failure,
                "cause": asked.cause,
                "deployment": asked.deployment,
                "run_id": asked.run_id,
            },
        }

    @classmethod
    def read(cls, text: str) -> Order:
        """Return the order a child process was sent."""
        told = from_json(text)
        asked = told["request"]
        request = asked and RunRequest(**{**asked, "tasks": tuple(asked["tasks"]), "skip": tuple(asked["skip"])})
        return cls(request, told["resume"], told["retry"], told["new_id"])


@dataclass(frozen=True, slots=True)
class Ending:
    """How the start, or the process that made it, ended; how the run ended is in the state store.

    Args:
        message: Why it did not go well, if it did not.
        is_conflict: Whether another run was in the way, so that it should be tried again.
        is_crash: Whether the process died.
    """

    message: str | None = None
    is_conflict: bool = False
    is_crash: bool = False


class Launched(Protocol):
    """Something that was started."""

    def poll(self) -> Ending | None:
        """Return how it ended; None while it goes on."""
        ...

    def stop(self, *, now: bool) -> None:
        """Tell it to end: after the running tasks, or at once."""
        ...


class Launch(Protocol):
    """Carries orders out."""

    def __call__(self, order: Order) -> Launched:
        """Start what is ordered; an implementation may return only when it has ended."""
        ...


class InProcess:
    """Carries orders out in this process, one after the other: for tests, demonstrations and programs."""

    def __init__(self, engine: Engine, *, executor: str | None = None, workers: int | None = None) -> None:
        self._engine = engine
        self._how: dict[str, Any] = {"executor": executor, "workers": workers}

    def __call__(self, order: Order) -> Launched:
        """See `Launch.__call__`."""
        try:
            carry_out(self._engine, order, **self._how)
        except PenstockError as error:
            return _Ended(Ending(error.message, is_conflict=isinstance(error, ConflictError)))
        return _Ended(Ending())


def carry_out(engine: Engine, order: Order, *, executor: str | None = None, workers: int | None = None) -> int:
    """Do what is ordered, and return the exit code of the run.

    Raises:
        PenstockError: It could not be started.
    """
    if order.resume:
        return engine.resume(order.resume, executor=executor, workers=workers).exit_code
    if order.retry:
        return engine.retry(order.retry, new_id=order.new_id, executor=executor, workers=workers).exit_code
    assert order.request is not None  # noqa: S101 - an order is one of both
    return engine.run(order.request, executor=executor, workers=workers).exit_code


@dataclass(frozen=True, slots=True)
class _Ended:
    ending: Ending

    def poll(self) -> Ending | None:
        return self.ending

    def stop(self, *, now: bool) -> None:
        """Nothing is left to be told."""


class ChildProcesses:
    """Carries each order out in a child process, which reads it from its standard input.

    Args:
        arguments: Of Python, that make it `carry_out` an order.
        environment: Variables that give the child the settings of this process.
    """

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
        self._arguments = arguments
        self._environment = environment

    def __call__(self, order: Order) -> Launched:
        """See `Launch.__call__`."""
        said = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the child has ended
        process = subprocess.Popen(  # noqa: S603 - this very interpreter
            [sys.executable, *self._arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=said,
            env={**os.environ, **self._environment},
            start_new_session=True,  # a Ctrl-C at the terminal is for the scheduler to hear and to pass on
        )
        assert process.stdin is not None  # noqa: S101 - it is a pipe
        with suppress(BrokenPipeError):  # the child died at once: poll tells how
            process.stdin.write(to_json(order.as_json()).encode())
            process.stdin.close()
        return _Child(process, said)


class _Child:
    def __init__(self, process: subprocess.Popen[bytes], said: IO[bytes]) -> None:
        self._process = process
        self._said = said
        self._ending: Ending | None = None

    def poll(self) -> Ending | None:
        if self._ending is None and (code := self._process.poll()) is not None:
            self._ending = self._read_ending(code)
        return self._ending

    def _read_ending(self, code: int) -> Ending:
        self._said.seek(0)
        words = self._said.read().decode(errors="replace")
        self._said.close()
        if code < 0:
            return Ending(f"its process was ended by {signal.Signals(-code).name}", is_crash=True)
        return Ending(None if code == 0 else _told(words, code), is_conflict=code == ConflictError.exit_code)

    def stop(self, *, now: bool) -> None:
        self._process.send_signal(signal.SIGINT if now else signal.SIGTERM)


def _told(words: str, code: int) -> str:
    errors = [line.removeprefix("error: ") for line in words.splitlines() if line.startswith("error: ")]
    return (errors[-1] if errors else f"its process ended with exit code {code}")[:_LONGEST_MESSAGE]
