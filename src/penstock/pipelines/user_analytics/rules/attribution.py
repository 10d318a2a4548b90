"""Tells whether a user came through advertising."""

from __future__ import annotations


def is_attributed(
    ad_id: str | None, campaign_id: str | None, ad_set_id: str | None, *, is_strict: bool = False
) -> bool:
    """Return whether any of the three identifiers is there.

    Args:
        is_strict: Only the ad's identifier counts.
    """
    return bool(ad_id if is_strict else ad_id or campaign_id or ad_set_id)
