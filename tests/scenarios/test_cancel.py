"""A person stops a run: bodies may finish, or are ended; what is finished stays finished."""

import threading
import time

import pytest

from penstock.engine.state.records import RunSignal
from penstock.errors import ConflictError, LeaseLostError, StopBody, UsageError
from penstock.kit.clock import SystemClock
from penstock.warehouse import Column, Table
from tests.engines import Calls, a_pipeline, a_task, an_engine, run, seconds, statuses


def test_the_first_stop_lets_the_running_body_finish(tmp_path):
    calls = Calls()

    def body(ctx):
        engine.request_stop()
        calls.append("finished")

    with an_engine(tmp_path, a_pipeline(a_task("a", body), a_task("b", calls.body("b"), depends_on=["a"]))) as engine:
        view = run(engine)
        assert (calls, statuses(view)) == (["finished"], {"a": "completed", "b": "cancelled"})
        assert (view.status, view.exit_code) == ("cancelled", 130)
        assert engine.resume(view.run.run_id).status == "completed"
    assert calls == ["finished", "b"]


def test_the_second_stop_ends_the_running_body(tmp_path):
    calls = Calls()

    def body(ctx):
        engine.request_stop()
        try:
            engine.request_stop()
        finally:
            calls.append("unwound")
        calls.append("not reached")

    with an_engine(tmp_path, a_pipeline(a_task("a", body))) as engine:
        view = run(engine)
    assert (calls, statuses(view), view.status) == (["unwound"], {"a": "cancelled"}, "cancelled")


def test_a_stop_cannot_be_swallowed_by_an_except_exception():
    assert not issubclass(StopBody, Exception)


def test_another_process_cancels_by_the_store(tmp_path):
    started = threading.Event()

    def long(ctx):
        started.set()
        for _ in range(600):
            time.sleep(0.05)

    pipeline = a_pipeline(a_task("long", long), a_task("after", depends_on=["long"]))
    with (
        an_engine(tmp_path, pipeline, clock=SystemClock()) as engine,
        an_engine(tmp_path, pipeline, clock=SystemClock()) as other,
    ):
        views = []
        thread = threading.Thread(target=lambda: views.append(run(engine, executor="threads", workers=1)))
        thread.start()
        assert started.wait(10)
        other.cancel("last", now=True)
        thread.join(20)
    assert statuses(views[0]) == {"long": "cancelled", "after": "cancelled"}


def test_another_process_ends_a_body_of_the_main_thread_too(tmp_path):
    def long(ctx):
        started.set()
        for _ in range(600):
            time.sleep(0.05)

    started = threading.Event()
    pipeline = a_pipeline(a_task("long", long), a_task("after", depends_on=["long"]))
    with (
        an_engine(tmp_path, pipeline, clock=SystemClock()) as engine,
        an_engine(tmp_path, pipeline, clock=SystemClock()) as other,
    ):
        threading.Thread(target=lambda: started.wait(10) and other.cancel("last", now=True)).start()
        view = run(engine, executor="inline")
    assert statuses(view) == {"long": "cancelled", "after": "cancelled"}


def test_one_run_of_a_pipeline_at_a_time(tmp_path):
    started, go = threading.Event(), threading.Event()

    def body(ctx):
        started.set()
        go.wait(20)

    pipeline = a_pipeline(a_task("a", body))
    with an_engine(tmp_path, pipeline) as engine, an_engine(tmp_path, pipeline) as other:
        thread = threading.Thread(target=lambda: run(engine, executor="threads", workers=1))
        thread.start()
        assert started.wait(10)
        with pytest.raises(ConflictError, match=r"of `sample` has been running for .*, in process") as refused:
            run(other)
        go.set()
        thread.join(20)
        assert refused.value.exit_code == 6
        assert run(other).status == "completed"


def test_a_completed_run_cannot_be_resumed(tmp_path):
    with an_engine(tmp_path, a_pipeline(a_task("a"))) as engine:
        view = run(engine)
        with pytest.raises(UsageError, match="nothing to resume"):
            engine.resume(view.run.run_id)


ROWS = Table("bronze.rows", (Column("key"),), ("key",))


def test_a_process_that_lost_its_lease_publishes_no_rows(tmp_path):
    outcomes = []

    def stalled(ctx):
        # As after a long sleep: before this process's next heartbeat another one has taken the task over.
        (run_now,) = engine.store.list_runs()
        engine.store.extend_leases(run_now.owner, engine.clock.now(), seconds(0))
        assert engine.store.claim_task_runs(run_now.run_id, "another", engine.clock.now(), seconds(60))
        try:
            ctx.table("bronze.rows").upsert([{"key": "late"}])
        except LeaseLostError:
            outcomes.append("refused")
            raise

    pipeline = a_pipeline(a_task("stalled", stalled, outputs=[ROWS]), datasets=[ROWS])
    settings = {"warehouse_url": f"duckdb:///{tmp_path}/w.duckdb", "lease": seconds(60)}
    with an_engine(tmp_path, pipeline, **settings) as engine:
        thread = threading.Thread(target=lambda: run(engine, executor="threads", workers=1), daemon=True)
        thread.start()
        deadline = time.monotonic() + 20
        while not outcomes and time.monotonic() < deadline:
            time.sleep(0.01)
        assert outcomes == ["refused"]
        engine.cancel("last", now=True)
        (claimed,) = engine.store.list_runs()
        engine.store.signal_run(claimed.run_id, RunSignal.ABANDON, engine.clock.now(), "another", seconds(60))
        thread.join(20)
        assert engine.data.warehouse.query("select count(*) from bronze.rows").rows == [(0,)]
