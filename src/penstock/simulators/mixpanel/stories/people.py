"""Users who are special by their profiles: broken, internal, mistaken for such, known under several identities."""

from __future__ import annotations

from dataclasses import replace

from penstock.simulators.mixpanel.move import app_opened, converted, purchase, trial
from penstock.simulators.mixpanel.story import Story

#: Whoever has an address of exactly one of these domains is no customer.
INTERNAL_DOMAINS = ("internal.example.com",)
TEST_DOMAINS = ("qa.example.net",)

_BOUGHT = (purchase(40),)


def _mail(name: str, address: str) -> Story:
    return Story(name=name, moves=_BOUGHT, profile={"$email": address})


def _profile(name: str, **properties: str) -> Story:
    return Story(name=name, moves=_BOUGHT, profile=properties)


_BROKEN = (
    Story(name="missing_country", moves=_BOUGHT, country=None),
    Story(name="missing_country_and_events", country=None),
    _mail("internal_address", "user-{number}@internal.example.com"),
    _mail("test_address", "user-{number}@qa.example.net"),
    _mail("test_address_in_capitals", "User-{number}@QA.Example.NET"),
    _profile("installed_in_the_future", first_install_date="2999-01-01T00:00:00"),
    _profile("installed_on_no_day", first_install_date="2026-02-30T00:00:00"),
    Story(name="profile_without_id", has_id=False),
    Story(name="events_of_nobody_known", has_profile=False, moves=(trial(20), converted(13))),
    Story(name="events_without_id", has_profile=False, has_id=False, moves=(trial(20),)),
)
#: Good people, whom a search for `test` would remove.
_MISTAKEN = (
    Story(name="name_holds_test", moves=_BOUGHT, profile={"$name": "Testa Contestabile"}),
    _mail("address_holds_test", "latest-{number}@example.com"),
    _mail("domain_holds_test", "user-{number}@contest.example.org"),
    _mail("domain_below_internal", "user-{number}@customers.internal.example.com"),
    Story(name="unknown_country", moves=_BOUGHT, country="AQ", region="Ross Island"),
    Story(name="missing_address", moves=_BOUGHT, profile={"$email": None}),
)
_IDENTITIES = (
    Story(
        name="identity_by_user_id",
        moves=(replace(trial(50), under="user_id"), replace(converted(43), under="user_id")),
    ),
    Story(name="identity_before", moves=(replace(trial(50), under="before"), replace(converted(43), links="before"))),
    Story(name="identity_by_alias", moves=(replace(trial(50), under="alias"), replace(converted(43), links="alias"))),
    Story(
        name="identity_in_a_chain",
        moves=(replace(trial(50), under="before"), replace(converted(43), under="user_id", links="before")),
    ),
)
#: Users of whom there is more, or something at all, once events besides those of subscriptions count.
_OPENERS = (
    Story(
        name="app_opened_by_a_buyer",
        country="IN",
        region="Kerala",
        moves=(*_BOUGHT, app_opened(39), app_opened(3)),
    ),
    Story(name="app_opened_and_nothing_else", moves=(app_opened(10),)),
)
PEOPLE = (*_BROKEN, *_MISTAKEN, *_IDENTITIES, *_OPENERS)
