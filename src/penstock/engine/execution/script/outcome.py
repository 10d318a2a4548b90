"""What an ended script means: its value, or its failure in words."""

from __future__ import annotations

import signal
from typing import Any

from penstock.engine.definition.script import Script
from penstock.engine.execution.retry import ForeignFailure
from penstock.engine.execution.script.protocol import MOST_ITEM_BYTES, MOST_ITEMS
from penstock.engine.execution.script.transcript import STDERR, STDOUT, Transcript
from penstock.engine.state.records import Failure
from penstock.errors import Skip

_LONGEST_QUOTE = 300


def conclude(script: Script, exit_code: int, transcript: Transcript) -> Any:
    """Return what the script returned.

    Raises:
        Skip: It found nothing to do.
        ForeignFailure: It ended with another exit code than 0, or listed more items than it may.
    """
    if exit_code:
        raise ForeignFailure(_failure(script, exit_code, transcript))
    told = transcript.told
    if told.is_overfull:
        raise ForeignFailure(
            Failure(
                "ScriptFailed",
                f"`{script.shown_path}` listed more than {MOST_ITEMS:,} items, or {MOST_ITEM_BYTES >> 20} MiB of them",
                hint="let an item stand for many, or hand over paths instead of contents",
                retriable=False,
            )
        )
    if told.skip is not None:
        raise Skip(told.skip.why)
    return told.value


def _failure(script: Script, exit_code: int, transcript: Transcript) -> Failure:
    telling = transcript.last.get(STDERR) or transcript.last.get(STDOUT)
    how = f"ended with exit code {exit_code}" if exit_code > 0 else f"was ended by signal {_signal_name(-exit_code)}"
    said = " and wrote nothing" if telling is None else f": {telling.text.strip()[:_LONGEST_QUOTE]}"
    return Failure(
        "ScriptFailed",
        f"`{script.shown_path}` {how}{said}",
        traceback=transcript.trace or None,
        line=None if telling is None else telling.number,
    )


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)
