"""The tables of Maryland: what the state published, every value as text, and the same typed and linked."""

from __future__ import annotations

from penstock.pipelines.campaign_finance.columns import CYCLE, count, day, flag, money, text, whole
from penstock.sources.maryland import candidates, committees, contributions
from penstock.warehouse import Column, Expectation, Table

_PLACE = (
    text("city", "City, as far as the address tells."),
    text("state", "Two capitals before the ZIP code."),
    text("zip5", "First five digits of the ZIP code."),
)
_DOUBTS = text("doubts", "Reasons for doubt, separated by commas; each is a row of `silver.maryland_findings`.")


def _table(
    name: str, doc: str, key: tuple[str, ...], *columns: Column, expectations: tuple[Expectation, ...] = ()
) -> Table:
    return Table(name, (*columns, CYCLE), key, doc=doc, partition="cycle", expectations=expectations)


def _as_published(names: dict[str, str]) -> tuple[Column, ...]:
    return tuple(Column(ours, doc=f"As published: `{theirs}`.") for theirs, ours in names.items())


BRONZE_CONTRIBUTIONS = _table(
    "bronze.maryland_contributions",
    "Contributions given in the cycle's two years, as Maryland's search exports them.",
    ("contribution_id",),
    text("contribution_id", "Ours: a digest of the identifying values, and a number among equals.", required=True),
    Column("given_on", day("", "").type, "The date, for reading whole days.", required=True),
    *_as_published(contributions.COLUMNS),
    flag("is_listed", "Whether the state still had it at the last look at its day."),
)
BRONZE_COMMITTEES = _table(
    "bronze.maryland_committees",
    "Committees registered in Maryland, closed ones too.",
    ("ccf_id",),
    *_as_published(committees.COLUMNS),
)
BRONZE_CANDIDATES = _table(
    "bronze.maryland_candidates",
    "Lines of Maryland's lists of candidates, of the cycle's two years and the two before.",
    ("candidacy_id",),
    text("candidacy_id", "Ours: a digest of office, district, name, party, year and election.", required=True),
    Column("election_year", whole("", "").type, "Year of the election.", required=True),
    text("election", "`Primary`, `General` or `Special`.", required=True),
    *_as_published(candidates.COLUMNS),
    text("rest", "Further columns, as JSON."),
    text("file", "The list it stands in."),
)

TYPES = _table(
    "silver.maryland_types",
    "What Maryland's words for contributors and contributions mean.",
    ("about", "word"),
    text("about", "`contributor` or `contribution`.", required=True),
    text("word", "The state's word, in capitals, letters and digits only.", required=True),
    text(
        "meaning",
        "Of contributors `individual`, `candidate`, `organisation`, `committee` or `nobody`; of contributions `gift`, "
        "`loan` or `other`.",
        required=True,
    ),
)
OFFICES = _table(
    "silver.maryland_offices",
    "What Maryland's names of offices mean.",
    ("word",),
    text("word", "The state's name, in capitals, letters and digits only.", required=True),
    text("office_name", "Our word for it.", required=True),
    text("level", "FEDERAL, STATE, COUNTY or CITY.", required=True),
)
CANDIDATES = _table(
    "silver.maryland_candidates",
    "Candidates on Maryland's lists, once per person, contest and year.",
    ("candidate_id",),
    text("candidate_id", "Ours: `MD` and a digest of office, district, name, party and year.", required=True),
    text("name", "`LAST, FIRST MIDDLE`, as the FEC writes names."),
    text("last_name", "Last name and suffix."),
    text("first_name", "First and middle name."),
    text("office", "As published."),
    text("office_name", "Our word for the office."),
    text("level", "FEDERAL, STATE, COUNTY or CITY."),
    text("office_district", "`06`, `12A`, `District 3`, `Circuit 5`; NULL for the whole state, county or city."),
    text("office_county", "County of a county's office."),
    text("office_city", "City of a city's office."),
    text("party", "Party code, as the FEC's."),
    text("party_name", "Party as published."),
    text("status", "As published in the newest list."),
    flag("is_active", "Whether the status is `Active` or seeks the nomination."),
    whole("election_year", "Year of the election."),
    text("committee_name", "Committee the list names."),
    count("lists", "Number of lists the candidacy stands in."),
    _DOUBTS,
)
COMMITTEES = _table(
    "silver.maryland_committees",
    "Committees registered in Maryland, each with the candidate it works for.",
    ("committee_id",),
    text("committee_id", "Ours: `MD` and the CCF id.", required=True),
    text("ccf_id", "The state's identifier.", required=True),
    text("name", "Name."),
    text("plain_name", "Name in capitals, letters and digits only."),
    flag("is_name_unique", "Whether no other committee has the name."),
    text("committee_type", "As published."),
    text("status", "As published."),
    flag("has_violations", "Whether it was cited."),
    text("election_type", "As published."),
    day("registered_on", "Day of registration."),
    day("amended_on", "Day of the last amendment."),
    text("chair", "Chairperson."),
    text("treasurer", "Treasurer."),
    *_PLACE,
    text("candidate_id", "Candidate it works for; NULL where nobody can tell."),
    text("candidate_source", "`ccf id`, `committee name`, `candidate name` or `both names within`."),
    _DOUBTS,
)
CONTRIBUTIONS = _table(
    "silver.maryland_contributions",
    "Contributions to Maryland committees, typed and linked.",
    ("contribution_id",),
    text("contribution_id", "Ours: `MD` and the identifier of bronze.", required=True),
    text("committee_id", "Committee that received it; NULL where its name is unknown, or that of several."),
    text("committee_name", "Its name as published.", required=True),
    text("candidate_id", "Candidate the committee works for."),
    text("filing_period", "Report it stands in."),
    whole("filing_year", "Year named by the filing period; NULL where it names none."),
    day("transaction_on", "Date."),
    text("name", "Contributor; individuals as `LAST, FIRST MIDDLE`."),
    text("address", "Address as published."),
    *_PLACE,
    text("contributor_type", "As published."),
    text("contribution_type", "As published."),
    money("amount", "Amount as reported; negative where money went back.", required=True),
    text("employer", "Employer as written."),
    text("occupation", "Occupation as written."),
    text("office", "Office as published."),
    text("fund_type", "As published."),
    text("category", "Kind of transaction, a word of `codes.Category`; NULL for an unknown type."),
    text("donor_kind", "Whose money it is: `individual`, `organisation` or `committee`.", required=True),
    text("donor_committee_id", "The committee whose money it is, where exactly one has its name."),
    text("alias_id", "Digest of name, place and employer, for all other donors."),
    _DOUBTS,
)
FINDINGS = _table(
    "silver.maryland_findings",
    "Every row of Maryland that was dropped or is in doubt, once for each reason.",
    ("source", "row_id", "reason"),
    text("source", "`contributions`, `committees` or `candidates`.", required=True),
    text("row_id", "Identifier of the row in silver, or, if dropped, in bronze.", required=True),
    text("reason", "A word of `reasons.FindingReason`.", required=True),
    text("severity", "`dropped` or `doubtful`.", required=True),
    text("value", "The value to blame as published."),
)
ROW_ACCOUNTS = _table(
    "silver.maryland_row_accounts",
    "What became of every bronze row of Maryland.",
    ("source",),
    text("source", "`contributions`, `committees` or `candidates`.", required=True),
    count("bronze_rows", "Rows in bronze."),
    count("silver_rows", "Rows in silver; of candidates, lines that stand behind them."),
    count("dropped_rows", "Rows dropped, each with its reason in `silver.maryland_findings`."),
    count("doubtful_rows", "Rows in silver with at least one doubt."),
    expectations=(Expectation("every bronze row is accounted for", "bronze_rows = silver_rows + dropped_rows"),),
)

#: Every table of Maryland, by layer.
MARYLAND_BRONZE = (BRONZE_CONTRIBUTIONS, BRONZE_COMMITTEES, BRONZE_CANDIDATES)
MARYLAND_SILVER = (TYPES, OFFICES, CANDIDATES, COMMITTEES, CONTRIBUTIONS, FINDINGS, ROW_ACCOUNTS)
