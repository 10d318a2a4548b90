"""What is to be known of a publisher before it is called: where, how often, with which key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from penstock.kit.pace import Window
from penstock.kit.secret import Secret


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
        key_scheme: Word before the key in its header, such as `Basic`; empty for none.
        make_key: Makes the key of the environment, where it is not the mere text of `key_variable`; raises
            `SourceError` when something is not set.
        may_be_empty: Whether an answer without a body is a good one: there was nothing to tell.
        is_private: Whether answers are about persons: none is kept, neither in the cache nor in a recording.
        time_limit: How long one call may take.
        terms: Where the publisher states its rules.
    """

    name: str
    base_url: str
    windows: tuple[Window, ...] = ()
    key_variable: str | None = None
    key_header: str | None = None
    key_param: str | None = None
    key_scheme: str = ""
    make_key: Callable[[Mapping[str, str]], Secret] | None = None
    may_be_empty: bool = False
    is_private: bool = False
    time_limit: timedelta = timedelta(seconds=30)
    terms: str = ""
