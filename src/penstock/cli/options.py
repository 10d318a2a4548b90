"""Flags that several verbs share, and those a pipeline's parameters become."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import click

from penstock.cli.invocation import Invocation
from penstock.engine.definition.param import Param
from penstock.engine.definition.pipeline import Pipeline
from penstock.engine.execution.executors import EXECUTORS
from penstock.engine.planning.request import RunRequest
from penstock.errors import DefinitionError, UsageError
from penstock.kit.veil import shown

Verb = TypeVar("Verb", bound=Callable[..., Any])

_PIPELINE = "penstock.pipeline"
_FLAGS = "penstock.flags"
_VALUES = "penstock.values"
#: More choices than this are told as a range.
MANY_CHOICES = 6

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON on standard output, and nothing else there."
)
yes_option = click.option("--yes", is_flag=True, help="Do not ask.")


def _set_verbose(ctx: click.Context, _param: click.Parameter, value: bool) -> None:  # noqa: FBT001 - click's signature
    if value:
        ctx.find_object(Invocation).verbose = True  # type: ignore[union-attr] # every call has its invocation


verbose_option = click.option(
    "-v", "--verbose", is_flag=True, expose_value=False, callback=_set_verbose, help="Show everything, tracebacks too."
)


def _names(_ctx: click.Context, param: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    if any(not text.strip(" ,") for text in given):
        # An empty variable in a script must not mean everything.
        raise UsageError(f"`{param.opts[0]}` names no task", hint=f"leave `{param.opts[0]}` out to mean every task")
    return tuple(name.strip() for text in given for name in text.split(",") if name.strip())


def names_option(flag: str, help_text: str) -> Callable[[Verb], Verb]:
    """Return an option that takes names separated by commas, and may be repeated."""
    return click.option(flag, multiple=True, callback=_names, metavar="NAMES", help=help_text)


def selection_options(verb: Verb) -> Verb:
    """Add the flags that choose tasks."""
    for option in reversed(
        (
            names_option(
                "--tasks",
                "Only these tasks: `name`, `+name` (and what it needs), `name+` (and what needs it), `glob*`, `tag:x`.",
            ),
            names_option("--skip", "All but these tasks; same forms."),
            click.option(
                "--deployment", default="", metavar="NAME", help="The tasks of this deployment; see `penstock deploy`."
            ),
            click.option("--force", is_flag=True, help="Run the tasks whether fresh or not."),
            click.option("--continue-on-failure", is_flag=True, help="Go on with tasks that do not need a failed one."),
        )
    ):
        verb = option(verb)
    return verb


def execution_options(verb: Verb) -> Verb:
    """Add the flags that choose how task runs are carried out."""
    executor = click.option(
        "--executor",
        type=click.Choice(EXECUTORS),
        help="Where bodies run; the setting `executor` when left out, or the pipeline's choice.",
    )
    workers = click.option(
        "--workers", type=click.IntRange(min=1), metavar="N", help="How many bodies run at one time."
    )
    return executor(workers(verb))


class PipelineCommand(click.Command):
    """A verb on a pipeline, whose flags include that pipeline's parameters."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Find the pipeline among the arguments first: its parameters are flags too."""
        pipeline = self._find_pipeline(ctx, args)
        if pipeline is not None:
            ctx.meta[_PIPELINE] = pipeline
            ctx.meta[_FLAGS] = [self._flag(pipeline, param) for param in pipeline.params]
        return super().parse_args(ctx, args)

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the verb's own parameters and the pipeline's."""
        return [*super().get_params(ctx), *ctx.meta.get(_FLAGS, ())]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Show the pipeline's parameters under a heading of their own."""
        flags = ctx.meta.get(_FLAGS, ())
        if flags:
            with formatter.section(f"Parameters of {ctx.meta[_PIPELINE].name}"):
                formatter.write_dl([record for flag in flags if (record := flag.get_help_record(ctx))])
        own = [param.get_help_record(ctx) for param in super().get_params(ctx) if isinstance(param, click.Option)]
        with formatter.section("Options"):
            formatter.write_dl([record for record in own if record])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Say where the parameters of a pipeline are told, unless they are told here."""
        if _PIPELINE not in ctx.meta:
            formatter.write_paragraph()
            formatter.write_text(f"`{ctx.command_path} PIPELINE --help` tells the parameters of a pipeline too.")

    def _find_pipeline(self, ctx: click.Context, args: list[str]) -> Pipeline | None:
        name = next(self._positional(ctx, args), None)
        invocation = ctx.find_object(Invocation)
        return None if name is None or invocation is None else invocation.registry.get(name)

    def _positional(self, ctx: click.Context, args: list[str]) -> Iterator[str]:
        taking_value = {
            flag
            for param in super().get_params(ctx)
            if isinstance(param, click.Option) and not param.is_flag
            for flag in param.opts
        }
        before = ""
        for arg in args:
            if not arg.startswith("-") and before not in taking_value:
                yield arg
            before = arg

    def _flag(self, pipeline: Pipeline, param: Param) -> click.Option:
        taken = {flag for own in self.params for flag in own.opts}
        if param.flag in taken:
            raise DefinitionError(
                f"parameter `{param.name}` of pipeline `{pipeline.name}` has the name of a flag of `{self.name}`",
                hint="give the parameter another name",
            )
        return flag_of(param)


def flag_of(param: Param) -> click.Option:
    """Return the flag a parameter becomes; its text is parsed by the parameter itself."""
    is_switch = param.type is bool
    spelling = f"{param.flag}/--no-{param.flag[2:]}" if is_switch else param.flag
    return click.Option(
        [f"param_{param.name}", spelling],
        default=None,
        expose_value=False,
        callback=lambda ctx, _flag, value: _keep(ctx, param, value),
        help=_help(param),
        metavar=None if is_switch else _metavar(param),
        **({"is_flag": True} if is_switch else {"type": str}),
    )


def _keep(ctx: click.Context, param: Param, value: Any) -> None:
    if value is not None:
        ctx.meta.setdefault(_VALUES, {})[param.name] = param.parse(_placed(ctx, value) if param.location else value)


def _placed(ctx: click.Context, location: str) -> str:
    """Return where data lies as typed, seen from the folder it was typed in; an address stays as it is."""
    invocation = ctx.find_object(Invocation)
    return location if invocation is None or "://" in location else str(invocation.placed(Path(location)))


def _metavar(param: Param) -> str:
    if 0 < len(param.choices) <= MANY_CHOICES:
        return "|".join(map(str, param.choices))
    return {str: "TEXT", int: "NUMBER", float: "NUMBER", bool: ""}.get(param.type, param.type.__name__.upper())


def _help(param: Param) -> str:
    notes = ["required"] if param.required else []
    notes += [f"default: {shown(param.name, param.default)}"] if param.default is not None else []
    notes += [choices_text(param)] if len(param.choices) > MANY_CHOICES else []
    return param.doc + (f"  [{'; '.join(notes)}]" if notes else "")


def choices_text(param: Param) -> str:
    """Return the values a parameter may have, in short."""
    if len(param.choices) > MANY_CHOICES:
        return f"one of {param.choices[0]}, {param.choices[1]} … {param.choices[-1]}"
    return "one of " + ", ".join(map(str, param.choices))


def typed_command(verb: str, pipeline: Pipeline) -> str:
    """Return a verb on a pipeline as a person types it, with every flag the pipeline requires."""
    flags = [f"{param.flag} {param.name.upper()}" for param in pipeline.params if param.required]
    return " ".join(["penstock", verb, pipeline.name, *flags])


def given_params(ctx: click.Context) -> dict[str, Any]:
    """Return the pipeline's parameters as given on the command line, parsed."""
    return dict(ctx.meta.get(_VALUES, {}))


def request_from(ctx: click.Context, pipeline: str, **choice: Any) -> RunRequest:
    """Return the request a command line makes."""
    invocation = ctx.ensure_object(Invocation)
    return RunRequest(pipeline, params=given_params(ctx), cause=invocation.command_line, **choice)


def confirm(question: str, *, yes: bool) -> None:
    """Return when a person agrees.

    Raises:
        UsageError: There is nobody to ask.
        click.Abort: The person does not agree.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError(
            "this asks before it acts, and there is nobody to ask", hint="pass `--yes` to agree beforehand"
        )
    click.confirm(question, abort=True, err=True)
