"""The lines by which a script tells more: read exactly, or refused with the reason."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.engine.execution.script.concealment import Concealment
from penstock.engine.execution.script.protocol import (
    Log,
    MalformedLineError,
    Message,
    Progress,
    Result,
    Skipping,
    Told,
    is_protocol,
    read_line,
)
from penstock.engine.state.records import Item

NOTHING = Concealment({})


def read(text, concealment=NOTHING):
    return read_line(f"::penstock {text}\n".encode("utf-8", "surrogatepass"), concealment)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"progress": 3}', Progress(3)),
        ('{"progress": 3, "total": null, "unit": "files"}', Progress(3, None, "files")),
        ('{"progress": 3, "total": 10}', Progress(3, 10, "rows")),
        ('{"result": null}', Result(None)),
        ('{"result": [1, {"a": "ü"}]}', Result([1, {"a": "ü"}])),
        ('{"item": "k"}', Item("k")),
        ('{"item": "k", "payload": {"n": 1}}', Item("k", {"n": 1})),
        ('{"log": "said", "facts": {"n": 1}}', Log("said", {"n": 1})),
        ('{"skip": "no files"}', Skipping("no files")),
    ],
)
def test_every_line_there_is(text, message):
    assert read(text) == message


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is not JSON"),
        ("{", "is not JSON"),
        ("[1]", "is not an object"),
        ("{}", "says none of progress, result, item, log, skip"),
        ('{"reslut": 1}', "did you mean `result`?"),
        ('{"result": 1, "skip": "x"}', "`result` and `skip` each need a line of their own"),
        ('{"progress": 1, "of": 2}', "`of` does not belong beside `progress`"),
        ('{"progress": 1.5}', "`progress` is not a whole number"),
        ('{"progress": true}', "`progress` is not a whole number"),
        ('{"progress": 1, "total": -1}', "`total` is not a whole number"),
        ('{"item": ""}', "`item` is not a text"),
        ('{"item": 3}', "`item` is not a text"),
        ('{"log": "x", "facts": [1]}', "`facts` is not an object"),
        ('{"log": "x", "facts": {"message": 1}}', "`message` cannot be among the facts"),
        ('{"skip": null}', "`skip` is not a text"),
        ('{"result": NaN}', "a number is not finite"),
        ('{"result": 1e999}', "a number is not finite"),
        ('{"result": "\\u0000"}', "holds NUL or half a character"),
        ('{"result": {"\\ud800": 1}}', "holds NUL or half a character"),
        ('{"result": "\udc80"}', "is not UTF-8"),
        ('{"result": ' + "[" * 100_000 + "]" * 100_000 + "}", "JSON"),
    ],
)
def test_every_line_that_is_none_says_why(text, why):
    with pytest.raises(MalformedLineError) as refused:
        read(text)
    assert why in str(refused.value)


@given(st.binary(max_size=200))
def test_any_line_is_read_or_refused(data):
    line = b"::penstock" + data.replace(b"\n", b" ") + b"\n"
    with suppress(MalformedLineError):
        assert isinstance(read_line(line, NOTHING), Message)


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
).filter(lambda value: "\\u0000" not in json.dumps(value))


@given(PLAIN)
def test_a_result_arrives_as_it_was_given(value):
    assert read(json.dumps({"result": value})) == Result(value)


def test_secrets_are_taken_out_of_values_and_names():
    knowing = Concealment({"MY_PASSWORD": "correct horse"})
    assert read(r'{"result": {"correct horse": ["\u0063orrect horse", 1]}}', knowing) == Result({"***": ["***", 1]})


def test_a_line_is_meant_for_penstock_by_its_whole_first_word():
    assert is_protocol(b"::penstock {}")
    assert is_protocol(b"::penstock{}")
    assert is_protocol(b"::penstock\n")
    assert not is_protocol(b"::penstocks {}")
    assert not is_protocol(b" ::penstock {}")


def test_a_script_lists_items_or_returns_a_result_but_not_both():
    told = Told()
    told.note(Result(1), 10)
    with pytest.raises(MalformedLineError):
        told.note(Item("k"), 10)
    assert told.value == 1
    other = Told()
    other.note(Item("k"), 10)
    with pytest.raises(MalformedLineError):
        other.note(Result(1), 10)
    assert other.value == [Item("k")]


def test_items_have_a_limit_in_bytes_too():
    told = Told()
    for number in range(70):
        told.note(Item(f"k{number}"), 1 << 20)
    assert told.is_overfull
    assert len(told.value) == 64
