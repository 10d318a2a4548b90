"""Hands a message to a program: JSON on its standard input, the gist in its environment, no shell between."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import IO

from penstock.kit.durations import format_duration
from penstock.kit.jsonable import to_json
from penstock.notify.delivery import Delivery, Send
from penstock.notify.message import Message

TIME_LIMIT = timedelta(seconds=30)
_LONGEST_WORDS = 300
_BLOCK = 4096
_TOLD = ("pipeline", "partition", "deployment", "run_id", "url")


def send_to_program(channel: str, argv: Sequence[str], limit: timedelta = TIME_LIMIT) -> Send:
    """Return what starts a program for every message."""

    def send(message: Message) -> Delivery:
        with tempfile.TemporaryFile() as sheet:
            sheet.write(to_json(message.as_json(channel)).encode())
            sheet.seek(0)
            try:
                process = _start(argv, sheet, _environment(channel, message))
            except (OSError, ValueError) as error:
                why = getattr(error, "strerror", None) or "its arguments cannot be handed over"
                return Delivery(is_delivered=False, words=f"`{argv[0]}` cannot be started: {why}")
        return _await(process, argv[0], limit)

    return send


def _start(argv: Sequence[str], sheet: IO[bytes], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - the program the project's own settings name; no shell reads it
        list(argv),
        stdin=sheet,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=dict(environment),
        start_new_session=True,
    )


def _environment(channel: str, message: Message) -> dict[str, str]:
    told = {name: str(message.facts.get(name) or "") for name in _TOLD}
    return {
        **os.environ,
        "PENSTOCK_EVENT": message.event,
        "PENSTOCK_KEY": message.key.replace("\0", " "),
        "PENSTOCK_CHANNEL": channel,
        "PENSTOCK_HEADLINE": message.headline.replace("\0", " "),
        **{f"PENSTOCK_{name.upper()}": value.replace("\0", " ") for name, value in told.items()},
    }


def _await(process: subprocess.Popen[bytes], program: str, limit: timedelta) -> Delivery:
    assert process.stderr is not None  # noqa: S101 - it is a pipe
    words: deque[bytes] = deque(maxlen=2)
    reader = threading.Thread(target=_drain, args=(process.stderr, words), name="penstock-notify", daemon=True)
    reader.start()
    try:
        code = process.wait(limit.total_seconds())
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return Delivery(is_delivered=False, words=f"`{program}` was ended after {format_duration(limit)}")
    reader.join(1)  # what it left behind in the background may hold the pipe
    if code == 0:
        return Delivery(is_delivered=True, words=f"`{program}` took it")
    said = " ".join(b"".join(words).decode("utf-8", "replace").split())[-_LONGEST_WORDS:]
    how = f"exit code {code}" if code > 0 else f"signal {-code}"
    return Delivery(is_delivered=False, words=f"`{program}` ended with {how}" + (f": {said}" if said else ""))


def _drain(pipe: IO[bytes], words: deque[bytes]) -> None:
    with pipe, suppress(OSError, ValueError):
        while block := os.read(pipe.fileno(), _BLOCK):
            words.append(block)
