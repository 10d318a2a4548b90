"""The loop every worker runs, wherever it runs: claim, carry out, and again until the run is over."""

from __future__ import annotations

from datetime import timedelta

from penstock.engine.execution.attempt import Attempt
from penstock.engine.execution.call import Caller
from penstock.engine.execution.session import Session
from penstock.engine.state.records import Claim
from penstock.errors import LeaseLostError

_POLL = timedelta(milliseconds=20)


def work(session: Session, caller: Caller) -> None:
    """Carry out task runs of the session's run until it is over or stopping.

    There is no master: any number of workers, in any number of processes, may run this on one run at the same time.
    """
    claim: Claim | None = None
    while not session.closed.is_set() and (claim or not session.stopping.is_set()):
        claim = claim or _claim(session)
        if claim is not None:
            claim = _carry_out(session, claim, caller)
        elif not _help(session, caller):
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


def _claim(session: Session) -> Claim | None:
    claims = session.store.claim_task_runs(session.run.run_id, session.owner, session.clock.now(), session.ttl)
    return claims[0] if claims else None


def _carry_out(session: Session, claim: Claim, caller: Caller) -> Claim | None:
    """Carry a claim out; return the next one, which was taken in the transaction that finished this one."""
    finish = Attempt(session, claim, caller).carry_out()
    if finish is None:
        return None
    if finish.run_closed is not None:
        session.closed.set()
    if session.workers > 1 and (finish.newly_queued or finish.run_closed):
        session.ring()
    return finish.next_claim


def _help(session: Session, caller: Caller) -> bool:
    fan_out = session.find_fan_out()
    try:
        return fan_out is not None and fan_out.help(caller)
    except LeaseLostError:
        return False  # it was finished, or taken over, in the moment this worker came to help
