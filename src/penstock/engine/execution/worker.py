"""The loop every worker runs, wherever it runs: claim, carry out, and again until the run is over."""

from __future__ import annotations

from datetime import timedelta

from penstock.engine.events import EventKind
from penstock.engine.execution.attempt import Attempt
from penstock.engine.execution.body import Caller
from penstock.engine.execution.session import Session
from penstock.engine.state.records import Finish

_POLL = timedelta(milliseconds=20)


def work(session: Session, caller: Caller) -> None:
    """Carry out task runs of the session's run until it is over or stopping.

    There is no master: any number of workers, in any number of processes, may run this on one run at the same time.
    """
    while not (session.closed.is_set() or session.stopping.is_set()):
        if not (_carry_out_next(session, caller) or _help(session, caller)):
            if is_over(session):
                break
            session.wait(_POLL)
    session.ring()


def is_over(session: Session) -> bool:
    """Whether the run is closed, whoever closed it."""
    run = session.store.find_run(session.run.run_id)
    if run is None or run.status.is_final:
        session.closed.set()
    return session.closed.is_set()


def _carry_out_next(session: Session, caller: Caller) -> bool:
    claims = session.store.claim_task_runs(session.run.run_id, session.owner, session.clock.now(), session.ttl)
    for claim in claims:
        finish = Attempt(session, claim, caller).carry_out()
        if finish is not None:
            _follow_up(session, finish)
    return bool(claims)


def _follow_up(session: Session, finish: Finish) -> None:
    if finish.run_closed is not None:
        session.store.append_events([session.event(EventKind.RUN_FINISHED, status=finish.run_closed.value)])
        session.closed.set()
    if session.workers > 1 and (finish.newly_queued or finish.run_closed):
        session.ring()


def _help(session: Session, caller: Caller) -> bool:
    fan_out = session.find_fan_out()
    return fan_out is not None and fan_out.help(caller)
