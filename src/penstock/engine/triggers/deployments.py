"""Records deployments: what a pipeline declares, with the parameters a person gives, so that a scheduler follows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from penstock.engine.definition.deployment import After, Cron, Deployment
from penstock.engine.definition.pipeline import Pipeline
from penstock.engine.engine import Engine
from penstock.engine.state.schedules import Firing, FiringStatus, StoredDeployment
from penstock.engine.triggers.calendar.zone import Tick
from penstock.engine.triggers.declared import check_deployments, refuse_circles
from penstock.engine.triggers.firings import fill_in, instant_text, read_instant
from penstock.engine.triggers.trigger import read_trigger, rule_of
from penstock.engine.triggers.upstream import RunFollower, read_ends
from penstock.errors import UsageError
from penstock.kit.spelling import did_you_mean

_TRIES = 10


class Deployments:
    """The recorded deployments of an engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._store = engine.store

    def record(
        self, pipeline: Pipeline, deployments: Sequence[Deployment], params: Mapping[str, Any]
    ) -> list[StoredDeployment]:
        """Record deployments of a pipeline; all of them, or none.

        Args:
            params: Of their runs, beside those declared.

        Raises:
            UsageError: A rule, an upstream name, a selector or a parameter is wrong.
        """
        check_deployments(pipeline, self._engine.registry)
        now = self._engine.clock.now()
        new = [self._stored(pipeline, one, params, now) for one in deployments]
        refuse_circles([*self.list_all(), *new], self._engine.registry)
        for one in new:
            self._store.save_deployment(one._replace(watermark=self._beginning(one, now)))
        names = {one.name for one in new}
        return [one for one in self.list_all() if one.name in names]

    def _stored(
        self, pipeline: Pipeline, declared: Deployment, given: Mapping[str, Any], now: datetime
    ) -> StoredDeployment:
        params = {**declared.params, **given}
        rule = rule_of(declared.trigger.text)
        sample = fill_in(params, now.astimezone(rule.zone)) if rule else params
        partition = pipeline.partition(pipeline.resolve(sample))
        name = f"{pipeline.name}/{declared.name}" + (f"[{partition}]" if partition else "")
        return StoredDeployment(name, pipeline.name, declared.name, declared.trigger.text, params, now)

    def _beginning(self, deployment: StoredDeployment, now: datetime) -> Any:
        """Return the watermark that leaves out everything up to now."""
        trigger = read_trigger(deployment.trigger)
        if isinstance(trigger, Cron):
            return instant_text(now)
        _, seq = read_ends(self._store, 0)
        return self._follower(deployment, trigger).present(seq).as_json()

    def _follower(self, deployment: StoredDeployment, trigger: After) -> RunFollower:
        return RunFollower(deployment, trigger, self._store, self._engine.registry)

    def list_all(self) -> list[StoredDeployment]:
        """Return every recorded deployment by name."""
        return self._store.list_deployments()

    def get(self, name: str) -> StoredDeployment:
        """Return the recorded deployment of this name; what makes it unique will do: `gold` for `p/gold[cycle=2026]`.

        Raises:
            UsageError: There is none, or several.
        """
        known = self.list_all()
        for matching in (
            [one for one in known if one.name == name],
            [one for one in known if name in (one.deployment, f"{one.pipeline}/{one.deployment}")],
        ):
            if len(matching) == 1:
                return matching[0]
            if matching:
                listed = ", ".join(f"`{one.name}`" for one in matching)
                raise UsageError(f"several deployments are called `{name}`: {listed}", hint="give the whole name")
        raise UsageError(
            f"no deployment `{name}` is recorded",
            hint=did_you_mean(name, [one.name for one in known]) or "record it with `penstock deploy PIPELINE --all`",
        )

    def remove(self, name: str) -> StoredDeployment:
        """Forget a deployment and its firings that wait.

        Raises:
            UsageError: There is none.
        """
        found = self.get(name)
        self._store.remove_deployment(found.name)
        return found

    def pause(self, name: str) -> StoredDeployment:
        """Let a deployment ask for nothing until it is resumed.

        Raises:
            UsageError: There is none.
        """
        found = self.get(name)
        self._store.pause_deployment(found.name, is_paused=True)
        return found._replace(is_paused=True)

    def resume(self, name: str) -> StoredDeployment:
        """Let a paused deployment ask again; what happened during the pause asks for nothing.

        Raises:
            UsageError: There is none.
        """
        found = self.get(name)
        for _ in range(_TRIES):
            if not found.is_paused:
                break
            before = found.watermark
            beginning = self._beginning(found, self._engine.clock.now())
            self._store.add_firings(found.name, [], beginning, before)
            found = self.get(found.name)
            if found.watermark == beginning:
                break
        self._store.pause_deployment(found.name, is_paused=False)
        return found._replace(is_paused=False)

    def next_ticks(self, deployment: StoredDeployment, count: int = 1) -> list[Tick]:
        """Return the ticks a deployment asks for next; none when it follows runs or is paused."""
        rule = None if deployment.is_paused else rule_of(deployment.trigger)
        if rule is None:
            return []
        start = read_instant(deployment.watermark, deployment.deployed_at)
        ticks = rule.ticks(max(start, self._engine.clock.now()))
        return [tick for tick, _ in zip(ticks, range(count), strict=False)]

    def last_firing(self, deployment: StoredDeployment) -> Firing | None:
        """Return the newest firing that was started or ended."""
        for firing in self._store.list_firings(deployment.name):
            if firing.status is not FiringStatus.PENDING:
                return firing
        return None
