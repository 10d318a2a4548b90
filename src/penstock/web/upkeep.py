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
        self._is_over = asyncio.Event()

    def look(self) -> None:
        """Let go of processes that ended, and put status files right."""
        self._launches.look()
        self._status_files.put_right()

    async def run(self) -> None:
        """Look again and again until stopped; the last look is over when this returns."""
        while not self._is_over.is_set():
            with suppress(PenstockError):  # pages tell what is wrong; the next look tries again
                await run_in_threadpool(self.look)
            with suppress(TimeoutError):
                async with asyncio.timeout(_REST):
                    await self._is_over.wait()

    def stop(self) -> None:
        """Let `run` return: if it were cancelled, its thread would go on reading from a store that is closed next."""
        self._is_over.set()
