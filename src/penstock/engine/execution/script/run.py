"""Runs one script to its end, whatever that is."""

from __future__ import annotations

import os
import selectors
import signal
from datetime import timedelta
from time import monotonic
from typing import Any

from penstock.engine.execution.call import Call
from penstock.engine.execution.script.command import command_of, filler
from penstock.engine.execution.script.concealment import Concealment
from penstock.engine.execution.script.environment import environment_of
from penstock.engine.execution.script.group import ProcessGroup, start
from penstock.engine.execution.script.keeper import keeper
from penstock.engine.execution.script.outcome import conclude
from penstock.engine.execution.script.recorder import Recorder
from penstock.engine.execution.script.transcript import STDERR, STDOUT, Transcript
from penstock.engine.execution.session import Session
from penstock.engine.execution.timelimit import SCRIPT_GRACE
from penstock.errors import LeaseLostError, RunCancelledError, StateError, TimeLimitError
from penstock.kit.durations import format_duration
from penstock.kit.veil import hidden_texts

#: How long what a script left behind may go on, and then take to end.
_LEFTOVER_GRACE = timedelta(seconds=0.8)
_LAST_MOMENT = timedelta(seconds=0.2)
#: How often a running script is looked at, where nothing tells that it ended, and while it is ending.
_GLANCE_S = 0.1
_BLIND_GLANCE_S = 0.02
#: How often a running script's keeper is looked at.
_KEEPER_GLANCE_S = 1.0
_BLOCK = 64 << 10
# A pipe holds less; whoever keeps writing after the script ended is not listened to for ever.
_LAST_WORDS = 1 << 20


def run_script(session: Session, call: Call) -> Any:
    """Return what the task's script returned; exit code 0 means that it did its work.

    Raises:
        DefinitionError: The script cannot be run as it is declared.
        ForeignFailure: It ended with another exit code, or could not be started now.
        Skip: It found nothing to do.
        TimeLimitError: Its time limit passed; it was ended.
        RunCancelledError: The run is being stopped now; it was ended.
        LeaseLostError: Another process took the task over; it was killed.
        StateError: Its output cannot be kept.
    """
    script = call.task.script
    assert script is not None  # noqa: S101 - called for scripts only
    call.journal.check()
    fill = filler(script, call.params)
    argv = command_of(script, fill)
    ours = keeper()
    mark = ours.expect()
    try:
        environment = environment_of(session, call, script, fill, mark)
        recorder = Recorder(session, call)
        transcript = Transcript(recorder, Concealment(environment, hidden_texts(session.run.params)))
        with (
            start(script, argv, environment, ours, mark) as group,
            Supervision(session, call, group, transcript, recorder) as supervision,
        ):
            exit_code = supervision.follow()
    finally:
        ours.end(mark)
    return conclude(script, exit_code, transcript)


class Supervision:
    """Follows one running script: reads what it writes, and sees to it that it and all it started end."""

    def __init__(
        self, session: Session, call: Call, group: ProcessGroup, transcript: Transcript, recorder: Recorder
    ) -> None:
        self._session = session
        self._call = call
        self._group = group
        self._transcript = transcript
        self._recorder = recorder
        limit = call.task.timeout
        self._deadline = None if limit is None else monotonic() + limit.total_seconds()
        self._keeper_due = monotonic() + _KEEPER_GLANCE_S
        self._has_told_of_keeper = False
        self._selector = selectors.DefaultSelector()
        for stream, pipe in zip((STDOUT, STDERR), group.pipes, strict=True):
            self._selector.register(pipe.fileno(), selectors.EVENT_READ, stream)
        self._handle = group.open_handle()
        if self._handle is not None:
            self._selector.register(self._handle, selectors.EVENT_READ, None)

    def __enter__(self) -> Supervision:
        return self

    def __exit__(self, *_: object) -> None:
        if self._group.has_members():
            self._group.kill()
            self._wait_until_empty(_LEFTOVER_GRACE)
        self._hear_last_words()
        self._selector.close()
        if self._handle is not None:
            os.close(self._handle)
        self._transcript.finish()
        self._recorder.close()

    def follow(self) -> int:
        """Return the script's exit code when it ended and nothing is left in its group.

        Raises:
            TimeLimitError: Its time limit passed; it was ended.
            RunCancelledError: The run is being stopped now; it was ended.
            LeaseLostError: Another process took the task over; it is to be killed.
        """
        while not self._pump(self._patience()):
            self._check()
        self._clear_up()
        code = self._group.exit_code
        assert code is not None  # noqa: S101 - it ended
        return code

    def _patience(self) -> float:
        patience = _BLIND_GLANCE_S if self._handle is None else _GLANCE_S
        return patience if self._deadline is None else max(0.0, min(patience, self._deadline - monotonic()))

    def _pump(self, patience: float) -> bool:
        """Read what can be read, after waiting for it; whether the script's own process ended."""
        may_have_ended = self._handle is None
        for key, _ in self._selector.select(patience):
            if key.data is None:
                may_have_ended = True
            else:
                self._read(key.fd, key.data)
        self._recorder.tend()
        return may_have_ended and self._group.has_ended()

    def _read(self, pipe: int, stream: str) -> int:
        try:
            data = os.read(pipe, _BLOCK)
        except BlockingIOError:
            return 0
        if data:
            self._transcript.take(stream, data)
        else:
            self._selector.unregister(pipe)
        return len(data)

    def _check(self) -> None:
        try:
            self._call.journal.check()
        except LeaseLostError:
            raise  # killed at once: another process may be starting it again
        except (TimeLimitError, RunCancelledError):
            self._end()
            raise
        if self._deadline is not None and monotonic() >= self._deadline:
            self._end()
            raise self._late()
        if monotonic() >= self._keeper_due:
            self._keeper_due = monotonic() + _KEEPER_GLANCE_S
            self._look_after_keeper()

    def _look_after_keeper(self) -> None:
        try:
            keeper().ensure()
        except StateError as error:
            if not self._has_told_of_keeper:  # the script goes on; the next look tries again
                self._has_told_of_keeper = True
                self._recorder.message(error.message, {})

    def _late(self) -> TimeLimitError:
        task = self._call.task
        assert task.timeout is not None  # noqa: S101 - there is a deadline
        assert task.script is not None  # noqa: S101 - it runs
        return TimeLimitError(
            f"`{task.script.shown_path}` passed its time limit of {format_duration(task.timeout)}; it was ended",
            hint="raise `timeout`, or make the script do less at once",
        )

    def _end(self) -> None:
        """Ask everything the script started to end, and kill what does not."""
        for number in (signal.SIGTERM, signal.SIGCONT):  # what is stopped hears nothing until it goes on
            self._group.signal(number)
            self._group.signal_strays(number)
        until = monotonic() + SCRIPT_GRACE.total_seconds()
        while monotonic() < until and (self._group.has_members() or self._group.has_strays()):
            self._listen()
        self._group.kill()
        self._wait_until_empty(_LEFTOVER_GRACE)

    def _clear_up(self) -> None:
        """End what the script left behind in its group, after a moment in which it may write what it still holds."""
        self._wait_until_empty(_LAST_MOMENT)
        for number in (signal.SIGTERM, signal.SIGCONT):
            self._group.signal(number)
        self._wait_until_empty(_LEFTOVER_GRACE)
        self._group.signal(signal.SIGKILL)

    def _wait_until_empty(self, longest: timedelta) -> None:
        until = monotonic() + longest.total_seconds()
        while self._group.has_members() and monotonic() < until:
            self._listen()

    def _listen(self) -> None:
        for key, _ in self._selector.select(_BLIND_GLANCE_S):
            if key.data is None:
                self._selector.unregister(key.fd)  # it would be ready from now on
            else:
                self._read(key.fd, key.data)
        self._recorder.tend()

    def _hear_last_words(self) -> None:
        for key in list(self._selector.get_map().values()):
            heard = 0
            while key.data is not None and heard < _LAST_WORDS:
                count = self._read(key.fd, key.data)
                if not count:
                    break
                heard += count
