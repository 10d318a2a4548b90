"""Follows a calendar: which of the ticks since the last look become runs, and which are let go."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from penstock.engine.definition.deployment import Cron
from penstock.engine.state.schedules import Firing, StoredDeployment
from penstock.engine.triggers.calendar.reading import parse_rule
from penstock.engine.triggers.calendar.zone import Tick
from penstock.engine.triggers.firings import GRACE, instant_text, let_go, read_instant, tick_firing
from penstock.kit.ids import IdSource

#: So many firings are written in one transaction.
_BATCH = 500
#: More than this many batches wait for the next look.
_MOST_BATCHES = 20
#: Of ticks that are let go, so many are recorded one by one; the oldest of them tells of those before it.
_RECORDED = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """What a trigger asks for, and how far it was followed; written together."""

    firings: list[Firing]
    watermark: object
    expected: object


def ask_ticks(deployment: StoredDeployment, trigger: Cron, now: datetime, ids: IdSource) -> Iterator[Asked]:
    """Yield what the ticks up to now ask for, oldest first, in batches; nothing when there are none.

    Raises:
        UsageError: The rule cannot be read.
    """
    start = read_instant(deployment.watermark, deployment.deployed_at)
    ticks = parse_rule(trigger.rule).ticks(start, now)
    if trigger.misfire != "all":
        yield from _ask_newest(deployment, trigger.misfire, ticks, now, ids)
        return
    expected = deployment.watermark
    for batch in islice(iter(lambda: list(islice(ticks, _BATCH)), []), _MOST_BATCHES):
        watermark = instant_text(batch[-1].at)
        yield Asked([tick_firing(deployment, tick, now, ids) for tick in batch], watermark, expected)
        expected = watermark


def _ask_newest(
    deployment: StoredDeployment, misfire: str, ticks: Iterator[Tick], now: datetime, ids: IdSource
) -> Iterator[Asked]:
    kept: deque[Tick] = deque(maxlen=_RECORDED)
    count = 0
    for count, tick in enumerate(ticks, 1):  # noqa: B007 - the last number is the count
        kept.append(tick)
    if not kept:
        return
    firings = [tick_firing(deployment, tick, now, ids) for tick in kept]
    fired = [firing for firing in firings if now - firing.due_at <= GRACE]
    if not fired and misfire == "latest":
        fired = firings[-1:]
    gone = [let_go(firing, now, _why(misfire)) for firing in firings if firing not in fired]
    if gone and count > len(kept):
        gone[0] = gone[0]._replace(message=f"{_why(misfire)}; so were {count - len(kept):,} ticks before it")
    yield Asked([*gone, *fired], instant_text(kept[-1].at), deployment.watermark)


def _why(misfire: str) -> str:
    return f"missed, and let go (misfire {misfire})"
