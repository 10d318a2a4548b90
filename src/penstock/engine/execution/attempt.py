"""One try of a task run: decide, call the body, record the outcome under the claim's token."""

from __future__ import annotations

from collections.abc import Mapping
from glob import has_magic
from typing import Any

from penstock.engine.definition.dataset import File, Observation
from penstock.engine.definition.task import Task, dataset_name
from penstock.engine.events import EventKind
from penstock.engine.execution.call import Call, Caller
from penstock.engine.execution.context import Params
from penstock.engine.execution.fanout import FanOut, items_of
from penstock.engine.execution.journal import AttemptJournal
from penstock.engine.execution.retry import asked_delay, decide_retry, describe_failure
from penstock.engine.execution.session import Session
from penstock.engine.planning.freshness import Present, find_staleness, fresh, undeclared
from penstock.engine.planning.plan import Action
from penstock.engine.planning.planner import ABSENT
from penstock.engine.planning.reason import Reason, ReasonKind
from penstock.engine.state.records import Claim, Completion, Finish, Item, ItemStatus, Outcome, TaskOutcome, TaskStatus
from penstock.engine.view import items_json
from penstock.errors import LeaseLostError, RunCancelledError, Skip, StopBody, TaskFailedError, TimeLimitError
from penstock.kit.jsonable import digest, to_json


class Attempt:
    """Carries out one claim.

    Args:
        caller: Calls the body, here or in another process.
    """

    def __init__(self, session: Session, claim: Claim, caller: Caller) -> None:
        self._session = session
        self._claim = claim
        self._caller = caller
        self._task = session.pipeline.tasks[claim.task]
        self._journal = AttemptJournal(session, claim)
        self._params = Params(session.around.params)
        self._reason: Mapping[str, Any] | None = None

    def carry_out(self) -> Finish | None:
        """Do what the claim asks for and record it; None when another process took the task over meanwhile."""
        try:
            return self._record(self._outcome())
        except LeaseLostError:
            return None

    def _outcome(self) -> TaskOutcome:
        try:
            if self._session.stopping.is_set():
                return self._end(TaskStatus.CANCELLED, Outcome.CANCELLED)
            return self._run_if_stale()
        except LeaseLostError:
            raise
        except Skip as skip:
            why = self._session.veil.text(str(skip)) or "the body found nothing to do"
            reason = Reason(ReasonKind.NOTHING_TO_DO, {"what": why})
            return self._end(TaskStatus.SKIPPED, Outcome.SKIPPED, reason=reason.as_json())
        except (RunCancelledError, StopBody, KeyboardInterrupt):
            return self._end(TaskStatus.CANCELLED, Outcome.CANCELLED)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - the attempt boundary: whatever a body raises is its outcome
            return self._failed(error)

    def _run_if_stale(self) -> TaskOutcome:
        around = self._session.around
        self._session.catch_up([self._task.name, *around.pipeline.graph.upstream(self._task.name)])
        present = around.present(self._task)
        if self._claim.action == Action.CHECK:
            completion = around.completions.get(self._task.name)
            reason = find_staleness(present, completion) or undeclared(self._task)
            if reason is None and completion is not None:
                return self._end(TaskStatus.SKIPPED, Outcome.SKIPPED, reason=fresh(completion).as_json())
            self._reason = reason.as_json() if reason else None
        if self._task.each is not None:
            return self._run_items(present)
        value = self._caller(Call(self._task, self._claim, self._claim.attempt, self._params, self._journal))
        self._journal.check()
        return self._completed(present, value)

    def _run_items(self, present: Present) -> TaskOutcome:
        session, task = self._session, self._task
        fan_out = FanOut(session, self._claim, task, self._params, self._journal)
        items = items_of(session.results(task.each or ""), task)
        fan_out.discover(items, present, self._last_ledger() if self._may_carry() else None)
        with session.opened(fan_out):
            fan_out.finish(self._caller)
        counts = fan_out.counts
        if task.tolerates(counts.failed, counts.discovered):
            return self._completed(present, items_json(counts), failed_items=counts.failed)
        raise TaskFailedError(
            f"{counts.failed:,} of {counts.discovered:,} items failed; {task.failure_tolerance:g} are tolerated"
            + self._first_failure(),
            hint=f"penstock items {session.run.run_id} --status failed",
        )

    def _first_failure(self) -> str:
        run_id, name = self._session.run.run_id, self._task.name
        _, records = self._session.store.list_items(run_id, task=name, status=ItemStatus.FAILED, limit=1)
        return "".join(f"; `{one.key}`: {one.failure.message}" for one in records if one.failure is not None)

    def _may_carry(self) -> bool:
        """Whether items done earlier may stay done: not when a person forced them, nor when what they made is gone."""
        reason = self._reason or self._claim.reason
        return reason.get("kind") not in (ReasonKind.FORCED.value, ReasonKind.OUTPUT_CHANGED.value)

    def _last_ledger(self) -> str | None:
        """Return the run that holds the task's newest ledger: an interrupted one, or the last completed one."""
        session, completion = self._session, self._session.around.completions.get(self._task.name)
        last_completed = None if completion is None else completion.run_id
        for run in session.store.list_runs(pipeline=session.run.pipeline, partition=session.run.partition):
            if run.run_id == last_completed:
                break
            if run.run_id != session.run.run_id:
                sums, _ = session.store.list_items(run.run_id, task=self._task.name, limit=0)
                if sums:
                    return run.run_id
        return last_completed

    def _completed(self, present: Present, value: Any, *, failed_items: int = 0) -> TaskOutcome:
        session, task = self._session, self._task
        items = _as_items(value)
        result = {"items": len(items)} if items is not None else value
        tables = session.around.observe_tables([task]) if task.outputs or task.updates else {}
        outputs = session.around.observe_outputs(task, tables)
        _require_products(task, outputs)
        updated = {name: tables[name] for name in task.updates if name in tables}
        listed = [[item.key, item.payload] for item in items] if items is not None else None
        facts: dict[str, Any] = {
            "code": present.code,
            "version": present.version,
            "params": self._params_read(present),
            "inputs": _stored({**present.inputs, **updated}),
            "results": present.results,
            "outputs": _stored(outputs),
            "token": self._token(outputs, value if listed is None else listed),
        }
        if failed_items:
            facts["failed_items"] = failed_items
        if listed is not None:
            facts["packed"] = True
        completion = Completion(
            pipeline=session.run.pipeline,
            partition=session.run.partition,
            task=task.name,
            run_id=session.run.run_id,
            completed_at=session.clock.now(),
            facts=facts,
            result=value if listed is None else to_json(listed),
        )
        return self._end(
            TaskStatus.COMPLETED, Outcome.COMPLETED, result=result, completion=completion, reason=self._reason
        )

    def _params_read(self, present: Present) -> Mapping[str, Any]:
        """Return the parameters that count from now on: all for a fan-out, whose items may have run elsewhere."""
        if self._task.each is not None:
            return present.params
        return {name: present.params[name] for name in sorted(self._params.read) if name in present.params}

    def _token(self, outputs: Mapping[str, Observation], value: Any) -> str:
        if self._task.outputs:
            if len(outputs) < len(self._task.outputs):
                return self._session.run.run_id  # an output nobody can observe has to be taken for changed
            return digest([[name, state.value] for name, state in sorted(outputs.items())])
        return self._session.run.run_id if value is None else digest(value)

    def _failed(self, error: BaseException) -> TaskOutcome:
        failure = describe_failure(error).veiled(self._session.veil)
        asked = asked_delay(error)
        fan_out_is_done = self._task.each is not None and isinstance(error, TaskFailedError)
        chance = self._session.chance()
        delay = None if fan_out_is_done else decide_retry(self._task, failure, self._claim.attempt, asked, chance)
        outcome = Outcome.TIMED_OUT if isinstance(error, TimeLimitError) else Outcome.FAILED
        if delay is None and self._task.may_fail:
            passed = Reason(ReasonKind.FAILURE_PASSED, {"what": failure.message})
            return self._end(TaskStatus.SKIPPED, outcome, failure=failure, reason=passed.as_json())
        if delay is None or self._session.stopping.is_set():
            return self._end(TaskStatus.FAILED, outcome, failure=failure, reason=self._reason)
        retry_at = self._session.clock.now() + delay
        return self._end(TaskStatus.QUEUED, outcome, failure=failure, retry_at=retry_at)

    def _end(self, status: TaskStatus, outcome: Outcome, **facts: Any) -> TaskOutcome:
        return TaskOutcome(status, outcome, self._session.clock.now(), **facts)

    def _record(self, outcome: TaskOutcome) -> Finish:
        session, task = self._session, self._claim.task
        facts: dict[str, Any] = {"status": outcome.status.value}
        kind = EventKind.TASK_FINISHED
        if outcome.status is TaskStatus.QUEUED:
            kind, facts = EventKind.TASK_RETRY_SCHEDULED, {"at": outcome.retry_at}
        if outcome.failure is not None:
            facts["message"] = outcome.failure.message
        if outcome.completion is not None and outcome.completion.facts["token"] != session.run.run_id:
            facts["fingerprint"] = outcome.completion.facts["token"]
        event = session.event(kind, task, attempt=self._claim.attempt, **facts)
        next_ttl = None if session.stopping.is_set() else session.ttl
        with session.completing(task, outcome.completion):
            finish = session.store.finish_task_run(self._claim, outcome, [event], next_ttl=next_ttl)
        if session.watcher is not None:
            session.watcher.note()
        return finish


def _as_items(value: Any) -> list[Item] | None:
    if isinstance(value, list | tuple) and value and all(isinstance(one, Item) for one in value):
        return list(value)
    return None


def _require_products(task: Task, outputs: Mapping[str, Observation]) -> None:
    """Return when a script made what its task declares: a reader must not find out in its stead.

    Raises:
        TaskFailedError: Something is missing; a pattern may match nothing.
    """
    for dataset in task.outputs if task.script is not None else ():
        name = dataset_name(dataset)
        may_lack = isinstance(dataset, File) and (dataset.optional or has_magic(dataset.path))
        if not may_lack and outputs.get(name) is ABSENT:
            raise TaskFailedError(
                f"`{task.name}` ended well, but did not make `{name}`",
                hint=f"make it, take it from its outputs, or write `{name}?` if it may be missing",
            )


def _stored(states: Mapping[str, Observation]) -> dict[str, list[str]]:
    return {name: [state.value, state.label, state.validator] for name, state in states.items()}
