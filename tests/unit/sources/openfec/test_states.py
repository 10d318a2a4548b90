"""States and territories as a person may write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.errors import UsageError
from penstock.sources.openfec.states import OTHER_PLACES, PLACES, STATES, TERRITORIES, parse_states


def test_there_are_fifty_states_the_district_and_five_territories() -> None:
    assert len(STATES) == 51
    assert set(TERRITORIES) == {"PR", "GU", "VI", "AS", "MP"}
    assert len(PLACES) == len(STATES) + len(TERRITORIES) + len(OTHER_PLACES)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("MD, VA", ("MD", "VA")),
        ("va,md;dc,", ("VA", "MD", "DC")),
        ("Maryland, new york", ("MD", "NY")),
        ("MD, maryland, md", ("MD",)),
        ("US, ZZ, AE", ("US", "ZZ", "AE")),
        ("territories, MD", (*TERRITORIES, "MD")),
        ("all", (*STATES, *TERRITORIES)),
        ("states", tuple(STATES)),
        ("everywhere", tuple(PLACES)),
    ],
)
def test_a_text_names_codes_each_once_and_in_order(text: str, codes: tuple[str, ...]) -> None:
    assert parse_states(text) == codes


@given(st.lists(st.sampled_from(sorted(PLACES)), min_size=1, unique=True))
def test_codes_and_names_say_the_same(codes: list[str]) -> None:
    assert parse_states(", ".join(codes)) == parse_states(",".join(PLACES[code] for code in codes)) == tuple(codes)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("Marylnd", "did you mean `MD` (Maryland)?"),
        ("MD, Virgina", "did you mean `VA` (Virginia)?"),
        ("XD", "did you mean `"),
        ("teritories", "did you mean `territories`?"),
        ("12345", "give codes such as `MD, VA`, or `all`"),
        ("MD VA", "give codes such as `MD, VA`, or `all`"),
    ],
)
def test_an_unknown_state_is_a_usage_error_with_a_suggestion(text: str, hint: str) -> None:
    with pytest.raises(UsageError, match="there is no state") as refused:
        parse_states(text)
    assert str(refused.value.hint).startswith(hint)


@pytest.mark.parametrize("text", ["", " , ", ";"])
def test_no_state_at_all_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError, match="no state is named"):
        parse_states(text)
