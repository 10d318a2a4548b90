"""Step 2: makes users and events out of what was fetched, each event once, under its user."""

from __future__ import annotations

from penstock.pipelines.user_analytics.analysis_window import get_window
from penstock.pipelines.user_analytics.configuration import read_rates
from penstock.pipelines.user_analytics.database.connection import open_database, transaction
from penstock.pipelines.user_analytics.database.table_sync import apply
from penstock.pipelines.user_analytics.ingestion import count_rejected, stage_events, stage_users
from penstock.pipelines.user_analytics.parameters import read_parameters
from penstock.pipelines.user_analytics.report import Report, run_step

_TABLES = ("mixpanel_user", "mixpanel_event", "user_identity")


def ingest() -> Report:
    """Bring users and events up to date."""
    told = read_parameters(__doc__)
    rates = read_rates(told.config_file("config/currency_rates.csv"))
    with open_database(told.database) as database, transaction(database):
        window = get_window(database, None)
        identities = stage_users(database, keep_unknown=told.unknown_users == "keep")
        stage_events(database, rates, window.zone)
        rejected = count_rejected(database)
        tables = {name: apply(database, name) for name in _TABLES}
    return Report("ingest_data", tables, {**rejected, "ambiguous_identifier": len(identities.ambiguous)})


if __name__ == "__main__":
    run_step(ingest)
