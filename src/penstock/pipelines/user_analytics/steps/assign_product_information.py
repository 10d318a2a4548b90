"""Step 7: tells store, device and place of each user with each product, and the day the user is credited to."""

from __future__ import annotations

from itertools import groupby

from penstock.pipelines.user_analytics.analysis_window import get_window
from penstock.pipelines.user_analytics.database.connection import open_database, transaction
from penstock.pipelines.user_analytics.database.table_sync import replace_rows
from penstock.pipelines.user_analytics.histories import iter_histories
from penstock.pipelines.user_analytics.parameters import read_parameters
from penstock.pipelines.user_analytics.report import Report, run_step
from penstock.pipelines.user_analytics.rules.stores import choose_store
from penstock.pipelines.user_analytics.subscriptions import SQL


def assign() -> Report:
    """Bring the information up to date."""
    told = read_parameters(__doc__)
    rows = []
    with open_database(told.database) as database, transaction(database):
        zone = get_window(database, told.end_on).zone
        credited = {key: history.credited_on for key, history in iter_histories(database, zone)}
        for key, group in groupby(database.execute(SQL["stores"]).fetchall(), key=lambda row: (row[0], row[1])):
            told_by = list(group)
            store = choose_store(row[2] for row in told_by)
            device = next((row[3] for row in told_by if row[3] is not None), store)
            day = credited[key]
            rows.append((*key, store, device, *told_by[0][4:], None if day is None else day.isoformat()))
        changes = replace_rows(database, "user_product_information", rows)
    rejected = {
        "no_store": sum(row[2] is None for row in rows),
        "no_credited_day": sum(row[-1] is None for row in rows),
    }
    return Report("assign_product_information", {"user_product_information": changes}, rejected)


if __name__ == "__main__":
    run_step(assign)
