"""One call of the command line: what was typed, its settings, and the engine it opens when a verb asks for one."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from penstock.cli.output import say
from penstock.settings import LoadedSettings, Settings, load_settings

if TYPE_CHECKING:
    from penstock.engine.definition.registry import Registry
    from penstock.engine.engine import Engine
    from penstock.kit.clock import Clock


class Invocation:
    """What every verb of one call shares.

    Args:
        typed: The arguments as typed, without the program's name.
    """

    def __init__(self, typed: list[str]) -> None:
        self.typed = typed
        self.verbose = False
        self.options: Mapping[str, str] = {}
        self.clock: Clock | None = None
        self.folder = Path.cwd()
        self._loaded: LoadedSettings | None = None
        self._registry: Registry | None = None
        self._engine: Engine | None = None

    @property
    def command_line(self) -> str:
        """The call as a person could type it again; secrets in it are stars."""
        from penstock.kit.veil import starred_command

        return starred_command(["penstock", *self.typed])

    @property
    def loaded(self) -> LoadedSettings:
        """The settings with their sources; from here on the process is in the project's folder, as pipelines expect.

        Raises:
            UsageError: One of them is wrong.
        """
        if self._loaded is None:
            self._loaded = load_settings(options=self.options)
            if self._loaded.project != self.folder:
                os.chdir(self._loaded.project)
                say(f"in project `{self._loaded.project}`")
        return self._loaded

    def placed(self, path: Path) -> Path:
        """Return a path as typed, seen from the folder it was typed in."""
        return self.folder / path if self._loaded and self._loaded.project != self.folder else path

    @property
    def lacks_project(self) -> bool:
        """Whether settings were looked for, and no project was found."""
        return self._loaded is not None and not self._loaded.is_project

    @property
    def settings(self) -> Settings:
        """The settings."""
        return self.loaded.settings

    @property
    def registry(self) -> Registry:
        """The known pipelines; looking at them opens neither state nor warehouse."""
        if self._registry is None:
            from penstock.bootstrap import open_registry

            self._registry = open_registry(self.settings)
        return self._registry

    @property
    def engine(self) -> Engine:
        """The engine, opened on first use and closed at the end of the call."""
        if self._engine is None:
            from penstock.bootstrap import open_engine

            self._engine = open_engine(self.settings, clock=self.clock)
        return self._engine

    def close(self) -> None:
        """Close the engine if one was opened."""
        if self._engine is not None:
            self._engine.close()
            self._engine = None


pass_invocation = click.make_pass_decorator(Invocation)
