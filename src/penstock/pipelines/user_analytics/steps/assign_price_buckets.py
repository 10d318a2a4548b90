"""Step 8: puts prices that are nearly equal into buckets, and gives each user with each product one."""

from __future__ import annotations

from collections import Counter

from penstock.pipelines.user_analytics.analysis_window import get_window
from penstock.pipelines.user_analytics.database.connection import open_database, transaction
from penstock.pipelines.user_analytics.database.table_sync import replace_rows
from penstock.pipelines.user_analytics.histories import iter_histories
from penstock.pipelines.user_analytics.parameters import read_parameters
from penstock.pipelines.user_analytics.pricing import PriceBook
from penstock.pipelines.user_analytics.report import Report, run_step
from penstock.pipelines.user_analytics.rules.lines import stable_id
from penstock.pipelines.user_analytics.subscriptions import SQL


def assign() -> Report:
    """Bring buckets and their users up to date."""
    told = read_parameters(__doc__)
    with open_database(told.database) as database, transaction(database):
        zone = get_window(database, told.end_on).zone
        valid = {(user, product): country for user, product, country in database.execute(SQL["valid"])}
        users = [(valid[key], key, history) for key, history in iter_histories(database, zone) if key in valid]
        book = PriceBook(users)
        assigned = [(*key, *book.assign(country, key[1], history)) for country, key, history in users]
        buckets = [
            (
                stable_id([*group, bucket.lowest]),
                *group,
                bucket.lowest,
                bucket.highest,
                len(bucket.prices),
                bucket.value,
            )
            for group, bucket in book.iter_buckets()
        ]
        tables = {
            "price_bucket": replace_rows(database, "price_bucket", buckets),
            "user_product_bucket": replace_rows(database, "user_product_bucket", assigned),
        }
    return Report("assign_price_buckets", tables, facts=dict(sorted(Counter(str(row[3]) for row in assigned).items())))


if __name__ == "__main__":
    run_step(assign)
