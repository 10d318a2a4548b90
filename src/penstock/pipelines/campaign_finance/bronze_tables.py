"""The bronze tables: every bulk file's rows, every column as text and as published."""

from __future__ import annotations

from penstock.pipelines.campaign_finance.columns import CYCLE
from penstock.sources.fec.layouts import LAYOUTS
from penstock.warehouse import Column, Table

#: The table each kind of bulk file is loaded into.
BRONZE_NAMES = {
    "cm": "bronze.committees",
    "cn": "bronze.candidates",
    "ccl": "bronze.linkages",
    "itcont": "bronze.individual_contributions",
    "itoth": "bronze.other_transactions",
    "itpas2": "bronze.committee_contributions",
    "oppexp": "bronze.operating_expenditures",
    "weball": "bronze.candidate_summaries",
    "webl": "bronze.congressional_summaries",
    "webk": "bronze.pac_summaries",
}


def _bronze_table(kind: str) -> Table:
    layout = LAYOUTS[kind]
    published = tuple(Column(name, doc=f"As published; see {layout.url}") for name in layout.columns)
    return Table(
        BRONZE_NAMES[kind],
        (*published, CYCLE),
        layout.key,
        doc=f"{layout.doc} File `{kind}`, as published.",
        partition="cycle",
        lineage=True,
    )


#: Every bronze table, in the order of the files.
BRONZE_TABLES = tuple(_bronze_table(kind) for kind in BRONZE_NAMES)
