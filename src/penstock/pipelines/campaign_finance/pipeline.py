"""The campaign finance pipeline: bulk files of a two-year cycle in, counted and explained contributions out."""

from __future__ import annotations

from penstock import Param, Pipeline
from penstock.pipelines.campaign_finance.datasets import TABLES
from penstock.pipelines.campaign_finance.deployments import DEPLOYMENTS
from penstock.pipelines.campaign_finance.fetch import FETCH_TASKS
from penstock.pipelines.campaign_finance.load import DOWNLOAD_TASKS, LOAD_TASKS
from penstock.pipelines.campaign_finance.maryland import MARYLAND_PARAMS, MARYLAND_TASKS
from penstock.pipelines.campaign_finance.reconcile import RECONCILE_TASKS
from penstock.pipelines.campaign_finance.refine import REFINE_TASKS
from penstock.pipelines.campaign_finance.summarize import SUMMARIZE_TASKS
from penstock.sources.fec.bulk import PUBLISHED_AT

pipeline = Pipeline(
    "campaign-finance",
    doc="Contributions to US federal committees: from the FEC's bulk files to counted, explained tables.",
    tasks=(
        *LOAD_TASKS,
        *DOWNLOAD_TASKS,
        *FETCH_TASKS,
        *RECONCILE_TASKS,
        *REFINE_TASKS,
        *SUMMARIZE_TASKS,
        *MARYLAND_TASKS,
    ),
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
            default=PUBLISHED_AT,
            location=True,
            doc="Folder with the FEC's bulk files (plain, .gz or .zip), or a web address.",
        ),
        Param(
            "states",
            default="everywhere",
            doc="States whose committees are read from the API: codes, `all`, or `everywhere` (addresses abroad too).",
        ),
        Param(
            "committees",
            default="candidate",
            choices=("candidate", "all"),
            doc="Committees read from the API: those candidates raise money with, or all.",
        ),
        Param(
            "lookback_days",
            int,
            default=1,
            minimum=0,
            doc="How many days before the newest load date reading begins again; 0 on that very day.",
        ),
        Param("files", default="all", doc="Bulk files that `download_bulk_file` fetches, e.g. `cm,cn`."),
        Param("download_dir", location=True, doc="Folder of downloads; the project's own when left out."),
        Param("keep_downloads", bool, default=True, location=True, doc="Keep downloaded files once they are loaded."),
        Param("max_dropped_share", float, default=0.5, doc="Gate: share of transactions that may be dropped."),
        Param("max_unresolved_share", float, default=0.1, doc="Gate: share of transactions with an unknown key."),
        Param("max_repeated_share", float, default=0.5, doc="Gate: share of lines that may stand there twice."),
        *MARYLAND_PARAMS,
    ),
    datasets=TABLES,
    default_tasks=("tag:bulk", "tag:silver", "tag:gold"),
    deployments=DEPLOYMENTS,
)
