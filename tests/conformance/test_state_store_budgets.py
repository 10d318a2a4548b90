"""What every state store promises of budgets: no window of the publisher's ever holds more calls than it allows."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from penstock.engine.state.connect import open_state_store
from penstock.kit.pace import Window, forecast_duration, next_turn
from tests.factories import T0, at

TEN_A_SECOND = (Window(10, timedelta(seconds=1)),)
TWO_WINDOWS = (Window(5, timedelta(seconds=60)), Window(2, timedelta(seconds=10)))


def claim(store, windows, seconds, lasts=1.0, budget="openfec"):
    return store.claim_call(budget, windows, at(seconds), at(seconds + lasts))


def use(store, windows, seconds, **told):
    """Claim a call and end it at once."""
    grant = claim(store, windows, seconds)
    assert grant.number is not None
    store.settle_call("openfec", grant.number, at(seconds), **told)
    return grant


def test_calls_go_until_a_window_is_full_and_are_then_told_when_to_ask_again(store):
    for _ in range(2):
        use(store, TWO_WINDOWS, 0)
    refused = claim(store, TWO_WINDOWS, 1)
    assert (refused.number, refused.ask_again_at) == (None, at(10))
    assert use(store, TWO_WINDOWS, 10).ask_again_at is None


def test_every_window_has_to_have_room(store):
    for seconds in (0, 0, 10, 10, 20):
        use(store, TWO_WINDOWS, seconds)
    assert claim(store, TWO_WINDOWS, 31).ask_again_at == at(60)
    assert claim(store, TWO_WINDOWS, 60).number is not None


def test_numbers_differ_and_budgets_do_not_touch_each_other(store):
    one, other = claim(store, (Window(1, timedelta(hours=1)),), 0), claim(store, TEN_A_SECOND, 0, budget="sec")
    assert None not in (one.number, other.number)
    assert one.number != other.number
    assert claim(store, (Window(1, timedelta(hours=1)),), 1).number is None
    assert [state.name for state in store.list_budgets()] == ["openfec", "sec"]


def test_a_call_under_way_counts_until_the_last_instant_it_can_arrive_at(store):
    windows = (Window(1, timedelta(seconds=10)),)
    claim(store, windows, 0, lasts=30)
    assert claim(store, windows, 39).number is None
    assert claim(store, windows, 40).number is not None


def test_a_call_that_ended_counts_from_then_and_who_waits_for_it_asks_soon(store):
    windows = (Window(1, timedelta(seconds=10)),)
    first = claim(store, windows, 0, lasts=30)
    assert claim(store, windows, 1).ask_again_at == at(11)
    store.settle_call("openfec", first.number, at(2))
    assert claim(store, windows, 3).ask_again_at == at(12)
    assert claim(store, windows, 12).number is not None


def test_a_call_settled_twice_stays_as_first_settled(store):
    windows = (Window(1, timedelta(seconds=10)),)
    first = claim(store, windows, 0)
    store.settle_call("openfec", first.number, at(0))
    store.settle_call("openfec", first.number, at(5), remaining=0)
    assert claim(store, windows, 10).number is not None


def test_a_call_that_took_longer_than_presumed_counts_from_its_real_end(store):
    first = claim(store, TEN_A_SECOND, 0, lasts=1)
    store.settle_call("openfec", first.number, at(99))
    assert store.list_budgets()[0].counted == (at(99),)


def test_a_pause_the_publisher_asked_for_holds_for_everybody_and_the_latest_one_wins(store):
    use(store, TEN_A_SECOND, 0, blocked_until=at(50))
    use_again = claim(store, TEN_A_SECOND, 49)
    assert (use_again.number, use_again.ask_again_at) == (None, at(50))
    assert claim(store, TEN_A_SECOND, 50).number is not None
    grant = claim(store, TEN_A_SECOND, 51)
    store.settle_call("openfec", grant.number, at(51), blocked_until=at(20))
    assert store.list_budgets()[0].blocked_until == at(50)


def test_calls_of_somebody_else_with_the_same_key_are_learned_from_what_remains(store):
    windows = (Window(5, timedelta(seconds=60)),)
    use(store, windows, 0, remaining=1)
    assert len(store.list_budgets()[0].counted) == 4
    use(store, windows, 1)
    assert claim(store, windows, 2).ask_again_at == at(60)


def test_a_publisher_that_has_more_left_than_we_count_teaches_nothing(store):
    windows = (Window(5, timedelta(seconds=60)),)
    use(store, windows, 0, remaining=5)
    use(store, windows, 0, remaining=99)
    assert len(store.list_budgets()[0].counted) == 2


def test_calls_beyond_the_longest_window_are_forgotten(store):
    for seconds in range(0, 400, 20):
        use(store, TWO_WINDOWS, seconds)
    (state,) = store.list_budgets()
    assert state.windows == TWO_WINDOWS
    assert state.counted == (at(340), at(360), at(380))


def test_a_budget_without_windows_is_never_full_but_can_be_paused(store):
    for _ in range(20):
        use(store, (), 0)
    use(store, (), 0, remaining=0, blocked_until=at(3))
    assert claim(store, (), 1).ask_again_at == at(3)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 4), st.floats(0, 3), st.floats(0, 1)), min_size=5, max_size=60),
    st.sampled_from(["memory://", "sqlite"]),
)
def test_however_calls_are_timed_no_window_of_the_publishers_is_overfull(tmp_path_factory, steps, kind):
    """Each step is a pause, how long the call may last, and when within that time it arrives."""
    url = kind if kind != "sqlite" else f"sqlite:///{tmp_path_factory.mktemp('budget')}/state.db"
    store = open_state_store(url)
    now, arrivals, open_calls = T0, [], []
    for pause, lasts, share in steps:
        now += timedelta(seconds=pause)
        for number, arrival in [one for one in open_calls if one[1] <= now]:
            store.settle_call("b", number, now)
            open_calls.remove((number, arrival))
        ends_by = now + timedelta(seconds=lasts)
        grant = store.claim_call("b", TWO_WINDOWS, now, ends_by)
        if grant.number is None:
            assert grant.ask_again_at > now
        else:
            arrivals.append(now + timedelta(seconds=lasts * share))
            open_calls.append((grant.number, arrivals[-1]))
    store.close()
    for window in TWO_WINDOWS:
        for arrival in arrivals:
            inside = [one for one in arrivals if arrival - window.period < one <= arrival]
            assert len(inside) <= window.calls


# Pace -------------------------------------------------------------------------------------------------------


@given(st.integers(0, 40), st.integers(1, 6), st.integers(1, 30))
def test_the_forecast_is_how_long_calls_that_follow_their_turns_take(calls, size, period):
    windows, now, counted = (Window(size, timedelta(seconds=period)),), T0, []
    for _ in range(calls):
        now = next_turn(windows, counted, now)
        counted.append(now)
    assert forecast_duration(windows, (), calls, T0) == now - T0


def test_the_forecast_counts_calls_made_before():
    windows = (Window(2, timedelta(seconds=60)),)
    assert forecast_duration(windows, (at(-30), at(-30)), 3, T0) == timedelta(seconds=90)
    assert forecast_duration((), (), 10**6, T0) == timedelta(0)
