"""Step 3: tells which users came through advertising, by any of three identifiers, or by the ad's alone (`strict`)."""

from __future__ import annotations

from penstock.pipelines.user_analytics.database.connection import open_database, transaction
from penstock.pipelines.user_analytics.database.table_sync import replace_rows
from penstock.pipelines.user_analytics.parameters import read_parameters
from penstock.pipelines.user_analytics.report import Report, run_step
from penstock.pipelines.user_analytics.rules.attribution import is_attributed

_USERS = "SELECT distinct_id, abi_ad_id, abi_campaign_id, abi_ad_set_id FROM mixpanel_user"


def attribute() -> Report:
    """Bring the users' attribution up to date."""
    told = read_parameters(__doc__)
    is_strict = told.attribution == "strict"
    with open_database(told.database) as database, transaction(database):
        rows = [(user, int(is_attributed(*ids, is_strict=is_strict))) for user, *ids in database.execute(_USERS)]
        changes = replace_rows(database, "user_attribution", rows)
    facts: dict[str, int | str] = {
        "rule": told.attribution,
        "attributed users": sum(flag for _, flag in rows),
        "users": len(rows),
    }
    return Report("set_abi_attribution", {"user_attribution": changes}, facts=facts)


if __name__ == "__main__":
    run_step(attribute)
