"""What a state store remembers of calls to publishers, so that every process draws on one budget per key."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from penstock.kit.pace import Window


class CallGrant(NamedTuple):
    """The right to make one call, or when to ask again.

    Args:
        number: Identifies the call to `settle_call`; None when it may not go yet.
        ask_again_at: When it may; None when it may go.
    """

    number: int | None
    ask_again_at: datetime | None = None


class BudgetState(NamedTuple):
    """What is known of one budget.

    Args:
        name: The budget, e.g. `openfec`.
        windows: As the newest claim stated them.
        counted: The instants at which the calls of its longest window count, in order.
        blocked_until: No call may go before; None when the publisher did not ask for a pause.
    """

    name: str
    windows: tuple[Window, ...]
    counted: tuple[datetime, ...]
    blocked_until: datetime | None = None


class BudgetStore(Protocol):
    """The shared memory of calls. A call counts from the instant it is known to have ended by.

    Publishers count calls when they arrive. A call claimed at one instant may arrive later; so until it is settled it
    counts at `ends_by`, the last instant it can arrive at, and from then on at the instant it ended. Whatever a process
    dies of, no window of the publisher's ever holds more calls than it allows.
    """

    def claim_call(self, budget: str, windows: Sequence[Window], now: datetime, ends_by: datetime) -> CallGrant:
        """Count one more call if every window has room for it and the budget is not blocked; one winner per room.

        `ask_again_at` is the earliest instant at which room is sure, but where the call in the way is still under way
        (it counts in the future), no later than the window's period divided by its calls from now.
        """
        ...

    def settle_call(
        self,
        budget: str,
        number: int,
        ended_at: datetime,
        *,
        remaining: int | None = None,
        blocked_until: datetime | None = None,
    ) -> None:
        """Say when a call ended, and what the publisher said with it. A call settled twice stays as first settled.

        Args:
            remaining: How many calls the publisher has left in the longest window. If that is fewer than we count,
                somebody else uses the key: so many calls more are counted at `ended_at`.
            blocked_until: The publisher refuses calls until then. The latest such instant holds.
        """
        ...

    def list_budgets(self) -> list[BudgetState]:
        """Return every budget that was ever drawn on, by name."""
        ...
