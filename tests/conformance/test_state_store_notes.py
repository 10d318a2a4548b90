"""What every state store promises of completions, events, marks and their removal."""

from __future__ import annotations

from datetime import timedelta

import pytest

from penstock.engine.events import EventKind
from penstock.engine.state.records import Collected, Mark, Retention, RunSignal, RunStatus
from tests.factories import (
    T0,
    TTL,
    a_completion,
    a_fan_out,
    a_fresh_task,
    a_run,
    a_task,
    an_end,
    an_event,
    at,
    claim_one,
)


def complete(store, run_id="R1", **overrides):
    claim = claim_one(store, run_id)
    return store.finish_task_run(claim, an_end(completion=a_completion(claim.task, run_id=run_id, **overrides)))


# Completions ------------------------------------------------------------------------------------------------


def test_the_newest_completion_of_every_task_is_loaded_in_one_read(store):
    for run_id, rows in (("R1", 1), ("R2", 2)):
        store.create_run(a_run(run_id, a_task("a"), a_task("b")), "ann", TTL)
        complete(store, run_id, result={"rows": rows})
    complete(store, "R1", result=None)
    loaded = store.load_completions("sample", "")
    assert loaded == {"a": a_completion("a", run_id="R2", result={"rows": 2}), "b": a_completion("b", result=None)}


def test_completions_are_kept_apart_by_pipeline_and_partition(store):
    for number, where in enumerate([{"pipeline": "other"}, {"partition": "p"}, {}]):
        store.create_run(a_run(f"R{number}"), "ann", TTL)
        complete(store, f"R{number}", **where)
    assert store.load_completions("sample", "")["fetch"].run_id == "R2"
    assert store.load_completions("sample", "p")["fetch"].run_id == "R1"
    assert store.load_completions("other", "")["fetch"].run_id == "R0"
    assert dict(store.load_completions("other", "p")) == {}


def test_forgetting_drops_what_was_asked_and_says_how_many(store):
    store.create_run(a_run("R1", *(a_task(name) for name in "abcd")), "ann", TTL)
    for partition in ("", "", "p", "p"):
        complete(store, partition=partition)
    assert store.forget("sample", "", ["a", "c"]) == 1
    assert set(store.load_completions("sample", "")) == {"b"}
    assert store.forget("sample", None, ["b", "c"]) == 2
    assert store.forget("sample", "p", None) == 1
    assert store.forget("sample", None, None) == 0
    assert store.forget("sample", None, []) == 0


# Events and marks -------------------------------------------------------------------------------------------


def test_events_are_read_in_the_order_they_were_appended(store):
    store.append_events([an_event(facts={"n": 1}), an_event("R2", task=None, facts={})])
    store.append_events([])
    store.append_events([an_event(kind=EventKind.RUN_FINISHED, at=at(-5))])
    events = store.read_events()
    assert [event.run_id for event in events] == ["R1", "R2", "R1"]
    assert 0 < events[0].seq < events[1].seq < events[2].seq
    assert events[0]._replace(seq=0) == an_event(facts={"n": 1})
    assert (events[1].task, events[1].facts) == (None, {})
    assert store.read_events(after=events[0].seq, limit=1) == [events[1]]
    assert store.read_events(after=events[2].seq) == []


def test_the_events_of_one_run_are_found_before_and_after_it_closed(store):
    for run_id in ("R1", "R2"):
        store.create_run(a_run(run_id), "ann", TTL, [an_event(run_id, facts={"n": 1})])
    store.append_events([an_event("R2", facts={"n": 2}), an_event("R1", facts={"n": 2})])
    store.finish_task_run(claim_one(store, "R1"), an_end(), [an_event("R1", facts={"n": 3})])
    store.append_events(
        [an_event("R2", facts={"n": 3}), an_event("R1", facts={"n": 4}), an_event("R2", facts={"n": 4})]
    )
    for run_id in ("R1", "R2"):
        found = store.read_events(run_id=run_id)
        assert [event.facts["n"] for event in found if event.kind is EventKind.MESSAGE_LOGGED] == [1, 2, 3, 4]
        assert store.read_events(run_id=run_id, after=found[1].seq, limit=1) == [found[2]]


def test_the_events_of_a_resumed_run_are_found(store):
    store.create_run(a_run(), "ann", TTL)
    store.signal_run("R1", RunSignal.CANCEL, T0, "ann", TTL)
    store.append_events([an_event(facts={"n": 1})])
    store.signal_run("R1", RunSignal.RESUME, T0, "ann", TTL)
    store.append_events([an_event("R2"), an_event(facts={"n": 2})])
    assert [event.facts.get("n") for event in store.read_events(run_id="R1")] == [None, 1, 2]


def test_a_run_created_already_closed_shows_its_events(store):
    store.create_run(a_run("R1", a_fresh_task()), "ann", TTL, [an_event()])
    store.append_events([an_event()])
    assert [event.kind for event in store.read_events(run_id="R1")] == [
        "message_logged",
        "run_finished",
        "message_logged",
    ]


def test_a_mark_replaces_an_older_one_and_marks_are_listed_by_task_and_name(store):
    first = Mark("sample", "b", "tested", {"by": "ann"}, T0)
    marks = [
        first,
        Mark("sample", "a", "z", None, T0),
        Mark("sample", "a", "b", 1, T0),
        Mark("other", "b", "tested", 2, T0),
    ]
    for mark in marks:
        store.set_mark(mark)
    store.set_mark(first._replace(value=False, at=at(1)))
    assert store.list_marks("sample") == [marks[2], marks[1], first._replace(value=False, at=at(1))]
    assert store.list_marks("nobody") == []


# Upkeep -----------------------------------------------------------------------------------------------------


def runs(store):
    return sorted(run.run_id for run in store.list_runs())


def some_closed_runs(store, count, **overrides):
    for number in range(count):
        run = a_run(f"R{number}", created_at=at(number), **overrides)
        store.create_run(run, "ann", TTL, [an_event(f"R{number}")])
        complete(store, f"R{number}")


def test_gc_keeps_the_newest_runs_of_every_pipeline(store):
    some_closed_runs(store, 4)
    store.create_run(a_run("X", a_fresh_task(), pipeline="other"), "ann", TTL)
    collected = store.gc(Retention(runs_per_pipeline=2), at(10))
    assert collected == Collected(runs=2, task_runs=2, items=0, events=6)
    assert runs(store) == ["R2", "R3", "X"]
    assert {event.run_id for event in store.read_events()} == {"R2", "R3", "X"}
    assert store.load_completions("sample", "")["fetch"].run_id == "R3"
    assert store.gc(Retention(runs_per_pipeline=2), at(10)) == Collected()


def test_gc_removes_runs_beyond_the_age_but_those_that_completed_a_task_last(store):
    some_closed_runs(store, 3)
    assert store.gc(Retention(max_age_days=30), at(1) + timedelta(days=30)).runs == 1
    assert runs(store) == ["R1", "R2"]
    assert store.gc(Retention(max_age_days=30), at(0) + timedelta(days=99)).runs == 1
    assert runs(store) == [store.load_completions("sample", "")["fetch"].run_id] == ["R2"]
    store.forget("sample", None, None)
    assert store.gc(Retention(max_age_days=30), at(0) + timedelta(days=99)).runs == 1


def test_gc_never_removes_a_running_run(store):
    store.create_run(a_run("R1"), "ann", TTL)
    assert store.gc(Retention(runs_per_pipeline=0, max_age_days=0), at(99)) == Collected()
    assert complete(store).run_closed is RunStatus.COMPLETED


def test_gc_keeps_the_run_that_holds_the_newest_ledger_of_a_task(store):
    for number in range(3):
        claim = a_fan_out(store, 2, f"R{number}", created_at=at(number))
        store.finish_task_run(claim, an_end())
    store.create_run(a_run("R3", a_fresh_task("each"), created_at=at(3)), "ann", TTL)
    collected = store.gc(Retention(runs_per_pipeline=1), at(10))
    assert collected == Collected(runs=2, task_runs=2, items=4, events=4)
    assert runs(store) == ["R2", "R3"]
    assert len(store.list_items("R2")[1]) == 2


def test_gc_gives_no_sequence_number_twice(store):
    some_closed_runs(store, 2)
    newest = store.read_events()[-1].seq
    store.forget("sample", None, None)
    assert store.gc(Retention(runs_per_pipeline=0), at(10)).events == 6
    assert store.read_events() == store.read_events(run_id="R1") == []
    store.append_events([an_event("R9")])
    (event,) = store.read_events(after=newest)
    assert event.run_id == "R9"
    assert store.read_events(run_id="R9") == [event]


def test_what_gc_removed_is_unknown_and_its_id_is_free(store):
    some_closed_runs(store, 1)
    store.forget("sample", None, None)
    store.gc(Retention(runs_per_pipeline=0), at(10))
    assert store.find_run("R0") is None
    store.create_run(a_run("R0", a_task("a"), a_task("b", "a")), "ann", TTL)
    (task, _) = store.list_task_runs("R0")
    assert (task.task, task.attempts, store.read_events(run_id="R0")) == ("a", (), [])


@pytest.mark.parametrize("text", ["", "é̈ 🜁", 'it\'s "quoted"; --', "a\nb\tc", "%_*?"])
def test_names_and_values_are_kept_as_exact_text(store, text):
    store.create_run(
        a_run("R1", a_task(f"t{text}", reason={"text": text}), partition=text, params={"p": text}), "ann", TTL
    )
    claim = claim_one(store, tasks=[f"t{text}"])
    assert (claim.task, claim.reason) == (f"t{text}", {"text": text})
    store.finish_task_run(claim, an_end(result=text, completion=a_completion(claim.task, partition=text, result=text)))
    assert store.load_completions("sample", text)[f"t{text}"].result == text
    assert store.find_run("R1").partition == text
