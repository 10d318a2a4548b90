"""The cache: what is kept, for how long, and what spends a call."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from penstock.errors import SourceError, StateError
from penstock.sources.http import TapeMode
from tests.servers.http import Asked, Reply, page_of, saying
from tests.unit.sources.http.clients import MINUTE, Bench


def test_a_young_answer_spends_no_call(bench: Bench) -> None:
    client = bench.client(cache=bench.cache())
    first, second = (client.get_json("/x", {"a": 1, "b": 2}), client.get_json("/x", {"b": 2, "a": 1}))
    assert (first.from_cache, second.from_cache) == (False, True)
    assert first.body == second.body
    assert first.data == second.data
    assert first.headers == second.headers
    assert len(bench.publisher.asked) == len(bench.budget.granted) == 1


def test_another_client_finds_it_as_well(bench: Bench) -> None:
    bench.client(cache=bench.cache()).get("/x")
    assert bench.client(cache=bench.cache(), key=None).get("/x").from_cache


def test_other_parameters_are_another_question(bench: Bench) -> None:
    client = bench.client(cache=bench.cache())
    for params in ({"a": 1}, {"a": 2}, {"a": [1, 2]}, {"a": "1,2"}, {}, {"b": 1}):
        assert not client.get("/x", params).from_cache


def test_an_old_answer_is_asked_for_anew(bench: Bench) -> None:
    bench.publisher.script = [saying("old"), saying("new")]
    client = bench.client(cache=bench.cache(MINUTE))
    assert client.get_json("/x").data == "old"
    bench.clock.advance(MINUTE - timedelta(seconds=1))
    assert client.get_json("/x").data == "old"
    bench.clock.advance(timedelta(seconds=1))
    assert client.get_json("/x").data == "new"


def test_nothing_is_known_of_an_answers_age_when_the_clock_was_set_back(bench: Bench) -> None:
    client = bench.client(cache=bench.cache(MINUTE))
    client.get("/x")
    bench.clock.advance(timedelta(days=-1))
    assert not client.get("/x").from_cache


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ({"ETag": '"one"'}, {"if-none-match": '"one"'}),
        ({"Last-Modified": "Mon, 01 Jun 2026 00:00:00 GMT"}, {"if-modified-since": "Mon, 01 Jun 2026 00:00:00 GMT"}),
    ],
)
def test_an_old_answer_that_still_holds_is_not_sent_again(
    bench: Bench, given: dict[str, str], asked: dict[str, str]
) -> None:
    bench.publisher.script = [Reply(body=b'{"a": 1.50}', headers=given), Reply(304, b"", {"ETag": '"one"'})]
    client = bench.client(cache=bench.cache())
    before = client.get_json("/x")
    bench.clock.advance(2 * MINUTE)
    after = client.get_json("/x")
    assert asked.items() <= bench.publisher.asked[1].headers.items()
    assert (after.status, after.from_cache, after.body, after.data) == (200, True, before.body, before.data)
    assert client.get_json("/x").from_cache
    assert len(bench.publisher.asked) == len(bench.budget.settled) == 2


def test_a_refreshed_answer_takes_the_place_of_the_old_one(bench: Bench) -> None:
    bench.publisher.script = [saying("old", ETag='"one"'), saying("new")]
    client = bench.client(cache=bench.cache())
    client.get("/x")
    assert client.get_json("/x", refresh=True).data == "new"
    assert "if-none-match" not in bench.publisher.asked[1].headers
    assert client.get_json("/x").data == "new"


@pytest.mark.parametrize(
    "reply",
    [
        page_of("Sorry"),
        Reply(body=b'{"a": 1'),
        Reply(body=b'{"a": 1}', cut=1),
        Reply(body=b""),
        Reply(500, b'{"a": 1}'),
        Reply(404, b'{"a": 1}'),
        Reply(422, b'{"a": 1}'),
        Reply(403, b'{"a": 1}'),
    ],
)
def test_what_is_no_good_answer_is_never_kept(bench: Bench, reply: Reply) -> None:
    client = bench.client(cache=bench.cache())
    bench.publisher.script = [reply] * 6
    with pytest.raises(SourceError):
        client.get_json("/x")
    bench.publisher.script = [saying("good")]
    assert client.get_json("/x").data == "good"


def test_what_was_not_approved_is_neither_kept_nor_recorded(bench: Bench) -> None:
    def approve(data: object) -> None:
        if data != "good":
            raise SourceError("not what was asked")

    client = bench.client(cache=bench.cache(), tape=bench.tape(TapeMode.RECORD))
    bench.publisher.script = [saying("bad"), saying("good")]
    with pytest.raises(SourceError, match="not what was asked"):
        client.get_json("/x", approve=approve)
    assert [path for path in bench.folder.rglob("*") if path.is_file()] == []
    assert client.get_json("/x", approve=approve).data == "good"


def test_a_page_kept_by_one_who_wants_no_json_does_not_serve_one_who_does(bench: Bench) -> None:
    client = bench.client(cache=bench.cache())
    bench.publisher.script = [page_of("A page"), saying("json")]
    assert b"A page" in client.get("/x").body
    assert client.get_json("/x").data == "json"


@pytest.mark.parametrize(
    ("control", "kept"), [("no-store", 0), ("no-cache", 0), ("public, max-age=10", 10), ("max-age=9999", 60), ("", 60)]
)
def test_the_publisher_may_allow_less_and_never_more(bench: Bench, control: str, kept: int) -> None:
    bench.publisher.answer = lambda _: saying(1, Cache_Control=control)
    client = bench.client(cache=bench.cache(MINUTE))
    client.get("/x")
    bench.clock.advance(timedelta(seconds=kept - 0.5))
    assert client.get("/x").from_cache is (kept > 0)
    client.get("/x", refresh=True)
    bench.clock.advance(timedelta(seconds=kept + 0.5))
    assert not client.get("/x").from_cache


def test_a_form_is_never_answered_from_the_cache(bench: Bench) -> None:
    client = bench.client(cache=bench.cache())
    for _ in range(2):
        assert not client.post("/x", {"a": 1}).from_cache
    assert len(bench.publisher.asked) == 2


def test_clearing_empties_it(bench: Bench) -> None:
    cache = bench.cache()
    client = bench.client(cache=cache)
    for number in range(3):
        client.get("/x", {"n": number})
    assert (cache.clear(), cache.clear()) == (3, 0)
    assert not [path for path in bench.folder.rglob("*") if path.is_file()]
    assert not client.get("/x", {"n": 0}).from_cache


def test_what_is_older_than_a_day_is_removed_in_time(bench: Bench) -> None:
    bench.publisher.answer = lambda asked: saying(asked.params)
    client = bench.client(cache=bench.cache())
    for number in range(5):
        client.get("/x", {"n": number})
    bench.clock.advance(timedelta(hours=23))
    client.get("/x", {"n": "later"})
    bench.clock.advance(timedelta(hours=2))
    bench.client(cache=bench.cache()).get("/x", {"n": "now"})
    left = [path for path in (bench.folder / "cache").rglob("*") if path.is_file()]
    assert sorted(path.read_text() for path in left if "bodies" in path.parts) == ['{"n": "later"}', '{"n": "now"}']
    assert len(left) == 4


def test_a_damaged_entry_is_as_good_as_none(bench: Bench) -> None:
    client = bench.client(cache=bench.cache())
    client.get("/x")
    for path in [path for path in bench.folder.rglob("*") if path.is_file()]:
        kept = path.read_bytes()
        for damage in (b"", b"{}", b"[]", b"null", kept[:-3], kept + b" x"):
            path.write_bytes(damage)
            assert client.get_json("/x").data == {"ok": True}
        path.unlink()
        assert client.get_json("/x").data == {"ok": True}


def test_a_place_that_cannot_be_written_is_told(bench: Bench) -> None:
    (bench.folder / "cache").write_text("in the way")
    with pytest.raises(StateError, match="cannot keep an answer in"):
        bench.client(cache=bench.cache()).get("/x")


def test_many_threads_share_it_while_it_is_cleared(bench: Bench) -> None:
    def echo(asked: Asked) -> Reply:
        return saying({"n": asked.params["n"], "fill": "x" * 5000})

    bench.publisher.answer = echo
    cache = bench.cache()
    client = bench.client(cache=cache)

    def read(number: int) -> bool:
        if number % 40 == 0:
            cache.clear()
        return client.get_json("/x", {"n": number % 7}).data["n"] == str(number % 7)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(read, range(300)))


def test_no_half_written_file_is_left(bench: Bench, tmp_path: Path) -> None:
    client = bench.client(cache=bench.cache(), tape=bench.tape(TapeMode.RECORD))
    client.get("/x")
    files = [path.relative_to(tmp_path).parts for path in tmp_path.rglob("*") if path.is_file()]
    assert sorted({(place, kind) for place, kind, *_ in files}) == [
        ("cache", "bodies"),
        ("cache", "index"),
        ("tape", "bodies"),
        ("tape", "index"),
    ]
    assert not [name for *_, name in files if name.startswith(".")]
