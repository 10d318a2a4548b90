"""What is started for a script: its file, checked, and its arguments, filled in."""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from penstock.engine.definition.script import Script
from penstock.engine.execution.context import Params
from penstock.errors import DefinitionError
from penstock.kit.spelling import did_you_mean

#: `{name}` stands for a value; `{{name}}` is how to write the text `{name}` itself.
_PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}|\{([^\W\d]\w*)\}")

Fill = Callable[[str], str]


def command_of(script: Script, fill: Fill) -> list[str]:
    """Return the argument list that starts the script.

    Raises:
        DefinitionError: There is no such file, it may not be run, or an argument names no value.
    """
    _refuse_strays(script)
    is_python = script.path.suffix == ".py"
    _check_file(script, is_python=is_python)
    if not script.cwd.is_dir():
        raise DefinitionError(f"the working folder `{script.cwd}` of `{script.shown_path}` does not exist")
    interpreter = [sys.executable] if is_python else []
    return [*interpreter, str(script.path), *map(fill, script.args)]


def filler(script: Script, params: Params) -> Fill:
    """Return what puts values in the place of `{name}`: the task's choice out of its matrix, then the parameters.

    A parameter that is named counts as read.
    """

    def value(match: re.Match[str]) -> str:
        literal, name = match.groups()
        return f"{{{literal}}}" if literal else _value_of(name, script, params)

    return lambda text: _PLACEHOLDER.sub(value, text) if "{" in text else text


def as_text(value: Any) -> str:
    """Return a value as a script is handed it: None is an empty text."""
    return "" if value is None else str(value)


def _value_of(name: str, script: Script, params: Mapping[str, Any]) -> str:
    if name in script.matrix:
        return script.matrix[name]
    if name in params:
        return as_text(params[name])
    known = [*script.matrix, *params]
    raise DefinitionError(
        f"`{script.shown_path}` is given `{{{name}}}`, but there is no parameter `{name}`",
        hint=did_you_mean(name, known) or f"write `{{{{{name}}}}}` for the text itself",
    )


def _refuse_strays(script: Script) -> None:
    path, folder = _resolved(script.path, script), _resolved(script.folder, script)
    if not path.is_relative_to(folder):
        raise DefinitionError(
            f"`{script.shown_path}` lies outside `{script.folder}`, the folder of its pipeline's scripts",
            hint="move or copy the script into that folder",
        )


def _resolved(path: Path, script: Script) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError) as error:  # a circle of links is a RuntimeError before Python 3.13
        raise DefinitionError(f"`{script.shown_path}` cannot be found: its links form a circle") from error


def _check_file(script: Script, *, is_python: bool) -> None:
    try:
        mode = script.path.stat().st_mode
    except OSError as error:
        why = "does not exist" if isinstance(error, FileNotFoundError) else f"cannot be read: {error.strerror}"
        raise DefinitionError(
            f"script `{script.shown_path}` {why}", hint="check its name in the pipeline, and that the file is there"
        ) from error
    if not stat.S_ISREG(mode):
        raise DefinitionError(f"script `{script.shown_path}` is not a file")
    wanted = os.R_OK if is_python else os.X_OK
    if not os.access(script.path, wanted):
        what = "readable" if is_python else "executable"
        letter = "r" if is_python else "x"
        raise DefinitionError(
            f"script `{script.shown_path}` is not {what}", hint=f"chmod +{letter} {script.shown_path}"
        )
