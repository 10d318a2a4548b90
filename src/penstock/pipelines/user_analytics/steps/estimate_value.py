"""Step 10: tells where each subscription stands and what it is worth, in US dollars after the platform's fee."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

from penstock.pipelines.user_analytics.analysis_window import get_window
from penstock.pipelines.user_analytics.database.connection import open_database, transaction
from penstock.pipelines.user_analytics.database.table_sync import replace_rows
from penstock.pipelines.user_analytics.histories import iter_histories
from penstock.pipelines.user_analytics.parameters import read_parameters
from penstock.pipelines.user_analytics.report import Report, run_step
from penstock.pipelines.user_analytics.rules.money import to_dollars
from penstock.pipelines.user_analytics.rules.rates import Rates
from penstock.pipelines.user_analytics.rules.value import Value, estimate_value
from penstock.pipelines.user_analytics.subscriptions import SQL


def estimate() -> Report:
    """Bring statuses and values up to date."""
    told = read_parameters(__doc__)
    rows = []
    with open_database(told.database) as database, transaction(database):
        window = get_window(database, told.end_on)
        known = {(user, product): rest for user, product, *rest in database.execute(SQL["estimates"])}
        for key, history in iter_histories(database, window.zone):
            value: Value | None = None
            if key in known:
                bucket, store, conversion, trial, purchase, accuracy, users = known[key]
                rates = Rates(Fraction(conversion), Fraction(trial), Fraction(purchase), accuracy, users)
                value = estimate_value(history, bucket=bucket, rates=rates, store=store, as_of=window.end_on)
            status, micros = (value.status.value, value.micros) if value else (None, None)
            rows.append((*key, history.status_on(window.end_on).value, status, micros))
        changes = replace_rows(database, "user_product_value", rows)
    worth = to_dollars(sum(row[4] or 0 for row in rows))
    facts: dict[str, int | str] = {
        "value in US dollars": str(worth),
        **dict(sorted(Counter(str(row[2]) for row in rows).items())),
    }
    unknown = sum(row[3] is not None and row[4] is None for row in rows)
    return Report("estimate_value", {"user_product_value": changes}, {"valid_without_price": unknown}, facts)


if __name__ == "__main__":
    run_step(estimate)
