"""The gold tables: who gave what to whom, what counts and why, and what it adds up to."""

from __future__ import annotations

from penstock.pipelines.campaign_finance.columns import CYCLE, count, day, flag, money, share, text, whole
from penstock.warehouse import Column, Table


def _table(name: str, doc: str, key: tuple[str, ...], *columns: Column) -> Table:
    return Table(name, (*columns, CYCLE), key, doc=doc, partition="cycle")


_SYSTEM = text("source_system", "`FEC` or `MARYLAND`.", required=True)
_LEVEL = (
    text("level", "`committee` or `candidate`; in some tables also `all`.", required=True),
    text("recipient_id", "Committee or candidate; `all` for all together.", required=True),
)
_SUMS = (
    count("contributions", "Number of counted gifts; refunds are no gifts."),
    money("gross_amount", "Counted gifts.", required=True),
    money("refund_amount", "Counted refunds, as a positive amount.", required=True),
    money("total_amount", "Gifts less refunds.", required=True),
)
_STATS = (
    *_SUMS,
    count("unique_contributors", "Different contributors."),
    money("average_contribution", "Gross amount over number of gifts."),
    money("individual_amount", "Net amount from individuals.", required=True),
    money("committee_amount", "Net amount from committees.", required=True),
)
_SPAN = (
    day("first_on", "First usable date."),
    day("last_on", "Last usable date."),
)

CANDIDATES = _table(
    "gold.candidates",
    "Candidates, with words for codes.",
    ("candidate_id",),
    text("candidate_id", "FEC identifier, or Maryland's of silver.", required=True),
    _SYSTEM,
    text("name", "Name as registered, `LAST, FIRST MIDDLE`."),
    text("display_name", "Name as spoken, `First Middle Last`."),
    text("office", "H, S or P; in Maryland the name of the office."),
    text("office_name", "US_HOUSE, US_SENATE, PRESIDENT, or a word of `silver.maryland_offices`."),
    text("level", "FEDERAL, STATE, COUNTY or CITY.", required=True),
    text("office_state", "State of the office."),
    text("office_district", "District."),
    text("office_county", "County of a county's office."),
    text("office_city", "City of a city's office."),
    text("party", "Party code."),
    text("incumbency", "I, C or O."),
    text("status", "FEC candidate status."),
    whole("election_year", "Year of the election."),
    text("principal_committee_id", "Principal campaign committee."),
    count("committees", "Number of committees authorized."),
)

COMMITTEES = _table(
    "gold.committees",
    "Committees, with words for codes.",
    ("committee_id",),
    text("committee_id", "FEC identifier, or Maryland's of silver.", required=True),
    _SYSTEM,
    text("name", "Name."),
    text("kind", "CANDIDATE, PAC, SUPER_PAC, PARTY, JOINT_FUNDRAISER or OTHER."),
    text("committee_type", "FEC type."),
    text("designation", "FEC designation."),
    text("party", "Party code."),
    text("city", "City."),
    text("state", "State."),
    text("candidate_id", "Candidate it is authorized by."),
)

CONTRIBUTOR_ALIASES = _table(
    "gold.contributor_aliases",
    "Each way a contributor was written, and who that is held to be: merges can be read and undone here.",
    ("alias_id",),
    text("alias_id", "Digest of the fields below.", required=True),
    text("contributor_id", "Contributor.", required=True),
    text("kind", "`individual` or `organisation`.", required=True),
    text("name", "Name as written."),
    text("city", "City."),
    text("state", "State."),
    text("zip5", "ZIP code."),
    text("employer", "Employer as written."),
    text("match_key", "What this spelling boils down to; equal keys are one contributor.", required=True),
    text("match_rule", "What joins this spelling to the contributor.", required=True),
)

CONTRIBUTORS = _table(
    "gold.contributors",
    "Who gives: individuals, organisations and committees.",
    ("contributor_id",),
    text("contributor_id", "Committee id, or a digest of the match key.", required=True),
    text("source_system", "`FEC`, `MARYLAND` or `FEC+MARYLAND`.", required=True),
    text("kind", "`individual`, `organisation` or `committee`.", required=True),
    text("name", "Name as last written."),
    text("last_name", "Individuals: family name."),
    text("first_name", "Individuals: first name."),
    text("middle_initial", "Individuals: initial of the middle name, where any spelling has it."),
    text("suffix", "Individuals: JR, SR, II …"),
    text("city", "City as last written."),
    text("state", "State as last written."),
    text("zip5", "ZIP code as last written."),
    text("employer", "Employer as last written."),
    text("occupation", "Occupation as last written."),
    count("spellings", "Number of ways it was written."),
    count("rows", "Number of rows it appears in."),
    text("match_rule", "The weakest rule that holds its rows together.", required=True),
    share("match_confidence", "Estimated probability that all its rows are one contributor, 0 to 1."),
)

CONTRIBUTIONS = _table(
    "gold.contributions",
    "Every transaction once, seen from the money: giver, receiver, conduit, and whether it counts.",
    ("sub_id",),
    text("sub_id", "FEC identifier of the row, or Maryland's of silver.", required=True),
    _SYSTEM,
    text("source", "Bulk file the row is taken from, or `maryland`.", required=True),
    text("filer_id", "Committee that reported it.", required=True),
    text("contributor_id", "Who gave, or got the refund."),
    text("contributor_kind", "`individual`, `organisation` or `committee`."),
    text("payer_id", "Who handed money over in this transaction: a committee or contributor."),
    text("recipient_committee_id", "Committee the gift went to, or came back from."),
    text("recipient_candidate_id", "Candidate the gift went to, or the expenditure was about."),
    text("conduit_committee_id", "Conduit the gift passed through."),
    text("transaction_code", "FEC transaction type."),
    text("category", "Kind of transaction; NULL for an unknown code."),
    flag("counted", "Whether it counts as a contribution."),
    text("reason", "Why, in a word of `codes.Category` or `reasons.CountReason`.", required=True),
    money("amount", "Amount as reported.", required=True),
    money(
        "counted_amount", "What it adds to totals: the amount, turned for refunds, 0 when not counted.", required=True
    ),
    flag("is_earmark", "Whether it is an earmarked gift, on either side of the conduit."),
    flag("is_memo", "Whether it is a memo item."),
    flag("is_refund", "Whether money went back."),
    flag("is_loan", "Whether it is a loan or its repayment."),
    text("stance", "`for` or `against`, for independent expenditures and communication costs."),
    day("transaction_on", "Date; NULL when missing or impossible."),
    flag("is_date_usable", "Whether the date is there and near the cycle."),
    text("state", "State of the other side."),
    text("zip5", "ZIP code of the other side."),
    text("election", "Election the money is for."),
    text("report_type", "Code of the report."),
    text("transaction_id", "Identifier given by the filer."),
    text("memo_text", "Memo text."),
)

CANDIDATE_STATS = _table(
    "gold.candidate_stats",
    "Counted contributions per candidate, to all committees the candidate authorized.",
    ("candidate_id",),
    text("candidate_id", "Candidate.", required=True),
    _SYSTEM,
    *_STATS,
    *_SPAN,
)

COMMITTEE_STATS = _table(
    "gold.committee_stats",
    "Counted contributions per committee.",
    ("committee_id",),
    text("committee_id", "Committee.", required=True),
    _SYSTEM,
    *_STATS,
    *_SPAN,
)

CONTRIBUTOR_STATS = _table(
    "gold.contributor_stats",
    "Counted contributions per contributor.",
    ("contributor_id", "source_system"),
    text("contributor_id", "Contributor.", required=True),
    _SYSTEM,
    *_SUMS,
    count("unique_recipients", "Different committees given to."),
    *_SPAN,
)

CONTRIBUTOR_COMMITTEE_STATS = _table(
    "gold.contributor_committee_stats",
    "Counted contributions per contributor and committee.",
    ("contributor_id", "committee_id"),
    text("contributor_id", "Contributor.", required=True),
    text("committee_id", "Committee.", required=True),
    _SYSTEM,
    *_SUMS,
    *_SPAN,
)

CONTRIBUTOR_CANDIDATE_STATS = _table(
    "gold.contributor_candidate_stats",
    "Counted contributions per contributor and candidate.",
    ("contributor_id", "candidate_id"),
    text("contributor_id", "Contributor.", required=True),
    text("candidate_id", "Candidate.", required=True),
    _SYSTEM,
    *_SUMS,
    *_SPAN,
)

CONTRIBUTION_SERIES = _table(
    "gold.contribution_series",
    "Counted contributions over time; within each grain the periods add up to the cycle.",
    ("level", "recipient_id", "grain", "period"),
    *_LEVEL,
    _SYSTEM,
    text("grain", "`day`, `week` (ISO), `month` or `cycle`.", required=True),
    text(
        "period",
        "`2019-01-31`, `2019-W05`, `2019-01`, `2020`; `undated` for rows without a usable date.",
        required=True,
    ),
    day("starts_on", "First day of the period; NULL for undated rows."),
    *_SUMS,
)

DONOR_CONCENTRATION = _table(
    "gold.donor_concentration",
    "How much of a recipient's money comes from few: over contributors with a positive net total.",
    ("level", "recipient_id"),
    *_LEVEL,
    _SYSTEM,
    count("donors", "Contributors with a positive net total."),
    money("total_amount", "Their net total.", required=True),
    share("top_1_share", "Share of the largest donor."),
    share("top_10_share", "Share of the ten largest."),
    share("top_100_share", "Share of the hundred largest."),
    share("gini", "Gini coefficient: 0 when all gave the same."),
    share("hhi", "Herfindahl-Hirschman index: sum of squared shares, 1 for a single donor."),
    share("small_donor_share", "Share of donors of up to 200 dollars in all."),
)

GEOGRAPHY = _table(
    "gold.geography",
    "Counted contributions by where contributors live; ZIP codes for candidates and all, states for committees too.",
    ("level", "recipient_id", "source_system", "grain", "place"),
    *_LEVEL,
    _SYSTEM,
    text("grain", "`state` or `zip5`.", required=True),
    text("place", "State or ZIP code; `unknown` when missing.", required=True),
    *_SUMS,
    count("unique_contributors", "Different contributors."),
)

EMPLOYERS = _table(
    "gold.employers",
    "Counted contributions of individuals by employer.",
    ("employer", "source_system"),
    _SYSTEM,
    text(
        "employer", "Employer, upper case, without punctuation and legal form; `unknown` when missing.", required=True
    ),
    *_SUMS,
    count("unique_contributors", "Different contributors."),
)

OCCUPATIONS = _table(
    "gold.occupations",
    "Counted contributions of individuals by occupation.",
    ("occupation", "source_system"),
    _SYSTEM,
    text("occupation", "Occupation, upper case, without punctuation; `unknown` when missing.", required=True),
    *_SUMS,
    count("unique_contributors", "Different contributors."),
)

INDEPENDENT_EXPENDITURES = _table(
    "gold.independent_expenditures",
    "Independent expenditures for and against candidates; never contributions. Memo items are left out.",
    ("candidate_id", "committee_id", "stance"),
    text("candidate_id", "Candidate it is about; `unknown` when not given.", required=True),
    text("committee_id", "Committee that spends.", required=True),
    text("stance", "`for` or `against`.", required=True),
    count("expenditures", "Number of rows."),
    money("total_amount", "Amount.", required=True),
    *_SPAN,
)

COVERAGE = _table(
    "gold.coverage",
    "Our sums beside the publisher's own totals.",
    ("level", "recipient_id", "measure"),
    *_LEVEL,
    text("measure", "What is compared, by the name of its column in the summaries.", required=True),
    money("our_amount", "Sum of the rows in the bulk files, up to `covered_until` where that is given.", required=True),
    money("published_amount", "The publisher's total.", required=True),
    money("difference", "Ours less the publisher's.", required=True),
    share("covered_share", "Ours over the publisher's; NULL when that is 0."),
    text("verdict", "A word of `reasons.Verdict`.", required=True),
    money("later_amount", "Sum of the rows dated after `covered_until`, not compared.", required=True),
    day("covered_until", "End of the period the publisher's total covers."),
)

#: Every gold table.
GOLD_TABLES = (
    CANDIDATES,
    COMMITTEES,
    CONTRIBUTOR_ALIASES,
    CONTRIBUTORS,
    CONTRIBUTIONS,
    CANDIDATE_STATS,
    COMMITTEE_STATS,
    CONTRIBUTOR_STATS,
    CONTRIBUTOR_COMMITTEE_STATS,
    CONTRIBUTOR_CANDIDATE_STATS,
    CONTRIBUTION_SERIES,
    DONOR_CONCENTRATION,
    GEOGRAPHY,
    EMPLOYERS,
    OCCUPATIONS,
    INDEPENDENT_EXPENDITURES,
    COVERAGE,
)
