"""Step 1: fetches the days of the window that are missing, empty or among the last, and all users.

Reads a Mixpanel project (`--source api`) or a folder of files (`--source folder --folder FOLDER`). A day is marked as
fetched in the transaction that writes its events; users are replaced once all of them are here.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

from penstock.kit.clock import SystemClock
from penstock.pipelines.user_analytics.configuration import read_addresses
from penstock.pipelines.user_analytics.database.connection import open_database, transaction
from penstock.pipelines.user_analytics.database.table_sync import Changes, replace_rows, together
from penstock.pipelines.user_analytics.downloads import find_window, refuse_earlier, write_days, write_users
from penstock.pipelines.user_analytics.inputs import open_input
from penstock.pipelines.user_analytics.parameters import read_parameters
from penstock.pipelines.user_analytics.report import Report, run_step, tell
from penstock.pipelines.user_analytics.rules.window import days_to_fetch

_FACTS = ("lines", "lines_told_again", "lines_of_other_days", "lines_of_other_events", "profiles_told_again")


def fetch() -> Report:
    """Fetch what is to be fetched, and report it."""
    told = read_parameters(__doc__)
    end_on = told.end_on or SystemClock().now().date()
    start_on = end_on - timedelta(days=told.days - 1)
    addresses = read_addresses(
        told.config_file("config/internal_domains.txt"), told.config_file("config/test_domains.txt")
    )
    counts: Counter[str] = Counter()
    written: dict[str, list[Changes]] = {"raw_event": [], "downloaded_day": []}
    with open_database(told.database) as database, open_input(told) as source:
        window = find_window(database)
        refuse_earlier(window[1] if window else None, end_on)
        done = {date.fromisoformat(day): events for day, events in database.execute("SELECT * FROM downloaded_day")}
        parts = days_to_fetch(end_on, days=told.days, refresh_days=told.refresh_days, done=done)
        fetched = 0
        for batch in source.batches(parts):
            raw, marks = write_days(database, batch, told.events, told.timezone, counts)
            written["raw_event"].append(raw)
            written["downloaded_day"].append(marks)
            fetched += len(batch.days)
            tell(progress=fetched, total=sum(map(len, parts)), unit="days")
        users = write_users(database, source, addresses, counts)
        with transaction(database):
            marked = replace_rows(database, "analysis_window", [(1, start_on.isoformat(), end_on.isoformat())])
    tables = {name: together(changes) for name, changes in written.items() if changes}
    tables |= {"analysis_window": marked} if users is None else {"raw_user": users, "analysis_window": marked}
    facts: dict[str, int | str] = {name: counts[name] for name in _FACTS if counts[name]}
    facts |= {"window": f"{start_on} to {end_on}", "days fetched": fetched}
    return Report("download_update_data", tables, {"profile_without_id": counts["profile_without_id"]}, facts)


if __name__ == "__main__":
    run_step(fetch)
