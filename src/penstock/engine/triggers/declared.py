"""Checks the deployments a pipeline declares: their rules, tasks and what they come after."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress

from penstock.engine.definition.deployment import After, Cron, Deployment
from penstock.engine.definition.pipeline import Pipeline
from penstock.engine.definition.registry import Registry
from penstock.engine.planning.selection import select
from penstock.engine.state.schedules import StoredDeployment
from penstock.engine.triggers.calendar.reading import parse_rule
from penstock.engine.triggers.firings import names_tick
from penstock.engine.triggers.trigger import read_trigger
from penstock.engine.triggers.upstream import Followed, resolve_upstream
from penstock.errors import PenstockError, UsageError
from penstock.kit.spelling import did_you_mean


def check_deployments(pipeline: Pipeline, registry: Registry) -> None:
    """Return when everything the pipeline's deployments name exists.

    Raises:
        UsageError: A rule cannot be read, or a selector, parameter or upstream name stands for nothing.
    """
    for deployment in pipeline.deployments.values():
        try:
            _check(deployment, pipeline, registry)
        except PenstockError as error:
            error.message = f"deployment `{deployment.name}` of pipeline `{pipeline.name}`: {error.message}"
            raise


def _check(deployment: Deployment, pipeline: Pipeline, registry: Registry) -> None:
    select(pipeline, deployment.tasks)
    known = [param.name for param in pipeline.params]
    for name, value in deployment.params.items():
        if name not in known:
            raise UsageError(f"there is no parameter `{name}`", hint=did_you_mean(name, known))
        if names_tick(value) and isinstance(deployment.trigger, After):
            raise UsageError(f"parameter `{name}` names a tick, but `{deployment.trigger.text}` has none")
    if isinstance(deployment.trigger, Cron):
        parse_rule(deployment.trigger.rule)
        return
    for name in deployment.trigger.upstream:
        resolve_upstream(name, pipeline, registry)
        if " or " in name:  # the trigger is stored as text in which this word parts the names
            raise UsageError(f"`{name}` has an ` or ` in its name, so nothing can come after it")


def refuse_circles(deployments: Sequence[StoredDeployment], registry: Registry) -> None:
    """Return when no deployment comes, by whatever way, after itself: it would never end.

    Raises:
        UsageError: One does.
    """
    newest = {(one.pipeline, one.deployment): one for one in deployments}
    edges = {key: _asked_by(one, newest, registry) for key, one in newest.items()}
    for key in edges:
        _walk(key, (key,), edges)


def _walk(
    key: tuple[str, str], path: tuple[tuple[str, str], ...], edges: Mapping[tuple[str, str], list[tuple[str, str]]]
) -> None:
    for above in edges.get(key, ()):
        if above in path:
            told = " after ".join(f"`{'/'.join(one)}`" for one in (*path[path.index(above) :], above))
            raise UsageError(f"deployments ask for each other without end: {told}", hint="take one `After` away")
        _walk(above, (*path, above), edges)


def _asked_by(
    one: StoredDeployment, newest: Mapping[tuple[str, str], StoredDeployment], registry: Registry
) -> list[tuple[str, str]]:
    """Return the deployments whose runs ask for a run of this one; a deployment never follows its own runs."""
    trigger = read_trigger(one.trigger)
    if not isinstance(trigger, After) or one.pipeline not in registry.all():
        return []
    followed = list(_still_there(trigger, registry.get(one.pipeline), registry))
    return [
        key
        for key in newest
        if key != (one.pipeline, one.deployment) and any(_asks(key, each, registry) for each in followed)
    ]


def _still_there(trigger: After, pipeline: Pipeline, registry: Registry) -> Iterator[Followed]:
    for name in trigger.upstream:
        with suppress(UsageError):  # what was recorded may be gone since; that is no fault of what is recorded now
            yield resolve_upstream(name, pipeline, registry)


def _asks(key: tuple[str, str], followed: Followed, registry: Registry) -> bool:
    pipeline, deployment = key
    if pipeline != followed.pipeline or followed.deployment not in ("", deployment):
        return False
    if not followed.task:
        return True
    known = registry.get(pipeline)
    if deployment not in known.deployments:
        return False
    return followed.task in select(known, known.deployments[deployment].tasks or known.default_tasks)
