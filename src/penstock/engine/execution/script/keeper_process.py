"""The keeper: a process that ends the scripts of a runner that died. Run as a file, so it imports nothing of ours.

The runner shares a table with it, a record for each running script: the mark the script carries in its environment
and, once it was started, its process group and between which instants that began. Writing there wakes nobody. The end
of the keeper's standard input is the end of the runner, however it came; what stands in the table then is killed.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import suppress

#: The size of a record of the table, in bytes.
RECORD = 512
_PROC = "/proc"
# Whatever is found was started by something that has been killed by then; more rounds find nothing more.
_MOST_ROUNDS = 20


def ticks() -> int:
    """Return the time since boot, as the system notes it of every process that starts; 0 where it does not."""
    if not hasattr(time, "CLOCK_BOOTTIME"):
        return 0
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) * os.sysconf("SC_CLK_TCK") // 10**9


def is_from(pid: int, earliest: int, latest: int) -> bool:
    """Whether a process is there that started between two instants; where nobody can tell, whether one is there."""
    try:
        with open(f"{_PROC}/{pid}/stat", "rb") as file:  # noqa: PTH123 - pathlib is not loaded here
            return earliest <= int(file.read().rpartition(b")")[2].split()[19]) <= latest
    except OSError:
        return latest == 0


def signal_marked(entry: bytes, number: int, but: int | None = None) -> int:
    """Send a signal to every process whose environment holds this entry, but for one group; return how many."""
    found = 0
    for pid in _own_processes():
        try:
            handle = os.pidfd_open(pid)
        except (OSError, AttributeError):
            continue
        try:
            # Looked at behind the handle: the process that is signalled is the one that was looked at.
            if entry in _environment(pid) and os.getpgid(pid) != but:
                signal.pidfd_send_signal(handle, number)
                found += 1
        except OSError:
            continue
        finally:
            os.close(handle)
    return found


def kill_marked(entry: bytes) -> None:
    """Kill every process whose environment holds this entry, and what they start meanwhile."""
    for _ in range(_MOST_ROUNDS):
        if not signal_marked(entry, signal.SIGKILL):
            break


def _own_processes() -> Iterator[int]:
    try:
        names = os.listdir(_PROC)  # noqa: PTH208 - pathlib is not loaded here
    except OSError:
        names = []
    return (int(name) for name in names if name.isdigit())


def _environment(pid: int) -> list[bytes]:
    with open(f"{_PROC}/{pid}/environ", "rb") as file:  # noqa: PTH123 - pathlib is not loaded here
        return file.read().split(b"\0")


def records(table: int) -> list[list[bytes]]:
    """Return the words of every record in the table."""
    size = os.fstat(table).st_size
    found = (os.pread(table, RECORD, begin).rstrip(b"\0").split() for begin in range(0, size, RECORD))
    return [words for words in found if words]


def kill_listed(table: int, variable: str) -> None:
    """Kill every script in the table; never a group whose number meanwhile belongs to another process."""
    for mark, *numbers in records(table):
        if numbers:
            group, earliest, latest = map(int, numbers)
            if is_from(group, earliest, latest):
                with suppress(OSError):  # it ended by itself
                    os.killpg(group, signal.SIGKILL)
        kill_marked(f"{variable}=".encode() + mark)


def main() -> None:
    """Wait for the end of the runner, then end its scripts."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    os.chdir("/")
    while os.read(0, 1):
        pass
    kill_listed(int(sys.argv[1]), sys.argv[2])


if __name__ == "__main__":
    main()
