"""Recordings of answers: what was heard once can be heard again offline, byte for byte."""

from __future__ import annotations

from enum import Enum
from pathlib import Path

from penstock.kit.clock import Clock


class TapeMode(Enum):
    """What becomes of recordings."""

    OFF = "off"
    RECORD = "record"
    REPLAY = "replay"


class Tape:
    """Recordings of one source in a folder; several processes may write to it at once."""

    def __init__(self, folder: Path, mode: TapeMode, clock: Clock) -> None:
        self.folder = folder
        self.mode = mode
        self._clock = clock
