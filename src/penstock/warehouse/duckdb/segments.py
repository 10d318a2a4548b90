"""Files cut at line ends, so that several threads can read one and still know every line's number."""

from __future__ import annotations

import fcntl
import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import Path
from threading import Thread

_BLOCK = 1 << 20
_PIPE_BLOCK = 1 << 18
# Below this a second thread costs more than it saves.
_LEAST_BYTES = 16_000_000
#: Where an open pipe has a path; without it a file is read by one thread.
_PIPES = Path("/dev/fd")


@dataclass(frozen=True, slots=True)
class Segment:
    """Whole lines of a file, from byte `start` to before byte `end`.

    Args:
        lines: How many lines it holds, blank ones among them.
        lines_before: How many the file holds before it.
    """

    path: Path
    start: int
    end: int
    lines: int
    lines_before: int = 0
    is_whole_file: bool = True


def find_segments(path: Path, most: int, least_bytes: int = _LEAST_BYTES) -> list[Segment] | None:
    """Return the file in at most so many segments, or None when its lines cannot be taken as they are.

    A carriage return ends a line for DuckDB wherever it stands, and a line of megabytes needs a larger buffer.

    Raises:
        OSError: The file cannot be read.
    """
    size = path.stat().st_size
    parts = max(1, min(most, size // least_bytes)) if _PIPES.is_dir() else 1
    cuts = list(pairwise(_cuts(path, size, parts)))
    with ThreadPoolExecutor(parts) as pool:
        counts = list(pool.map(lambda cut: _count_plain_lines(path, *cut), cuts))
    lines = [count for count in counts if count is not None]
    if len(lines) != len(counts):
        return None
    before = accumulate(lines, initial=0)
    return [
        Segment(path, *cut, lines=count, lines_before=earlier, is_whole_file=parts == 1)
        for cut, count, earlier in zip(cuts, lines, before, strict=False)
    ]


@contextmanager
def readable(segments: Sequence[Segment]) -> Iterator[list[str]]:
    """Lend a path for each segment, good for reading once: its file, or a pipe that a thread fills."""
    with ExitStack() as cleanup:
        yield [
            str(segment.path) if segment.is_whole_file else cleanup.enter_context(_pipe(segment))
            for segment in segments
        ]


@contextmanager
def _pipe(segment: Segment) -> Iterator[str]:
    source, sink = os.pipe()
    _enlarge(sink)
    feeder = Thread(target=_feed, args=(segment, sink), daemon=True)
    feeder.start()
    try:
        yield str(_PIPES / str(source))
    finally:
        os.close(source)
        feeder.join()


def _enlarge(pipe: int) -> None:
    # Linux lets a pipe hold more than its usual 64 KiB, which spares switching between its two ends.
    if sys.platform == "linux":
        with suppress(OSError):
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _BLOCK)


def _feed(segment: Segment, sink: int) -> None:
    try:
        with segment.path.open("rb", buffering=0) as stream:
            stream.seek(segment.start)
            left = segment.end - segment.start
            while block := stream.read(min(left, _PIPE_BLOCK)):
                left -= len(block)
                rest = memoryview(block)
                while rest:
                    rest = rest[os.write(sink, rest) :]
    except BrokenPipeError:
        return  # the reader failed or was interrupted, and says so itself
    finally:
        os.close(sink)


def _cuts(path: Path, size: int, parts: int) -> list[int]:
    cuts = [0]
    with path.open("rb") as stream:
        for part in range(1, parts):
            stream.seek(max(cuts[-1], size * part // parts))
            stream.readline()
            cuts.append(stream.tell())
    return [*cuts, size]


def _count_plain_lines(path: Path, start: int, end: int) -> int | None:
    lines = 0
    last = b"\n"
    with path.open("rb", buffering=0) as stream:
        stream.seek(start)
        while block := stream.read(min(_BLOCK, end - stream.tell())):
            ends = block.count(b"\n")
            if b"\r" in block or (not ends and len(block) == _BLOCK):
                return None
            lines += ends
            last = block[-1:]
    return lines + (last != b"\n")
