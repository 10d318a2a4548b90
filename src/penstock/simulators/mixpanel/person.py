"""A user's profile and identities: made up, and derived from the seed and the user's number alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256

from penstock.simulators.mixpanel.story import Story

#: Which of the advertising identifiers a profile holds goes by the user's number.
_AD_IDS = ("abi_~ad_id", "abi_~campaign_id", "abi_~ad_set_id")
_ATTRIBUTIONS: tuple[Mapping[str, str], ...] = (
    {},
    {"abi_~ad_id": "1200{number}"},
    {"abi_~campaign_id": "2200{number}"},
    {"abi_~ad_set_id": "3200{number}"},
    {name: f"{place}200{{number}}" for place, name in enumerate(_AD_IDS, start=1)},
    dict.fromkeys(_AD_IDS, ""),
)


@dataclass(frozen=True, slots=True)
class Person:
    """A profile as Mixpanel holds it.

    Args:
        distinct_id: The identifier of the profile; empty when none is told.
        others: The other identities of the same user: `user_id`, `before` and `alias`.
    """

    distinct_id: str
    properties: Mapping[str, str]
    others: Mapping[str, str]

    def identity(self, name: str) -> str:
        """Return the identifier of one of the identities; the profile's when no name is given."""
        return self.others[name] if name else self.distinct_id


def make_person(story: Story, number: int, seed: int, end_on: date) -> Person:
    """Return the profile of the user with this number."""
    digits = sha256(f"{seed}-{number}".encode()).hexdigest()
    distinct_id = f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:32]}"
    user_id = f"user-{number:04d}"
    others = {"user_id": user_id, "before": f"$device:{digits[32:48]}", "alias": f"$RCAnonymousID:{digits[32:64]}"}
    began_on = end_on - timedelta(days=1 + max((move.ago for move in story.moves), default=30))
    properties: dict[str, str | None] = {
        "$email": "user-{number}@example.com",
        "$name": "User {number}",
        "$country_code": story.country,
        "$region": story.region,
        "$city": f"{story.region} City",
        "$user_id": user_id,
        "$last_seen": f"{end_on}T12:00:00",
        "first_install_date": f"{began_on}T08:00:00",
        "$ae_first_app_open_date": f"{began_on}T08:01:00",
        **_ATTRIBUTIONS[number % len(_ATTRIBUTIONS)],
        **story.profile,
    }
    told = {name: text.format(number=f"{number:04d}") for name, text in properties.items() if text is not None}
    return Person(distinct_id if story.has_id else "", told, others)
