"""Makes a new project folder with small pipelines that work."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import click

from penstock.cli.output import columns, emit, say_hints
from penstock.engine.definition.yaml.schema import SCHEMA_FILE, pipeline_schema
from penstock.errors import UsageError

#: Where each file of the template goes.
_PLACES = {
    "penstock.toml": "penstock.toml",
    "hello.py": "pipelines/hello.py",
    "guests.csv": "data/guests.csv",
    "README.md": "README.md",
    "gitignore": ".gitignore",
    "example_pipeline/pipeline.yaml": "pipelines/example_pipeline.yaml",
    "example_pipeline/fetch.py": "pipelines/example_pipeline/fetch.py",
    "example_pipeline/clean.py": "pipelines/example_pipeline/clean.py",
    "example_pipeline/report.py": "pipelines/example_pipeline/report.py",
    "example_pipeline/orders.csv": "data/orders.csv",
    "my_first_pipeline/pipeline.yaml": "pipelines/my_first_pipeline/pipeline.yaml",
    "my_first_pipeline/setup.py": "pipelines/my_first_pipeline/setup.py",
    "my_first_pipeline/analyze.py": "pipelines/my_first_pipeline/analyze.py",
    "my_first_pipeline/report.py": "pipelines/my_first_pipeline/report.py",
}
_SCHEMA = f"pipelines/{SCHEMA_FILE}"


@click.command("init")
@click.argument("folder", type=click.Path(path_type=Path))
def init_command(*, folder: Path) -> int:
    """Make a project folder with working pipelines.

    FOLDER must not exist yet, or be empty.
    """
    try:
        _write_project(folder)
    except OSError as error:
        raise UsageError(f"cannot write `{error.filename}`: {error.strerror}", hint="choose another folder") from error
    emit(f"made `{folder}`:")
    emit(columns([(place,) for place in sorted([*_PLACES.values(), _SCHEMA])]))
    step = "" if folder.resolve() == Path.cwd() else f"cd {folder} && "
    say_hints([f"{step}penstock run hello", "or a pipeline of scripts: penstock run example-pipeline"])
    return 0


def _write_project(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"`{folder}` is not an empty folder", hint="name a new one; nothing was changed")
    template = files("penstock.cli") / "project"
    for name, place in _PLACES.items():
        path = folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text((template / name).read_text(encoding="utf-8"), encoding="utf-8")
    schema = json.dumps(pipeline_schema(), indent=2, ensure_ascii=False)
    (folder / _SCHEMA).write_text(schema + "\n", encoding="utf-8")
