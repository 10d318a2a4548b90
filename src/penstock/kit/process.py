"""Names this process so that any other on the same machine can tell whether it still lives."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path


@cache
def _place() -> str:
    """The host and, where there is one, the process-id namespace: process ids mean something only within it."""
    try:
        namespace = str((Path("/proc/self/ns/pid")).readlink()).strip("pid:[]")
    except OSError:
        namespace = "0"
    return f"{os.uname().nodename}/{namespace}"


def _started(pid: int) -> str | None:
    """When the process started, in clock ticks since boot; None when it is gone, `?` when that cannot be told."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except FileNotFoundError:
        return None if Path("/proc/self/stat").exists() else _probe(pid)
    except OSError:
        return "?"
    state, *rest = stat[stat.rindex(")") + 2 :].split()
    return None if state in "ZX" else rest[18]


def _probe(pid: int) -> str | None:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        return "?"
    return "?"


def own_name() -> str:
    """Return this process's name: host, namespace, process id and start time."""
    pid = os.getpid()
    return f"{_place()}:{pid}:{_started(pid)}"


def is_gone(name: str) -> bool:
    """Whether the named process is known to be dead: it was on this machine, and is no more.

    What follows a `#` in the name tells apart several pieces of work of one process.

    A process of another machine, or one that cannot be looked at, is never said to be gone.
    """
    place, _, rest = name.partition(":")
    pid, _, started = rest.partition("#")[0].partition(":")
    if place != _place() or not pid.isdigit():
        return False
    now = _started(int(pid))
    return now is None or (now not in {"?", started} and started != "?")


def describe(name: str) -> str:
    """Return the process's name for people: `process 4711 on laptop`."""
    return f"process {number_of(name)} on {host_of(name)}"


def host_of(name: str) -> str:
    """Return the name of the machine the named process runs on."""
    return name.partition(":")[0].partition("/")[0]


def number_of(name: str) -> str:
    """Return the process id of the named process, as text; empty when the name has none."""
    return name.partition(":")[2].partition(":")[0]
