"""Contributions of whole days, read through a session that keeps the filter; nothing damaged is ever an answer."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

import pytest

from penstock.errors import SourceError
from penstock.simulators.faults import Fault, FaultKind, Faults
from penstock.simulators.maryland_world import Gift
from penstock.sources.maryland.contributions import Contribution, parse_amount, parse_date, read_contributions
from penstock.sources.maryland.publishers import FINANCE
from tests.unit.sources.maryland.site import HEADER, ROW, a_client, a_simulated_site, a_written_site

FIRST, LAST = date(2022, 3, 1), date(2022, 3, 31)


def told(gift: Gift) -> tuple[object, ...]:
    return gift.committee, gift.given_on, gift.name, gift.address, gift.contribution_type, gift.amount


def read(row: Contribution) -> tuple[object, ...]:
    values = row.values
    return (
        values["receiving_committee"], row.given_on, values["contributor_name"], values["contributor_address"],
        values["contribution_type"], row.amount,
    )  # fmt: skip


def test_every_gift_of_the_days_asked_for_is_read_and_no_other() -> None:
    with a_simulated_site() as site:
        for first, last in ((FIRST, LAST), (FIRST, FIRST), (date(2021, 1, 1), date(2022, 12, 31))):
            rows = read_contributions(site.finance, first, last)
            listed = [gift for gift in site.world.gifts_on(0) if first <= gift.given_on <= last]
            assert Counter(map(read, rows)) == Counter(map(told, listed))


def test_two_equal_gifts_of_one_day_are_two_rows() -> None:
    with a_simulated_site() as site:
        rows = Counter(map(read, read_contributions(site.finance, date(2021, 1, 1), date(2022, 12, 31))))
    assert 2 in rows.values()


def test_days_without_gifts_are_empty_because_the_site_says_so() -> None:
    with a_simulated_site() as site:
        assert read_contributions(site.finance, date(2024, 1, 1), date(2024, 1, 31)) == []


def test_clients_with_sessions_of_their_own_do_not_answer_each_others_questions() -> None:
    with a_simulated_site() as site, a_client(FINANCE, site.url) as other:
        one = read_contributions(site.finance, FIRST, LAST)
        read_contributions(other, date(2021, 1, 1), date(2021, 12, 31))
        assert read_contributions(site.finance, FIRST, LAST) == one


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (FaultKind.HTML, "is a web page instead of a sheet: the session may be over"),
        (FaultKind.CUT_JSON, "is cut short|holds .* rows, though"),
        (FaultKind.WRONG_COUNT, "rows, though .* were found: it is cut short, or the session is over"),
    ],
)
def test_a_damaged_export_is_an_error_and_can_be_asked_for_again(kind: FaultKind, words: str) -> None:
    faults = Faults([Fault(kind, "/Public/ExportCsv")])
    with a_simulated_site(faults=faults) as site:
        with pytest.raises(SourceError, match=words) as caught:
            read_contributions(site.finance, date(2021, 1, 1), date(2022, 12, 31))
        assert caught.value.retriable
        assert read_contributions(site.finance, date(2021, 1, 1), date(2022, 12, 31))


def test_a_renamed_column_is_told_by_its_old_and_new_name() -> None:
    with (
        a_simulated_site(renamed={"Fundtype": "Fund Type"}) as site,
        pytest.raises(SourceError, match="other columns than known: it lacks `Fundtype` and has `Fund Type`"),
    ):
        read_contributions(site.finance, FIRST, LAST)


@pytest.mark.parametrize(
    ("sheet", "total", "words"),
    [
        (b"", 1, "was answered with nothing"),
        (HEADER.encode(), None, "holds no rows, and the site does not say that it found none"),
        (f"{HEADER}\r\n{ROW}\r\n".encode(), 2, "holds 1 rows, though 2 were found"),
        (f"{HEADER}\r\n{ROW[:-20]}".encode(), None, "cut short: its last row has 8 of 13 fields"),
        (f"{HEADER}\r\n{ROW}more,fields,\r\n".encode(), None, "a row of 15 fields instead of 13"),
        (f"{HEADER}\r\n{ROW.replace('03/05/2022', '04/05/2022')}\r\n".encode(), 1, "the site lost the filter"),
        (f"{HEADER}\r\n{ROW.replace('03/05/2022', 'soon')}\r\n".encode(), 1, "one is dated `soon`"),
    ],
)
def test_what_is_no_whole_answer_is_refused(sheet: bytes, total: int | None, words: str) -> None:
    with a_written_site(sheet, total=total) as client, pytest.raises(SourceError, match=words):
        read_contributions(client, FIRST, LAST)


def test_a_line_end_within_a_value_does_not_end_the_row() -> None:
    broken = ROW.replace("1 Main St  Bowie", "1 Main St\r\nBowie")
    with a_written_site(f"{HEADER}\r\n{broken}\r\n{ROW}\r\n".encode(), total=2) as client:
        first, second = read_contributions(client, FIRST, LAST)
    assert first.values["contributor_address"] == "1 Main St Bowie  MD 20715-"
    assert second.values["contributor_name"] == "ACME, INC."


def test_bytes_of_windows_are_read_as_what_they_were_meant() -> None:
    row = ROW.replace("ACME", "GARC\u00cdA")
    sheet = f"{HEADER}\r\n{row}\r\n".encode("cp1252")
    with a_written_site(sheet, total=1) as client:
        (found,) = read_contributions(client, FIRST, LAST)
    assert found.values["contributor_name"] == "GARC\u00cdA, INC."


@pytest.mark.parametrize(
    ("text", "amount"),
    [("10.0000", "10"), ("-50.5", "-50.5"), ("$1,000.00", "1000"), ("", None), ("ten", None), ("NaN", None)],
)
def test_amounts_are_exact_or_none(text: str, amount: str | None) -> None:
    assert parse_amount(text) == (None if amount is None else Decimal(amount))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("03/05/2022", FIRST + timedelta(4)),
        ("3/5/2022 12:00:00 AM", FIRST + timedelta(4)),
        ("02/30/2022", None),
        ("", None),
    ],
)
def test_dates_are_days_that_exist_or_none(text: str, day: date | None) -> None:
    assert parse_date(text) == day
