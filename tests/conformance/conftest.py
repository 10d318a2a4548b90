"""The implementations that every suite here runs over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from penstock.engine.state.connect import open_state_store
from penstock.engine.state.store import StateStore
from penstock.warehouse.warehouse import Warehouse
from tests.conformance.warehouses import FILE_SCHEMES, SCHEMES, open_at


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StateStore]:
    """A new, empty state store of each kind."""
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_state_url")
    else:
        url = "memory://" if request.param == "memory" else f"sqlite:///{tmp_path}/state/state.sqlite"
    opened = open_state_store(url)
    yield opened
    opened.close()


@pytest.fixture(params=SCHEMES)
def scheme(request: pytest.FixtureRequest) -> str:
    """The URL scheme of each warehouse engine."""
    return str(request.param)


@pytest.fixture(params=FILE_SCHEMES)
def file_scheme(request: pytest.FixtureRequest) -> str:
    """The URL scheme of each warehouse engine that keeps everything in one file."""
    return str(request.param)


@pytest.fixture
def warehouse(scheme: str, tmp_path: Path) -> Iterator[Warehouse]:
    """A new, empty warehouse of each engine."""
    warehouse = open_at(scheme, tmp_path)
    yield warehouse
    warehouse.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file that is not there yet."""
    return tmp_path / "state.sqlite"
