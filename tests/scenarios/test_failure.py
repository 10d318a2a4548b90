"""What happens when bodies fail: retries, time limits, stopping, going on."""

import threading
import time

import pytest

from penstock import Retry, SourceError
from penstock.engine.events import EventKind
from penstock.errors import DefinitionError
from penstock.kit.clock import ManualClock, SystemClock
from tests.engines import Calls, a_pipeline, a_task, an_engine, by_name, run, seconds, statuses


def failing(error=None, times=10**9, calls=None):
    count = iter(range(10**9))

    def body(ctx, *_):
        if calls is not None:
            calls.append(ctx.attempt)
        if next(count) < times:
            raise error or RuntimeError("broken pipe")

    return body


def test_a_failed_task_stops_the_run_by_default(tmp_path):
    calls = Calls()
    pipeline = a_pipeline(
        a_task("bad", failing()), a_task("below", depends_on=["bad"]), a_task("aside", calls.body("aside"))
    )
    with an_engine(tmp_path, pipeline) as engine:
        view = run(engine)
    assert statuses(view) == {"bad": "failed", "below": "upstream_failed", "aside": "cancelled"}
    assert (view.status, view.exit_code, calls) == ("failed", 1, [])
    assert by_name(view)["bad"].failure.message == "broken pipe"


def test_continue_on_failure_leaves_out_only_what_depends_on_it(tmp_path):
    pipeline = a_pipeline(a_task("bad", failing()), a_task("below", depends_on=["bad"]), a_task("aside"))
    with an_engine(tmp_path, pipeline) as engine:
        view = run(engine, continue_on_failure=True)
    assert statuses(view) == {"bad": "failed", "below": "upstream_failed", "aside": "completed"}
    assert view.status == "failed"


def test_retries_wait_longer_each_time_and_then_succeed(tmp_path):
    clock, calls = ManualClock(), []
    start = clock.now()
    pipeline = a_pipeline(a_task("flaky", failing(times=3, calls=calls), retries=3))
    with an_engine(tmp_path, pipeline, clock=clock) as engine:
        view = run(engine)
        events = engine.store.read_events(run_id=view.run.run_id)
    assert by_name(view)["flaky"].attempts == 4
    assert calls == [1, 2, 3, 4]
    assert seconds(7) <= clock.now() - start < seconds(8)
    assert [event.kind for event in events].count(EventKind.TASK_RETRY_SCHEDULED) == 3


def test_giving_up_after_the_last_retry(tmp_path):
    calls = []
    with an_engine(tmp_path, a_pipeline(a_task("bad", failing(calls=calls), retries=2))) as engine:
        view = run(engine)
    assert (by_name(view)["bad"].status, calls) == ("failed", [1, 2, 3])


def test_a_body_may_ask_for_its_delay(tmp_path):
    clock = ManualClock()
    start = clock.now()
    pipeline = a_pipeline(a_task("busy", failing(Retry("rate limit", after=seconds(60)), times=1), retries=1))
    with an_engine(tmp_path, pipeline, clock=clock) as engine:
        assert run(engine).status == "completed"
    assert clock.now() - start >= seconds(60)


@pytest.mark.parametrize("error", [SourceError("page 3 is cut off"), DefinitionError("wrong")])
def test_what_cannot_get_better_is_not_tried_again(tmp_path, error):
    calls = []
    with an_engine(tmp_path, a_pipeline(a_task("bad", failing(error, calls=calls), retries=5))) as engine:
        view = run(engine)
    assert calls == [1]
    assert view.exit_code == error.exit_code


def test_a_failed_task_runs_again_and_what_was_finished_does_not(tmp_path):
    calls = Calls()
    pipeline = a_pipeline(
        a_task("good", calls.body("good")),
        a_task("bad", failing(times=1), depends_on=["good"]),
        a_task("last", calls.body("last"), depends_on=["bad"]),
    )
    with an_engine(tmp_path, pipeline) as engine:
        failed = run(engine)
        resumed = engine.resume(failed.run.run_id)
    assert calls == ["good", "last"]
    assert resumed.run.run_id == failed.run.run_id
    assert (resumed.status, by_name(resumed)["bad"].attempts) == ("completed", 2)


@pytest.mark.parametrize("executor", ["inline", "threads"])
@pytest.mark.parametrize("body", ["spin", "sleep"])
def test_a_stuck_body_is_ended_at_its_time_limit(tmp_path, executor, body):
    def spin(ctx):
        while True:
            pass

    def sleep(ctx):
        threading.Event().wait(600)

    pipeline = a_pipeline(a_task("stuck", {"spin": spin, "sleep": sleep}[body], timeout="0.2s"), a_task("after"))
    with an_engine(tmp_path, pipeline, clock=SystemClock()) as engine:
        began = time.monotonic()
        view = run(engine, executor=executor, continue_on_failure=True)
        took = time.monotonic() - began
    assert statuses(view) == {"stuck": "failed", "after": "completed"}
    assert by_name(view)["stuck"].failure.error == "TimeLimitError"
    assert took < 30


def test_a_body_left_behind_can_write_nothing_more(tmp_path):
    gate, refused = threading.Event(), []

    def stuck(ctx):
        try:
            gate.wait(60)
        except BaseException:  # noqa: BLE001 - stands for foreign code that swallows everything
            gate.wait(60)
        try:
            ctx.check()
        except Exception as error:  # noqa: BLE001
            refused.append(type(error).__name__)

    with an_engine(tmp_path, a_pipeline(a_task("stuck", stuck, timeout="0.1s")), clock=SystemClock()) as engine:
        run(engine)
        gate.set()
        for _ in range(100):
            if refused:
                break
            time.sleep(0.02)
    assert refused == ["TimeLimitError"]


def test_sys_exit_in_a_body_is_a_failure_of_that_body(tmp_path):
    def leave(ctx):
        raise SystemExit(3)

    with an_engine(tmp_path, a_pipeline(a_task("leave", leave))) as engine:
        assert by_name(run(engine))["leave"].failure.error == "SystemExit"
