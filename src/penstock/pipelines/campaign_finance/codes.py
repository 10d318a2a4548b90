"""What each FEC transaction type code means: who reports it, who gave, and whether it counts as a contribution.

Facts after https://www.fec.gov/campaign-finance-data/transaction-type-code-descriptions/ , in our own words.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

#: Raised whenever a line of the table changes its meaning.
VERSION = 1


class Category(StrEnum):
    """What kind of transaction a code stands for."""

    CONTRIBUTION = "contribution"
    #: A gift that reached its final recipient through a conduit.
    EARMARK = "earmarked contribution"
    #: The same gift in the conduit's own books.
    CONDUIT_RECEIPT = "conduit receipt"
    CONDUIT_PASS_THROUGH = "conduit pass-through"  # noqa: S105 - a category, not a secret
    #: A gift to a party's convention, headquarters or recount account.
    PARTY_ACCOUNT = "party account contribution"
    CANDIDATE_GIFT = "candidate's own contribution"
    COMMITTEE_GIFT = "contribution by a committee"
    REFUND = "refund"
    COMMITTEE_REFUND = "refund to a committee"
    JOINT_SHARE = "joint fundraising share"
    TRANSFER = "transfer between affiliates"
    LOAN = "loan"
    LOAN_REPAYMENT = "loan repayment"
    EXPENDITURE_FOR = "independent expenditure for"
    EXPENDITURE_AGAINST = "independent expenditure against"
    COMMUNICATION_FOR = "communication cost for"
    COMMUNICATION_AGAINST = "communication cost against"
    COORDINATED = "coordinated party expenditure"
    OTHER_RECEIPT = "other receipt"
    DISBURSEMENT = "disbursement"


class Side(StrEnum):
    """One of the two parties to a reported transaction."""

    FILER = "filer"
    COUNTERPARTY = "counterparty"


#: Money that counts as given; a refund counts with its sign turned.
COUNTED = frozenset(
    {
        Category.CONTRIBUTION,
        Category.EARMARK,
        Category.PARTY_ACCOUNT,
        Category.CANDIDATE_GIFT,
        Category.COMMITTEE_GIFT,
        Category.REFUND,
        Category.COMMITTEE_REFUND,
    }
)
_REFUNDS = (Category.REFUND, Category.COMMITTEE_REFUND)


@dataclass(frozen=True, slots=True)
class TransactionCode:
    """One code.

    Args:
        donor: Which side the money of the gift comes from, or goes back to.
        pays: Which side hands money over in this very transaction.
    """

    code: str
    category: Category
    donor: Side
    pays: Side
    description: str

    @property
    def is_counted(self) -> bool:
        """Whether rows of this code count as contributions, unless something else about the row forbids it."""
        return self.category in COUNTED

    @property
    def sign(self) -> int:
        """What amounts are multiplied by when they are counted: -1 for refunds."""
        return -1 if self.category in _REFUNDS else 1

    @property
    def pair(self) -> str | None:
        """Name of the kind of transaction that both committees report, each with a code of its own."""
        if self.category is Category.COMMITTEE_REFUND:
            return "refund"
        from_committee = self.category is Category.PARTY_ACCOUNT and self.code.endswith("K")
        return "gift" if from_committee or self.category is Category.COMMITTEE_GIFT else None

    def as_row(self) -> dict[str, object]:
        """Return the code as a row of `silver.transaction_codes`."""
        return {
            "code": self.code,
            "category": self.category.value,
            "donor_side": self.donor.value,
            "paying_side": self.pays.value,
            "is_counted": self.is_counted,
            "sign": self.sign,
            "pair": self.pair,
            "description": self.description,
            "version": VERSION,
        }


_IN, _OUT = Side.COUNTERPARTY, Side.FILER

#: Groups of codes that differ only in wording: category, donor side, paying side, then `code: description` lines.
_TABLE: tuple[tuple[Category, Side, Side, str], ...] = (
    (Category.CONTRIBUTION, _IN, _IN, """
10: gift to an independent-expenditure-only or hybrid committee, or a nonfederal account, from a person
11: gift from a Native American tribe
15: gift from an individual, partnership or limited liability company
18U: gift from an unregistered committee"""),
    (Category.EARMARK, _IN, _IN, """
15E: earmarked gift from an individual, partnership or limited liability company"""),
    (Category.CONDUIT_RECEIPT, _IN, _IN, """
15I: earmarked gift received by an intermediary as the contributor's own check
15T: earmarked gift received by an intermediary into its treasury
18L: bundled gift"""),
    (Category.CONDUIT_PASS_THROUGH, _IN, _OUT, """
24I: earmarked check passed on by an intermediary
24T: earmarked gift passed on from an intermediary's treasury
28L: refund of a bundled gift"""),
    (Category.PARTY_ACCOUNT, _IN, _IN, """
30: convention account, gift from an individual
30E: convention account, earmarked gift
30K: convention account, gift from a registered filer
30T: convention account, gift from a tribe
31: headquarters account, gift from an individual
31E: headquarters account, earmarked gift
31K: headquarters account, gift from a registered filer
31T: headquarters account, gift from a tribe
32: recount account, gift from an individual
32E: recount account, earmarked gift
32K: recount account, gift from a registered filer
32T: recount account, gift from a tribe"""),
    (Category.CANDIDATE_GIFT, _IN, _IN, """
15C: gift from the candidate"""),
    (Category.COMMITTEE_GIFT, _IN, _IN, """
15K: gift received from a registered filer, on an authorized committee's report
15Z: gift in kind received from a registered filer
18K: gift received from a registered filer"""),
    (Category.COMMITTEE_GIFT, _OUT, _OUT, """
24K: gift made to a committee that is not affiliated
24P: gift made to a possible candidate
24Z: gift in kind made to a registered filer"""),
    (Category.REFUND, _IN, _OUT, """
20Y: nonfederal refund
21Y: refund to a tribe
22R: refund to an unregistered entity
22Y: refund to an individual, partnership or limited liability company
40T: convention account, refund to a tribe
40Y: convention account, refund to an individual
41T: headquarters account, refund to a tribe
41Y: headquarters account, refund to an individual
42T: recount account, refund to a tribe
42Y: recount account, refund to an individual"""),
    (Category.COMMITTEE_REFUND, _IN, _OUT, """
22Z: refund to a candidate or committee
40Z: convention account, refund to a registered filer
41Z: headquarters account, refund to a registered filer
42Z: recount account, refund to a registered filer"""),
    (Category.COMMITTEE_REFUND, _OUT, _IN, """
17R: refund received from a registered entity
17Z: refund received from a candidate or committee"""),
    (Category.JOINT_SHARE, _IN, _IN, """
10J: share of a nonfederal gift given to a joint fundraising committee
11J: share of a tribe's gift given to a joint fundraising committee
15J: share of an individual's gift given to a joint fundraising committee
18J: share of a committee's gift given to a joint fundraising committee
19J: share of an electioneering donation given to a joint fundraising committee
30F: convention account, share of a committee's gift
30J: convention account, share of an individual's gift
31F: headquarters account, share of a committee's gift
31J: headquarters account, share of an individual's gift
32F: recount account, share of a committee's gift
32J: recount account, share of an individual's gift"""),
    (Category.TRANSFER, _IN, _IN, """
18G: transfer in from an affiliated committee
30G: convention account, transfer in
31G: headquarters account, transfer in
32G: recount account, transfer in"""),
    (Category.TRANSFER, _OUT, _OUT, """
24G: transfer out to an affiliated committee"""),
    (Category.LOAN, _IN, _IN, """
15F: loan forgiven by the candidate
16C: loan from the candidate
16F: loan from a bank
16G: loan from an individual
16H: loan from a registered filer
16R: loan from a registered filer
16U: loan from an unregistered entity"""),
    (Category.LOAN, _OUT, _OUT, """
22G: loan to an individual
22H: loan to a candidate or committee
22X: loan to an unregistered entity"""),
    (Category.LOAN_REPAYMENT, _OUT, _IN, """
16J: loan repaid by an individual
16K: loan repaid by a registered filer
16L: loan repaid by an unregistered entity"""),
    (Category.LOAN_REPAYMENT, _IN, _OUT, """
20C: loan repaid to the candidate
20F: loan repaid to a bank
20G: loan repaid to an individual
20R: loan repaid to a registered filer
22J: loan repaid to an individual
22K: loan repaid to a candidate or committee
22L: loan repaid to a bank
22U: loan repaid to an unregistered entity"""),
    (Category.EXPENDITURE_FOR, _OUT, _OUT, """
24E: independent expenditure for a candidate"""),
    (Category.EXPENDITURE_AGAINST, _OUT, _OUT, """
24A: independent expenditure against a candidate"""),
    (Category.COMMUNICATION_FOR, _OUT, _OUT, """
24F: communication cost for a candidate"""),
    (Category.COMMUNICATION_AGAINST, _OUT, _OUT, """
24N: communication cost against a candidate"""),
    (Category.COORDINATED, _OUT, _OUT, """
24C: coordinated party expenditure"""),
    (Category.OTHER_RECEIPT, _IN, _IN, """
12: nonfederal receipt of a Levin account
13: inaugural donation
17U: refund or rebate received from an unregistered entity
17Y: refund or rebate received from an individual or corporation
18H: honorarium received
19: electioneering communication donation"""),
    (Category.DISBURSEMENT, _OUT, _OUT, """
20: nonfederal disbursement
20A: Levin account, voter registration
20B: Levin account, voter identification
20D: Levin account, generic campaign
20V: Levin account, getting out the vote
23Y: inaugural donation refunded
24H: honorarium paid to a candidate
24R: recount disbursement
24U: gift made to an unregistered entity
29: electioneering communication
40: convention account, disbursement
41: headquarters account, disbursement
42: recount account, disbursement"""),
)  # fmt: skip


def iter_codes() -> Iterator[TransactionCode]:
    """Yield every known code."""
    for category, donor, pays, lines in _TABLE:
        for line in lines.strip().splitlines():
            code, _, description = line.partition(": ")
            yield TransactionCode(code, category, donor, pays, description)
