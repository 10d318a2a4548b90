"""What simulators were asked, when on their clock and by whom: in memory, and in a file that several processes read."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from threading import Lock


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """One request as it was answered.

    Args:
        at: The instant on the simulator's clock.
        params: Every parameter but the key, repeated ones with all their values.
        key: The first digits of the key's hash; empty without a key.
        status: What was answered; 0 when the connection was dropped.
        rows: How many rows the answer holds.
        fault: The fault that was played, or nothing.
    """

    at: datetime
    method: str
    path: str
    params: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    key: str = ""
    status: int = 200
    rows: int = 0
    fault: str = ""

    def has(self, path: str = "", params: Mapping[str, str] | None = None) -> bool:
        """Whether the path holds this text and every parameter named has this value."""
        wanted = (params or {}).items()
        return path in self.path and all(value in self.params.get(name, ()) for name, value in wanted)


class RequestLog:
    """The requests of one simulator, or of several.

    Args:
        file: Where each request is added as a line of JSON; None keeps them in memory alone.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file, self._lock = file, Lock()
        self._requests: list[LoggedRequest] = []

    @classmethod
    def read(cls, file: Path) -> RequestLog:
        """Return the log that simulators, of this process or another, wrote into a file."""
        log = cls()
        log._requests = [_parse(line) for line in file.read_text(encoding="utf-8").splitlines()]
        return log

    def __iter__(self) -> Iterator[LoggedRequest]:
        return iter(tuple(self._requests))

    def __len__(self) -> int:
        return len(self._requests)

    def record(self, request: LoggedRequest) -> None:
        """Add a request."""
        with self._lock:
            self._requests.append(request)
            if self._file is not None:
                with self._file.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(asdict(request), default=str, sort_keys=True) + "\n")

    def count(self, path: str = "", params: Mapping[str, str] | None = None, *, status: int | None = None) -> int:
        """Return how many requests there were: of paths that hold this text, with these parameters, so answered."""
        return sum(1 for each in self if each.has(path, params) and status in (None, each.status))

    def busiest(self, period: timedelta = timedelta(hours=1), *, key: str | None = None) -> int:
        """Return the largest number of requests in any period of this length, of one key or of all."""
        most, recent = 0, deque[datetime]()
        for at in sorted(each.at for each in self if key is None or each.key == key_hash(key)):
            recent.append(at)
            while recent[0] <= at - period:
                recent.popleft()
            most = max(most, len(recent))
        return most

    def repeated(self) -> dict[tuple[str, tuple[tuple[str, tuple[str, ...]], ...]], int]:
        """Return path and parameters of what was answered with status 200 more than once, and how often."""
        counts: dict[tuple[str, tuple[tuple[str, tuple[str, ...]], ...]], int] = {}
        for each in self:
            if each.status == 200:
                page = (each.path, tuple(sorted(each.params.items())))
                counts[page] = counts.get(page, 0) + 1
        return {page: count for page, count in counts.items() if count > 1}

    def clear(self) -> None:
        """Forget what is in memory."""
        with self._lock:
            self._requests.clear()


def key_hash(key: str) -> str:
    """Return what stands in the log instead of a key."""
    return sha256(key.encode()).hexdigest()[:12] if key else ""


def _parse(line: str) -> LoggedRequest:
    said = json.loads(line)
    said["at"] = datetime.fromisoformat(said["at"])
    said["params"] = {name: tuple(values) for name, values in said["params"].items()}
    return LoggedRequest(**said)
