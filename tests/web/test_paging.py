"""Long lists come in pages that leave nothing out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.errors import UsageError
from penstock.web.paging import address, cut, whole_number


@given(count=st.integers(min_value=0, max_value=300), size=st.integers(min_value=1, max_value=70))
def test_following_the_pages_meets_every_row_once(count: int, size: int) -> None:
    rows, seen, number = list(range(count)), [], 1
    while True:
        sheet = cut(rows, size, "/here", {"page": str(number)}, tab="x")
        seen += sheet.rows
        if sheet.rows:
            assert (sheet.first, sheet.last) == (sheet.rows[0] + 1, sheet.rows[-1] + 1)
        if not sheet.next:
            break
        number += 1
        assert sheet.next == f"/here?tab=x&page={number}"
    assert seen == rows


def test_a_page_behind_the_last_is_the_last() -> None:
    assert cut([1, 2, 3], 2, "/here", {"page": "99"}).rows == (3,)


def test_an_address_leaves_out_what_is_not_given() -> None:
    assert address("/runs", a=None, b="", c=0, d="x y&<") == "/runs?c=0&d=x+y%26%3C"


@pytest.mark.parametrize("given", ["-1", "1.5", "x", "²", "9" * 30])
def test_what_is_no_number_is_refused(given: str) -> None:
    with pytest.raises(UsageError, match="takes a whole number"):
        whole_number({"page": given}, "page")
