"""Recordings: made beside the work, played without a publisher, byte for byte, and refused when damaged."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from penstock.errors import AbsentSourceError, SourceError
from penstock.sources.http import TapeMode
from tests.servers.http import Reply, page_of, saying
from tests.unit.sources.http.clients import Bench

ODD = b'{"b": 1.0,  "a": "\xc3\xa9"}\r\n'


def record(bench: Bench, reply: Reply) -> None:
    bench.publisher.script = [reply]
    bench.client(tape=bench.tape(TapeMode.RECORD)).get_json("/x", {"b": 2, "a": [1, 2]})
    bench.publisher.asked.clear()
    bench.budget.granted.clear()


def test_a_recording_is_played_byte_for_byte_without_a_call_or_a_key(bench: Bench) -> None:
    record(bench, Reply(body=ODD, headers={"Date": "Sat, 21 Nov 2026 14:00:00 GMT", "ETag": '"x"', "X-Other": "y"}))
    answer = bench.client(tape=bench.tape(TapeMode.REPLAY), key=None).get_json("/x", {"a": [1, 2], "b": 2})
    assert (answer.body, answer.status, answer.from_tape) == (ODD, 200, True)
    assert answer.data == {"b": 1, "a": "é"}
    assert dict(answer.headers) == {"date": "Sat, 21 Nov 2026 14:00:00 GMT", "etag": '"x"'}
    assert (bench.publisher.asked, bench.budget.granted) == ([], [])


def test_a_form_is_told_apart_by_its_fields_and_a_session_by_what_it_is_about(bench: Bench) -> None:
    client = bench.client(tape=bench.tape(TapeMode.RECORD))
    bench.publisher.script = [saying(number) for number in range(4)]
    client.post("/x", {"year": 2025})
    client.post("/x", {"year": 2026})
    client.get("/export", about="year=2025")
    client.get("/export", about="year=2026")
    replay = bench.client(tape=bench.tape(TapeMode.REPLAY))
    assert [replay.post("/x", {"year": year}).body for year in (2025, 2026)] == [b"0", b"1"]
    assert [replay.get("/export", about=f"year={year}").body for year in (2025, 2026)] == [b"2", b"3"]


def test_what_was_never_asked_is_named(bench: Bench) -> None:
    record(bench, saying(1))
    with pytest.raises(SourceError, match=r"no recording of GET `http.*/v1/x\?a=3`") as caught:
        bench.client(tape=bench.tape(TapeMode.REPLAY)).get("/x", {"a": 3})
    assert "PENSTOCK_RECORDINGS=record" in str(caught.value.hint)
    assert bench.publisher.asked == []


def test_a_final_refusal_is_recorded_and_one_of_the_key_is_not(bench: Bench) -> None:
    client = bench.client(tape=bench.tape(TapeMode.RECORD))
    bench.publisher.script = [page_of("Not found", 404), saying({"error": "no"}, 403)]
    for path in ("/gone", "/secret"):
        with pytest.raises(SourceError):
            client.get_json(path)
    replay = bench.client(tape=bench.tape(TapeMode.REPLAY))
    with pytest.raises(AbsentSourceError, match="status 404: Not found"):
        replay.get_json("/gone")
    with pytest.raises(SourceError, match="no recording"):
        replay.get_json("/secret")


def test_recordings_stand_above_the_cache(bench: Bench) -> None:
    cached = bench.client(cache=bench.cache())
    cached.get("/x")
    assert bench.client(cache=bench.cache(), tape=bench.tape(TapeMode.RECORD)).get("/x").from_cache
    assert bench.client(cache=bench.cache(), tape=bench.tape(TapeMode.REPLAY)).get("/x").from_tape
    assert len(bench.publisher.asked) == 1


def test_a_recording_that_is_off_records_nothing(bench: Bench) -> None:
    bench.client(tape=bench.tape(TapeMode.OFF)).get("/x")
    assert list(bench.folder.iterdir()) == []


def test_equal_bodies_lie_there_once(bench: Bench) -> None:
    client = bench.client(tape=bench.tape(TapeMode.RECORD))
    for number in range(5):
        client.get("/x", {"n": number})
    assert len(list((bench.folder / "tape" / "bodies").glob("*/*"))) == 1
    assert len(list((bench.folder / "tape" / "index").glob("*/*"))) == 5


def index(bench: Bench) -> Path:
    (found,) = (bench.folder / "tape" / "index").glob("*/*")
    return found


def body(bench: Bench) -> Path:
    (found,) = (bench.folder / "tape" / "bodies").glob("*/*")
    return found


@pytest.mark.parametrize(
    "change",
    [
        {"status": "200"},
        {"headers": None},
        {"headers": {"date": 1}},
        {"body_sha256": "../../../etc/passwd"},
        {"body_sha256": "0" * 64},
        {"body_sha256": 5},
        {"kept_at": None},
        {"params": []},
        {"url": "http://elsewhere.example/"},
        {"method": "POST"},
    ],
)
def test_an_entry_edited_by_hand_is_refused(bench: Bench, change: dict[str, object]) -> None:
    record(bench, saying(1))
    entry = json.loads(index(bench).read_text())
    index(bench).write_text(json.dumps({**entry, **change}))
    with pytest.raises(SourceError, match="damaged or was edited") as caught:
        bench.client(tape=bench.tape(TapeMode.REPLAY)).get_json("/x", {"b": 2, "a": [1, 2]})
    assert "record it again" in str(caught.value.hint)


@pytest.mark.parametrize("damage", [b"", b"2", b'{"a"', b"\xff\xfe"])
def test_a_damaged_recording_is_refused(bench: Bench, damage: bytes) -> None:
    record(bench, saying(1))
    replay = bench.client(tape=bench.tape(TapeMode.REPLAY))
    for path in (body(bench), index(bench)):
        kept = path.read_bytes()
        path.write_bytes(damage)
        with pytest.raises(SourceError, match="damaged or was edited"):
            replay.get_json("/x", {"b": 2, "a": [1, 2]})
        path.write_bytes(kept)
    body(bench).unlink()
    with pytest.raises(SourceError, match="cannot be read"):
        replay.get_json("/x", {"b": 2, "a": [1, 2]})


WRITER = """
import sys
from pathlib import Path
from penstock.kit.clock import SystemClock
from penstock.sources.http.answer import Answer
from penstock.sources.http.request import make_request
from penstock.sources.http.tape import Tape, TapeMode
tape = Tape(Path(sys.argv[1]), TapeMode.RECORD, SystemClock())
for number in range(200):
    request = make_request("http://publisher.example", "/x", {"n": number % 10})
    tape.record(request, Answer(request.url, 200, {}, (sys.argv[2] * 3000).encode()))
"""


def test_several_processes_write_at_once_and_every_recording_is_whole(bench: Bench) -> None:
    folder = bench.folder / "tape"
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(folder), letter]) for letter in "abcd"]
    assert [writer.wait(60) for writer in writers] == [0] * 4
    from penstock.sources.http.request import make_request

    for number in range(10):
        request = make_request("http://publisher.example", "/x", {"n": number})
        answer = bench.tape(TapeMode.REPLAY).play(request)
        assert answer.body in {(letter * 3000).encode() for letter in "abcd"}
    assert not [path for path in folder.rglob(".*") if path.is_file()]
