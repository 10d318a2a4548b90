"""The stores subscriptions are bought in, by one name each, and what they keep of the price."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

_NAMES = {
    "APP_STORE": ("APP_STORE", "APPSTORE", "IOS", "APPLE"),
    "PLAY_STORE": ("PLAY_STORE", "PLAYSTORE", "GOOGLE_PLAY", "GOOGLE", "ANDROID"),
}
_KNOWN = {alias: name for name, aliases in _NAMES.items() for alias in aliases}
_FEES = {"APP_STORE": Decimal("0.15"), "PLAY_STORE": Decimal("0.15"), "STRIPE": Decimal("0.05")}


def normalise_store(written: str | None) -> str | None:
    """Return the one name of a store; None for none."""
    name = (written or "").strip().upper().replace(" ", "_")
    return _KNOWN.get(name, name) or None


def choose_store(written: Iterable[str | None]) -> str | None:
    """Return the store that counts where there are several: App Store, then Play Store, then by name."""
    names = sorted(name for each in written if (name := normalise_store(each)) is not None)
    preferred = [name for name in _NAMES if name in names]
    return next(iter([*preferred, *names]), None)


def fee_of(store: str | None) -> Decimal:
    """Return the share of the price the platform keeps."""
    return _FEES.get(store or "", Decimal(0))
