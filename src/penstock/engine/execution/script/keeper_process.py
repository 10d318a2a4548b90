"""The keeper: a process that ends the scripts of a runner that died. Run as a file, so it imports nothing of ours.

Its standard input brings a line for each step in the life of a script, each with the mark the script carries in its
environment: `expect MARK` before it is started, `begin MARK PGID` after, `end MARK` when nothing of it is left. The
end of that input is the end of the runner, however it came; what has not ended then is killed.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress

_PROC = "/proc"
# Whatever is found was started by something that has been killed by then; more rounds find nothing more.
_MOST_ROUNDS = 20


def started(pid: int) -> str | None:
    """Return when a process started, in ticks since boot; None when it is gone, `?` where nobody can tell."""
    try:
        with open(f"{_PROC}/{pid}/stat", "rb") as file:  # noqa: PTH123 - pathlib is not loaded here
            return file.read().rpartition(b")")[2].split()[19].decode()
    except OSError:
        return None if os.path.exists(f"{_PROC}/self/stat") else "?"  # noqa: PTH110 - pathlib is not loaded here


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


class Watch:
    """What the keeper knows: of each mark the process group and when that started, once they are known."""

    def __init__(self, variable: str) -> None:
        self._variable = variable
        self._groups: dict[str, tuple[int, str | None] | None] = {}

    def follow(self, lines: Iterable[str]) -> None:
        """Take in lines until there are no more."""
        for line in lines:
            word, mark, *rest = line.split()
            if word == "end":
                self._groups.pop(mark, None)
            else:
                self._groups[mark] = (int(rest[0]), started(int(rest[0]))) if rest else None

    def kill_all(self) -> None:
        """Kill what has not ended; never a group whose number meanwhile belongs to another process."""
        for mark, group in self._groups.items():
            if group is not None and group[1] is not None and started(group[0]) == group[1]:
                with suppress(OSError):  # it ended by itself
                    os.killpg(group[0], signal.SIGKILL)
            kill_marked(f"{self._variable}={mark}".encode())


def main() -> None:
    """Follow the runner until it ends, then end its scripts."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    os.chdir("/")
    watch = Watch(sys.argv[1])
    watch.follow(sys.stdin)
    watch.kill_all()


if __name__ == "__main__":
    main()
