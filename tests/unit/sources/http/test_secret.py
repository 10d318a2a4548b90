"""The key: it reaches the publisher, and nothing else."""

from __future__ import annotations

import json
import logging
import pickle
import traceback
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest

from penstock.errors import SourceError
from penstock.kit.secret import Secret
from penstock.sources.http import TapeMode
from tests.servers.http import Asked, Reply, saying
from tests.unit.sources.http.clients import A_SOURCE, KEY, Bench

BY_HEADER = A_SOURCE
BY_PARAM = replace(A_SOURCE, key_header=None, key_param="api_key")
BY_BOTH = replace(A_SOURCE, key_param="api_key")
FORMS = {KEY, quote(KEY, safe=""), quote(KEY), json.dumps(KEY)[1:-1]}


def holds_key(text: str | bytes) -> bool:
    data = text if isinstance(text, bytes) else text.encode()
    return any(form.encode() in data for form in FORMS)


def files_of(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("source", [BY_HEADER, BY_PARAM, BY_BOTH])
def test_the_key_reaches_the_publisher_and_no_byte_on_disk(bench: Bench, source: object, caplog) -> None:
    caplog.set_level(logging.DEBUG)

    def parrot(asked: Asked) -> Reply:
        told = {"next": f"{bench.publisher.base}{asked.target}&page=2", "key": asked.headers.get("x-api-key")}
        return saying(told, ETag=f'"{KEY}"', Link=f"<{asked.target}>; rel=next")

    bench.publisher.answer = parrot
    client = bench.client(source, cache=bench.cache(), tape=bench.tape(TapeMode.RECORD))
    answers = [client.get_json("/x", {"a": 1}), client.get_json("/x", {"a": 1})]
    answers.append(client.get_json(answers[0].data["next"]))
    sent = [asked.headers.get("x-api-key") or asked.params["api_key"] for asked in bench.publisher.asked]
    assert sent == [KEY, KEY]
    assert [asked.params.get("page") for asked in bench.publisher.asked] == [None, "2"]
    assert len(files_of(bench.folder)) >= 6
    for path in files_of(bench.folder):
        assert not holds_key(path.read_bytes()), path
        assert not holds_key(str(path)), path
    for answer in answers:
        assert not holds_key(repr(answer) + str(answer.headers) + str(answer.data))
        assert not holds_key(answer.body)
    assert caplog.records
    assert not holds_key(caplog.text)


@pytest.mark.parametrize("source", [BY_HEADER, BY_PARAM])
@pytest.mark.parametrize(
    "reply",
    [
        lambda _: saying({"error": f"key {KEY} is over its limit"}, 429),
        lambda _: saying({"error": f"key {KEY} is wrong"}, 403),
        lambda _: saying({"error": f"{KEY}"}, 422),
        lambda asked: Reply(404, f"<p>{asked.target} {KEY}</p>".encode()),
        lambda asked: Reply(302, b"", {"Location": f"http://127.0.0.1/{asked.target}?k={KEY}"}),
        lambda _: Reply(body=f"not json {KEY}".encode()),
        lambda _: Reply(body=f"<html>{KEY}".encode()),
        lambda _: Reply(500, f"{KEY}".encode()),
        lambda _: Reply(body=b"{}" * 9, cut=3),
        lambda _: Reply(is_dropped=True),
    ],
)
def test_no_error_tells_the_key(bench: Bench, source: object, reply, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    bench.publisher.answer = reply
    client = bench.client(source, cache=bench.cache(), tape=bench.tape(TapeMode.RECORD))
    with pytest.raises(SourceError) as caught:
        client.get_json("/x", {"a": 1})
    told = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + str(caught.value.hint)
    assert not holds_key(told)
    assert not holds_key(caplog.text)
    assert not [path for path in files_of(bench.folder) if holds_key(path.read_bytes())]


def test_a_key_goes_to_no_other_server(bench: Bench) -> None:
    bench.publisher.script = [Reply(302, b"", {"Location": f"{bench.publisher.base}0/v1/x"})]
    with pytest.raises(SourceError):
        bench.client().get("/x")
    assert len(bench.publisher.asked) == 1


def test_a_secret_shows_itself_only_when_asked() -> None:
    secret = Secret(KEY)
    assert secret.reveal() == KEY
    shown = [repr(secret), str(secret), f"{secret}", f"{secret!r}", repr([secret]), repr({"key": secret})]
    assert not holds_key("".join(shown))
    assert repr(secret) == "***"
    with pytest.raises(TypeError):
        pickle.dumps(secret)


def test_a_secret_takes_itself_out_of_texts_in_every_form() -> None:
    for form in FORMS:
        assert Secret(KEY).scrub(f"a{form}b{form}") == "a***b***"
        assert Secret(KEY).scrub_bytes(f"a{form}b".encode()) == b"a***b"


@pytest.mark.parametrize("short", ["", "a", "demo", "12345678901234567890"])
def test_what_cannot_be_told_from_data_is_left_in_the_data(short: str) -> None:
    assert Secret(short).scrub_bytes(b"a demo 12345678901234567890") == b"a demo 12345678901234567890"
