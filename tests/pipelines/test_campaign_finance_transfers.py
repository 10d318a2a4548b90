"""Money between committees: told by one side or by both, in one row or in several, it counts once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

import pytest

from penstock.warehouse.warehouse import Warehouse
from tests.pipelines.campaign import (
    HOUSE,
    JOINT,
    PAC,
    PARTY,
    a_committee,
    a_transfer,
    made_from,
    masters,
    rows_of,
    write_bulk,
)

#: Case: days and amounts as the donor tells them, as the recipient does, and what was given in all.
Told = Sequence[tuple[str, int]]
CASES: dict[str, tuple[Told, Told, int]] = {
    "the first is told by the donor alone": (
        [("0110", 1000), ("0410", 1000), ("0710", 1000)], [("0415", 1000), ("0715", 1000)], 3000),
    "the last is told by the donor alone": (
        [("0110", 1000), ("0410", 1000), ("0710", 1000)], [("0115", 1000), ("0415", 1000)], 3000),
    "the first of a monthly row is told by one": (
        [("0110", 50), ("0210", 50), ("0310", 50)], [("0214", 50), ("0314", 50)], 150),
    "monthly, the recipient late": (
        [("0101", 50), ("0201", 50), ("0301", 50)], [("0128", 50), ("0225", 50), ("0328", 50)], 150),
    "monthly, the recipient stops early": (
        [("0101", 50), ("0201", 50), ("0301", 50), ("0401", 50), ("0501", 50)], [("0103", 50)], 250),
    "the recipient tells more": ([("0410", 70)], [("0110", 70), ("0415", 70)], 140),
    "long apart": ([("0110", 700)], [("1010", 700)], 1400),
    "without a date": ([("", 40), ("0110", 40)], [("0110", 40), ("1010", 40)], 80),
    "in parts": ([("0601", 30000)], [("0610", 15000), ("0610", 15000)], 30000),
    "in unequal parts": ([("0601", 30000), ("0601", 500)], [("0531", 5000), ("0531", 25000), ("0602", 500)], 30500),
    "in parts of two days": ([("0601", 30000)], [("0610", 15000), ("0611", 15000)], 60000),
    "in parts long apart": ([("0101", 30000)], [("0610", 15000), ("0610", 15000)], 60000),
    "two in parts": (
        [("0101", 30000), ("0601", 30000)],
        [("0110", 10000), ("0110", 20000), ("0602", 15000), ("0602", 15000)],
        60000,
    ),
}  # fmt: skip


def a_donor(place: int) -> str:
    return f"C0001{place:04d}"


def the_rows() -> Iterator[str]:
    sub_id = 1000
    for place, (given, got, _) in enumerate(CASES.values()):
        for day, amount in given:
            sub_id += 1
            yield a_transfer(sub_id, CMTE_ID=a_donor(place), OTHER_ID=PARTY, TRANSACTION_AMT=amount,
                             TRANSACTION_DT=day and f"{day}2019")  # fmt: skip
        for number, (day, amount) in enumerate(got):
            sub_id += 1
            code = "31K" if number % 2 else "18K"
            yield a_transfer(sub_id, CMTE_ID=PARTY, OTHER_ID=a_donor(place), TRANSACTION_TP=code, ENTITY_TP="PAC",
                             TRANSACTION_AMT=amount, TRANSACTION_DT=day and f"{day}2019")  # fmt: skip


SHARES = ["18K", "30K", "31K", "32K", "15K"]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    place = tmp_path_factory.mktemp("transfers")
    shares = [
        a_transfer(2000 + number, CMTE_ID=PARTY, OTHER_ID=JOINT, TRANSACTION_TP=code, ENTITY_TP="COM")
        for number, code in enumerate(SHARES)
    ]
    told_by_fund = a_transfer(2100, CMTE_ID=JOINT, OTHER_ID=HOUSE)
    committees = [*masters()["cm"], *(a_committee(a_donor(place), "Q", "U") for place in range(len(CASES)))]
    files = {"cm": committees, "itoth": [*the_rows(), *shares, told_by_fund, a_transfer(2200, CMTE_ID=PAC)]}
    warehouse = made_from(place / "home", write_bulk(place / "bulk", files))
    yield warehouse
    warehouse.close()


@pytest.mark.parametrize("case", CASES)
def test_what_one_committee_gave_another_is_counted_once(world: Warehouse, case: str) -> None:
    donor = a_donor(list(CASES).index(case))
    sums = "select sum(counted_amount) from gold.contributions where contributor_id = $donor"
    assert rows_of(world, sums, donor=donor) == [(Decimal(CASES[case][2]),)]


def test_a_pair_counts_where_the_recipient_tells_it(world: Warehouse) -> None:
    taken = rows_of(
        world,
        "select distinct filer_id = $party from gold.contributions where reason = 'reported by the recipient too'",
        party=PARTY,
    )
    assert taken == [(False,)]


def test_what_a_joint_fundraiser_hands_on_is_a_share_whatever_its_member_calls_it(world: Warehouse) -> None:
    found = rows_of(
        world,
        "select transaction_code, counted, reason, counted_amount from gold.contributions"
        " where contributor_id = $joint order by sub_id",
        joint=JOINT,
    )
    assert found == [(code, False, "joint fundraising share", 0) for code in [*SHARES, "24K"]]
