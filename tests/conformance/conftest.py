"""The implementations that every suite here runs over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from penstock.engine.state.connect import open_state_store
from penstock.engine.state.store import StateStore


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StateStore]:
    """A new, empty state store of each kind."""
    url = "memory://" if request.param == "memory" else f"sqlite:///{tmp_path}/state/state.sqlite"
    opened = open_state_store(url)
    yield opened
    opened.close()
