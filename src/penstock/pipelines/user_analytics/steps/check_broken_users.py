"""Step 4: runs the named checks on every user, keeps who failed which, and tells who is valid."""

from __future__ import annotations

from datetime import UTC, datetime

from penstock.pipelines.user_analytics.analysis_window import get_window
from penstock.pipelines.user_analytics.configuration import read_disqualifying
from penstock.pipelines.user_analytics.database.connection import open_database, transaction
from penstock.pipelines.user_analytics.database.table_sync import replace_rows
from penstock.pipelines.user_analytics.parameters import read_parameters
from penstock.pipelines.user_analytics.report import Report, run_step
from penstock.pipelines.user_analytics.rules.broken_users import CHECKS
from penstock.pipelines.user_analytics.rules.instants import to_text
from penstock.pipelines.user_analytics.statements import load

#: Nothing was sent to Mixpanel before it was founded.
_BEGINS_AT = to_text(datetime(2009, 1, 1, tzinfo=UTC))


def check() -> Report:
    """Bring checks, broken users and validity up to date."""
    told = read_parameters(__doc__)
    disqualifying = read_disqualifying(told.config_file("config/broken_users.toml"))
    queries = load("database/statements/checks.sql")
    with open_database(told.database) as database, transaction(database):
        bounds = {"begins_at": _BEGINS_AT, "ends_at": to_text(get_window(database, told.end_on).ends_at)}
        found = {name: {row[0] for row in database.execute(queries[name], bounds)} for name in CHECKS}
        checks = [(name, text, int(name in disqualifying), len(found[name])) for name, text in CHECKS.items()]
        broken = [(user, name) for name, users in found.items() for user in users]
        invalid = {user for user, name in broken if name in disqualifying}
        users = [row[0] for row in database.execute("SELECT distinct_id FROM mixpanel_user")]
        tables = {
            "broken_user_check": replace_rows(database, "broken_user_check", checks),
            "broken_user": replace_rows(database, "broken_user", broken),
            "user_validity": replace_rows(database, "user_validity", [(one, int(one not in invalid)) for one in users]),
        }
    facts = {"users": len(users), "valid users": len(users) - len(invalid)}
    return Report("check_broken_users", tables, {name: len(found[name]) for name in CHECKS}, facts)


if __name__ == "__main__":
    run_step(check)
