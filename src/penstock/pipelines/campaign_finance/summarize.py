"""Summarizing: from clean rows to givers, receivers, what counts, and what it adds up to."""

from __future__ import annotations

from collections.abc import Iterable

from penstock import Task
from penstock.pipelines.campaign_finance import gold_tables as gold
from penstock.pipelines.campaign_finance.quality import check_quality
from penstock.pipelines.campaign_finance.rebuild import rebuild_task
from penstock.warehouse import Table

_COUNTED = ("gold.contributions",)
_STATE = "silver.maryland_contributions"
_STATE_MASTERS = ("silver.maryland_candidates", "silver.maryland_committees")


def _gated(verb: str, table: Table, reads: Iterable[str]) -> Task:
    return rebuild_task(verb, table, reads, after=[check_quality])


#: What fills gold.
SUMMARIZE_TASKS = (
    check_quality,
    _gated("describe", gold.CANDIDATES, ("silver.candidates", "silver.committees", *_STATE_MASTERS)),
    _gated("describe", gold.COMMITTEES, ("silver.committees", *_STATE_MASTERS)),
    _gated("match", gold.CONTRIBUTOR_ALIASES, ("silver.transactions", _STATE)),
    _gated(
        "describe",
        gold.CONTRIBUTORS,
        ("silver.transactions", "silver.committees", "gold.contributor_aliases", _STATE, "silver.maryland_committees"),
    ),
    _gated(
        "resolve",
        gold.CONTRIBUTIONS,
        ("silver.transactions", "silver.transaction_codes", "silver.committees", "gold.contributor_aliases", _STATE),
    ),
    _gated("summarize", gold.CANDIDATE_STATS, _COUNTED),
    _gated("summarize", gold.COMMITTEE_STATS, _COUNTED),
    _gated("summarize", gold.CONTRIBUTOR_STATS, _COUNTED),
    _gated("summarize", gold.CONTRIBUTOR_COMMITTEE_STATS, _COUNTED),
    _gated("summarize", gold.CONTRIBUTOR_CANDIDATE_STATS, _COUNTED),
    _gated("summarize", gold.CONTRIBUTION_SERIES, _COUNTED),
    _gated("summarize", gold.DONOR_CONCENTRATION, _COUNTED),
    _gated("summarize", gold.GEOGRAPHY, _COUNTED),
    _gated("summarize", gold.EMPLOYERS, (*_COUNTED, "silver.transactions", _STATE)),
    _gated("summarize", gold.OCCUPATIONS, (*_COUNTED, "silver.transactions", _STATE)),
    _gated("summarize", gold.INDEPENDENT_EXPENDITURES, _COUNTED),
    _gated(
        "compare",
        gold.COVERAGE,
        (*_COUNTED, "silver.committees", "silver.candidate_summaries", "silver.pac_summaries"),
    ),
)
