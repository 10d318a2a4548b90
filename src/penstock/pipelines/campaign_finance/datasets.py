"""All tables of the pipeline, by layer."""

from __future__ import annotations

from penstock.pipelines.campaign_finance.bronze_tables import BRONZE_TABLES
from penstock.pipelines.campaign_finance.gold_tables import GOLD_TABLES
from penstock.pipelines.campaign_finance.maryland_tables import MARYLAND_BRONZE, MARYLAND_SILVER
from penstock.pipelines.campaign_finance.openfec_tables import OPENFEC_TABLES
from penstock.pipelines.campaign_finance.silver_tables import SILVER_TABLES

#: Every table, bronze first.
TABLES = (*BRONZE_TABLES, *OPENFEC_TABLES, *MARYLAND_BRONZE, *SILVER_TABLES, *MARYLAND_SILVER, *GOLD_TABLES)
