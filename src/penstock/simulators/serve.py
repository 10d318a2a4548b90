"""Serves simulators on the loopback address, from a thread of their own."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from starlette.types import ASGIApp

from penstock.kit.clock import Clock
from penstock.kit.pace import Window
from penstock.simulators.faults import Faults
from penstock.simulators.openfec.app import LIMITS
from penstock.simulators.requestlog import RequestLog
from penstock.simulators.story import Story


class Served:
    """An application on the loopback address for the time of a `with` block.

    Args:
        port: 0 takes any that is free.
    """

    def __init__(self, app: ASGIApp, *, port: int = 0, host: str = "127.0.0.1") -> None:
        self._app, self._port, self._host = app, port, host

    @property
    def url(self) -> str:
        """The address, without a slash at its end."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        raise NotImplementedError

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        raise NotImplementedError


class ServedFec(Served):
    """The simulated FEC, API and bulk downloads, for the time of a `with` block.

    Args:
        folder: Where bulk files are made.
    """

    def __init__(
        self,
        story: Story,
        clock: Clock,
        folder: Path,
        *,
        faults: Faults | None = None,
        keys: Collection[str] | None = None,
        limits: Sequence[Window] = LIMITS,
        log: RequestLog | None = None,
        port: int = 0,
    ) -> None:
        self.story, self.clock = story, clock
        self.log = log if log is not None else RequestLog()

    @property
    def openfec_url(self) -> str:
        """What stands in place of `https://api.open.fec.gov/v1`."""
        return f"{self.url}/v1"

    @property
    def bulk_url(self) -> str:
        """What stands in place of `https://www.fec.gov/files/bulk-downloads/`."""
        return f"{self.url}/files/bulk-downloads/"
