"""What is asked again, how often, after which waits, and what ends it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.errors import RunCancelledError, SourceError
from penstock.sources.budget import LocalBudget
from penstock.sources.http.retry import Fault, FaultKind, RetryPolicy
from penstock.sources.source import Source
from tests.servers.http import Reply, page_of, saying
from tests.unit.sources.http.clients import A_SOURCE, Bench

CUT_JSON = Reply(body=b'{"results": [1, 2', headers={"Content-Type": "application/json"})
HASTY = Source("openfec", "", time_limit=timedelta(seconds=0.3))


@pytest.mark.parametrize(
    "fault",
    [
        Reply(500, b"oops"),
        page_of("Bad gateway", 502),
        saying({"message": "down"}, 503),
        Reply(504, b""),
        page_of("We are in maintenance"),
        saying({"error": {"code": "OVER_RATE_LIMIT"}}, 429),
        page_of("Too many requests", 429),
        Reply(is_dropped=True),
        Reply(body=b'{"results": []}', cut=4),
        Reply(body=b'{"results": []}', cut=4, has_length=False),
        Reply(body=b'{"results": []}' * 50, cut=4, is_zipped=True, has_length=False),
        Reply(body=b'{"results": []}' * 50, cut=4, is_zipped=True),
        CUT_JSON,
        Reply(body=b""),
        Reply(body=b"  \n"),
        Reply(body=b"[" * 100_000),
        Reply(body=b'{"a": NaN}'),
        Reply(body=b'{"a": "\xff"}'),
        Reply(408, b"slow"),
    ],
)
def test_a_fault_that_may_pass_is_asked_past(bench: Bench, fault: Reply) -> None:
    bench.publisher.script = [fault, saying({"results": [1]})]
    assert bench.client().get_json("/x").data == {"results": [1]}
    assert len(bench.publisher.asked) == len(bench.budget.granted) == len(bench.budget.settled) == 2


@pytest.mark.parametrize("slow", [Reply(delay=1.0), Reply(body=b"x" * 40, trickle=0.05)])
def test_an_answer_that_takes_too_long_is_asked_for_again(bench: Bench, slow: Reply) -> None:
    from penstock.kit.clock import SystemClock

    bench.publisher.script = [slow, saying(1)]
    client = bench.client(HASTY, key=None, clock=SystemClock(), policy=RetryPolicy(first=timedelta(milliseconds=1)))
    assert client.get_json("/x").data == 1
    assert len(bench.publisher.asked) == 2


@pytest.mark.parametrize(
    ("fault", "attempts", "told"),
    [
        (Reply(503, b"<p>Service down</p>"), 4, "status 503: Service down"),
        (Reply(is_dropped=True), 4, "the connection was dropped"),
        (CUT_JSON, 4, "JSON that is cut short"),
        (page_of("Sorry"), 3, "a web page instead of JSON: Sorry"),
        (Reply(body=b""), 4, "answered with nothing"),
        (saying({"error": {"code": "OVER_RATE_LIMIT"}}, 429), 4, "status 429"),
    ],
)
def test_a_fault_that_does_not_pass_is_told_after_some_attempts(
    bench: Bench, fault: Reply, attempts: int, told: str
) -> None:
    bench.publisher.answer = lambda _: fault
    with pytest.raises(SourceError, match=told) as caught:
        bench.client().get_json("/x", {"cycle": 2026})
    assert f"{bench.publisher.base}/v1/x?cycle=2026" in caught.value.message
    assert caught.value.retriable
    assert caught.value.hint
    assert len(bench.publisher.asked) == attempts


def test_waits_double_and_are_spread_by_chance(bench: Bench) -> None:
    bench.publisher.answer = lambda _: Reply(500, b"")
    with pytest.raises(SourceError):
        bench.client(chance=lambda: 0.5).get("/x")
    assert bench.waits == [0.75, 1.5, 3.0]


@pytest.mark.parametrize(("status", "asked"), [(429, "7"), (503, "7"), (429, "Thu, 01 Jan 2026 00:00:07 GMT")])
def test_the_publishers_own_word_on_waiting_is_kept(bench: Bench, status: int, asked: str) -> None:
    headers = {"Retry-After": asked, "Date": "Thu, 01 Jan 2026 00:00:00 GMT"}
    bench.publisher.script = [Reply(status, b"{}", headers), saying(1)]
    bench.client(chance=lambda: 0.0).get_json("/x")
    assert bench.waits == [7.0]


def test_a_refusal_for_too_many_calls_stops_everybody_who_shares_the_budget(bench: Bench) -> None:
    bench.publisher.script = [Reply(429, b"{}", {"Retry-After": "30"}), saying(1, X_RateLimit_Remaining="17")]
    bench.client(chance=lambda: 0.0).get_json("/x")
    assert bench.budget.settled == [(1, None, timedelta(seconds=30)), (2, 17, None)]


def test_without_the_publishers_word_pauses_start_at_a_minute(bench: Bench) -> None:
    bench.publisher.answer = lambda _: Reply(429, b"{}")
    with pytest.raises(SourceError) as caught:
        bench.client(chance=lambda: 0.0).get_json("/x")
    assert bench.waits == [60, 120, 240]
    assert "perhaps by others" in str(caught.value.hint)


def test_a_pause_of_a_day_is_cut_to_what_is_bearable(bench: Bench) -> None:
    bench.publisher.script = [Reply(429, b"{}", {"Retry-After": "86400"}), saying(1)]
    bench.client(chance=lambda: 0.0).get_json("/x")
    assert bench.waits == [900.0]


def test_patience_ends(bench: Bench) -> None:
    bench.publisher.answer = lambda _: Reply(500, b"")
    policy = RetryPolicy(attempts={FaultKind.SERVER: 1000}, patience=timedelta(minutes=10))
    with pytest.raises(SourceError):
        bench.client(policy=policy).get("/x")
    assert sum(bench.waits) <= 600
    assert len(bench.publisher.asked) < 20


def test_a_cancelled_run_ends_the_wait(bench: Bench) -> None:
    bench.publisher.answer = lambda _: Reply(429, b"{}", {"Retry-After": "600"})
    start = bench.clock.now()

    def check() -> None:
        if bench.clock.now() - start > timedelta(seconds=5):
            raise RunCancelledError("stopped")

    with pytest.raises(RunCancelledError):
        bench.client(check=check).get("/x")
    assert bench.clock.now() - start < timedelta(seconds=8)
    assert len(bench.publisher.asked) == len(bench.budget.settled) == 1


def test_a_call_that_is_ended_from_outside_is_settled_all_the_same(bench: Bench) -> None:
    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bench.client().get_json("/x", approve=interrupt)
    assert [number for number, _, _ in bench.budget.settled] == [1]


def test_a_body_that_is_not_approved_is_asked_for_again_if_that_may_help(bench: Bench) -> None:
    def approve(data: dict[str, object]) -> None:
        if "results" not in data:
            raise SourceError("no results", retriable=True)

    bench.publisher.script = [saying({"error": "?"}), saying({"results": []})]
    assert bench.client().get_json("/x", approve=approve).data == {"results": []}


def test_the_budget_kept_in_this_process_holds_calls_back(bench: Bench) -> None:
    from penstock.kit.pace import Window

    budget = LocalBudget([Window(2, timedelta(seconds=10))], bench.clock)
    client = bench.client(A_SOURCE, budget=budget)
    start = bench.clock.now()
    for _ in range(5):
        client.get("/x")
    assert bench.clock.now() - start == timedelta(seconds=20)


@given(
    kind=st.sampled_from(FaultKind),
    attempt=st.integers(1, 200),
    chance=st.floats(0, 1),
    asked=st.none() | st.timedeltas(timedelta(0), timedelta(days=9)),
)
def test_no_wait_is_ever_longer_than_stated(
    kind: FaultKind, attempt: int, chance: float, asked: timedelta | None
) -> None:
    policy = RetryPolicy()
    wait = policy.wait_after(Fault(kind, SourceError("x"), asked), attempt, chance)
    assert timedelta(0) <= wait <= policy.longest_pause + timedelta(seconds=1)
    assert asked is None or wait >= min(asked, policy.longest_pause)
    assert not policy.is_worth(Fault(kind, SourceError("x")), 7, timedelta(0))
