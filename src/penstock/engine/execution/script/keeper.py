"""Tells the keeper of this process which scripts run, so that they end with this process however it ends."""

from __future__ import annotations

import atexit
import itertools
import os
import subprocess
import sys
import threading
from functools import cache

from penstock.engine.execution.script import keeper_process
from penstock.engine.execution.script.environment import MARK
from penstock.engine.execution.script.keeper_process import RECORD, ticks
from penstock.errors import StateError
from penstock.kit.process import own_name


class Keeper:
    """The keeper of one process: started with its first script, and anew if it is gone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._table: int | None = None
        self._places: dict[str, int] = {}
        self._expected_at: dict[str, int] = {}
        self._name = own_name()
        self._numbers = itertools.count(1)

    def expect(self) -> str:
        """Return the mark of a script that is about to be started.

        Raises:
            StateError: No keeper can be started.
        """
        with self._lock:
            self._require()
            mark = f"{self._name}/{next(self._numbers)}"
            taken = set(self._places.values())
            self._places[mark] = next(place for place in itertools.count() if place not in taken)
            self._expected_at[mark] = ticks()
            self._write(mark, mark)
        return mark

    def ensure(self) -> None:
        """Start the keeper anew if it is gone; it is handed the table of what runs as that stands.

        Raises:
            StateError: It cannot be started.
        """
        with self._lock:
            self._require()

    def begin(self, mark: str, group: int) -> None:
        """Note the process group of a script that was started."""
        earliest = self._expected_at[mark]
        self._write(mark, f"{mark} {group} {earliest} {ticks()}")

    def end(self, mark: str) -> None:
        """Note that nothing is left of a script."""
        with self._lock:
            self._write(mark, "")
            del self._places[mark], self._expected_at[mark]

    def close(self) -> None:
        """Let the keeper go; it kills what has not ended."""
        with self._lock:
            process, self._process = self._process, None
            if process is not None and process.stdin is not None:
                process.stdin.close()
                process.wait()

    def abandon(self) -> None:
        """Let go, in a forked process, of the keeper that belongs to the process it was forked from."""
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
            self._process.returncode = 0  # it is no child of this process

    def _write(self, mark: str, text: str) -> None:
        assert self._table is not None  # noqa: S101 - made before the first mark
        os.pwrite(self._table, text.encode().ljust(RECORD, b"\0"), self._places[mark] * RECORD)

    def _require(self) -> None:
        if self._process is not None and self._process.poll() is None:
            return
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
        try:
            if self._table is None:
                self._table = _open_table()
            self._process = self._start(self._table)
        except OSError as error:
            raise StateError(
                f"cannot start the process that ends scripts when this one dies: {error.strerror}",
                hint="look for limits on processes, memory and open files",
            ) from error

    @staticmethod
    def _start(table: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 - a file of our own
            [sys.executable, "-I", "-S", keeper_process.__file__, str(table), MARK],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            # With the mark of an outer script it would be killed by that one's keeper before it has done its work.
            env={name: value for name, value in os.environ.items() if name != MARK},
            pass_fds=(table,),
            start_new_session=True,  # what ends this process's group must not end the keeper with it
        )


def _open_table() -> int:
    if hasattr(os, "memfd_create"):
        return os.memfd_create("penstock-scripts")
    from tempfile import TemporaryFile

    with TemporaryFile() as file:
        return os.dup(file.fileno())


@cache
def keeper() -> Keeper:
    """Return the keeper of this process."""
    made = Keeper()
    atexit.register(made.close)

    def forget() -> None:
        made.abandon()
        atexit.unregister(made.close)
        keeper.cache_clear()

    os.register_at_fork(after_in_child=forget)
    return made
