"""What a row means: each rule is the opposite of a defect that made totals wrong elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from penstock.pipelines.campaign_finance.codes import Category, iter_codes
from penstock.warehouse.warehouse import Warehouse
from tests.pipelines.campaign import (
    CONDUIT,
    HOUSE,
    JOINT,
    JOINT_H,
    PAC,
    PAC_2,
    PERSON,
    a_line,
    made_from,
    rows_of,
    the,
    write_bulk,
)
from tests.pipelines.campaign_rules import BETWEEN, RECEIPTS, TO_CANDIDATES, masters_and_unreadable


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    place = tmp_path_factory.mktemp("rules")
    spent = [
        a_line(
            "oppexp", CMTE_ID=HOUSE, SUB_ID=400, TRANSACTION_DT="01/31/2019", TRANSACTION_AMT="12.34", NAME="PRINTER"
        ),
        a_line("oppexp", CMTE_ID=HOUSE, SUB_ID=401, TRANSACTION_DT="13/31/2019", TRANSACTION_AMT="x", NAME="PRINTER"),
        a_line("oppexp", CMTE_ID=HOUSE, SUB_ID=402, TRANSACTION_AMT="0.999", NAME="PRINTER"),
    ]
    files = {**masters_and_unreadable(), "itcont": RECEIPTS, "itoth": BETWEEN, "itpas2": TO_CANDIDATES, "oppexp": spent}
    warehouse = made_from(place / "home", write_bulk(place / "bulk", files))
    yield warehouse
    warehouse.close()


def a_verdict(world: Warehouse, sub_id: int) -> tuple[bool, str, Decimal]:
    row = the(world, "gold.contributions", sub_id=str(sub_id))
    return row["counted"], row["reason"], row["counted_amount"]


def contributor(world: Warehouse, sub_id: int) -> str:
    found: str = the(world, "gold.contributions", sub_id=str(sub_id))["contributor_id"]
    return found


def doubts(world: Warehouse, sub_id: int) -> str | None:
    found: str | None = the(world, "silver.transactions", sub_id=str(sub_id))["doubts"]
    return found


def test_an_earmarked_gift_counts_where_it_arrived_whatever_its_memo_says(world: Warehouse) -> None:
    assert a_verdict(world, 110) == (True, "earmarked contribution", Decimal(100))


def test_the_conduit_stands_on_the_gift_and_its_own_books_count_nothing(world: Warehouse) -> None:
    assert the(world, "gold.contributions", sub_id="110")["conduit_committee_id"] == CONDUIT
    assert a_verdict(world, 112) == (False, "conduit pass-through", Decimal(0))
    assert a_verdict(world, 113) == (False, "conduit receipt", Decimal(0))


def test_both_sides_of_a_conduit_name_the_same_donor(world: Warehouse) -> None:
    assert contributor(world, 110) == contributor(world, 112)


def test_a_note_on_a_conduit_counts_nothing_and_names_the_conduit_where_the_gift_does_not(world: Warehouse) -> None:
    assert a_verdict(world, 111)[:2] == (False, "note on a conduit")
    assert a_verdict(world, 121)[:2] == (False, "note on a conduit")
    assert the(world, "gold.contributions", sub_id="120")["conduit_committee_id"] == CONDUIT


def test_an_identifier_that_ends_in_e_means_nothing_in_another_filers_report(world: Warehouse) -> None:
    assert a_verdict(world, 122) == (True, "contribution", Decimal(100))


def test_words_in_a_memo_text_never_decide(world: Warehouse) -> None:
    assert a_verdict(world, 123) == (True, "contribution", Decimal(100))


def test_a_memo_item_is_not_counted_a_second_time(world: Warehouse) -> None:
    assert a_verdict(world, 130) == (False, "memo item", Decimal(0))


def test_a_refund_takes_from_the_totals_and_is_no_gift(world: Warehouse) -> None:
    assert a_verdict(world, 140) == (True, "refund", Decimal(-40))
    stats = the(world, "gold.candidate_stats", candidate_id=PERSON)
    assert stats["total_amount"] == stats["gross_amount"] - stats["refund_amount"]
    assert stats["refund_amount"] == Decimal(40 + 500)


def test_a_negative_receipt_counts_as_it_is(world: Warehouse) -> None:
    assert a_verdict(world, 141) == (True, "contribution", Decimal(-25))


def test_a_loan_is_not_a_contribution(world: Warehouse) -> None:
    assert a_verdict(world, 330) == (False, "loan", Decimal(0))
    assert the(world, "gold.contributions", sub_id="330")["is_loan"]


def test_the_candidates_own_gift_counts_apart(world: Warehouse) -> None:
    assert a_verdict(world, 150)[:2] == (True, "candidate's own contribution")


def test_a_gift_to_a_party_account_counts(world: Warehouse) -> None:
    assert a_verdict(world, 151) == (True, "party account contribution", Decimal(5000))


def test_an_unknown_code_is_never_counted_and_never_silent(world: Warehouse) -> None:
    assert a_verdict(world, 160)[:2] == (False, "unknown transaction code")
    found = the(world, "silver.findings", sub_id="160")
    assert (found["reason"], found["severity"], found["value"]) == ("unknown transaction code", "doubtful", "77Q")


def test_a_row_reported_again_by_an_amendment_counts_once(world: Warehouse) -> None:
    assert a_verdict(world, 170)[:2] == (False, "superseded by an amendment")
    assert a_verdict(world, 171) == (True, "contribution", Decimal(70))


def test_an_identifier_used_again_for_another_gift_supersedes_nothing(world: Warehouse) -> None:
    assert a_verdict(world, 172)[0]
    assert a_verdict(world, 173)[0]


def test_a_transfer_told_by_both_sides_counts_once_at_the_recipient(world: Warehouse) -> None:
    assert a_verdict(world, 300)[:2] == (False, "reported by the recipient too")
    assert a_verdict(world, 301) == (True, "contribution by a committee", Decimal(1000))


@pytest.mark.parametrize("sub_id", [302, 303, 304, 305])
def test_a_transfer_told_by_one_side_counts(world: Warehouse, sub_id: int) -> None:
    assert a_verdict(world, sub_id)[:2] == (True, "contribution by a committee")


def test_who_files_is_not_who_receives(world: Warehouse) -> None:
    """In `itoth` and `itpas2` the filer is mostly the payer."""
    row = the(world, "gold.contributions", sub_id="302")
    assert (row["filer_id"], row["contributor_id"], row["payer_id"]) == (PAC_2, PAC_2, PAC_2)
    assert (row["recipient_committee_id"], row["recipient_candidate_id"]) == (HOUSE, PERSON)
    assert not rows_of(world, "select 1 from gold.committee_stats where committee_id = $pac", pac=PAC_2)


def test_a_row_of_itpas2_that_stands_in_itoth_too_counts_once(world: Warehouse) -> None:
    assert the(world, "gold.contributions", sub_id="302")["source"] == "itpas2"


def test_a_refund_told_by_both_committees_counts_once(world: Warehouse) -> None:
    assert a_verdict(world, 340) == (True, "refund to a committee", Decimal(-500))
    assert a_verdict(world, 341)[:2] == (False, "reported by the recipient too")


def test_independent_expenditures_are_never_contributions(world: Warehouse) -> None:
    assert not a_verdict(world, 310)[0]
    assert not a_verdict(world, 311)[0]
    sums = rows_of(
        world,
        "select stance, total_amount from gold.independent_expenditures where candidate_id = $who order by stance",
        who=PERSON,
    )
    assert sums == [("against", Decimal(9000)), ("for", Decimal(8000))]


def test_joint_fundraising_is_counted_at_the_fund_and_not_again_at_its_members(world: Warehouse) -> None:
    assert [a_verdict(world, sub_id)[:2] for sub_id in (320, 321, 322)] == [
        (False, "transfer between affiliates"),
        (False, "transfer between affiliates"),
        (False, "joint fundraising share"),
    ]


@pytest.mark.parametrize("committee", [JOINT, JOINT_H])
def test_a_joint_fundraiser_belongs_to_no_candidate(world: Warehouse, committee: str) -> None:
    found = the(world, "silver.committees", committee_id=committee)
    assert (found["candidate_id"], found["candidate_source"]) == (None, None)


def test_a_committee_says_through_which_file_its_candidate_is_known(world: Warehouse) -> None:
    assert the(world, "silver.committees", committee_id=HOUSE)["candidate_source"] == "ccl"


@pytest.mark.parametrize(("sub_id", "zip5"), [(180, "02139"), (182, "02139"), (181, None)])
def test_a_zip_code_keeps_its_leading_zero_or_is_missing(world: Warehouse, sub_id: int, zip5: str | None) -> None:
    assert the(world, "silver.transactions", sub_id=str(sub_id))["zip5"] == zip5


def test_a_long_number_keeps_every_digit(world: Warehouse) -> None:
    assert the(world, "silver.transactions", sub_id="100")["image_number"] == "202004159216839465"


def test_a_zip_code_that_is_none_is_marked(world: Warehouse) -> None:
    assert doubts(world, 181) == "zip unreadable"


def test_an_employer_of_n_a_and_a_stray_quote_are_kept(world: Warehouse) -> None:
    row = the(world, "silver.transactions", sub_id="182")
    assert (row["employer"], row["occupation"]) == ("N/A", 'SAYS "HI')


@pytest.mark.parametrize(
    ("sub_id", "day", "doubt"),
    [
        (100, date(2019, 3, 15), None),
        (183, date(2019, 1, 5), None),
        (184, None, "date missing"),
        (185, None, "date impossible"),
        (186, date(2160, 5, 2), "date far from cycle"),
        (187, date(1918, 10, 17), "date far from cycle"),
    ],
)
def test_a_date_is_read_or_kept_with_a_doubt(
    world: Warehouse, sub_id: int, day: date | None, doubt: str | None
) -> None:
    row = the(world, "silver.transactions", sub_id=str(sub_id))
    assert (row["transaction_on"], row["doubts"], row["is_date_usable"]) == (day, doubt, doubt is None)
    assert a_verdict(world, sub_id)[0]


def test_a_row_that_cannot_be_counted_is_dropped_with_its_reason(world: Warehouse) -> None:
    found = the(world, "silver.findings", sub_id="188")
    assert (found["severity"], found["reason"], found["value"]) == ("dropped", "amount unreadable", "12 DOLLARS")
    assert the(world, "silver.findings", sub_id="401")["severity"] == "dropped"


def test_every_bronze_row_is_in_silver_or_dropped(world: Warehouse) -> None:
    accounts = rows_of(world, "select source, bronze_rows, silver_rows, dropped_rows from silver.row_accounts")
    assert len(accounts) == 10
    assert all(bronze == silver + dropped for _, bronze, silver, dropped in accounts)
    assert ("itcont", len(RECEIPTS), len(RECEIPTS) - 1, 1) in accounts


def test_a_committee_not_in_the_master_file_is_marked_and_still_counted(world: Warehouse) -> None:
    assert doubts(world, 189) == "committee unknown"
    assert a_verdict(world, 189)[0]


def test_a_candidate_not_in_the_master_file_is_marked(world: Warehouse) -> None:
    assert doubts(world, 399) == "candidate unknown"


def test_an_amount_of_more_than_two_decimals_is_rounded_and_marked(world: Warehouse) -> None:
    assert the(world, "silver.transactions", sub_id="191")["amount"] == Decimal("12.35")
    found = the(world, "silver.findings", sub_id="191")
    assert (found["reason"], found["severity"], found["value"]) == ("amount rounded", "doubtful", "12.345")
    spent = the(world, "silver.findings", sub_id="402", reason="amount rounded")
    assert (spent["source"], spent["value"]) == ("oppexp", "0.999")


#: Of each file a row with what is not readable in it: key, reason, and the value to blame.
UNREADABLE = [
    ("cm", "C00000099", "zip unreadable", "0213X"),
    ("cn", "H0MA01099", "year unreadable", "MMXX"),
    ("cn", "H0MA01099", "zip unreadable", "?"),
    ("ccl", "99", "year unreadable", "20 20"),
    ("weball", "H0MA01099", "amount unreadable", "1,000, n/a"),
    ("weball", "H0MA01099", "date impossible", "02/30/2019"),
    ("webl", "H0MA01099", "amount rounded", "0.001"),
    ("webk", "C00000099", "amount unreadable", "many"),
    ("webk", "C00000099", "date impossible", "soon"),
]


@pytest.mark.parametrize(("source", "key", "reason", "value"), UNREADABLE)
def test_what_cannot_be_read_in_other_files_is_kept_missing_and_marked(
    world: Warehouse, source: str, key: str, reason: str, value: str
) -> None:
    found = the(world, "silver.findings", source=source, sub_id=key, reason=reason)
    assert (found["severity"], found["value"]) == ("doubtful", value)


@pytest.mark.parametrize("source", sorted({source for source, *_ in UNREADABLE}))
def test_doubtful_rows_of_other_files_are_counted(world: Warehouse, source: str) -> None:
    assert the(world, "silver.row_accounts", source=source)["doubtful_rows"] == 1


def test_the_date_of_an_expenditure_is_read_in_its_own_format(world: Warehouse) -> None:
    row = the(world, "silver.operating_expenditures", sub_id="400")
    assert (row["transaction_on"], row["amount"]) == (date(2019, 1, 31), Decimal("12.34"))


def test_initials_titles_case_and_job_changes_make_no_new_person(world: Warehouse) -> None:
    assert len({contributor(world, sub_id) for sub_id in (200, 201, 202)}) == 1


def test_the_same_name_and_employer_in_one_state_is_one_person_at_two_places(world: Warehouse) -> None:
    assert contributor(world, 203) == contributor(world, 202)
    found = the(world, "gold.contributors", contributor_id=contributor(world, 203))
    assert (found["match_rule"], found["last_name"], found["first_name"]) == (
        "name, state and employer",
        "SMITH",
        "ANN",
    )


def test_a_common_name_in_another_state_is_another_person(world: Warehouse) -> None:
    assert len({contributor(world, sub_id) for sub_id in (200, 204, 205)}) == 3


def test_different_initials_or_suffixes_are_different_people(world: Warehouse) -> None:
    assert len({contributor(world, sub_id) for sub_id in (206, 207, 208, 209)}) == 4


def test_a_donor_without_a_name_has_no_part_of_one(world: Warehouse) -> None:
    found = the(world, "gold.contributors", contributor_id=contributor(world, 190))
    parts = ("name", "last_name", "first_name", "middle_initial", "suffix")
    assert [found[part] for part in parts] == [None] * 5


def test_an_organisation_is_one_however_its_name_is_punctuated(world: Warehouse) -> None:
    assert contributor(world, 152) == contributor(world, 153)
    assert the(world, "gold.contributors", contributor_id=contributor(world, 152))["kind"] == "organisation"


def test_every_contributor_has_a_confidence_and_every_counted_row_a_contributor(world: Warehouse) -> None:
    assert not rows_of(world, "select 1 from gold.contributors where match_confidence not between 0.3 and 1")
    assert not rows_of(
        world,
        "select 1 from gold.contributions as row anti join gold.contributors using (contributor_id) where counted",
    )


def test_a_committee_that_gives_is_a_contributor_by_its_id(world: Warehouse) -> None:
    found = the(world, "gold.contributors", contributor_id=PAC)
    assert (found["kind"], found["match_rule"], found["match_confidence"]) == ("committee", "committee id", 1.0)


def test_an_alias_tells_why_it_was_joined(world: Warehouse) -> None:
    alias = the(world, "gold.contributor_aliases", name="SMITH, ANN M", zip5="62701")
    assert alias["match_rule"] == "name, state and employer"
    assert alias["match_key"].startswith("P|SMITH|ANN|M|")


def test_no_code_is_told_twice_and_only_counted_categories_count() -> None:
    codes = list(iter_codes())
    assert len({code.code for code in codes}) == len(codes)
    assert {code.category for code in codes} == set(Category)
    assert all(code.sign == 1 for code in codes if not code.is_counted)
