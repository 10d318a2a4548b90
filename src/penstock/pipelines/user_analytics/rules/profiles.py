"""Reads a user's profile as published and keeps of it what the rules need; the mail address is judged and dropped."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from penstock.pipelines.user_analytics.rules.instants import read_instant, to_text
from penstock.pipelines.user_analytics.rules.lines import distinct_texts

_FIRST_SEEN = ("first_install_date", "$ae_first_app_open_date", "$created")


@dataclass(frozen=True, slots=True)
class AddressLists:
    """Domains of mail addresses that are no customers'.

    Args:
        internal: The company's own.
        test: Those used in tests.
    """

    internal: Collection[str]
    test: Collection[str]

    def kind_of(self, address: object) -> str | None:
        """Return `internal` or `test` when exactly this domain is listed, `other` when it is not, None without one."""
        if not isinstance(address, str) or "@" not in address:
            return None
        domain = address.rpartition("@")[2].strip().rstrip(".").lower()
        if domain in self.internal:
            return "internal"
        return "test" if domain in self.test else "other"


class RawUser(NamedTuple):
    """One profile, reduced.

    Args:
        aliases: Other identifiers of the user, as a JSON list; None for none.
        unreadable_dates: How many of the dates on which the user was first seen are no dates.
        address_kind: What became of the mail address: `internal`, `test`, `other`, or None without one.
    """

    distinct_id: str
    aliases: str | None
    country: str | None
    region: str | None
    first_seen_at: str | None
    unreadable_dates: int
    abi_ad_id: str | None
    abi_campaign_id: str | None
    abi_ad_set_id: str | None
    address_kind: str | None


def read_user(line: Mapping[str, Any], addresses: AddressLists) -> RawUser | None:
    """Return what is kept of a profile; None when it names no user.

    Args:
        line: `{distinct_id, properties}` of a file, or `{$distinct_id, $properties}` of the interface.
    """
    given = line.get("$properties", line.get("properties"))
    told: Mapping[str, Any] = given if isinstance(given, Mapping) else {}
    user = _text(line.get("$distinct_id", line.get("distinct_id")))
    if user is None:
        return None
    listed = told.get("aliases", told.get("$aliases"))
    aliases = distinct_texts([told.get("$user_id"), *(listed if isinstance(listed, list) else [])]) - {user}
    country = _text(told.get("$country_code"))
    dates = [read_instant(told[name]) for name in _FIRST_SEEN if told.get(name)]
    seen = next((at for at in dates if at is not None), None)
    return RawUser(
        distinct_id=user,
        aliases=json.dumps(sorted(aliases)) if aliases else None,
        country=None if country is None else country.upper(),
        region=_text(told.get("$region")),
        first_seen_at=None if seen is None else to_text(seen),
        unreadable_dates=dates.count(None),
        abi_ad_id=_text(told.get("abi_~ad_id")),
        abi_campaign_id=_text(told.get("abi_~campaign_id")),
        abi_ad_set_id=_text(told.get("abi_~ad_set_id")),
        address_kind=addresses.kind_of(told.get("$email")),
    )


def _text(value: object) -> str | None:
    return None if value is None or isinstance(value, bool | list | dict) else str(value).strip() or None
