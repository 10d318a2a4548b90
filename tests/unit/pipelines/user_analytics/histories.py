"""Short notation for lives of subscriptions."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from penstock.pipelines.user_analytics.rules.lifecycle import Happening, Kind

AS_OF = date(2026, 3, 31)
WORDS = {
    "start": Kind.TRIAL_STARTED,
    "convert": Kind.TRIAL_CONVERTED,
    "end": Kind.TRIAL_CANCELLED,
    "buy": Kind.INITIAL_PURCHASE,
    "renew": Kind.RENEWAL,
    "cancel": Kind.CANCELLATION,
    "refund": Kind.CANCELLATION,
    "expire": Kind.EXPIRATION,
}


def ago(days: float) -> datetime:
    """Noon of a day before the last."""
    return datetime(2026, 3, 31, 12, tzinfo=UTC) - timedelta(days=days)


def life(*told: tuple[str, float], price: int | None = 10_000_000) -> list[Happening]:
    """Events, each a word and how many days ago; a sale brings the price."""
    return [
        Happening(
            WORDS[word],
            ago(days),
            price if word in ("convert", "buy") else None,
            word == "refund",
            f"{place}",
        )
        for place, (word, days) in enumerate(told)
    ]
