"""What an open console sees to by itself, whether or not anybody looks at a page."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from starlette.concurrency import run_in_threadpool

from penstock.engine.statusfile import StatusFiles
from penstock.errors import PenstockError
from penstock.web.console import Console

#: Seconds.
_REST = 2.0


class Upkeep:
    """Takes note of runs that ended: of processes started here, and of any process that died without a word."""

    def __init__(self, console: Console) -> None:
        engine = console.engine
        self._launches = console.launches
        self._status_files = StatusFiles(engine.store, engine.registry, engine.clock)

    def look(self) -> None:
        """Let go of processes that ended, and put status files right."""
        self._launches.look()
        self._status_files.put_right()

    async def run(self) -> None:
        """Look again and again until cancelled."""
        while True:
            with suppress(PenstockError):  # pages tell what is wrong; the next look tries again
                await run_in_threadpool(self.look)
            await asyncio.sleep(_REST)
