"""One running script: its process, its process group, and whatever of it left the group."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import IO

from penstock.engine.definition.script import Script
from penstock.engine.execution.retry import ForeignFailure
from penstock.engine.execution.script.environment import MARK
from penstock.engine.execution.script.keeper import Keeper
from penstock.engine.execution.script.keeper_process import kill_marked, signal_marked
from penstock.engine.state.records import Failure
from penstock.errors import DefinitionError

#: How often all processes of the machine are looked through, which takes milliseconds.
_SEARCH_REST_S = 0.2
#: What may be over in a moment: too little of something, or a file somebody is still writing.
_PASSING = {errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE, errno.ETXTBSY}


class ProcessGroup:
    """A script's process in a session of its own; signals go to everything in it.

    The number of a group stays its own while its first process is not reaped or anything else is in it, so no signal
    ever reaches a stranger: nothing is signalled once the group was found empty.

    A context manager: at its end whatever is left is killed.
    """

    def __init__(self, process: subprocess.Popen[bytes], mark: str) -> None:
        self._process = process
        self._entry = f"{MARK}={mark}".encode()
        self._is_empty = False
        self._has_strays = False
        self._search_members_at = self._search_strays_at = 0.0
        self.id = process.pid

    @property
    def pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        """What it writes to: stdout and stderr."""
        assert self._process.stdout is not None  # noqa: S101 - opened with a pipe
        assert self._process.stderr is not None  # noqa: S101 - opened with a pipe
        return self._process.stdout, self._process.stderr

    @property
    def exit_code(self) -> int | None:
        """The exit code, minus the signal's number where one ended it; None while it runs."""
        return self._process.returncode

    def open_handle(self) -> int | None:
        """Return a file descriptor that becomes readable when the process ends; None where there is no such thing."""
        try:
            return os.pidfd_open(self.id)
        except (OSError, AttributeError):
            return None

    def has_ended(self) -> bool:
        """Whether the process itself ended; it is not reaped by this.

        Raises:
            ForeignFailure: It ended, but something else in this process took its exit code.
        """
        if self._process.returncode is not None:
            return True
        if not hasattr(os, "waitid"):
            return self._process.poll() is not None
        try:
            told = os.waitid(os.P_PID, self.id, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            self._process.returncode = -1
            raise ForeignFailure(
                Failure("ScriptFailed", "the script's exit code was taken by something else in this process")
            ) from None
        if told is not None:
            is_plain = told.si_code == os.CLD_EXITED
            self._process.returncode = told.si_status if is_plain else -told.si_status
        return told is not None

    def signal(self, number: int) -> None:
        """Send a signal to everything in the group."""
        if not self._is_empty:
            # A process that runs as somebody else may not be signalled, nor may a zombie on some systems.
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.id, number)

    def has_members(self) -> bool:
        """Reap what ended; whether anything is left in the group, as far as a search some moments ago can tell."""
        if not self._is_empty and self.has_ended():
            with suppress(ChildProcessError):
                while os.waitpid(-self.id, os.WNOHANG)[0]:
                    pass
            self._is_empty = not self._may_live()
        return not self._is_empty

    def _may_live(self) -> bool:
        try:
            os.killpg(self.id, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        if monotonic() < self._search_members_at:
            return True
        self._search_members_at = monotonic() + _SEARCH_REST_S
        return _lives(self.id)

    def has_strays(self) -> bool:
        """Whether anything it started left the group and lives, as far as a search some moments ago can tell."""
        if monotonic() >= self._search_strays_at:
            self._search_strays_at = monotonic() + _SEARCH_REST_S
            self._has_strays = self.signal_strays(0) > 0
        return self._has_strays

    def signal_strays(self, number: int) -> int:
        """Send a signal to everything the script started that left the group; return how many there are."""
        return signal_marked(self._entry, number, but=self.id)

    def kill(self) -> None:
        """Kill the group and whatever left it."""
        self.signal(signal.SIGKILL)
        kill_marked(self._entry)

    def __enter__(self) -> ProcessGroup:
        return self

    def __exit__(self, *_: object) -> None:
        self.abandon()

    def abandon(self) -> None:
        """Kill whatever is left, and listen no longer."""
        if self.has_members():
            self.kill()
        for pipe in self.pipes:
            pipe.close()


def start(script: Script, argv: list[str], environment: Mapping[str, str], keeper: Keeper, mark: str) -> ProcessGroup:
    """Start a script.

    Raises:
        DefinitionError: It cannot be started as it is.
        ForeignFailure: It cannot be started now.
        StateError: There is no keeper that would end it with this process.
    """
    try:
        process = subprocess.Popen(  # noqa: S603 - no shell reads it, and the script lies in its pipeline's folder
            argv,
            env=environment,
            cwd=script.cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            bufsize=0,
        )
    except (OSError, ValueError) as error:
        raise _not_started(script, error) from error
    group = ProcessGroup(process, mark)
    try:
        for pipe in group.pipes:
            os.set_blocking(pipe.fileno(), False)
        keeper.begin(mark, group.id)
    except BaseException:
        group.abandon()
        raise
    return group


def _lives(group: int) -> bool:
    """Whether anything but zombies is in a group: what its parent left is reaped late, or never, on some machines."""
    return not Path("/proc/self/stat").exists() or any(
        _is_member(stat, group) for stat in Path("/proc").glob("[0-9]*/stat")
    )


def _is_member(stat: Path, group: int) -> bool:
    try:
        state, _, its_group, *_ = stat.read_bytes().rpartition(b")")[2].split()
    except (OSError, ValueError):
        return False  # it ended meanwhile, or is no process
    return int(its_group) == group and state not in (b"Z", b"X")


def _not_started(script: Script, error: OSError | ValueError) -> Exception:
    shown = script.shown_path
    if isinstance(error, ValueError):
        return DefinitionError(
            f"`{shown}` is to be handed a text with NUL or half a character, which no process can be"
        )
    if error.errno in _PASSING:
        return ForeignFailure(Failure("ScriptFailed", f"`{shown}` could not be started: {error.strerror}"))
    if error.errno == errno.E2BIG:
        return DefinitionError(
            f"`{shown}` is to be handed more than the system allows",
            hint="write long values to a file, and hand over its path",
        )
    first = _first_line(script.path)
    if first.startswith("#!"):
        return DefinitionError(f"`{shown}` cannot be run by its first line `{first:.80}`: {error.strerror}")
    return DefinitionError(
        f"`{shown}` cannot be run: {error.strerror}", hint="begin it with a line such as `#!/bin/sh`"
    )


def _first_line(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.readline(200).decode("utf-8", "backslashreplace").strip()
    except OSError:
        return ""
