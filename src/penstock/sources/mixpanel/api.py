"""Where Mixpanel's interfaces lie, how often they may be called, and with which credentials."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from enum import Enum

from penstock.errors import SourceError
from penstock.kit.pace import Window
from penstock.kit.secret import Secret
from penstock.sources.source import Source

SECRET = "MIXPANEL_API_SECRET"  # noqa: S105 - the name of a variable
ACCOUNT = "MIXPANEL_SERVICE_ACCOUNT"
ACCOUNT_SECRET = "MIXPANEL_SERVICE_SECRET"  # noqa: S105 - the name of a variable
PROJECT = "MIXPANEL_PROJECT_ID"


class Region(Enum):
    """Where a project's data resides; fixed when the project is made."""

    US = "us"
    EU = "eu"
    INDIA = "in"


def make_basic_key(environment: Mapping[str, str]) -> Secret:
    """Return what follows `Basic` in the header: of a service account, or else of the project's secret.

    A service account wins, as Mixpanel advises: https://developer.mixpanel.com/reference/authentication

    Raises:
        SourceError: Neither is set, or only half of a service account.
    """
    account, word, secret = (environment.get(name, "").strip() for name in (ACCOUNT, ACCOUNT_SECRET, SECRET))
    if account or word:
        _refuse_half({ACCOUNT: account, ACCOUNT_SECRET: word, PROJECT: environment.get(PROJECT, "").strip()})
        return Secret(_encoded(f"{account}:{word}"), [word])
    if not secret:
        raise SourceError(
            f"Mixpanel needs credentials, and neither `{SECRET}` nor `{ACCOUNT}` is set",
            hint=f"export {SECRET}=…, or {ACCOUNT}=…, {ACCOUNT_SECRET}=… and {PROJECT}=…",
        )
    return Secret(_encoded(f"{secret}:"), [secret])


#: Raw export, https://developer.mixpanel.com/reference/raw-event-export: 60 queries an hour, 3 a second. A body is
#: everything that happened on the days asked for, so one call may take long.
EXPORT = Source(
    "mixpanel",
    "https://data.mixpanel.com/api/2.0",
    windows=(Window(60, timedelta(hours=1)), Window(3, timedelta(seconds=1))),
    key_variable=SECRET,
    key_header="Authorization",
    key_scheme="Basic",
    make_key=make_basic_key,
    may_be_empty=True,
    is_private=True,
    time_limit=timedelta(minutes=10),
    terms="https://developer.mixpanel.com/reference/raw-event-export",
)

#: Profiles, https://developer.mixpanel.com/reference/engage-query: another server, another 60 queries an hour.
PROFILES = replace(
    EXPORT,
    name="mixpanelprofiles",
    base_url="https://mixpanel.com/api/query",
    windows=(Window(60, timedelta(hours=1)), Window(3, timedelta(seconds=1))),
    may_be_empty=False,
    time_limit=timedelta(minutes=2),
    terms="https://developer.mixpanel.com/reference/engage-query",
)

_HOSTS = {
    Region.US: {EXPORT.name: "data.mixpanel.com", PROFILES.name: "mixpanel.com"},
    Region.EU: {EXPORT.name: "data-eu.mixpanel.com", PROFILES.name: "eu.mixpanel.com"},
    Region.INDIA: {EXPORT.name: "data-in.mixpanel.com", PROFILES.name: "in.mixpanel.com"},
}


def in_region(source: Source, region: Region) -> Source:
    """Return the source as it lies in a region."""
    us, there = _HOSTS[Region.US][source.name], _HOSTS[region][source.name]
    return replace(source, base_url=source.base_url.replace(f"//{us}/", f"//{there}/"))


def _refuse_half(given: Mapping[str, str]) -> None:
    missing = [name for name, text in given.items() if not text]
    if missing:
        raise SourceError(
            f"a Mixpanel service account is named by three variables, and `{missing[0]}` is not set",
            hint="export " + ", ".join(f"{name}=…" for name in missing),
        )


def _encoded(text: str) -> str:
    return b64encode(text.encode()).decode()
