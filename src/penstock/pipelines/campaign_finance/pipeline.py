"""The campaign finance pipeline: bulk files of a two-year cycle in, counted and explained contributions out."""

from __future__ import annotations

from penstock import Param, Pipeline
from penstock.pipelines.campaign_finance.datasets import TABLES
from penstock.pipelines.campaign_finance.load import LOAD_TASKS
from penstock.pipelines.campaign_finance.refine import REFINE_TASKS
from penstock.pipelines.campaign_finance.summarize import SUMMARIZE_TASKS

pipeline = Pipeline(
    "campaign-finance",
    doc="Contributions to US federal committees: from the FEC's bulk files to counted, explained tables.",
    tasks=(*LOAD_TASKS, *REFINE_TASKS, *SUMMARIZE_TASKS),
    params=(
        Param(
            "cycle",
            int,
            required=True,
            partition=True,
            choices=tuple(range(1980, 2031, 2)),
            doc="Even year in which the two-year election cycle ends.",
        ),
        Param(
            "bulk_dir",
            required=True,
            location=True,
            doc="Folder with the FEC's bulk files (plain, .gz or .zip), or a web address.",
        ),
    ),
    datasets=TABLES,
)
