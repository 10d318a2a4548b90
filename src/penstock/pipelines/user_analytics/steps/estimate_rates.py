"""Step 9: estimates for each user with each product how likely a conversion and a refund are, from users alike."""

from __future__ import annotations

from collections import Counter

from penstock.pipelines.user_analytics.analysis_window import get_window
from penstock.pipelines.user_analytics.database.connection import open_database, transaction
from penstock.pipelines.user_analytics.database.table_sync import replace_rows
from penstock.pipelines.user_analytics.histories import iter_histories
from penstock.pipelines.user_analytics.parameters import read_parameters
from penstock.pipelines.user_analytics.report import Report, run_step
from penstock.pipelines.user_analytics.rules.rates import Likeness, RateBook, Rates, to_decimal
from penstock.pipelines.user_analytics.subscriptions import SQL


def estimate() -> Report:
    """Bring the rates up to date."""
    told = read_parameters(__doc__)
    with open_database(told.database) as database, transaction(database):
        window = get_window(database, told.end_on)
        rows_alike = database.execute(SQL["likeness"])
        alike = {(user, product): Likeness(product, *rest) for user, product, *rest in rows_alike}
        histories = iter_histories(database, window.zone)
        book = RateBook(((alike[key], history) for key, history in histories if key in alike), window.end_on)
        rows = [(*key, *_columns(book.rates_for(likeness))) for key, likeness in alike.items()]
        changes = replace_rows(database, "user_product_rate", rows)
    return Report(
        "estimate_rates",
        {"user_product_rate": changes},
        facts=dict(sorted(Counter(str(row[5]) for row in rows).items())),
    )


def _columns(rates: Rates) -> tuple[str | int, ...]:
    shares = (rates.conversion, rates.trial_refund, rates.purchase_refund)
    return (*(str(to_decimal(share)) for share in shares), rates.accuracy, rates.users)


if __name__ == "__main__":
    run_step(estimate)
