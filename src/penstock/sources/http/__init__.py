"""Speaks HTTP with publishers: politely, within a budget, and offline from recordings."""

from penstock.sources.http.answer import Answer
from penstock.sources.http.cache import Cache
from penstock.sources.http.client import Client
from penstock.sources.http.request import Params
from penstock.sources.http.retry import RetryPolicy
from penstock.sources.http.tape import Tape, TapeMode

__all__ = ["Answer", "Cache", "Client", "Params", "RetryPolicy", "Tape", "TapeMode"]
