"""Step 6: sorts users into tiers, by what they paid and did, and by their country."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

from penstock.pipelines.user_analytics.analysis_window import get_window, offer_local_day
from penstock.pipelines.user_analytics.configuration import read_countries, read_tiers
from penstock.pipelines.user_analytics.database.connection import open_database, transaction
from penstock.pipelines.user_analytics.database.table_sync import replace_rows
from penstock.pipelines.user_analytics.parameters import read_parameters
from penstock.pipelines.user_analytics.report import Report, run_step
from penstock.pipelines.user_analytics.rules.money import to_dollars
from penstock.pipelines.user_analytics.rules.tiers import choose_tier, country_tier
from penstock.pipelines.user_analytics.subscriptions import SQL


def assign() -> Report:
    """Bring the users' tiers up to date."""
    told = read_parameters(__doc__)
    tiers = read_tiers(told.config_file("config/behaviour_tiers.toml"))
    countries = read_countries(told.config_file("config/country_tiers.csv"))
    rows = []
    with open_database(told.database) as database, transaction(database):
        offer_local_day(database, get_window(database, None).zone)
        for user, country, micros, days, events, products, paid in database.execute(SQL["measures"]).fetchall():
            measures = {
                "revenue_usd": to_dollars(micros) or Decimal(0),
                "active_days": Decimal(days),
                "events": Decimal(events),
                "products": Decimal(products),
                "paid_events": Decimal(paid),
            }
            tier, economic = choose_tier(measures, tiers), country_tier(country, countries)
            rows.append((user, tier, economic, micros, days, events, products, paid))
        changes = replace_rows(database, "user_tier", rows)
    facts: dict[str, int | str] = {
        f"{tier} users": count for tier, count in sorted(Counter(row[1] for row in rows).items())
    }
    facts |= dict(sorted(Counter(row[2] for row in rows).items()))
    return Report("assign_economic_tier", {"user_tier": changes}, facts=facts)


if __name__ == "__main__":
    run_step(assign)
