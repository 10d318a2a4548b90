"""What waits to be sent through one channel: in order, few at a time, again after a while when it did not arrive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from penstock.notify.delivery import Delivery
from penstock.notify.message import Message, summarize
from penstock.notify.progress import Progress, Waiting

#: More messages than this within a minute become one summary.
MOST_A_MINUTE = 5
_MINUTE = timedelta(minutes=1)
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(seconds=10), timedelta(hours=1)
#: How long a message is tried.
PATIENCE = timedelta(days=1)
#: Beyond this number what waits becomes one summary at once.
_MOST_WAITING = 500


def put(progress: Progress, messages: Sequence[Message], now: datetime) -> Progress:
    """Return the progress with these messages at the end of what waits."""
    if not messages:
        return progress
    waiting = (*progress.waiting, *(Waiting(message, now) for message in messages))
    longer = replace(progress, waiting=waiting)
    return _fold(longer) if len(waiting) > _MOST_WAITING else longer


def _fold(progress: Progress) -> Progress:
    tried = tuple(one for one in progress.waiting if one.tries)
    rest = progress.waiting[len(tried) :]
    if len(rest) < 2:
        return progress
    summary = Waiting(summarize(one.message for one in rest), rest[0].since)
    return replace(progress, waiting=(*tried, summary))


def next_to_send(progress: Progress, now: datetime) -> Progress | None:
    """Return the progress with a message at its head that is to be sent now, counted as tried; None when there is none.

    To be written down before the message is sent: from then on it keeps its key, whatever else happens.
    """
    if not progress.waiting or (progress.retry_at is not None and now < progress.retry_at):
        return None
    recent = tuple(at for at in progress.sent if now - at < _MINUTE)
    progress = replace(progress, sent=recent)
    if not progress.waiting[0].tries and len(progress.waiting) + len(recent) > MOST_A_MINUTE:
        if recent:
            return None
        progress = _fold(progress)
    head, *rest = progress.waiting
    return replace(progress, waiting=(head._replace(tries=head.tries + 1), *rest))


def settle(progress: Progress, delivery: Delivery, now: datetime) -> tuple[Progress, bool]:
    """Return the progress after its head was sent, and whether that was given up."""
    head, *rest = progress.waiting
    if delivery.is_delivered:
        count = MOST_A_MINUTE if head.message.facts.get("counts") else 1
        sent = (*progress.sent, *[now] * count)
        return replace(progress, waiting=tuple(rest), sent=sent, failures=0, retry_at=None), False
    if delivery.is_refused:
        sent = (*progress.sent, now)
        return replace(progress, waiting=tuple(rest), sent=sent, failures=0, retry_at=None), True
    is_given_up = now - head.since >= PATIENCE
    waiting = tuple(rest) if is_given_up else progress.waiting
    failures = progress.failures + 1
    retry_at = now + _pause(failures)
    return replace(progress, waiting=waiting, failures=failures, retry_at=retry_at), is_given_up


def _pause(failures: int) -> timedelta:
    longer = 1 << min(failures - 1, 20)
    return min(_FIRST_PAUSE * longer, _LONGEST_PAUSE)
