"""The bronze tables of rows read from the FEC's API, as published."""

from __future__ import annotations

from penstock.pipelines.campaign_finance.columns import CYCLE, count, text
from penstock.warehouse import Column, ColumnType, Table

_RAW = text("raw", "The whole row as the API gave it, as JSON.")


def _published(*names: str) -> tuple[Column, ...]:
    return tuple(text(name, "As published by the API.") for name in names)


def _table(noun: str, doc: str, key: tuple[str, ...], *columns: Column) -> Table:
    return Table(f"bronze.openfec_{noun}", (*columns, _RAW, CYCLE), key, doc=doc, partition="cycle")


COMMITTEES = _table(
    "committees",
    "Committees active in the cycle, from the API.",
    ("committee_id",),
    text("committee_id", "FEC identifier.", required=True),
    *_published("name", "committee_type", "designation", "party", "state", "treasurer_name", "filing_frequency"),
)

CANDIDATES = _table(
    "candidates",
    "Candidates active in the cycle, from the API.",
    ("candidate_id",),
    text("candidate_id", "FEC identifier.", required=True),
    *_published("name", "office", "state", "district", "party", "incumbent_challenge", "candidate_status"),
)

FOLLOWED = Table(
    "bronze.followed_committees",
    (
        text("committee_id", "FEC identifier.", required=True),
        text("state", "State of the committee's address."),
        Column("followed_since", ColumnType.INSTANT, "When it was first listed."),
        Column(
            "read_from",
            ColumnType.DATE,
            "Load date its first walk begins at, where bulk files held what came before; NULL reads everything.",
        ),
        CYCLE,
    ),
    ("committee_id",),
    doc="Committees whose receipts are read from the API.",
    partition="cycle",
)

RECEIPTS = _table(
    "receipts",
    "Lines of Schedule A of the committees followed, processed by the FEC; corrected by every reconciliation.",
    ("sub_id",),
    text("sub_id", "FEC identifier of the row.", required=True),
    text("committee_id", "Committee that received and reported.", required=True),
    *_published(
        "amendment_indicator",
        "report_type",
        "election_type",
        "image_number",
        "receipt_type",
        "entity_type",
        "contributor_name",
        "contributor_city",
        "contributor_state",
        "contributor_zip",
        "contributor_employer",
        "contributor_occupation",
        "contribution_receipt_date",
        "contribution_receipt_amount",
        "contributor_id",
        "conduit_committee_id",
        "transaction_id",
        "file_number",
        "memo_code",
        "memo_text",
        "line_number",
    ),
    Column("load_date", ColumnType.INSTANT, "When the FEC loaded the row; NULL for one that bulk files brought."),
)

EFILED_RECEIPTS = _table(
    "efiled_receipts",
    "Lines of Schedule A as filed, before the FEC has processed them, of the committees followed.",
    ("file_number", "related_line_number"),
    text("file_number", "FEC identifier of the filing.", required=True),
    count("related_line_number", "Number of the line within the filing."),
    text("committee_id", "Committee that received and reported.", required=True),
    *_published(
        "amendment_indicator",
        "report_type",
        "pgo",
        "image_number",
        "entity_type",
        "contributor_name",
        "contributor_city",
        "contributor_state",
        "contributor_zip",
        "contributor_employer",
        "contributor_occupation",
        "contribution_receipt_date",
        "contribution_receipt_amount",
        "conduit_committee_id",
        "transaction_id",
        "memo_code",
        "memo_text",
        "line_number",
    ),
    text("amends_file", "The filing it amends."),
)

#: Every table filled from the API.
OPENFEC_TABLES = (COMMITTEES, CANDIDATES, FOLLOWED, RECEIPTS, EFILED_RECEIPTS)
