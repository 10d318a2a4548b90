"""Shows a whole pipeline at work, offline: generated files in, a run with progress, results worth reading."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from penstock.cli.invocation import Invocation, pass_invocation
from penstock.cli.options import execution_options, verbose_option
from penstock.cli.output import say, say_hints
from penstock.cli.results import print_results, read_results
from penstock.cli.simulate import write_world
from penstock.cli.work import execution_of, work_on
from penstock.engine.planning.request import RunRequest

_PIPELINE = "campaign-finance"
_KEPT = Path("penstock-demo")


@click.command("demo")
@click.option(
    "--rows", type=click.IntRange(min=100), default=20_000, show_default=True, help="Contributions to generate."
)
@click.option("--cycle", type=int, default=2020, show_default=True, help="Election cycle to generate.")
@click.option("--seed", type=int, default=1, show_default=True, help="Another seed makes another world.")
@click.option("--keep", is_flag=True, help=f"Keep files, state and tables, in `{_KEPT}`.")
@click.option("--folder", type=click.Path(path_type=Path, file_okay=False), help="Keep them in this folder.")
@execution_options
@verbose_option
@pass_invocation
def demo_command(
    invocation: Invocation,
    *,
    rows: int,
    cycle: int,
    seed: int,
    keep: bool,
    folder: Path | None,
    executor: str | None,
    workers: int | None,
) -> int:
    """Run campaign-finance on generated files and show its results.

    Everything happens in a temporary folder that is removed at the end, unless it is to be kept.
    """
    with _place(folder or (_KEPT if keep else None)) as place:
        _settle_in(invocation, place)
        bulk = place / "bulk"
        say(f"writing the bulk files of a made-up {cycle} cycle, {rows:,} contributions, to `{bulk}`")
        write_world(bulk, cycle=cycle, rows=rows, seed=seed)
        engine, how = invocation.engine, execution_of(invocation, executor, workers)
        params = {"cycle": cycle, "bulk_dir": str(bulk.absolute())}
        request = RunRequest(_PIPELINE, params, cause=invocation.command_line)
        code = work_on(
            invocation, lambda: engine.run(request, **how), as_json=False, pipeline=_PIPELINE, name_results=False
        )
        if code == 0:
            pipeline = engine.pipeline(_PIPELINE)
            warehouse = engine.resources_for(pipeline).get("warehouse")
            print_results(read_results(pipeline, warehouse, {"cycle": cycle}))
        invocation.close()
    _say_next(folder or (_KEPT if keep else None), cycle, failed=code != 0)
    return code


@contextmanager
def _place(kept: Path | None) -> Iterator[Path]:
    if kept is not None:
        yield kept.absolute()
        return
    with TemporaryDirectory(prefix="penstock-demo-") as folder:
        yield Path(folder)


def _settle_in(invocation: Invocation, place: Path) -> None:
    # The demo's state must not mix with the project's, wherever the environment says that lies.
    invocation.options = {
        **invocation.options,
        "home": str((place / ".penstock").absolute()),
        "state_url": "sqlite:///{home}/state.db",
        "warehouse_url": "duckdb:///{home}/warehouse.duckdb",
    }


def _say_next(kept: Path | None, cycle: int, *, failed: bool) -> None:
    if kept is None and failed:
        say_hints(["the files are gone; repeat it with `penstock demo --keep` to look into it"])
    elif kept is None:
        say_hints(["penstock demo --keep  # the same, and the tables stay", "penstock init my-project"])
    else:
        again = f"penstock run {_PIPELINE} --cycle {cycle} --bulk-dir bulk"
        say_hints(
            [f"cd {kept} && {again}  # nothing is stale, so nothing runs", f"penstock why {_PIPELINE}  # in there"]
        )
