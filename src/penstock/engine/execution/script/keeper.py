"""Tells the keeper of this process which scripts run, so that they end with this process however it ends."""

from __future__ import annotations

import atexit
import itertools
import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from functools import cache

from penstock.engine.execution.script import keeper_process
from penstock.engine.execution.script.environment import MARK
from penstock.errors import StateError
from penstock.kit.process import own_name


class Keeper:
    """The keeper of one process: started with its first script, and anew if it is gone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._live: dict[str, str] = {}
        self._name = own_name()
        self._numbers = itertools.count(1)

    def expect(self) -> str:
        """Return the mark of a script that is about to be started.

        Raises:
            StateError: No keeper can be started.
        """
        mark = f"{self._name}/{next(self._numbers)}"
        self._tell(mark, f"expect {mark}\n")
        return mark

    def begin(self, mark: str, group: int) -> None:
        """Note the process group of a script that was started.

        Raises:
            StateError: No keeper can be started.
        """
        self._tell(mark, f"begin {mark} {group}\n")

    def end(self, mark: str) -> None:
        """Note that nothing is left of a script."""
        with self._lock:
            if self._live.pop(mark, None) is not None and self._process is not None:
                with suppress(OSError):
                    self._write(f"end {mark}\n")

    def close(self) -> None:
        """Let the keeper go; it kills what has not ended."""
        with self._lock:
            process, self._process = self._process, None
            if process is not None and process.stdin is not None:
                process.stdin.close()
                process.wait()

    def abandon(self) -> None:
        """Forget the keeper of the process this one was forked from."""
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
            self._process.returncode = 0  # it is no child of this process

    def _tell(self, mark: str, line: str) -> None:
        with self._lock:
            self._live[mark] = line
            try:
                if self._process is not None:
                    self._write(line)
                    return
            except OSError:  # it died, or hangs and its pipe is full
                self._stop()
            self._start()

    def _write(self, line: str) -> None:
        assert self._process is not None  # noqa: S101 - asked for by whoever looked
        assert self._process.stdin is not None  # noqa: S101 - opened with a pipe
        os.write(self._process.stdin.fileno(), line.encode())

    def _start(self) -> None:
        environment = {name: value for name, value in os.environ.items() if name != MARK}
        try:
            self._process = subprocess.Popen(  # noqa: S603 - a file of our own
                [sys.executable, "-I", "-S", keeper_process.__file__, MARK],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=environment,
                start_new_session=True,  # what ends this process's group must not end the keeper with it
                bufsize=0,
            )
            assert self._process.stdin is not None  # noqa: S101 - opened with a pipe
            os.set_blocking(self._process.stdin.fileno(), False)
            for line in self._live.values():
                self._write(line)
        except OSError as error:
            raise StateError(
                f"cannot start the process that ends scripts when this one dies: {error.strerror}",
                hint="look for limits on processes, memory and open files",
            ) from error

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is not None and process.stdin is not None:
            process.send_signal(signal.SIGKILL)
            process.stdin.close()
            process.wait()


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
