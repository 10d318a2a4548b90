"""One task over many items: every item accounted for, none handed out again once it is done."""

import threading

import pytest

from penstock import Item, Skip, SourceError
from tests.engines import a_pipeline, a_task, an_engine, by_name, run, seconds, statuses


def fan(keys, handle, *more, **declared):
    listed = list(keys) if not callable(keys) else keys
    discover = a_task(
        "discover",
        (lambda ctx: listed()) if callable(listed) else (lambda ctx: listed),
        version=declared.pop("listing", ""),
    )
    return a_pipeline(
        discover, a_task("handle", handle, each="discover", **declared), a_task("after", depends_on=["handle"]), *more
    )


def test_every_item_is_handled_once_and_counted(tmp_path):
    seen = []
    pipeline = fan(
        [Item(f"k{n}", {"n": n}) for n in range(500)], lambda ctx, item: seen.append((item.key, item.payload["n"]))
    )
    with an_engine(tmp_path, pipeline) as engine:
        view = run(engine)
        again = run(engine)
    assert sorted(seen) == sorted((f"k{n}", n) for n in range(500))
    assert by_name(view)["handle"].result == {
        "discovered": 500,
        "completed": 500,
        "failed": 0,
        "skipped": 0,
        "pending": 0,
        "running": 0,
    }
    assert statuses(again) == {"discover": "skipped", "handle": "skipped", "after": "skipped"}


def test_texts_and_pairs_are_items_too_and_a_repeated_key_is_one_item(tmp_path):
    seen = []
    pipeline = fan(["a", ("b", 2), "a"], lambda ctx, item: seen.append((item.key, item.payload)))
    with an_engine(tmp_path, pipeline) as engine:
        run(engine)
    assert seen == [("a", None), ("b", 2)]


def test_no_items_is_a_completed_fan_out(tmp_path):
    with an_engine(tmp_path, fan([], lambda ctx, item: None)) as engine:
        assert set(statuses(run(engine)).values()) == {"completed"}


@pytest.mark.parametrize("listed", [None, 7, {"a": 1}])
def test_what_is_no_list_of_items_is_refused_by_name(tmp_path, listed):
    with an_engine(tmp_path, fan(lambda: listed, lambda ctx, item: None)) as engine:
        view = run(engine)
    assert "`handle` handles its items one by one" in by_name(view)["handle"].failure.message
    assert view.exit_code == 2


def test_failed_items_fail_the_task_unless_tolerated(tmp_path):
    def handle(ctx, item):
        if item.key in {"k3", "k7"}:
            raise SourceError(f"{item.key} is cut off")

    keys = [f"k{n}" for n in range(10)]
    with an_engine(tmp_path / "strict", fan(keys, handle)) as engine:
        strict = run(engine)
        sums, failed = engine.store.list_items(strict.run.run_id, task="handle", status="failed")
    with an_engine(tmp_path / "tolerant", fan(keys, handle, failure_tolerance=0.2)) as engine:
        tolerant = run(engine)
    assert by_name(strict)["handle"].failure.message == "2 of 10 items failed; 0 are tolerated; `k3`: k3 is cut off"
    assert statuses(strict)["after"] == "upstream_failed"
    assert [(item.key, item.failure.message) for item in failed] == [("k3", "k3 is cut off"), ("k7", "k7 is cut off")]
    assert sums["handle"].discovered == 10
    assert statuses(tolerant) == {"discover": "completed", "handle": "completed", "after": "completed"}


def test_items_are_retried_by_themselves(tmp_path):
    tries = []

    def handle(ctx, item):
        tries.append(item.key)
        if item.key == "b" and tries.count("b") < 3:
            raise OSError("try later")

    with an_engine(tmp_path, fan("abc", handle, retries=2)) as engine:
        assert run(engine).status == "completed"
    assert sorted(tries) == ["a", "b", "b", "b", "c"]


def test_resuming_handles_only_what_is_not_done(tmp_path):
    tries, broken = [], {"k4"}

    def handle(ctx, item):
        tries.append(item.key)
        if item.key in broken:
            raise OSError("broken")

    with an_engine(tmp_path, fan([f"k{n}" for n in range(9)], handle)) as engine:
        failed = run(engine)
        tries.clear()
        broken.clear()
        resumed = engine.retry(failed.run.run_id)
    assert tries == ["k4"]
    assert resumed.status == "completed"


def test_a_new_run_takes_over_what_an_earlier_one_completed(tmp_path):
    tries, listed = [], ["a", "b"]
    pipeline = fan(lambda: [Item(key, {"of": key}) for key in listed], lambda ctx, item: tries.append(item.key))
    with an_engine(tmp_path, pipeline) as engine:
        run(engine)
        listed.append("c")
        engine.reset("sample", tasks=("discover",))
        grown = run(engine)
    assert tries == ["a", "b", "c"]
    assert by_name(grown)["handle"].result["skipped"] == 2
    assert by_name(grown)["handle"].reason == "`discover` returned something else"


def test_an_item_whose_payload_changed_is_handled_again(tmp_path):
    tries, version = [], [1]
    pipeline = fan(
        lambda: [Item("a", 1), Item("b", version[0])], lambda ctx, item: tries.append((item.key, item.payload))
    )
    with an_engine(tmp_path, pipeline) as engine:
        run(engine)
        version[0] = 2
        engine.reset("sample", tasks=("discover",))
        run(engine)
    assert tries == [("a", 1), ("b", 1), ("b", 2)]


def test_tolerated_failures_are_tried_again_next_time(tmp_path):
    tries, broken = [], {"b"}

    def handle(ctx, item):
        tries.append(item.key)
        if item.key in broken:
            raise OSError("broken")

    with an_engine(tmp_path, fan("abc", handle, failure_tolerance=1)) as engine:
        run(engine)
        broken.clear()
        again = run(engine)
    assert tries == ["a", "b", "c", "b"]
    assert by_name(again)["handle"].reason == "items failed last time: 1"


def test_an_item_with_nothing_to_do_is_skipped(tmp_path):
    def handle(ctx, item):
        if item.key == "b":
            raise Skip("empty filing")

    with an_engine(tmp_path, fan("abc", handle)) as engine:
        assert by_name(run(engine))["handle"].result["skipped"] == 1


def test_workers_share_the_items_of_one_fan_out(tmp_path):
    meeting, seen = threading.Barrier(2, timeout=20), []

    def handle(ctx, item):
        if item.key in {"k0", "k1"}:
            meeting.wait()  # passes only when two workers handle these two at the same time
        seen.append(item.key)

    keys = ["k0", *(f"x{n}" for n in range(400)), "k1"]
    with an_engine(tmp_path, fan(keys, handle)) as engine:
        view = run(engine, executor="threads", workers=2)
    assert (view.status, len(seen), len(set(seen))) == ("completed", 402, 402)


def test_an_item_may_have_a_time_limit(tmp_path):
    def handle(ctx, item):
        if item.key == "b":
            threading.Event().wait(600)

    from penstock.kit.clock import SystemClock

    with an_engine(tmp_path, fan("abc", handle, timeout=seconds(0.2)), clock=SystemClock()) as engine:
        view = run(engine)
        _, failed = engine.store.list_items(view.run.run_id, status="failed")
    assert [(item.key, item.failure.error) for item in failed] == [("b", "TimeLimitError")]
