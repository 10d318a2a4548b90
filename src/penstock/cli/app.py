"""The command table, global options, and how errors become messages and exit codes."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import click
from click.exceptions import NoArgsIsHelpError

from penstock import __version__
from penstock.cli.invocation import Invocation
from penstock.cli.output import say, say_error
from penstock.errors import PenstockError, UsageError
from penstock.kit.spelling import nearest


@dataclass(frozen=True, slots=True)
class Verb:
    """One command: where it is defined, and what `--help` says of it without importing that module."""

    name: str
    module: str
    summary: str

    @property
    def attribute(self) -> str:
        """Name of the function that is the command."""
        return self.name.replace("-", "_") + "_command"


TABLE: dict[str, tuple[Verb, ...]] = {
    "Look": (
        Verb("list", "show", "List the pipelines."),
        Verb("show", "show", "Show a pipeline: tasks, parameters, graph."),
        Verb("plan", "plan", "Tell what a run would do, and why."),
        Verb("why", "plan", "Tell why tasks last ran or did not."),
        Verb("results", "results", "Show the result tables of a pipeline."),
    ),
    "Run": (
        Verb("run", "run", "Run a pipeline: what is stale, and nothing else."),
        Verb("apply", "run", "Run a saved plan, if it still describes what would happen."),
        Verb("resume", "run", "Continue a run that stopped before its end."),
        Verb("retry", "run", "Try again what failed in a run."),
        Verb("cancel", "run", "Stop a run."),
    ),
    "Follow": (
        Verb("status", "status", "Show a run: its tasks, how they ended, and why they ran."),
        Verb("history", "status", "List runs, newest first."),
        Verb("logs", "log", "Print what a run reported."),
        Verb("items", "log", "List the items of a run's fan-outs."),
        Verb("compare", "compare", "Tell how two runs of one pipeline differ."),
    ),
    "Watch": (
        Verb("serve", "serve", "Open the console: a live page for every pipeline, run and task."),
        Verb("notify", "notify", "List and test the channels that are told of failures, recoveries and delays."),
    ),
    "Schedule": (
        Verb("deploy", "deploy", "Record deployments of a pipeline, so that the scheduler follows them."),
        Verb("schedule", "schedule", "List, preview, check, pause, resume and remove schedules."),
        Verb("scheduler", "scheduler", "Start runs when their triggers ask for them, until Ctrl-C or SIGTERM."),
        Verb(
            "backfill", "backfill", "Ask for a run for every past tick of a recorded deployment that never became one."
        ),
    ),
    "Keep house": (
        Verb("mark", "mark", "Mark a task as tested, or as not; without a flag, tell which it is."),
        Verb("reset", "state", "Forget that tasks completed, so that they run again."),
        Verb("gc", "state", "Remove old runs from the state store."),
        Verb("config", "config", "Show settings and where they come from."),
        Verb("doctor", "doctor", "Check this installation and project."),
    ),
    "Begin": (
        Verb("demo", "demo", "Run the pipelines on simulated publishers, and show their results."),
        Verb("init", "init", "Make a project folder with working pipelines."),
        Verb("schema", "schema", "Print the JSON Schema of pipeline files, for editors."),
        Verb("simulate", "simulate", "Write input files such as a publisher's, or play a publisher."),
    ),
}
VERBS = {verb.name: verb for verbs in TABLE.values() for verb in verbs}

EXIT_CODES = (
    (0, "completed, or nothing to do"),
    (1, "a task failed, or `schedule lint` found something"),
    (2, "usage or definition: a wrong name, flag, parameter or declaration"),
    (3, "source: input is missing, truncated or malformed"),
    (4, "state or warehouse cannot be used"),
    (5, "the saved plan is stale"),
    (6, "conflict: another run holds the pipeline or the warehouse"),
    (70, "an unexpected error: a defect of Penstock"),
    (130, "cancelled"),
)
_NO_PROJECT = "no project here: neither this folder nor one above has a `penstock.toml`; make one: penstock init FOLDER"
_DEFECT, _INTERRUPTED, _READER_GONE = 70, 130, 141


class LazyGroup(click.Group):
    """A group that imports a command when it is called, and not to list it."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return every verb in the order of the table."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Return the command of this name, imported now."""
        if cmd_name not in VERBS:
            return None
        verb = VERBS[cmd_name]
        command = getattr(import_module(f"penstock.cli.{verb.module}"), verb.attribute)
        assert isinstance(command, click.Command)  # noqa: S101 - tells the type checker what the table promises
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or suggest the one that was meant."""
        name = args[0]
        if name not in VERBS and not name.startswith("-"):
            raise UsageError(
                f"there is no command `{name}`", hint=_suggestion(name, VERBS) or "list all with `penstock --help`"
            )
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the table, section by section."""
        for heading, verbs in TABLE.items():
            with formatter.section(heading):
                formatter.write_dl([(verb.name.ljust(8), verb.summary) for verb in verbs])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the exit codes."""
        with formatter.section("Exit codes"):
            formatter.write_dl([(str(code).ljust(8), meaning) for code, meaning in EXIT_CODES])


def _suggestion(name: str, known: Iterable[str]) -> str | None:
    match = nearest(name, known)
    return f"did you mean `penstock {match}`?" if match else None


def _settings_given(_ctx: click.Context, _param: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    pairs = [text.partition("=") for text in given]
    for name, equals, _ in pairs:
        if not equals:
            raise UsageError(f"`--set {name}` gives no value", hint=f"write `--set {name}=VALUE`")
    return {name: value for name, _, value in pairs}


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--home", metavar="FOLDER", help="Where state, warehouse and downloads are; `.penstock` when left out.")
@click.option(
    "--set", "given", multiple=True, metavar="NAME=VALUE", callback=_settings_given, help="Set a setting for this call."
)
@click.option("-v", "--verbose", is_flag=True, help="Show everything, tracebacks too.")
@click.version_option(__version__, "-V", "--version", message="penstock %(version)s")
@click.pass_context
def cli(ctx: click.Context, *, home: str | None, given: dict[str, str], verbose: bool) -> None:
    """Public-data pipelines that know what changed, survive anything, and can say why."""
    invocation = ctx.ensure_object(Invocation)
    invocation.options = {**given, **({"home": home} if home else {})}
    invocation.verbose = invocation.verbose or verbose
    ctx.call_on_close(invocation.close)


def main(args: list[str] | None = None) -> None:
    """Run the command line and end the process with its exit code."""
    sys.exit(run(sys.argv[1:] if args is None else args))


def run(args: list[str]) -> int:
    """Run one command line and return its exit code; nothing is raised."""
    invocation = Invocation(args)
    try:
        code = _call(invocation)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has all it wanted; the interpreter's own flush at exit must not complain either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _READER_GONE
    except KeyboardInterrupt:
        say_error("interrupted")
        return _INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the face's boundary: a defect ends in a message, not in a page of frames
        return _report(error, invocation)
    return code


def _call(invocation: Invocation) -> int:
    code = cli.main(invocation.typed, prog_name="penstock", standalone_mode=False, obj=invocation)
    return code if isinstance(code, int) else 0


def _report(error: Exception, invocation: Invocation) -> int:
    if isinstance(error, click.Abort):
        say_error("not agreed; nothing was changed")
        return _INTERRUPTED
    if isinstance(error, click.ClickException):
        return _report_usage(error)
    if invocation.verbose:
        _print_traceback(error)
    if isinstance(error, PenstockError):
        say_error(error.message, [error.hint, _NO_PROJECT if _misses_project(error, invocation) else None])
        return error.exit_code
    return _report_defect(error, invocation)


def _misses_project(error: PenstockError, invocation: Invocation) -> bool:
    return isinstance(error, UsageError) and invocation.lacks_project


def _report_usage(error: click.ClickException) -> int:
    hint = None
    if isinstance(error, NoArgsIsHelpError):
        say(error.format_message())
        return error.exit_code
    if isinstance(error, click.NoSuchOption):
        message = f"there is no option `{error.option_name}`"
        hint = f"did you mean `{error.possibilities[0]}`?" if error.possibilities else None
    else:
        message = _worded(error.format_message())
    ctx = error.ctx if isinstance(error, click.UsageError) else None
    say_error(message, [hint or (f"see `{ctx.command_path} --help`" if ctx else None)])
    return error.exit_code


def _worded(sentence: str) -> str:
    text = sentence.strip().removesuffix(".").replace("'", "`")
    return text[:1].lower() + text[1:]


def _report_defect(error: Exception, invocation: Invocation) -> int:
    if invocation.verbose:
        say_error(f"{type(error).__name__}: {error}", ["this is a defect of Penstock"])
        return _DEFECT
    try:
        place = f"the traceback is in `{_write_traceback(error, invocation)}`"
    except (OSError, PenstockError):
        place = "call again with `-v` to see the traceback"
    say_error(f"{type(error).__name__}: {error}", [f"this is a defect of Penstock; {place}"])
    return _DEFECT


def _print_traceback(error: BaseException) -> None:
    import traceback

    say("".join(traceback.format_exception(error)).rstrip())


def _write_traceback(error: Exception, invocation: Invocation) -> Path:
    import traceback

    from penstock.kit.clock import SystemClock

    folder = invocation.settings.crashes
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{SystemClock().now():%Y%m%dT%H%M%S}-{os.getpid()}.log"
    path.write_text(f"{invocation.command_line}\n\n{''.join(traceback.format_exception(error))}", encoding="utf-8")
    return path
