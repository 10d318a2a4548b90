"""Step 1: fetches the days of the window that are missing, empty or not over for long enough, and all users.

Reads a Mixpanel project (`--source api`) or a folder of files (`--source folder --folder FOLDER`). A day is marked as
fetched in the transaction that writes its events; users are replaced once all of them are here.
"""

from __future__ import annotations

from collections import Counter

from penstock.kit.clock import Clock, SystemClock
from penstock.pipelines.user_analytics.analysis_window import choose_window, find_window, refuse_earlier
from penstock.pipelines.user_analytics.configuration import read_addresses
from penstock.pipelines.user_analytics.database.connection import open_database, transaction
from penstock.pipelines.user_analytics.database.table_sync import Changes, replace_rows, together
from penstock.pipelines.user_analytics.downloads import (
    claim_for,
    count_other_days,
    find_done,
    make_mark,
    write_days,
    write_users,
)
from penstock.pipelines.user_analytics.inputs import open_input
from penstock.pipelines.user_analytics.parameters import read_parameters
from penstock.pipelines.user_analytics.report import Report, run_step, tell
from penstock.pipelines.user_analytics.rules.instants import local_day
from penstock.pipelines.user_analytics.rules.window import days_to_fetch

_FACTS = ("lines", "lines_told_again", "lines_of_other_days", "lines_of_other_events", "profiles_told_again")


def fetch(clock: Clock) -> Report:
    """Fetch what is to be fetched by now, and report it."""
    told = read_parameters(__doc__)
    window = choose_window(told.end_on, clock.now(), days=told.days, zone=told.timezone)
    addresses = read_addresses(
        told.config_file("config/internal_domains.txt"), told.config_file("config/test_domains.txt")
    )
    counts: Counter[str] = Counter()
    written: dict[str, list[Changes]] = {"raw_event": [], "downloaded_day": []}
    with open_database(told.database) as database, open_input(told) as source:
        if (known := find_window(database)) is not None:
            # A window may have been left that ends in the future: it holds nobody up.
            refuse_earlier(min(known.end_on, local_day(clock.now(), told.timezone)), window.end_on)
        claim_for(database, source.source)
        mark = make_mark(told, window.end_on, source.source)
        done = find_done(database, mark.choices)
        parts = days_to_fetch(window.end_on, days=told.days, refresh_days=told.refresh_days, done=done)
        fetched = 0
        for batch in source.batches(parts):
            raw, marks = write_days(database, batch, told, mark, counts)
            written["raw_event"].append(raw)
            written["downloaded_day"].append(marks)
            fetched += len(batch.days)
            tell(progress=fetched, total=sum(map(len, parts)), unit="days")
        others = count_other_days(database, mark, window.start_on)
        users = write_users(database, source, addresses, counts)
        with transaction(database):
            marked = replace_rows(database, "analysis_window", [window.as_row()])
    tables = {name: together(changes) for name, changes in written.items() if changes}
    tables |= {"analysis_window": marked} if users is None else {"raw_user": users, "analysis_window": marked}
    facts: dict[str, int | str] = {name: counts[name] for name in _FACTS if counts[name]}
    facts |= {"window": f"{window.start_on} to {window.end_on}", "days fetched": fetched}
    facts |= {"days before it, fetched by other choices": others} if others else {}
    return Report("download_update_data", tables, {"profile_without_id": counts["profile_without_id"]}, facts)


if __name__ == "__main__":
    run_step(lambda: fetch(SystemClock()))
