"""Where the demonstration takes place: a folder, a state and a clock of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from penstock.cli.invocation import Invocation
from penstock.kit.clock import ShiftedClock


@dataclass(frozen=True, slots=True)
class DemoPlace:
    """What every chapter shares.

    Args:
        how: Executor and workers, as `Engine.run` takes them.
    """

    invocation: Invocation
    folder: Path
    clock: ShiftedClock
    how: Mapping[str, Any]


@contextmanager
def demo_folder(kept: Path | None) -> Iterator[Path]:
    """Yield the folder of the demonstration; one that is not to be kept is removed at the end."""
    if kept is not None:
        yield kept.absolute()
        return
    with TemporaryDirectory(prefix="penstock-demo-") as folder:
        yield Path(folder)


def settle_in(invocation: Invocation, folder: Path, clock: ShiftedClock, sources: Mapping[str, str]) -> None:
    """Let an invocation work in the demonstration's folder, with its clock, beside its publishers."""
    # The demo's state must not mix with the project's, nor its calls reach a publisher, whatever is set.
    invocation.options = {
        **invocation.options,
        "home": str((folder / ".penstock").absolute()),
        "pipelines_path": str((folder / "pipelines").absolute()),
        "state_url": "sqlite:///{home}/state.db",
        "warehouse_url": "duckdb:///{home}/warehouse.duckdb",
        "sources": ",".join(f"{name}={address}" for name, address in sources.items()),
        "budgets": ",".join(f"{name}=1000000/1h" for name in sources),
        "recordings": "off",
    }
    invocation.clock = clock
    os.environ.update({"FEC_API_KEY": "demo", "MIXPANEL_API_SECRET": "demonstration"})
