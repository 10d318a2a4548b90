"""Summarizing: from clean rows to givers, receivers, what counts, and what it adds up to."""

from __future__ import annotations

from penstock.pipelines.campaign_finance import gold_tables as gold
from penstock.pipelines.campaign_finance.rebuild import rebuild_task

_COUNTED = ("gold.contributions",)

#: What fills gold.
SUMMARIZE_TASKS = (
    rebuild_task("describe", gold.CANDIDATES, ("silver.candidates", "silver.committees")),
    rebuild_task("describe", gold.COMMITTEES, ("silver.committees",)),
    rebuild_task("match", gold.CONTRIBUTOR_ALIASES, ("silver.transactions",)),
    rebuild_task(
        "describe", gold.CONTRIBUTORS, ("silver.transactions", "silver.committees", "gold.contributor_aliases")
    ),
    rebuild_task(
        "resolve",
        gold.CONTRIBUTIONS,
        ("silver.transactions", "silver.transaction_codes", "silver.committees", "gold.contributor_aliases"),
    ),
    rebuild_task("summarize", gold.CANDIDATE_STATS, _COUNTED),
    rebuild_task("summarize", gold.COMMITTEE_STATS, _COUNTED),
    rebuild_task("summarize", gold.CONTRIBUTOR_STATS, _COUNTED),
    rebuild_task("summarize", gold.CONTRIBUTOR_COMMITTEE_STATS, _COUNTED),
    rebuild_task("summarize", gold.CONTRIBUTOR_CANDIDATE_STATS, _COUNTED),
    rebuild_task("summarize", gold.CONTRIBUTION_SERIES, _COUNTED),
    rebuild_task("summarize", gold.DONOR_CONCENTRATION, _COUNTED),
    rebuild_task("summarize", gold.GEOGRAPHY, _COUNTED),
    rebuild_task("summarize", gold.EMPLOYERS, (*_COUNTED, "silver.transactions")),
    rebuild_task("summarize", gold.OCCUPATIONS, (*_COUNTED, "silver.transactions")),
    rebuild_task("summarize", gold.INDEPENDENT_EXPENDITURES, _COUNTED),
    rebuild_task(
        "compare",
        gold.COVERAGE,
        (*_COUNTED, "silver.committees", "silver.candidate_summaries", "silver.pac_summaries"),
    ),
)
