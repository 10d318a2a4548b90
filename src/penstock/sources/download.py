"""Downloads a file once: the next look asks the publisher whether it changed, and a partial answer is never used."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from penstock.errors import SourceError, StateError
from penstock.kit.chance import any_chance
from penstock.kit.clock import Clock, SystemClock
from penstock.kit.jsonable import from_json, to_json
from penstock.sources.http.attempts import sleep_checked
from penstock.sources.http.partial import open_partial
from penstock.sources.http.remote import RemoteState
from penstock.sources.http.retry import Fault, FaultKind, RetryPolicy

if TYPE_CHECKING:
    from penstock.sources.http.transfer import Transfer

#: So many bytes more than before, and an attempt counts as the first again.
_PROGRESS = 1 << 20
_ATTEMPTS = {
    FaultKind.UNREACHABLE: 2,
    FaultKind.TIMEOUT: 3,
    FaultKind.DROPPED: 3,
    FaultKind.TRUNCATED: 3,
    FaultKind.SERVER: 2,
}
#: A task that downloads is retried as a whole, and goes on where it stopped: little is gained by waiting in between.
_PROMPT = RetryPolicy(attempts=MappingProxyType(_ATTEMPTS), first=timedelta(milliseconds=500))
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Manners:
    """How downloads behave towards a server, and who may end them.

    Args:
        check: Called between blocks and while waiting; what it raises ends the download.
        contact: An address the publisher may write to, sent with the identity.
    """

    clock: Clock = field(default_factory=SystemClock)
    chance: Callable[[], float] = any_chance
    check: Callable[[], None] = lambda: None
    policy: RetryPolicy = _PROMPT
    contact: str = ""


def look_at(url: str, manners: Manners | None = None) -> RemoteState | None:
    """Return the state of the file at this URL; None when the server says there is none.

    The file is read, and not kept, only where the server says neither a name nor a time of its state.

    Raises:
        SourceError: The server cannot be reached, refuses, or answers with a web page instead of a file.
    """
    chosen = manners or Manners()
    with _transferring(chosen) as transfer:
        return _persist(lambda: transfer.look(url), chosen, lambda: 0)


def download(url: str, target: Path, manners: Manners | None = None) -> RemoteState:
    """Fetch the file into `target` unless the copy there is the newest, and return its state.

    What arrived before a connection broke is kept where the server can continue it, in this call or a later one; bytes
    of two states are never mixed. The size and every checksum the server states are compared; an ETag that looks like a
    checksum is not one, as storage services use the form for other things too.

    Raises:
        SourceError: There is no such file, the server refuses, or the answer is cut short.
        StateError: The copy cannot be written.
    """
    chosen = manners or Manners()
    note = target.with_name(target.name + ".state.json")
    known = _known(note, target)
    try:
        with open_partial(target) as partial, _transferring(chosen) as transfer:
            state = _persist(lambda: transfer.fetch(url, partial, known), chosen, lambda: partial.kept)
            if state is None:
                partial.drop()
                return _still(known, url)
            note.unlink(missing_ok=True)
            partial.finish()
            note.write_text(to_json(state), encoding="utf-8")
            return state
    except OSError as error:
        raise _not_kept(target.parent, error) from error


def _known(note: Path, target: Path) -> RemoteState | None:
    if not (note.is_file() and target.is_file()):
        return None
    try:
        state = RemoteState(**from_json(note.read_bytes()))
    except (OSError, ValueError, TypeError):
        return None
    # A copy that somebody cut or wrote over is not the one that was downloaded.
    return state if state.size in (None, target.stat().st_size) else None


def _still(known: RemoteState | None, url: str) -> RemoteState:
    if known is None:
        raise SourceError(f"`{url}` answered that nothing changed, though no copy of it is here", retriable=True)
    return known


@contextmanager
def _transferring(manners: Manners) -> Iterator[Transfer]:
    try:
        from penstock.sources.http.transfer import Transfer
    except ImportError as error:
        raise SourceError("`httpx2` is not installed", hint="pip install 'penstock[http]'") from error
    transfer = Transfer(manners.contact, manners.clock, manners.check)
    try:
        yield transfer
    finally:
        transfer.close()


def _persist(attempt: Callable[[], _T], manners: Manners, kept: Callable[[], int]) -> _T:
    number, spent, before = 0, timedelta(0), kept()
    while True:
        number += 1
        try:
            return attempt()
        except Fault as fault:
            if kept() - before >= _PROGRESS:
                number, spent = 1, timedelta(0)
            before = kept()
            wait = manners.policy.wait_after(fault, number, manners.chance())
            spent += wait
            if not manners.policy.is_worth(fault, number, spent):
                raise fault.error from fault
            sleep_checked(manners.clock, wait, manners.check)


def _not_kept(folder: Path, error: OSError) -> StateError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return StateError(
            f"the disk is full: no room left in `{folder}` for a download",
            hint="free some space and run again, or set `PENSTOCK_HOME` to a folder on a larger disk",
        )
    return StateError(
        f"cannot keep the download in `{folder}`: {error.strerror or error}",
        hint="set `PENSTOCK_HOME` to a folder you may write to",
    )
