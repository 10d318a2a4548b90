"""Writes made-up input files in the form of a publisher's, for trying things offline."""

from __future__ import annotations

from pathlib import Path

import click

from penstock.cli.output import emit, say_hints
from penstock.errors import UsageError


@click.group("simulate")
def simulate_command() -> None:
    """Write input files such as a publisher's."""


@simulate_command.command("fec-bulk")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--cycle", type=int, default=2020, show_default=True, help="Election cycle: an even year.")
@click.option("--rows", type=click.IntRange(min=1), default=20_000, show_default=True, help="Rows of itcont.")
@click.option(
    "--seed", type=int, default=1, show_default=True, help="Another seed makes other files; one seed the same."
)
def fec_bulk_command(*, folder: Path, cycle: int, rows: int, seed: int) -> int:
    """Write the bulk files of a cycle, as the Federal Election Commission publishes them.

    Everything in them is made up; their totals agree with each other.
    """
    write_world(folder, cycle=cycle, rows=rows, seed=seed)
    for path in sorted(folder.iterdir()):
        emit(str(path))
    say_hints([f"penstock run campaign-finance --cycle {cycle} --bulk-dir {folder}"])
    return 0


def write_world(folder: Path, *, cycle: int, rows: int, seed: int) -> None:
    """Write the generated bulk files of a cycle into a folder.

    Raises:
        UsageError: The folder cannot be written.
    """
    from penstock.simulators.fec_bulk import write_bulk_files

    try:
        write_bulk_files(folder, cycle, rows, seed)
    except OSError as error:
        raise UsageError(f"cannot write `{folder}`: {error.strerror or error}", hint="choose another folder") from error
