"""Refining: from bronze, where everything is text, to silver, where everything is typed and accounted for."""

from __future__ import annotations

from penstock.pipelines.campaign_finance import silver_tables as silver
from penstock.pipelines.campaign_finance.bronze_tables import BRONZE_NAMES
from penstock.pipelines.campaign_finance.rebuild import rebuild_task

_TRANSACTIONS = ("bronze.individual_contributions", "bronze.other_transactions", "bronze.committee_contributions")
_FROM_API = ("bronze.openfec_receipts", "bronze.openfec_efiled_receipts")
_MASTERS = ("silver.committees", "silver.candidates")
_REFINED = (
    "silver.transactions",
    "silver.operating_expenditures",
    *_MASTERS,
    "silver.linkages",
    "silver.candidate_summaries",
    "silver.pac_summaries",
)

#: What fills silver.
REFINE_TASKS = (
    rebuild_task("refine", silver.COMMITTEES, ("bronze.committees", "bronze.linkages")),
    rebuild_task("refine", silver.CANDIDATES, ("bronze.candidates",)),
    rebuild_task("refine", silver.LINKAGES, ("bronze.linkages",)),
    rebuild_task(
        "select",
        silver.RECENT_RECEIPTS,
        (*_FROM_API, *_TRANSACTIONS[:2], "silver.committees", "silver.reconciliation", "silver.reconciliations"),
    ),
    rebuild_task(
        "refine", silver.TRANSACTIONS, (*_TRANSACTIONS, "silver.recent_receipts", *_MASTERS, "silver.transaction_codes")
    ),
    rebuild_task("refine", silver.OPERATING_EXPENDITURES, ("bronze.operating_expenditures", "silver.committees")),
    rebuild_task(
        "refine", silver.CANDIDATE_SUMMARIES, ("bronze.candidate_summaries", "bronze.congressional_summaries")
    ),
    rebuild_task("refine", silver.PAC_SUMMARIES, ("bronze.pac_summaries",)),
    rebuild_task("collect", silver.FINDINGS, (*BRONZE_NAMES.values(), "silver.recent_receipts", *_REFINED)),
    rebuild_task(
        "count", silver.ROW_ACCOUNTS, (*BRONZE_NAMES.values(), "silver.recent_receipts", *_REFINED, "silver.findings")
    ),
)
