"""The simulated app's users and events over some days: equal arguments make an equal universe."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cached_property
from hashlib import sha256
from random import Random

from penstock.errors import UsageError
from penstock.simulators.mixpanel.delivery import Delivery
from penstock.simulators.mixpanel.move import trial_cancelled
from penstock.simulators.mixpanel.person import Person
from penstock.simulators.mixpanel.rates import Rate, list_rates
from penstock.simulators.mixpanel.stories.cohorts import COHORTS
from penstock.simulators.mixpanel.stories.deliveries import DELIVERIES, LATE
from penstock.simulators.mixpanel.stories.lifecycles import LIFECYCLES
from penstock.simulators.mixpanel.stories.ordinary import list_subscribers, make_ordinary
from penstock.simulators.mixpanel.stories.people import PEOPLE
from penstock.simulators.mixpanel.stories.prices import PRICES
from penstock.simulators.mixpanel.stories.values import VALUES
from penstock.simulators.mixpanel.story import Story
from penstock.simulators.mixpanel.telling import Tale, Teller

#: What every universe holds, however small.
PLANTED = (*LIFECYCLES, *VALUES, *PRICES, *COHORTS, *PEOPLE, *DELIVERIES)
#: The oldest move of a planted story is of the sixtieth day.
_FEWEST_DAYS = 62
_SUBSCRIBERS = 7


class Universe:
    """Users, who lives which story, and every delivery of their events.

    Args:
        seed: Another seed makes other people and instants; what is planted stays.
        users: How many there are, those that are planted among them.
        days: How many days have events.
        end_on: The last of them.
        arrivals: Deliveries besides those of the stories.
        zone: Where the project's clocks stand: days are those there, and times are told as if there were UTC.

    Raises:
        UsageError: There are too few users or days for everything that is planted.
    """

    def __init__(
        self,
        seed: int = 1,
        *,
        users: int = 200,
        days: int = 90,
        end_on: date,
        arrivals: Iterable[Delivery] = (),
        zone: tzinfo = UTC,
    ) -> None:
        fewest = len(PLANTED) + _SUBSCRIBERS
        if users < fewest or days < _FEWEST_DAYS:
            raise UsageError(
                f"a universe of {users} users and {days} days has no room for its stories",
                hint=f"it takes {fewest} users and {_FEWEST_DAYS} days at least",
            )
        self.seed, self.users, self.days, self.end_on = seed, users, days, end_on
        self.arrivals, self.zone = tuple(arrivals), zone
        self._teller = Teller(seed, end_on, zone)

    @property
    def start_on(self) -> date:
        """The first day."""
        return self.end_on - timedelta(days=self.days - 1)

    @property
    def closes_at(self) -> datetime:
        """An instant of the last day by which everything but later arrivals has been processed."""
        return datetime.combine(self.end_on, time(23), self.zone).astimezone(UTC)

    @property
    def rates(self) -> tuple[Rate, ...]:
        """What its currencies are worth, by currency and day."""
        return tuple(list_rates(self.end_on))

    @cached_property
    def tales(self) -> tuple[Tale, ...]:
        """Who lives which story, by the users' numbers."""
        return tuple(self._teller.tell(number, story) for number, story in enumerate(self._cast(), start=1))

    @property
    def people(self) -> tuple[Person, ...]:
        """The profiles Mixpanel has."""
        return tuple(tale.person for tale in self.tales if tale.story.has_profile)

    @cached_property
    def deliveries(self) -> tuple[Delivery, ...]:
        """Everything that is ever delivered, by day of the event, in no order within it."""
        told = [*(each for tale in self.tales for each in tale.deliveries), *self.arrivals]
        return tuple(sorted(told, key=lambda each: (each.on, self._place(each))))

    def deliveries_until(self, now: datetime) -> list[Delivery]:
        """Return what has been processed by an instant."""
        return [each for each in self.deliveries if each.processed_at <= now]

    def late(self, hours: int = 12) -> Delivery:
        """Return an event of the day before the last that is processed so many hours after the universe closes.

        It changes what is known of one user, and of no other.
        """
        (tale,) = (each for each in self.tales if each.story.name == LATE)
        return self._teller.deliver(tale, trial_cancelled(1), self.closes_at + timedelta(hours=hours))

    def with_arrivals(self, *arrivals: Delivery) -> Universe:
        """Return the same universe with more deliveries."""
        return Universe(
            self.seed,
            users=self.users,
            days=self.days,
            end_on=self.end_on,
            arrivals=(*self.arrivals, *arrivals),
            zone=self.zone,
        )

    def _place(self, delivery: Delivery) -> str:
        # By chance, yet the same whatever else is delivered: one more event moves none between days.
        return sha256(f"{self.seed}-{delivery.as_pipeline_line()}".encode()).hexdigest()

    def _cast(self) -> list[Story]:
        chance = Random(f"cast-{self.seed}")  # noqa: S311 - a world, not a secret
        cast = [*PLANTED, *list_subscribers(self.days)]
        cast += [make_ordinary(number, self.days, chance) for number in range(self.users - len(cast))]
        chance.shuffle(cast)
        return cast
