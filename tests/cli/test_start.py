"""Start-up stays light: what `--help` and `list` may not load, by name."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
import pytest

from penstock.cli.app import VERBS, cli
from tests.cli.shell import a_project, environment

#: Libraries and rooms that cost time, or open what a look at the command table need not open.
MAY_NOT_LOAD = {
    "asyncio",
    "duckdb",
    "httpx2",
    "pydantic",
    "pyarrow",
    "rich",
    "sqlalchemy",
    "sqlite3",
    "penstock.engine.state.backends",
    "penstock.simulators",
    "penstock.cli.render",
}


def loaded(folder: Path, *args: str) -> set[str]:
    command = [sys.executable, "-X", "importtime", "-m", "penstock", *args]
    done = subprocess.run(command, cwd=folder, env=environment(), capture_output=True, text=True, check=True)
    times = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip() for line in times}


@pytest.mark.parametrize("args", [("--help",), ("list",), ("show", "letters"), ("run", "letters", "--help")])
def test_looking_loads_nothing_heavy(tmp_path: Path, args: tuple[str, ...]) -> None:
    assert not loaded(a_project(tmp_path / "project"), *args) & MAY_NOT_LOAD


def test_help_loads_no_verb_and_no_pipeline(tmp_path: Path) -> None:
    modules = loaded(a_project(tmp_path / "project"), "--help")
    assert not modules & {f"penstock.cli.{verb.module}" for verb in VERBS.values()}
    assert not {
        name for name in modules if name.startswith(("penstock.pipelines", "penstock_project", "penstock.bootstrap"))
    }


def test_a_run_without_a_terminal_draws_nothing(tmp_path: Path) -> None:
    assert not loaded(a_project(tmp_path / "project"), "run", "letters") & {"rich", "duckdb"}


@pytest.mark.parametrize("name", VERBS)
def test_the_command_table_says_what_the_commands_say(name: str) -> None:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    assert (command.help or "").partition("\n")[0] == VERBS[name].summary
