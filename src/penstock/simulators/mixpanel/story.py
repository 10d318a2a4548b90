"""A story: who a user is and what happens to them, before ids and instants are chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from penstock.simulators.mixpanel.move import Move


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One user's story.

    Args:
        name: What is planted; several users may live the same.
        product: The short name of the product it is about; empty for one that no other story knows.
        store: The store as it is written in the events.
        country: The code in the profile; None when the profile has none.
        profile: Properties of the profile in place of the ordinary ones; None takes one away. `{number}` is the user's.
        has_profile: Whether Mixpanel has a profile; without one the events belong to nobody known.
        has_id: Whether the identifier is told.
    """

    name: str
    moves: tuple[Move, ...] = ()
    product: str = ""
    store: str = "APP_STORE"
    country: str | None = "US"
    region: str = "California"
    profile: Mapping[str, str | None] = field(default_factory=dict)
    has_profile: bool = True
    has_id: bool = True

    def product_id_of(self, move: Move) -> str:
        """Return the whole name of the product a move is about."""
        return product_id(move.product or self.product or self.name)

    def store_of(self, move: Move) -> str:
        """Return the store of a move as it is written."""
        return move.store or self.store


def product_id(short: str) -> str:
    """Return the whole name of a product."""
    return f"com.example.{short}"
