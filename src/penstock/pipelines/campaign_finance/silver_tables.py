"""The silver tables: typed, trimmed, with one spelling per code, and nothing lost without a reason."""

from __future__ import annotations

from penstock.pipelines.campaign_finance.columns import CYCLE, count, day, flag, money, share, text, whole
from penstock.warehouse import Column, ColumnType, Expectation, Table

_PLACE = (
    text("city", "City."),
    text("state", "Two-letter state or territory, upper case."),
    text("zip5", "First five digits of the ZIP code, leading zeros kept."),
)
_DOUBTS = text("doubts", "Reasons for doubt, separated by commas; each is a row of `silver.findings`.")


def _table(
    name: str, doc: str, key: tuple[str, ...], *columns: Column, expectations: tuple[Expectation, ...] = ()
) -> Table:
    return Table(name, (*columns, CYCLE), key, doc=doc, partition="cycle", expectations=expectations)


COMMITTEES = _table(
    "silver.committees",
    "Committees of the cycle, each with the candidate it raises money for.",
    ("committee_id",),
    text("committee_id", "FEC identifier, `C` and eight digits.", required=True),
    text("name", "Name."),
    text("treasurer", "Treasurer."),
    *_PLACE,
    text("designation", "A authorized, B lobbyist PAC, D leadership PAC, J joint fundraiser, P principal, U none."),
    text(
        "committee_type", "FEC type: H, S, P candidate; N, Q PAC; O super PAC; V, W hybrid; X, Y, Z party; and others."
    ),
    text("party", "Party code."),
    text("filing_frequency", "M monthly, Q quarterly, T terminated, A administratively terminated, D debt, W waived."),
    text("organization_type", "C corporation, L labor, M membership, T trade, V cooperative, W no stock."),
    text("connected_organization", "Organization it is connected to."),
    text("candidate_id", "Candidate it is authorized by; NULL for all others, joint fundraisers too."),
    text("candidate_source", "`ccl` when the linkage file says so, `cm` when only the committee file does."),
    _DOUBTS,
)

CANDIDATES = _table(
    "silver.candidates",
    "Candidates of the cycle.",
    ("candidate_id",),
    text("candidate_id", "FEC identifier.", required=True),
    text("name", "Name as registered."),
    text("party", "Party code."),
    whole("election_year", "Year of the election registered for."),
    text("office", "H House, S Senate, P President."),
    text("office_state", "State of the office; US for President."),
    text("office_district", "Two digits; 00 when the office has none."),
    text("incumbency", "I incumbent, C challenger, O open seat."),
    text("status", "C statutory, F future, N not yet, P prior cycle."),
    text("principal_committee_id", "Principal campaign committee."),
    *_PLACE,
    _DOUBTS,
)

LINKAGES = _table(
    "silver.linkages",
    "Links between candidates and committees.",
    ("linkage_id",),
    text("linkage_id", "FEC identifier of the link.", required=True),
    text("candidate_id", "Candidate."),
    text("committee_id", "Committee."),
    whole("candidate_election_year", "Year of the candidate's election."),
    whole("fec_election_year", "Cycle the link is active in."),
    text("committee_type", "Type of the committee."),
    text("designation", "Designation of the committee."),
    _DOUBTS,
)

TRANSACTION_CODES = Table(
    "silver.transaction_codes",
    (
        text("code", "FEC transaction type.", required=True),
        text("category", "Kind of transaction, a word of `codes.Category`.", required=True),
        text("donor_side", "Side the gift's money comes from or goes back to: filer or counterparty.", required=True),
        text("paying_side", "Side that hands money over in this transaction.", required=True),
        flag("is_counted", "Whether rows of this code count as contributions."),
        count("sign", "1, or -1 for refunds."),
        text("pair", "Kind of transaction that both committees report."),
        text("description", "What the code stands for."),
        count("version", "Version of the code table."),
    ),
    ("code",),
    doc="What each FEC transaction type code means and whether it counts.",
)

TRANSACTIONS = _table(
    "silver.transactions",
    "Rows of `itcont`, `itoth` and `itpas2`, typed and joined with committee and candidate.",
    ("source", "sub_id"),
    text("source", "`itcont`, `itoth` or `itpas2`; every row of `itpas2` is one of `itoth` too.", required=True),
    text("sub_id", "FEC identifier of the row.", required=True),
    text("committee_id", "Committee that filed the report.", required=True),
    text("committee_name", "Its name."),
    text("committee_type", "Its type."),
    text("committee_party", "Its party."),
    text("candidate_id", "In `itpas2` the candidate given or spent for; else the one the filer is authorized by."),
    text("given_candidate_id", "The candidate named in the row itself, in `itpas2` only."),
    text("candidate_name", "The candidate's name."),
    text("candidate_office", "The candidate's office."),
    text("candidate_party", "The candidate's party."),
    text("amendment", "N new, A amendment, T termination."),
    text("report_type", "Code of the report."),
    text("election", "Election the money is for, with its year, as published."),
    text("image_number", "Page image of the filing."),
    text("transaction_code", "FEC transaction type."),
    text("entity_type", "CAN, CCM, COM, IND, ORG, PAC or PTY."),
    text("name", "The other side's name."),
    *_PLACE,
    text("employer", "Employer as written, `N/A` included."),
    text("occupation", "Occupation as written."),
    day("transaction_on", "Date; NULL when missing or impossible."),
    flag("is_date_usable", "Whether the date is there and near the cycle."),
    money("amount", "Amount as reported.", required=True),
    text("other_id", "FEC identifier of the other side, or of the conduit."),
    text("transaction_id", "Identifier given by the filer; unique per filer and report only."),
    text("file_number", "Number of the filing."),
    flag("is_memo", "Whether it is a memo item, included in another row's amount."),
    text("memo_text", "Memo text."),
    text(
        "donor_kind",
        "Whose money it is, by the code: `individual`, `organisation` or `committee`; NULL for unknown codes.",
    ),
    text("donor_committee_id", "The committee whose money it is."),
    text("alias_id", "Digest of name, place and employer, for all other donors."),
    _DOUBTS,
)

OPERATING_EXPENDITURES = _table(
    "silver.operating_expenditures",
    "What committees spend on operating.",
    ("sub_id",),
    text("sub_id", "FEC identifier of the row.", required=True),
    text("committee_id", "Committee that spends.", required=True),
    text("committee_name", "Its name."),
    text("candidate_id", "Candidate it is authorized by."),
    text("report_type", "Code of the report."),
    whole("report_year", "Year of the report."),
    text("line_number", "Line of the form."),
    text("payee", "Who is paid."),
    *_PLACE,
    day("transaction_on", "Date; NULL when missing or impossible."),
    flag("is_date_usable", "Whether the date is there and near the cycle."),
    money("amount", "Amount.", required=True),
    text("election", "Election the money is for."),
    text("purpose", "Purpose as written."),
    text("category", "Category code."),
    text("category_description", "Category in words."),
    flag("is_memo", "Whether it is a memo item."),
    text("memo_text", "Memo text."),
    text("entity_type", "Kind of payee."),
    text("transaction_id", "Identifier given by the filer."),
    text("back_reference_id", "Transaction this row belongs to, of the same filer."),
    _DOUBTS,
)

CANDIDATE_SUMMARIES = _table(
    "silver.candidate_summaries",
    "The publisher's totals per candidate.",
    ("source", "candidate_id"),
    text("source", "`weball` or `webl`.", required=True),
    text("candidate_id", "Candidate.", required=True),
    text("name", "Name."),
    money("receipts", "Total receipts."),
    money("disbursements", "Total disbursements."),
    money("individual_contributions", "Contributions from individuals, those too small to itemize included."),
    money("committee_contributions", "Contributions from other political committees."),
    money("party_contributions", "Contributions from party committees."),
    money("candidate_contributions", "Contributions from the candidate."),
    money("candidate_loans", "Loans from the candidate."),
    money("individual_refunds", "Refunds to individuals."),
    money("cash_on_hand", "Cash at the end of the period."),
    money("debts", "Debts owed by the campaign."),
    day("covered_until", "End of the last report's period."),
    _DOUBTS,
)

PAC_SUMMARIES = _table(
    "silver.pac_summaries",
    "The publisher's totals per PAC and party committee.",
    ("committee_id",),
    text("committee_id", "Committee.", required=True),
    text("name", "Name."),
    money("receipts", "Total receipts."),
    money("disbursements", "Total disbursements."),
    money("individual_contributions", "Contributions from individuals, those too small to itemize included."),
    money("committee_contributions", "Contributions from other political committees."),
    money("individual_refunds", "Refunds to individuals."),
    money("contributions_made", "Contributions to other committees."),
    money("independent_expenditures", "Independent expenditures."),
    money("cash_on_hand", "Cash at the end of the period."),
    day("covered_until", "End of the last report's period."),
    _DOUBTS,
)

_BULK_WORDS = (
    "AMNDT_IND", "RPT_TP", "TRANSACTION_PGI", "IMAGE_NUM", "TRANSACTION_TP", "ENTITY_TP", "NAME", "CITY", "STATE",
    "ZIP_CODE", "EMPLOYER", "OCCUPATION", "TRANSACTION_DT", "TRANSACTION_AMT", "OTHER_ID", "TRAN_ID", "FILE_NUM",
    "MEMO_CD", "MEMO_TEXT",
)  # fmt: skip

RECENT_RECEIPTS = _table(
    "silver.recent_receipts",
    "Receipts that the API knows and the bulk files do not hold yet, in the words of the bulk files.",
    ("source", "SUB_ID"),
    text("source", "`openfec` for processed rows, `efile` for rows as filed.", required=True),
    text("SUB_ID", "FEC identifier; `efile-` with filing and line for a row as filed.", required=True),
    text("CMTE_ID", "Committee that received and reported.", required=True),
    *(text(name, "As the bulk files name it.") for name in _BULK_WORDS),
)

RECONCILIATION = _table(
    "silver.reconciliation",
    "Every difference between the receipts read from the API and the bulk files, and every row that came late.",
    ("snapshot", "sub_id"),
    text("snapshot", "State of the bulk files: versions of their two tables.", required=True),
    text("sub_id", "FEC identifier of the row.", required=True),
    text("committee_id", "Committee that received and reported.", required=True),
    text("finding", "`inserted`, `changed`, `vanished` or `late`.", required=True),
    text("reason", "What differs, or how the row went or came.", required=True),
    text("replaced_by", "The row that reports it now, where a filing was amended."),
    text("transaction_id", "Identifier given by the filer."),
    text("file_number", "The filing."),
    day("received_on", "Date of the receipt."),
    money("amount_before", "Amount as stored."),
    money("amount_after", "Amount in the bulk files."),
    Column("load_date", ColumnType.INSTANT, "When the FEC loaded the row, as the API said."),
)

RECONCILIATIONS = _table(
    "silver.reconciliations",
    "Sums of every reconciliation.",
    ("snapshot",),
    text("snapshot", "State of the bulk files: versions of their two tables.", required=True),
    Column("taken_at", ColumnType.INSTANT, "Instant up to which both bulk files hold what was loaded."),
    count("stored", "Receipts stored from the API."),
    count("inserted", "Rows the API had not been asked for."),
    count("changed", "Rows with other content."),
    count("vanished", "Rows that are no longer there."),
    count("late", "Rows with a date older than others loaded before them."),
)

QUALITY = _table(
    "silver.quality",
    "What the gates before gold measured last.",
    ("gate",),
    text("gate", "What is looked at.", required=True),
    share("measured", "What was measured; NULL where there was nothing to measure."),
    share("threshold", "The most that may be."),
    flag("is_passed", "Whether gold may be published."),
    text("unit", "What is measured.", required=True),
)

FINDINGS = _table(
    "silver.findings",
    "Every row that was dropped or is in doubt, once for each reason.",
    ("source", "sub_id", "reason"),
    text("source", "Bulk file kind.", required=True),
    text(
        "sub_id", "FEC identifier of the row; where rows have none, of its committee, candidate or link.", required=True
    ),
    text("reason", "A word of `reasons.FindingReason`.", required=True),
    text("severity", "`dropped` or `doubtful`.", required=True),
    text("value", "The value to blame as published; several are joined by commas."),
)

ROW_ACCOUNTS = _table(
    "silver.row_accounts",
    "What became of every bronze row.",
    ("source",),
    text("source", "Bulk file kind.", required=True),
    count("bronze_rows", "Rows in bronze."),
    count("silver_rows", "Rows in silver."),
    count("dropped_rows", "Rows dropped, each with its reason in `silver.findings`."),
    count("doubtful_rows", "Rows in silver with at least one doubt."),
    expectations=(Expectation("every bronze row is accounted for", "bronze_rows = silver_rows + dropped_rows"),),
)

#: Every silver table.
SILVER_TABLES = (
    COMMITTEES,
    CANDIDATES,
    LINKAGES,
    TRANSACTION_CODES,
    TRANSACTIONS,
    OPERATING_EXPENDITURES,
    CANDIDATE_SUMMARIES,
    PAC_SUMMARIES,
    FINDINGS,
    ROW_ACCOUNTS,
    RECENT_RECEIPTS,
    RECONCILIATION,
    RECONCILIATIONS,
    QUALITY,
)
