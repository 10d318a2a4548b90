"""Downloads that break off: continued where the server can, begun anew where it cannot, never mixed, never damaged."""

from __future__ import annotations

import base64
import fcntl
import hashlib
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from penstock.errors import RunCancelledError, SourceError, StateError
from penstock.kit.clock import ManualClock
from penstock.sources.download import Manners, download, look_at
from penstock.sources.http import RetryPolicy
from tests.servers.http import Asked, Publisher, Reply, publishing

CONTENT = bytes(range(256)) * 4000


@dataclass
class FileServer:
    """Serves one file by the rules of ranges (RFC 9110), and breaks off where a test says so.

    Args:
        cuts: How many bytes of each answer are kept back, one per answer with a body.
    """

    content: bytes = CONTENT
    etag: str = '"one"'
    modified: str = ""
    ranges: bool = True
    cuts: tuple[int, ...] = ()
    checksum: str = ""
    head: bool = True

    def answer(self, asked: Asked) -> Reply:
        stated = {"ETag": self.etag, "Last-Modified": self.modified, "x-amz-checksum-sha256": self.checksum}
        headers = {name: value for name, value in stated.items() if value}
        if self.ranges:
            headers["Accept-Ranges"] = "bytes"
        if self.etag and asked.headers.get("if-none-match") == self.etag:
            return Reply(304, b"", headers)
        start = self._start(asked)
        if start is None:
            return self._cut(asked, Reply(200, self.content, headers))
        if start >= len(self.content):
            return Reply(416, b"", {"Content-Range": f"bytes */{len(self.content)}"})
        headers["Content-Range"] = f"bytes {start}-{len(self.content) - 1}/{len(self.content)}"
        return self._cut(asked, Reply(206, self.content[start:], headers))

    def _start(self, asked: Asked) -> int | None:
        wanted, given = asked.headers.get("range"), asked.headers.get("if-range")
        if not self.ranges or wanted is None or given not in (self.etag, self.modified):
            return None
        return int(wanted.removeprefix("bytes=").rstrip("-"))

    def _cut(self, asked: Asked, reply: Reply) -> Reply:
        if asked.method != "GET" or not self.cuts:
            return reply
        cut, *rest = self.cuts
        self.cuts = tuple(rest)
        return replace(reply, cut=min(cut, len(reply.body)))


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with publishing() as running:
        yield running


def quick(**overrides: object) -> Manners:
    return replace(Manners(clock=ManualClock(), chance=lambda: 1.0), **overrides)  # type: ignore[arg-type]


def statuses(publisher: Publisher) -> list[str]:
    return [asked.headers.get("range", "whole") for asked in publisher.asked if asked.method == "GET"]


def test_a_broken_download_goes_on_where_it_stopped(publisher: Publisher, tmp_path: Path) -> None:
    publisher.answer = FileServer(cuts=(24_000, 10_000)).answer
    state = download(f"{publisher.base}/a.zip", tmp_path / "a.zip", quick())
    assert (tmp_path / "a.zip").read_bytes() == CONTENT
    assert statuses(publisher) == ["whole", "bytes=1000000-", "bytes=1014000-"]
    assert state.size == len(CONTENT)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.zip", "a.zip.state.json"]


def test_a_later_call_goes_on_as_well(publisher: Publisher, tmp_path: Path) -> None:
    once = quick(policy=RetryPolicy(attempts={}))
    server = FileServer(cuts=(24_000,))
    publisher.answer = server.answer
    with pytest.raises(SourceError, match="cut short") as caught:
        download(f"{publisher.base}/a.zip", tmp_path / "a.zip", once)
    assert caught.value.retriable
    assert not (tmp_path / "a.zip").exists()
    assert (tmp_path / "a.zip.part").stat().st_size == 1_000_000
    download(f"{publisher.base}/a.zip", tmp_path / "a.zip", once)
    assert (tmp_path / "a.zip").read_bytes() == CONTENT
    assert statuses(publisher) == ["whole", "bytes=1000000-"]


def test_as_long_as_much_arrives_every_attempt_is_the_first(publisher: Publisher, tmp_path: Path) -> None:
    big = CONTENT * 8
    cuts = tuple(len(big) - (1 << 20) * number for number in range(1, 8))
    steps = tuple(cut for cut in cuts if cut > 0)
    publisher.answer = FileServer(content=big, cuts=steps).answer
    download(f"{publisher.base}/a.zip", tmp_path / "a.zip", quick())
    assert (tmp_path / "a.zip").read_bytes() == big
    assert len(statuses(publisher)) == len(steps) + 1 > RetryPolicy().attempts.__len__()


@pytest.mark.parametrize(
    "server",
    [
        FileServer(ranges=False),
        FileServer(etag=""),
        FileServer(etag='W/"weak"'),
    ],
)
def test_what_cannot_be_continued_begins_anew(publisher: Publisher, tmp_path: Path, server: FileServer) -> None:
    server = replace(server, cuts=(24_000,))
    publisher.answer = server.answer
    download(f"{publisher.base}/a.zip", tmp_path / "a.zip", quick())
    assert (tmp_path / "a.zip").read_bytes() == CONTENT
    assert statuses(publisher) == ["whole", "whole"]


def test_a_time_of_change_is_enough_to_go_on(publisher: Publisher, tmp_path: Path) -> None:
    server = FileServer(etag="", modified="Mon, 01 Jun 2026 00:00:00 GMT", cuts=(24_000,))
    publisher.answer = server.answer
    download(f"{publisher.base}/a.zip", tmp_path / "a.zip", quick())
    assert statuses(publisher) == ["whole", "bytes=1000000-"]


def test_a_file_that_changed_in_between_is_never_mixed_with_the_old_one(publisher: Publisher, tmp_path: Path) -> None:
    server = FileServer(cuts=(24_000,))
    publisher.answer = server.answer
    with pytest.raises(SourceError):
        download(f"{publisher.base}/a.zip", tmp_path / "a.zip", quick(policy=RetryPolicy(attempts={})))
    server.content, server.etag = CONTENT[::-1], '"two"'
    download(f"{publisher.base}/a.zip", tmp_path / "a.zip", quick())
    assert (tmp_path / "a.zip").read_bytes() == CONTENT[::-1]


@pytest.mark.parametrize(
    "wrong",
    [
        Reply(206, b"x" * 24_000, {"Content-Range": "bytes 5-24004/1024000", "ETag": '"one"'}),
        Reply(206, b"x" * 24_000, {"Content-Range": "bytes 1000000-1023999/1024000", "ETag": '"two"'}),
        Reply(206, b"x" * 24_000, {"Content-Range": "bytes 1000000-1023999/9", "ETag": '"one"'}),
        Reply(206, b"x" * 24_000, {}),
        Reply(416, b"", {}),
    ],
)
def test_a_wrong_continuation_is_thrown_away(publisher: Publisher, tmp_path: Path, wrong: Reply) -> None:
    server = FileServer(cuts=(24_000,))
    publisher.answer = server.answer
    with pytest.raises(SourceError):
        download(f"{publisher.base}/a.zip", tmp_path / "a.zip", quick(policy=RetryPolicy(attempts={})))
    publisher.script = [wrong]
    download(f"{publisher.base}/a.zip", tmp_path / "a.zip", quick())
    assert (tmp_path / "a.zip").read_bytes() == CONTENT
    assert statuses(publisher) == ["whole", "bytes=1000000-", "whole"]


@pytest.mark.parametrize("note", [b"", b"[]", b"{}", b'{"state": {"url": 1}, "checksums": {}}', b"\xff"])
def test_a_partial_file_that_nobody_can_tell_the_state_of_is_thrown_away(
    publisher: Publisher, tmp_path: Path, note: bytes
) -> None:
    publisher.answer = FileServer().answer
    (tmp_path / "a.zip.part").write_bytes(b"what is this")
    (tmp_path / "a.zip.part.json").write_bytes(note)
    download(f"{publisher.base}/a.zip", tmp_path / "a.zip", quick())
    assert (tmp_path / "a.zip").read_bytes() == CONTENT
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.zip", "a.zip.state.json"]


def test_a_stated_checksum_is_compared_over_all_pieces(publisher: Publisher, tmp_path: Path) -> None:
    right = base64.b64encode(hashlib.sha256(CONTENT).digest()).decode()
    publisher.answer = FileServer(checksum=right, cuts=(24_000,)).answer
    download(f"{publisher.base}/a.zip", tmp_path / "a.zip", quick())
    wrong = base64.b64encode(hashlib.sha256(b"").digest()).decode()
    publisher.answer = FileServer(checksum=wrong, cuts=(24_000,), etag='"two"').answer
    with pytest.raises(SourceError, match="arrived damaged: its sha256 is") as caught:
        download(f"{publisher.base}/a.zip", tmp_path / "a.zip", quick())
    assert caught.value.retriable
    assert (tmp_path / "a.zip").read_bytes() == CONTENT
    assert not (tmp_path / "a.zip.part").exists()


def test_an_etag_that_looks_like_a_checksum_is_not_taken_for_one(publisher: Publisher, tmp_path: Path) -> None:
    publisher.answer = FileServer(etag=f'"{"0" * 32}"').answer
    download(f"{publisher.base}/a.zip", tmp_path / "a.zip", quick())
    assert (tmp_path / "a.zip").read_bytes() == CONTENT


@pytest.mark.parametrize("damage", [b"", b"x", b"[]", b'{"url": 1}'])
def test_a_damaged_note_of_a_finished_copy_makes_it_be_fetched_again(
    publisher: Publisher, tmp_path: Path, damage: bytes
) -> None:
    publisher.answer = FileServer().answer
    download(f"{publisher.base}/a.zip", tmp_path / "a.zip", quick())
    (tmp_path / "a.zip.state.json").write_bytes(damage)
    download(f"{publisher.base}/a.zip", tmp_path / "a.zip", quick())
    assert statuses(publisher) == ["whole", "whole"]


def test_a_copy_that_was_cut_is_fetched_again(publisher: Publisher, tmp_path: Path) -> None:
    publisher.answer = FileServer().answer
    download(f"{publisher.base}/a.zip", tmp_path / "a.zip", quick())
    (tmp_path / "a.zip").write_bytes(CONTENT[:10])
    download(f"{publisher.base}/a.zip", tmp_path / "a.zip", quick())
    assert (tmp_path / "a.zip").read_bytes() == CONTENT


def test_servers_in_trouble_are_asked_again(publisher: Publisher, tmp_path: Path) -> None:
    publisher.answer = FileServer().answer
    publisher.script = [Reply(503, b"down"), Reply(is_dropped=True), Reply(200, b"x", {}, cut=1)]
    clock = ManualClock()
    start = clock.now()
    download(f"{publisher.base}/a.zip", tmp_path / "a.zip", quick(clock=clock, policy=RetryPolicy()))
    assert (tmp_path / "a.zip").read_bytes() == CONTENT
    assert clock.now() - start == timedelta(seconds=1 + 2 + 4)
    publisher.script = [Reply(503, b"down")]
    assert look_at(f"{publisher.base}/a.zip", quick()) is not None


def test_a_cancelled_run_ends_a_download_between_blocks(publisher: Publisher, tmp_path: Path) -> None:
    publisher.answer = FileServer(content=CONTENT * 8).answer
    calls = iter(range(3))

    def check() -> None:
        if next(calls, None) is None:
            raise RunCancelledError("stopped")

    with pytest.raises(RunCancelledError):
        download(f"{publisher.base}/a.zip", tmp_path / "a.zip", quick(check=check))
    kept = (tmp_path / "a.zip.part").stat().st_size
    assert 0 < kept < len(CONTENT) * 8
    download(f"{publisher.base}/a.zip", tmp_path / "a.zip", quick())
    assert statuses(publisher) == ["whole", f"bytes={kept}-"]


def test_two_processes_do_not_write_to_one_file(publisher: Publisher, tmp_path: Path) -> None:
    publisher.answer = FileServer().answer
    with (tmp_path / "a.zip.part").open("wb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(SourceError, match=r"another process is downloading `a\.zip`") as caught:
            download(f"{publisher.base}/a.zip", tmp_path / "a.zip", quick())
    assert caught.value.retriable
    assert publisher.asked == []


def test_we_say_whom_to_write_to(publisher: Publisher, tmp_path: Path) -> None:
    publisher.answer = FileServer().answer
    download(f"{publisher.base}/a.zip", tmp_path / "a.zip", quick(contact="data@example.org"))
    assert publisher.asked[0].headers["user-agent"].endswith("(+data@example.org)")


def test_a_full_disk_is_told_as_one(publisher: Publisher, tmp_path: Path) -> None:
    """A limit on the size of files stands in for the disk's end."""
    publisher.answer = FileServer().answer
    script = (
        "import resource, signal, sys\n"
        "from pathlib import Path\n"
        "from penstock.errors import StateError\n"
        "from penstock.sources.download import download\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "try:\n"
        "    download(sys.argv[1], Path(sys.argv[2]))\n"
        "except StateError as error:\n"
        "    print(error.message, error.hint)\n"
    )
    command = [sys.executable, "-c", script, f"{publisher.base}/a.zip", str(tmp_path / "a.zip")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "the disk is full" in done.stdout
    assert "free some space" in done.stdout
    assert not (tmp_path / "a.zip").exists()
    download(f"{publisher.base}/a.zip", tmp_path / "a.zip", quick())
    assert (tmp_path / "a.zip").read_bytes() == CONTENT


def test_a_place_that_cannot_be_written_is_told(publisher: Publisher, tmp_path: Path) -> None:
    publisher.answer = FileServer().answer
    (tmp_path / "file").touch()
    with pytest.raises(StateError, match="cannot keep the download"):
        download(f"{publisher.base}/a.zip", tmp_path / "file" / "a.zip", quick())


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(0, 5000), max_size=6), size=st.integers(0, 5000), ranges=st.booleans())
def test_wherever_it_breaks_off_the_file_is_whole_in_the_end(
    publisher: Publisher, tmp_path: Path, cuts: list[int], size: int, ranges: bool
) -> None:
    content = CONTENT[:size]
    publisher.answer = FileServer(content, etag=f'"{len(publisher.asked)}"', ranges=ranges, cuts=tuple(cuts)).answer
    for _ in range(len(cuts) + 1):
        try:
            download(f"{publisher.base}/a.zip", tmp_path / "a.zip", quick(policy=RetryPolicy(attempts={})))
        except SourceError:
            continue
        break
    assert (tmp_path / "a.zip").read_bytes() == content
