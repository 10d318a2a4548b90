"""Recordings of answers: what was heard once can be heard again offline, byte for byte."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from pathlib import Path

from penstock.errors import SourceError
from penstock.kit.clock import Clock
from penstock.sources.http.answer import Answer
from penstock.sources.http.request import Request
from penstock.sources.http.shelf import DamagedEntryError, Shelf


class TapeMode(Enum):
    """What becomes of recordings."""

    OFF = "off"
    RECORD = "record"
    REPLAY = "replay"


class Tape:
    """Recordings of one source in a folder; several processes may write to it at once.

    Final refusals (404, 422 and the like) are recorded as well, but for those of a key.
    """

    def __init__(self, folder: Path, mode: TapeMode, clock: Clock) -> None:
        self.folder = folder
        self.mode = mode
        self._clock = clock
        self._shelf = Shelf(folder)

    @property
    def is_recording(self) -> bool:
        """Whether answers are kept."""
        return self.mode is TapeMode.RECORD

    @property
    def is_replaying(self) -> bool:
        """Whether recordings are the only answers."""
        return self.mode is TapeMode.REPLAY

    def record(self, request: Request, answer: Answer) -> None:
        """Keep an answer, in place of an earlier one to the same request.

        Raises:
            StateError: It cannot be written.
        """
        self._shelf.put(request, answer, self._clock.now().isoformat())

    def play(self, request: Request) -> Answer:
        """Return what was answered when this was recorded.

        Raises:
            SourceError: This was never asked while recording, or the recording is damaged.
        """
        try:
            entry = self._shelf.find(request)
        except DamagedEntryError as error:
            raise SourceError(
                f"the recording of `{request.url}` is damaged or was edited: {error}",
                hint="restore the file, or record it again with `PENSTOCK_RECORDINGS=record`",
            ) from error
        if entry is None:
            raise SourceError(
                f"there is no recording of {request.method} `{request.url}` in `{self.folder}`",
                hint="record it with `PENSTOCK_RECORDINGS=record`, or ask the publisher with `PENSTOCK_RECORDINGS=off`",
            )
        return replace(entry.answer, from_tape=True)
