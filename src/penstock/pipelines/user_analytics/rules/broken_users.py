"""The checks a user must pass to count: by name, with what each says."""

from __future__ import annotations

#: Name and meaning; the queries that find these users bear the same names.
CHECKS = {
    "no_events": "the user has a profile and no event",
    "no_country": "the profile names no country",
    "internal_address": "the mail address is of one of the company's own domains",
    "test_address": "the mail address is of a domain used in tests",
    "unreadable_profile_date": "a date on which the user was first seen is no date",
    "first_seen_in_the_future": "the user was first seen after the last day of the window",
    "event_at_impossible_time": "an event happened before there was Mixpanel, or after the last day of the window",
}


def is_check(name: str) -> bool:
    """Return whether there is a check of this name."""
    return name in CHECKS
