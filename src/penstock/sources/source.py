"""What is to be known of a publisher before it is called: where, how often, with which key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from penstock.kit.pace import Window


@dataclass(frozen=True, slots=True)
class Source:
    """A publisher's API.

    Args:
        name: One lower-case word; names the budget, the recordings and the settings of this source.
        base_url: Where the API lies; the setting `sources` (`PENSTOCK_SOURCES=openfec=http://…,…`) puts another address
            in its place, a simulator's for instance.
        windows: How many calls the publisher allows, over every period; empty when it states no limit.
        key_variable: Environment variable that holds the key; None when none is needed.
        key_header: Header the key travels in; it is put in below cache and recordings.
        key_param: Query parameter the key travels in, where the publisher takes no header; put in likewise.
        time_limit: How long one call may take.
        terms: Where the publisher states its rules.
    """

    name: str
    base_url: str
    windows: tuple[Window, ...] = ()
    key_variable: str | None = None
    key_header: str | None = None
    key_param: str | None = None
    time_limit: timedelta = timedelta(seconds=30)
    terms: str = ""
