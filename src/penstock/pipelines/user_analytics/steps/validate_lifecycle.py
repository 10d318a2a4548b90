"""Step 5: counts each valid user's events per product, and tells whether they are a possible life of a subscription."""

from __future__ import annotations

import json
from collections import Counter, defaultdict

from penstock.pipelines.user_analytics.analysis_window import get_window
from penstock.pipelines.user_analytics.database.connection import open_database, transaction
from penstock.pipelines.user_analytics.database.table_sync import replace_rows
from penstock.pipelines.user_analytics.histories import Key, to_row
from penstock.pipelines.user_analytics.parameters import read_parameters
from penstock.pipelines.user_analytics.report import Report, run_step
from penstock.pipelines.user_analytics.rules.history import History, read_history
from penstock.pipelines.user_analytics.rules.lifecycle import Reason, find_reasons
from penstock.pipelines.user_analytics.rules.products import choose_product
from penstock.pipelines.user_analytics.subscriptions import SQL, iter_subscriptions

Found = dict[Key, tuple[Reason, ...]]


def validate() -> Report:
    """Bring lifecycles, histories and event counts up to date."""
    told = read_parameters(__doc__)
    with open_database(told.database) as database, transaction(database):
        window = get_window(database, told.end_on)
        found: Found = {}
        histories: dict[Key, History] = {}
        valid: defaultdict[str, dict[str, History]] = defaultdict(dict)
        for user, product, events in iter_subscriptions(database, window.zone):
            found[user, product] = find_reasons(events, window.end_on)
            histories[user, product] = history = read_history(events)
            if not found[user, product]:
                valid[user][product] = history
        for user, products in valid.items():
            chosen = choose_product({product: history.started_at for product, history in products.items()})
            found |= {(user, product): (Reason.NEWER_PRODUCT_CHOSEN,) for product in products if product != chosen}
        counts = database.execute(SQL["event_counts"]).fetchall()
        without_product = database.execute(SQL["events_without_product"]).fetchone()[0]
        lives = (to_row(key, history) for key, history in histories.items())
        tables = {
            "user_product_history": replace_rows(database, "user_product_history", lives),
            "user_product_lifecycle": replace_rows(database, "user_product_lifecycle", _rows(found)),
            "user_product_event_count": replace_rows(database, "user_product_event_count", counts),
        }
    rejected = Counter(reasons[0].value for reasons in found.values() if reasons)
    facts = {"valid": len(found) - rejected.total(), "refunds": sum(row[-1] for row in counts)}
    return Report("validate_lifecycle", tables, {**rejected, "event_without_product": without_product}, facts)


def _rows(found: Found) -> list[tuple[object, ...]]:
    return [
        (
            user,
            product,
            int(not reasons),
            reasons[0].value if reasons else None,
            json.dumps([one.value for one in reasons]),
        )
        for (user, product), reasons in found.items()
    ]


if __name__ == "__main__":
    run_step(validate)
