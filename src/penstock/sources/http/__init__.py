"""Speaks HTTP with publishers: politely, within a budget, and offline from recordings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from penstock.sources.http.answer import Answer
    from penstock.sources.http.cache import Cache
    from penstock.sources.http.client import Client
    from penstock.sources.http.request import Params
    from penstock.sources.http.retry import RetryPolicy
    from penstock.sources.http.tape import Tape, TapeMode

__all__ = ["Answer", "Cache", "Client", "Params", "RetryPolicy", "Tape", "TapeMode"]

# A pipeline that only names its sources needs none of what calls them: each loads when it is first used.
_LAZY = {
    "Answer": "answer",
    "Cache": "cache",
    "Client": "client",
    "Params": "request",
    "RetryPolicy": "retry",
    "Tape": "tape",
    "TapeMode": "tape",
}


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        from importlib import import_module

        return getattr(import_module(f"{__name__}.{_LAZY[name]}"), name)
    raise AttributeError(f"module `{__name__}` has no attribute `{name}`")
