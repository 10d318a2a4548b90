"""The verb that records deployments for the scheduler, shows them and removes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import click

from penstock.cli.invocation import Invocation, pass_invocation
from penstock.cli.lines import params_text
from penstock.cli.options import PipelineCommand, given_params, json_option
from penstock.cli.output import columns, emit, emit_json, say_hints
from penstock.cli.schedule import deployment_json, deployments_of, next_text, tick_text
from penstock.engine.definition.deployment import Deployment
from penstock.engine.definition.pipeline import Pipeline
from penstock.errors import DefinitionError, UsageError

if TYPE_CHECKING:
    from penstock.engine.state.schedules import StoredDeployment
    from penstock.engine.triggers.deployments import Deployments

_FOUND = "penstock.deploy.pipeline"
_GROUP_FLAGS = "penstock.deploy.flags"
_GROUPS = "penstock.deploy.groups"


class DeployCommand(PipelineCommand):
    """`deploy`, whose flags include the groups of the pipeline's deployments."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the verb's own parameters, the pipeline's, and a flag for each group."""
        return [*super().get_params(ctx), *ctx.meta.get(_GROUP_FLAGS, ())]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Show the groups under a heading of their own."""
        flags = ctx.meta.get(_GROUP_FLAGS, ())
        if flags:
            with formatter.section(f"Deployments of {ctx.meta[_FOUND].name}"):
                formatter.write_dl([record for flag in flags if (record := flag.get_help_record(ctx))])
        super().format_options(ctx, formatter)

    def _find_pipeline(self, ctx: click.Context, args: list[str]) -> Pipeline | None:
        invocation = ctx.find_object(Invocation)
        if invocation is None:
            return None
        known = invocation.registry.all()
        if args and not args[0].startswith("-"):
            invocation.registry.get(args[0])
        named = next((known[word] for word in self._positional(ctx, args) if word in known), None)
        found = named or _only_one(known, args)
        if found is not None:
            ctx.meta[_FOUND] = found
            ctx.meta[_GROUP_FLAGS] = self._flags_of(found)
        return found

    def _flags_of(self, pipeline: Pipeline) -> list[click.Option]:
        members: dict[str, list[Deployment]] = {}
        for one in pipeline.deployments.values():
            members.setdefault(group_of(one), []).append(one)
        taken = {flag for own in self.params for flag in own.opts} | {param.flag for param in pipeline.params}
        for group in members:
            if f"--{group}" in taken:
                raise DefinitionError(
                    f"group `{group}` of pipeline `{pipeline.name}` has the name of another flag of `deploy`",
                    hint="give the deployments another `group=`",
                )
        return [_flag(group, deployments) for group, deployments in members.items()]


def _only_one(known: Mapping[str, Pipeline], args: list[str]) -> Pipeline | None:
    deployable = [one for one in known.values() if one.deployments]
    if len(deployable) > 1 and not {"--summary", "--help", "-h"}.intersection(args):
        words = ", ".join(f"`{one.name}`" for one in deployable)
        raise UsageError("several pipelines have deployments, and none is named", hint=f"name one of {words}")
    return deployable[0] if len(deployable) == 1 else None


def group_of(deployment: Deployment) -> str:
    """Return the word that records a deployment with others."""
    return deployment.group or deployment.name


def _flag(group: str, members: Iterable[Deployment]) -> click.Option:
    def keep(ctx: click.Context, _flag: click.Parameter, value: bool) -> None:  # noqa: FBT001 - click's signature
        if value:
            ctx.meta.setdefault(_GROUPS, []).append(group)

    told = "; ".join(f"{one.name}: {one.doc or one.trigger.text}" for one in members)
    return click.Option([f"group_{group}", f"--{group}"], is_flag=True, expose_value=False, callback=keep, help=told)


@click.command("deploy", cls=DeployCommand)
@click.argument("pipeline", required=False)
@click.option("--all", "everything", is_flag=True, help="Every deployment of the pipeline.")
@click.option("--summary", is_flag=True, help="Show what is recorded; change nothing.")
@click.option("--remove", is_flag=True, help="Forget the chosen deployments instead, and what of theirs waits.")
@json_option
@pass_invocation
@click.pass_context
def deploy_command(
    ctx: click.Context,
    invocation: Invocation,
    *,
    pipeline: str | None,
    everything: bool,
    summary: bool,
    remove: bool,
    as_json: bool,
) -> int:
    """Record deployments of a pipeline, so that the scheduler follows them.

    Choose them with `--all` or by their groups, such as `--bronze`. PIPELINE may be left out while only one pipeline
    has deployments. The parameters given here are those of every run.
    """
    known = deployments_of(invocation)
    if summary:
        return _summarize(invocation, known, pipeline, as_json=as_json)
    found: Pipeline | None = ctx.meta.get(_FOUND)
    if found is None:
        raise UsageError("no pipeline has deployments", hint="add `deployments=[…]` to one")
    chosen = _chosen(found, ctx.meta.get(_GROUPS, []), everything=everything)
    if remove:
        return _remove(known, found, chosen, given_params(ctx), as_json=as_json)
    return _record(known, found, chosen, given_params(ctx), as_json=as_json)


def _chosen(pipeline: Pipeline, groups: list[str], *, everything: bool) -> list[Deployment]:
    chosen = [one for one in pipeline.deployments.values() if everything or group_of(one) in groups]
    if not pipeline.deployments:
        raise UsageError(f"pipeline `{pipeline.name}` declares no deployments", hint="add `deployments=[…]` to it")
    if not chosen:
        words = ", ".join(f"`--{word}`" for word in dict.fromkeys(map(group_of, pipeline.deployments.values())))
        raise UsageError("no deployment is chosen", hint=f"choose `--all`, or of {words}; look with `--summary`")
    return chosen


def _record(
    known: Deployments, pipeline: Pipeline, chosen: list[Deployment], params: Mapping[str, Any], *, as_json: bool
) -> int:
    recorded = known.record(pipeline, chosen, params)
    if as_json:
        emit_json({"deployments": [deployment_json(known, one) for one in recorded]})
        return 0
    for one in recorded:
        emit(f"recorded {one.name}: {one.trigger}")
        for tick in known.next_ticks(one):
            emit(f"  next {tick_text(tick)}" + (f" · {tick.note}" if tick.note else ""))
    say_hints(["penstock scheduler"])
    return 0


def _remove(
    known: Deployments, pipeline: Pipeline, chosen: list[Deployment], params: Mapping[str, Any], *, as_json: bool
) -> int:
    names = {one.name for one in chosen}
    gone = [
        known.remove(one.name)
        for one in known.list_all()
        if one.pipeline == pipeline.name and one.deployment in names and _is_about(one, params)
    ]
    if as_json:
        emit_json({"removed": [one.name for one in gone]})
    else:
        emit("\n".join(f"removed {one.name}" for one in gone) or "nothing of these was recorded")
    return 0


def _is_about(one: StoredDeployment, params: Mapping[str, Any]) -> bool:
    return all(str(one.params.get(name)) == str(value) for name, value in params.items())


def _summarize(invocation: Invocation, known: Deployments, pipeline: str | None, *, as_json: bool) -> int:
    found = [one for one in known.list_all() if pipeline in (None, one.pipeline)]
    if as_json:
        listed = [{**deployment_json(known, one), "tasks": list(_tasks(invocation, one))} for one in found]
        emit_json({"deployments": listed})
        return 0
    for one in found:
        emit(f"{one.name}\n{columns(_facts(invocation, known, one))}")
    if not found:
        say_hints([f"nothing is recorded yet: penstock deploy {pipeline or 'PIPELINE'} --all"])
    return 0


def _facts(invocation: Invocation, known: Deployments, one: StoredDeployment) -> list[tuple[str, str]]:
    last = known.last_firing(one)
    facts = [("trigger", one.trigger), ("tasks", ", ".join(_tasks(invocation, one)) or "the pipeline's default choice")]
    facts += [("params", params_text(one.params))] if one.params else []
    facts += [("last", f"{last.key} {last.status.value}, run {last.run_id}" if last else "has not fired yet")]
    upcoming = next_text(known, one).removeprefix("next ")
    return [*facts, ("next", upcoming or "whenever that is")]


def _tasks(invocation: Invocation, one: StoredDeployment) -> tuple[str, ...]:
    pipeline = invocation.registry.all().get(one.pipeline)
    declared = pipeline.deployments.get(one.deployment) if pipeline else None
    return declared.tasks if declared else ("no longer declared",)
