"""Makes a new project folder with a small pipeline that works."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import click

from penstock.cli.output import columns, emit, say_hints
from penstock.errors import UsageError

#: Where each file of the template goes.
_PLACES = {
    "penstock.toml": "penstock.toml",
    "hello.py": "pipelines/hello.py",
    "guests.csv": "data/guests.csv",
    "README.md": "README.md",
    "gitignore": ".gitignore",
}


@click.command("init")
@click.argument("folder", type=click.Path(path_type=Path))
def init_command(*, folder: Path) -> int:
    """Make a project folder with a working pipeline.

    FOLDER must not exist yet, or be empty.
    """
    try:
        _write_project(folder)
    except OSError as error:
        raise UsageError(f"cannot write `{error.filename}`: {error.strerror}", hint="choose another folder") from error
    emit(f"made `{folder}`:")
    emit(columns([(place,) for place in _PLACES.values()]))
    say_hints([f"cd {folder} && penstock run hello"])
    return 0


def _write_project(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"`{folder}` is not an empty folder", hint="name a new one; nothing was changed")
    template = files("penstock.cli") / "project"
    for name, place in _PLACES.items():
        path = folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text((template / name).read_text(encoding="utf-8"), encoding="utf-8")
