"""Tells a story: gives a user's moves their instants, identifiers and properties, delivery by delivery."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from hashlib import sha256
from random import Random

from penstock.simulators.mixpanel.delivery import Delivery, Json
from penstock.simulators.mixpanel.move import APP_OPENED, TRIAL_STARTED, Move
from penstock.simulators.mixpanel.person import Person, make_person
from penstock.simulators.mixpanel.story import Story

_TRIAL = timedelta(days=7)
_PERIOD = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Tale:
    """A story as one user lives it.

    Args:
        number: The user's number in the universe, from 1.
        deliveries: Everything that is delivered, in the order of the moves.
    """

    number: int
    story: Story
    person: Person
    deliveries: tuple[Delivery, ...]

    def delivery_of(self, move: Move) -> Delivery:
        """Return the delivery of a move that holds in the end."""
        place = sum(1 + (each.first_price is not None) for each in self.story.moves[: self.story.moves.index(move)])
        return self.deliveries[place + (move.first_price is not None)]


class Teller:
    """Tells stories that end on one day.

    Args:
        seed: Equal seeds tell equal tales.
        end_on: The last day.
        zone: Where the project's clocks stand.
    """

    def __init__(self, seed: int, end_on: date, zone: tzinfo) -> None:
        self._seed, self._end_on, self._zone = seed, end_on, zone

    def tell(self, number: int, story: Story) -> Tale:
        """Return the tale of the user with this number."""
        person = make_person(story, number, self._seed, self._end_on)
        deliveries = tuple(each for move in story.moves for each in self._deliver(number, story, person, move))
        return Tale(number, story, person, deliveries)

    def deliver(self, tale: Tale, move: Move, processed_at: datetime) -> Delivery:
        """Return the delivery of one more move of a user, processed at an instant of choice."""
        (only,) = self._deliver(tale.number, tale.story, tale.person, move)
        return replace(only, processed_at=processed_at)

    def _deliver(self, number: int, story: Story, person: Person, move: Move) -> Iterator[Delivery]:
        chance = Random(f"{self._seed}-{number}")  # noqa: S311 - a world, not a secret
        # One moment for all moves of a user: days between them are whole where the hours are equal.
        moment = time(move.hour, chance.randrange(60), chance.randrange(60))
        at = datetime.combine(self._end_on - timedelta(days=move.ago), moment, self._zone).astimezone(UTC)
        processed_at = at + timedelta(days=move.late_days, minutes=chance.randint(1, 20), milliseconds=number)
        said = Delivery(
            event=move.event,
            distinct_id=person.identity(move.under),
            at=at,
            processed_at=processed_at,
            insert_id=_insert_id(self._seed, number, move, at),
            properties=_properties(number, story, person, move, at),
            time_text=move.time_text,
            zone=self._zone,
        )
        if move.first_price is not None:
            earlier = _properties(number, story, person, replace(move, price=move.first_price), at)
            yield replace(said, properties=earlier)
            said = replace(said, processed_at=processed_at + timedelta(hours=3))
        yield said


def _insert_id(seed: int, number: int, move: Move, at: datetime) -> str:
    if not move.insert_id:
        return ""
    own = f"-{move.event}-{move.product}-{at}" if move.insert_id == "own" else ""
    return sha256(f"insert-{seed}-{number}{own}".encode()).hexdigest()[:36]


def _properties(number: int, story: Story, person: Person, move: Move, at: datetime) -> dict[str, Json]:
    if move.event == APP_OPENED:
        return {"$os": "iOS", "$app_version_string": "3.1.4"}
    is_trial = move.event == TRIAL_STARTED
    link = {"before": {"$distinct_id_before_identity": person.others["before"]}}
    aliases = [person.distinct_id, *([person.others["alias"]] if move.links == "alias" else [])]
    money: dict[str, Json] = {} if move.price is None else {"currency": move.currency, "revenue": float(move.price)}
    return {
        "$mp_api_endpoint": "api.mixpanel.com",
        "$mp_api_timestamp_ms": int(at.timestamp() * 1000) + 400,
        "aliases": aliases,
        "app_id": "app0000example",
        "entitlement_ids": ["pro"],
        "environment": "PRODUCTION",
        "expiration_at": (at + (_TRIAL if is_trial else _PERIOD)).isoformat(),
        "original_app_user_id": person.distinct_id,
        "original_transaction_id": f"9{number:09d}",
        "period_type": "TRIAL" if is_trial else "NORMAL",
        "product_id": story.product_id_of(move),
        "purchased_at": at.isoformat(),
        "store": story.store_of(move),
        "subscriber_attributes": {},
        "transaction_id": f"9{number:09d}{move.ago:03d}",
        **money,
        **link.get(move.links, {}),
    }
