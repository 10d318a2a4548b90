"""What waits: in order, few at a time, tried for a day; whatever a channel answers, nothing is lost before that."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from penstock.notify.delivery import Delivery
from penstock.notify.message import Message
from penstock.notify.outbox import MOST_A_MINUTE, PATIENCE, next_to_send, put, settle
from penstock.notify.progress import Progress
from tests.factories import T0, at

TAKEN = Delivery(is_delivered=True, words="")
LATER = Delivery(is_delivered=False, words="")
NEVER = Delivery(is_delivered=False, words="", is_refused=True)


def messages(count: int, start: int = 0) -> list[Message]:
    return [Message(f"k{number}", "failure", T0, f"n{number}") for number in range(start, start + count)]


def count_of(message: Message) -> int:
    return sum(message.facts.get("counts", {"": 1}).values())


def test_a_message_that_does_not_arrive_is_tried_for_a_day_ever_more_rarely() -> None:
    progress, tries, now = put(Progress(T0, 0), messages(1), T0), [], T0
    is_given_up = False
    while not is_given_up:
        assert now - T0 < PATIENCE + timedelta(hours=2)
        if (trying := next_to_send(progress, now)) is not None:
            tries.append(now)
            progress, is_given_up = settle(trying, LATER, now)
        now += timedelta(seconds=5)
    pauses = [later - before for before, later in pairwise(tries)]
    assert pauses[0] == timedelta(seconds=10)
    assert max(pauses) == timedelta(hours=1)
    assert pauses == sorted(pauses)
    assert tries[-1] - T0 >= PATIENCE
    assert progress.waiting == ()


def test_a_refused_message_makes_way_for_the_next() -> None:
    progress = put(Progress(T0, 0), messages(2), T0)
    trying = next_to_send(progress, T0)
    assert trying is not None
    progress, is_given_up = settle(trying, NEVER, T0)
    assert is_given_up
    following = next_to_send(progress, T0)
    assert following is not None
    assert following.waiting[0].message.key == "k1"


def test_a_message_that_was_tried_keeps_its_key_whatever_comes_behind_it() -> None:
    progress = put(Progress(T0, 0), messages(300), T0)
    tried = next_to_send(progress, T0)
    assert tried is not None
    key = tried.waiting[0].message.key
    more = put(tried, messages(700, 300), at(1))
    again = next_to_send(more, at(2))
    assert again is not None
    assert again.waiting[0].message.key == key
    assert len(again.waiting) == 2
    assert sum(count_of(one.message) for one in again.waiting) == 1000


def test_what_is_kept_is_read_back_as_it_was() -> None:
    progress = put(Progress(T0, 7, {"p": {"failures": 1}}, late={"d": "x"}), messages(40), T0)
    trying = next_to_send(progress, T0)
    assert trying is not None
    settled, _ = settle(trying, LATER, at(1))
    for one in (progress, trying, settled):
        assert Progress.read(one.as_json()) == one


STEPS = st.lists(
    st.tuples(st.integers(0, 30), st.floats(0, 5000), st.sampled_from([TAKEN, TAKEN, LATER])), min_size=1, max_size=60
)


@given(STEPS)
def test_whatever_a_channel_answers_every_message_is_told_once_and_few_in_a_minute(
    steps: list[tuple[int, float, Delivery]],
) -> None:
    progress, now, put_in, told, sent_at = Progress(T0, 0), T0, 0, 0, []
    for count, pause, delivery in steps:
        progress = put(progress, messages(count, put_in), now)
        put_in += count
        while (trying := next_to_send(progress, now)) is not None:
            head = trying.waiting[0].message
            progress, is_given_up = settle(trying, delivery, now)
            if delivery.is_delivered:
                told += count_of(head)
                sent_at.append(now)
            elif is_given_up:
                told += count_of(head)
        now += timedelta(seconds=pause)
    waiting = sum(count_of(one.message) for one in progress.waiting)
    assert told + waiting == put_in
    for moment in sent_at:
        assert (
            len([one for one in sent_at if timedelta(0) <= one - moment < timedelta(seconds=60)]) <= MOST_A_MINUTE + 1
        )


def test_nothing_is_sent_before_its_time() -> None:
    progress = replace(put(Progress(T0, 0), messages(1), T0), retry_at=at(10))
    assert next_to_send(progress, at(9)) is None
    assert next_to_send(progress, at(10)) is not None
