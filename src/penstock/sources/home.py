"""The sources of one process: each opened with its address, key, recordings, cache and budget when first asked for."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from penstock.errors import SourceError
from penstock.kit.clock import Clock
from penstock.kit.pace import Window
from penstock.kit.secret import Secret
from penstock.kit.spelling import nearest
from penstock.sources.budget import Budget
from penstock.sources.source import Source

if TYPE_CHECKING:
    from penstock.sources.http.client import Client

_CACHED_FOR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class SourceSettings:
    """What sources are told from outside.

    Args:
        addresses: Base addresses that stand in place of the published ones, by source.
        budgets: Limits that stand in place of the usual ones, by source; e.g. those of a key with a higher limit.
        recordings: A word of `TapeMode`.
        contact: An address publishers may write to.
        folder: Where recordings and cache lie.
        environment: Holds the keys, each under the variable its source names.
    """

    folder: Path
    environment: Mapping[str, str]
    addresses: Mapping[str, str]
    budgets: Mapping[str, tuple[Window, ...]]
    recordings: str = "off"
    contact: str = ""


def cache_folder(home: Path) -> Path:
    """Return where the answers of all sources are kept for a while."""
    return home / "cache" / "http"


class SourceHome:
    """Lends each thread a client per source of its own, for a client may hold a session; ended threads leave theirs.

    Args:
        open_budget: Returns the budget of a source.
    """

    def __init__(
        self,
        settings: SourceSettings,
        open_budget: Callable[[Source], Budget],
        clock: Clock,
        chance: Callable[[], float],
    ) -> None:
        self._settings = settings
        self._open_budget = open_budget
        self._clock = clock
        self._chance = chance
        self._lent: list[_Lent] = []
        self._lock = threading.Lock()

    def client(self, source: Source, check: Callable[[], None]) -> Client:
        """Return this thread's client of a source; while it waits, it calls `check`.

        Raises:
            SourceError: The source needs a key and none is set, or what reads it is not installed.
        """
        me = threading.current_thread()
        with self._lock:
            of_source = [lent for lent in self._lent if lent.source == source]
            lent = next((one for one in of_source if one.borrower is me), None)
            lent = lent or next((one for one in of_source if not one.borrower.is_alive()), None)
            if lent is None:
                pulse = _Pulse()
                lent = _Lent(source, self._open(source, pulse), pulse, me)
                self._lent.append(lent)
            lent.borrower, lent.pulse.check = me, check
            return lent.client

    def close(self) -> None:
        """Close the connections of all threads."""
        with self._lock:
            for lent in self._lent:
                lent.client.close()
            self._lent.clear()

    def _open(self, source: Source, pulse: _Pulse) -> Client:
        from penstock.sources.http.cache import Cache
        from penstock.sources.http.client import Client
        from penstock.sources.http.tape import Tape, TapeMode

        settings = self._settings
        for setting, given in (("sources", settings.addresses), ("budgets", settings.budgets)):
            _refuse_misspelt(source, setting, given)
        at = replace(
            source,
            base_url=settings.addresses.get(source.name, source.base_url),
            windows=settings.budgets.get(source.name, source.windows),
        )
        mode = TapeMode(settings.recordings)
        if at.is_private and mode is TapeMode.RECORD:
            raise SourceError(
                f"answers of `{at.name}` are about persons and are not recorded",
                hint="unset `PENSTOCK_RECORDINGS` for this task",
            )
        recordings = settings.folder / "recordings" / source.name
        return Client(
            at,
            budget=self._open_budget(at),
            key=self._key(at),
            tape=None if mode is TapeMode.OFF else Tape(recordings, mode, self._clock),
            cache=None
            if at.is_private
            else Cache(cache_folder(settings.folder) / source.name, ttl=_CACHED_FOR, clock=self._clock),
            clock=self._clock,
            chance=self._chance,
            check=pulse,
            contact=settings.contact,
        )

    def _key(self, source: Source) -> Secret | None:
        if self._settings.recordings == "replay":
            return None
        if source.make_key is not None:
            return source.make_key(self._settings.environment)
        if source.key_variable is None:
            return None
        text = self._settings.environment.get(source.key_variable, "").strip()
        if not text:
            raise SourceError(
                f"source `{source.name}` needs a key, and `{source.key_variable}` is not set",
                hint=f"export {source.key_variable}=…" + (f"; get one as {source.terms} says" if source.terms else ""),
            )
        return Secret(text)


def _refuse_misspelt(source: Source, setting: str, given: Mapping[str, object]) -> None:
    # A name nobody has would send calls to the publisher that were meant for another place.
    meant = None if source.name in given else nearest(source.name, given, likeness=0.8)
    if meant is not None:
        raise SourceError(
            f"setting `{setting}` names `{meant}`, and a source like that is called `{source.name}`",
            hint=f"write `{source.name}` in `{setting}`",
        )


@dataclass(slots=True)
class _Lent:
    source: Source
    client: Client
    pulse: _Pulse
    borrower: threading.Thread


class _Pulse:
    """Calls whatever the newest borrower of a client wants called."""

    def __init__(self) -> None:
        self.check: Callable[[], None] = lambda: None

    def __call__(self) -> None:
        self.check()
