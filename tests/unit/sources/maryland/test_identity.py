"""Stable identifiers for rows that have none: equal gifts stay apart, a corrected gift stays the same gift."""

from __future__ import annotations

from collections import Counter
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from penstock.sources.maryland.contributions import COLUMNS
from penstock.sources.maryland.identity import Identified, KnownRow, identify

Row = dict[str, str]


def a_row(**values: str) -> Row:
    usual = {
        "receiving_committee": "Friends of Ann",
        "contribution_date": "03/05/2022",
        "contributor_name": "Doe  Jane",
        "contributor_address": "1 Main St",
        "contribution_type": "Check",
        "contribution_amount": "10.0000",
    }
    return {**dict.fromkeys(COLUMNS.values(), ""), **usual, **values}


def stored(found: Identified, before: list[KnownRow] | None = None) -> list[KnownRow]:
    """What a table holds after a read: rows that are gone stay, unlisted."""
    rows = {known.contribution_id: known for known in before or []}
    rows |= {key: KnownRow(key, values) for key, values in found.rows}
    rows |= {row.contribution_id: KnownRow(row.contribution_id, row.values, is_listed=False) for row in found.gone}
    return list(rows.values())


def ids(found: Identified) -> Counter[tuple[str, tuple[str, ...]]]:
    return Counter((key, tuple(values.values())) for key, values in found.rows)


def test_two_equal_gifts_have_two_identifiers() -> None:
    found = identify([a_row(), a_row()], [])
    assert len({key for key, _ in found.rows}) == 2


def test_case_and_blanks_and_the_spelling_of_a_date_make_no_new_gift() -> None:
    first = identify([a_row()], [])
    again = identify([a_row(contributor_name="DOE JANE", contribution_date="3/5/2022")], stored(first))
    assert [key for key, _ in again.rows] == [key for key, _ in first.rows]
    assert (again.corrected, again.gone) == (1, [])


def test_a_corrected_amount_is_the_same_gift() -> None:
    first = identify([a_row(), a_row(contributor_name="Roe  Ann")], [])
    again = identify([a_row(contribution_amount="99"), a_row(contributor_name="Roe  Ann")], stored(first))
    assert {key for key, _ in again.rows} == {key for key, _ in first.rows}
    assert (again.corrected, again.gone) == (1, [])


def test_of_several_gifts_of_one_group_the_corrected_one_keeps_its_identifier() -> None:
    first = identify([a_row(contribution_amount=amount) for amount in ("10", "20", "30")], [])
    by_amount = {values["contribution_amount"]: key for key, values in first.rows}
    again = identify([a_row(contribution_amount=amount) for amount in ("30", "5", "10")], stored(first))
    assert {values["contribution_amount"]: key for key, values in again.rows} == {
        "10": by_amount["10"], "30": by_amount["30"], "5": by_amount["20"],
    }  # fmt: skip


def test_where_two_amounts_changed_at_once_nobody_can_tell_and_both_are_new() -> None:
    first = identify([a_row(contribution_amount="10"), a_row(contribution_amount="20")], [])
    again = identify([a_row(contribution_amount="11"), a_row(contribution_amount="21")], stored(first))
    assert not {key for key, _ in again.rows} & {key for key, _ in first.rows}
    assert (len(again.gone), again.corrected) == (2, 0)


def test_another_value_beside_the_amount_is_corrected_in_place() -> None:
    first = identify([a_row(contribution_amount=amount) for amount in ("10", "20")], [])
    changed = [a_row(contribution_amount="20", employer_name="ACME"), a_row(contribution_amount="10")]
    again = identify(changed, stored(first))
    assert {key for key, _ in again.rows} == {key for key, _ in first.rows}
    assert again.corrected == 1


def test_a_withdrawn_gift_is_gone_and_comes_back_as_itself() -> None:
    first = identify([a_row(), a_row()], [])
    second = identify([a_row()], stored(first))
    third = identify([a_row(), a_row()], stored(second, stored(first)))
    assert len(second.gone) == 1
    assert ids(third) == ids(first)


def test_a_new_gift_never_takes_the_number_of_one_that_is_gone() -> None:
    first = identify([a_row()], [])
    second = identify([], stored(first))
    third = identify([a_row(contribution_amount="77")], stored(second, stored(first)))
    assert third.rows[0][0] != first.rows[0][0]


def test_other_days_committees_names_addresses_and_types_are_other_gifts() -> None:
    others = [
        a_row(), a_row(contribution_date="03/06/2022"), a_row(receiving_committee="Ann for All"),
        a_row(contributor_name="Doe  June"), a_row(contributor_address="2 Main St"), a_row(contribution_type="Cash"),
    ]  # fmt: skip
    found = identify(others, [])
    assert len({key.rpartition("-")[0] for key, _ in found.rows}) == len(others)


rows = st.builds(
    a_row,
    contributor_name=st.sampled_from(["Doe  Jane", "ACME, INC.", ""]),
    contribution_amount=st.sampled_from(["10", "20.0000", "-5", "ten"]),
    employer_name=st.sampled_from(["", "ACME"]),
)


@given(st.lists(rows, max_size=12), st.randoms(use_true_random=False))
def test_equal_reads_give_equal_identifiers_in_whatever_order_rows_come(read: list[Row], chance: Random) -> None:
    first = identify(read, [])
    shuffled = chance.sample(read, len(read))
    assert ids(identify(shuffled, [])) == ids(first)
    again = identify(shuffled, stored(first))
    assert ids(again) == ids(first)
    assert (again.gone, again.corrected) == ([], 0)


@given(st.lists(st.lists(rows, max_size=8), max_size=5))
def test_through_any_history_every_row_is_there_once_under_an_identifier_of_its_own(reads: list[list[Row]]) -> None:
    table: list[KnownRow] = []
    for read in reads:
        found = identify(read, table)
        assert len({key for key, _ in found.rows}) == len(read)
        listed = {row.contribution_id for row in table if row.is_listed}
        assert {row.contribution_id for row in found.gone} == listed - {key for key, _ in found.rows}
        table = stored(found, table)
        still = Counter(tuple(row.values.values()) for row in table if row.is_listed)
        assert still == Counter(tuple(row.values()) for row in read)
