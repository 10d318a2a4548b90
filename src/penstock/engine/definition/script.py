"""The script: a body that is a child process, known by its file, its arguments and its environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from penstock.errors import DefinitionError


@dataclass(frozen=True, slots=True)
class Script:
    """A program that a task runs; exit code 0 means that it did its work.

    In `args` and the values of `env`, `{name}` stands for a parameter of the run or a value of the matrix.

    Args:
        path: The file, absolute. `.py` files are run by this very interpreter, others have to be executable.
        folder: The folder that holds all the pipeline's scripts; what lies outside it is never run.
        cwd: The working folder, absolute.
        args: Arguments, each a text of its own: no shell reads them.
        env: Further environment variables.
        params: Names of the parameters handed over; None for all of them.
        matrix: This task's choice out of its step's matrix, by name.
        doc: One line that says what it does.
    """

    path: Path
    folder: Path
    cwd: Path
    args: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    params: tuple[str, ...] | None = None
    matrix: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    doc: str = ""

    @property
    def shown_path(self) -> str:
        """The file as people know it: seen from the working folder, or else from the folder of the scripts."""
        for place in (self.cwd, self.folder):
            if self.path.is_relative_to(place):
                return str(self.path.relative_to(place))
        return str(self.path)

    def __call__(self, *_args: Any, **_kwargs: Any) -> Any:
        """Refuse: a script is run by an engine, which keeps what it writes.

        Raises:
            DefinitionError: Always.
        """
        raise DefinitionError(
            f"`{self.shown_path}` is a script, which cannot be called", hint="run it by hand, or run its task"
        )
