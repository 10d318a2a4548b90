"""Lines out of bytes: whole, clean, and the same however they arrive."""

import re

from hypothesis import given
from hypothesis import strategies as st

from penstock.engine.execution.script.concealment import Concealment
from penstock.engine.execution.script.lines import LONGEST_WHOLE, PIECE, LineCutter, clean, count_pieces, pieces_of

NOTHING = Concealment({})
SECRET = "t0p-secret/ü"
KNOWING = Concealment({"API_TOKEN": SECRET})


def cut(chunks, concealment=NOTHING):
    cutter = LineCutter(concealment)
    segments = [*(cutter.feed(chunk) for chunk in chunks), cutter.finish()]
    return [segment for segment in segments if segment is not None]


def chunks_of(data, sizes):
    chunks = []
    for size in sizes:
        chunks.append(data[:size])
        data = data[size:]
    return [chunk for chunk in [*chunks, data] if chunk]


@given(st.binary(max_size=300), st.lists(st.integers(1, 40), max_size=20))
def test_cutting_loses_and_invents_nothing(data, sizes):
    segments = cut(chunks_of(data, sizes))
    whole = b"".join(segment.data for segment in segments)
    assert whole in (data, data + b"\n")
    assert all(segment.data.endswith(b"\n") and segment.begins_line for segment in segments)


@given(st.text(max_size=60), st.text(max_size=60), st.lists(st.integers(1, 30), max_size=20))
def test_a_secret_is_found_wherever_the_bytes_are_parted(before, after, sizes):
    data = (before + SECRET + after).encode("utf-8", "replace")
    text = "".join(clean(segment.data, KNOWING) for segment in cut(chunks_of(data, sizes), KNOWING))
    assert SECRET not in text
    assert "***" in text


@given(st.integers(-40, 40), st.sampled_from([SECRET, "ü" * 30, "plain"]))
def test_a_line_too_long_to_wait_for_is_cut_beside_secrets_and_characters(offset, word):
    data = b"x" * (LONGEST_WHOLE + offset) + word.encode() + b"y" * LONGEST_WHOLE + b"\n"
    size = 1 << 16
    segments = cut([data[begin : begin + size] for begin in range(0, len(data), size)], KNOWING)
    texts = [clean(segment.data, KNOWING) for segment in segments]
    joined = "".join(texts)
    assert len(segments) > 1
    assert [segment.begins_line for segment in segments] == [True] + [False] * (len(segments) - 1)
    assert [segment.ends_line for segment in segments] == [False] * (len(segments) - 1) + [True]
    assert joined.strip("xy\n") == ("***" if word == SECRET else word)
    assert max(len(segment.data) for segment in segments) <= LONGEST_WHOLE + size


@given(st.binary(max_size=400))
def test_clean_text_holds_nothing_that_controls_a_screen(data):
    text = clean(data, NOTHING)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", text)
    text.encode("utf-8")


def test_colours_titles_and_links_are_left_out():
    assert clean(b"\x1b[1;31mred\x1b[0m \x1b]0;title\x07\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\ \x1b7", NOTHING) == (
        r"red link \x1b7"
    )


@given(st.lists(st.sampled_from(["", "a", "b" * PIECE, "c" * (PIECE + 1), "é" * PIECE, "d" * 3 * PIECE]), max_size=8))
def test_pieces_are_short_and_make_up_the_lines(lines):
    pieces = pieces_of(lines)
    assert "".join(pieces) == "".join(lines)
    assert all(len(piece.encode()) <= PIECE for piece in pieces)
    assert len(pieces) >= len(lines)


@given(
    st.lists(st.sampled_from([b"", b"a", b"b" * PIECE, b"c" * (PIECE + 1), b"d" * 3 * PIECE]), min_size=1, max_size=9)
)
def test_counting_agrees_with_cutting_into_pieces(lines):
    data = b"".join(line + b"\n" for line in lines)
    assert count_pieces(data) == len(pieces_of([line.decode() for line in lines]))
