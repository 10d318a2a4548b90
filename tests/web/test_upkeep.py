"""What an open console sees to by itself, and that it lets go of the store before it is closed."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace

from penstock.engine.triggers.launch import InProcess
from penstock.web.console import Console
from penstock.web.launches import Launches, Started
from penstock.web.upkeep import Upkeep


class SlowLaunches(Launches):
    """Takes its time to look."""

    def __init__(self, console: Console) -> None:
        super().__init__(InProcess(console.engine), console.clock)
        self.began, self.may_end = threading.Event(), threading.Event()
        self.looks = 0

    def look(self) -> dict[str, Started]:
        self.began.set()
        assert self.may_end.wait(30)
        self.looks += 1
        return {}


def test_the_end_waits_for_a_look_that_has_begun(console: Console) -> None:
    launches = SlowLaunches(console)
    upkeep = Upkeep(replace(console, launches=launches))

    async def end_during_a_look() -> bool:
        going = asyncio.create_task(upkeep.run())
        await asyncio.to_thread(launches.began.wait, 30)
        upkeep.stop()
        done, _ = await asyncio.wait({going}, timeout=0.1)
        launches.may_end.set()
        await going
        return bool(done)

    assert (asyncio.run(end_during_a_look()), launches.looks) == (False, 1)
