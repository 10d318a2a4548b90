"""Texts measured and shortened before a browser sets them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from penstock.web.drawing.lettering import shorten, width_of


@given(st.text(max_size=60), st.integers(20, 300))
def test_a_shortened_text_fits_and_keeps_both_its_ends(text: str, width: int) -> None:
    short = shorten(text, width, 13)
    assert width_of(short, 13) <= width
    if short != text:
        head, _, tail = short.partition("…")
        assert width_of(text, 13) > width
        assert text.startswith(head)
        assert text.endswith(tail) or "…" in text
        assert len(short) <= len(text)


def test_a_text_that_fits_is_left_alone() -> None:
    assert shorten("load", 200, 13) == "load"


def test_names_that_differ_at_their_end_stay_different() -> None:
    one, other = (shorten(f"summarize_contributions.state.{state}", 120, 13) for state in ("MD", "VA"))
    assert one != other
    assert one.startswith("summ")


def test_wide_and_combining_characters_are_measured_as_they_are_set() -> None:
    assert width_of("漢字", 10) > width_of("ab", 10)
    assert width_of("e\N{COMBINING ACUTE ACCENT}", 10) == width_of("e", 10)
    assert width_of("\N{GRINNING FACE}", 10) >= 10


def test_letters_are_as_wide_as_they_were_measured() -> None:
    assert width_of("iiii", 100) < width_of("oooo", 100) < width_of("mmmm", 100)
    assert width_of("download", 100) in range(440, 520)
