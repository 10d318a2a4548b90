"""The verbs that tell what exists: list, show."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from penstock.cli.invocation import Invocation, pass_invocation
from penstock.cli.options import choices_text, flag_of, json_option, typed_command
from penstock.cli.output import NOTE, columns, emit, emit_json, paint, say_error, say_hints
from penstock.engine.definition.param import Param
from penstock.engine.definition.pipeline import Pipeline
from penstock.engine.definition.task import Task, dataset_name
from penstock.kit.durations import format_duration
from penstock.kit.veil import shown


@click.command("list")
@json_option
@pass_invocation
def list_command(invocation: Invocation, *, as_json: bool) -> int:
    """List the pipelines."""
    registry = invocation.registry
    pipelines = registry.all()
    if as_json:
        emit_json({"pipelines": [_listed(one) for one in pipelines.values()], "broken": _broken(invocation)})
    else:
        emit(columns([(paint(one.name, NOTE), _told(one)) for one in pipelines.values()], indent=0))
    for error in registry.broken.values():
        say_error(error.message, [error.hint])
    if not as_json:
        say_hints(["penstock show PIPELINE"])
    return 2 if registry.broken else 0


def _told(pipeline: Pipeline) -> str:
    title = "" if pipeline.title == pipeline.name else pipeline.title
    return ": ".join(part for part in (title, pipeline.doc) if part)


def _listed(pipeline: Pipeline) -> dict[str, Any]:
    return {
        "name": pipeline.name,
        "title": pipeline.title,
        "doc": pipeline.doc,
        "tasks": len(pipeline.tasks),
        "file": _file(pipeline),
    }


def _near(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _file(pipeline: Pipeline) -> str | None:
    return None if pipeline.file is None else str(pipeline.file)


def _broken(invocation: Invocation) -> list[dict[str, Any]]:
    broken = invocation.registry.broken
    return [{"file": str(path), "error": error.message, "hint": error.hint} for path, error in broken.items()]


@click.command("show")
@click.argument("pipeline")
@json_option
@pass_invocation
def show_command(invocation: Invocation, *, pipeline: str, as_json: bool) -> int:
    """Show a pipeline: tasks, parameters, graph."""
    known = invocation.registry.get(pipeline)
    if as_json:
        emit_json(_shown(known))
        return 0
    emit(f"{paint(known.name, NOTE)}  {_told(known)}".rstrip())
    if known.file is not None:
        emit(f"from `{_near(known.file)}`")
    _emit_section("Parameters", [(_spelling(param), _meaning(param)) for param in known.params])
    _emit_section("Tasks", [(name, _traits(known.tasks[name])) for name in known.graph.order])
    _emit_section("Graph", [(_drawn(known, name), "") for name in known.graph.order])
    _emit_section("Datasets", [(name, _first_line(data)) for name, data in known.datasets.items()])
    say_hints([typed_command("plan", known)])
    return 0


def _emit_section(heading: str, rows: list[tuple[str, str]]) -> None:
    if rows:
        emit(f"\n{heading}\n{columns(rows)}")


def _first_line(data: object) -> str:
    return str(getattr(data, "doc", "")).strip().partition("\n")[0]


def _spelling(param: Param) -> str:
    return "/".join([*flag_of(param).opts, *flag_of(param).secondary_opts])


def _meaning(param: Param) -> str:
    notes = [param.type.__name__]
    notes += ["required"] if param.required else []
    notes += [f"default {shown(param.name, param.default)}"] if param.default is not None else []
    notes += [choices_text(param)] if param.choices else []
    notes += ["names the partition"] if param.partition else []
    return f"{param.doc} [{'; '.join(notes)}]".strip()


def _traits(task: Task) -> str:
    traits = [f"runs `{task.script.shown_path}`"] if task.script is not None else []
    traits += [f"for each item of `{task.each}`"] if task.each else []
    traits += ["1 retry" if task.retries == 1 else f"{task.retries} retries"] if task.retries else []
    traits += [f"at most {format_duration(task.timeout)}"] if task.timeout else []
    traits += ["may fail"] if task.may_fail else []
    traits += [f"tag:{tag}" for tag in sorted(task.tags)]
    told = ": ".join(part for part in (task.title, task.doc) if part)
    return f"{told} [{'; '.join(traits)}]".strip() if traits else told


def _drawn(pipeline: Pipeline, name: str) -> str:
    above = pipeline.graph.upstream(name)
    return f"{', '.join(above)} → {name}" if above else name


def _shown(pipeline: Pipeline) -> dict[str, Any]:
    return {
        "pipeline": pipeline.name,
        "title": pipeline.title,
        "doc": pipeline.doc,
        "file": _file(pipeline),
        "params": [_param_json(param) for param in pipeline.params],
        "tasks": [
            {**known, "inputs": _names(task.inputs), "outputs": _names(task.outputs)}
            for known in tasks_json(pipeline)
            for task in [pipeline.tasks[known["name"]]]
        ],
        "datasets": list(pipeline.datasets),
    }


def _names(datasets: tuple[Any, ...]) -> list[str]:
    return [dataset_name(data) for data in datasets]


def _param_json(param: Param) -> dict[str, Any]:
    return {
        "name": param.name,
        "flag": param.flag,
        "type": param.type.__name__,
        "default": shown(param.name, param.default),
        "required": param.required,
        "choices": list(param.choices),
        "partition": param.partition,
        "doc": param.doc,
    }


def list_tasks(invocation: Invocation, pipeline: str, *, as_json: bool) -> int:
    """Print the tasks of a pipeline in the order they would run; return the exit code."""
    known = invocation.registry.get(pipeline)
    if as_json:
        emit_json({"pipeline": known.name, "tasks": tasks_json(known)})
    else:
        emit(columns([(name, known.tasks[name].doc) for name in known.graph.order], indent=0))
    return 0


def tasks_json(pipeline: Pipeline) -> list[dict[str, Any]]:
    """Return the tasks of a pipeline as printed, in the order of the graph."""
    return [
        {
            "name": name,
            "title": pipeline.tasks[name].title or name,
            "doc": pipeline.tasks[name].doc,
            "script": _script(pipeline.tasks[name]),
            "upstream": list(pipeline.graph.upstream(name)),
            "tags": sorted(pipeline.tasks[name].tags),
            "each": pipeline.tasks[name].each,
        }
        for name in pipeline.graph.order
    ]


def _script(task: Task) -> str | None:
    return None if task.script is None else task.script.shown_path
