"""Settings: every knob is documented and parsed, from every place."""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta
from pathlib import Path

import pytest

from penstock.errors import UsageError
from penstock.settings import Settings, load_settings


def test_every_knob_has_a_meaning_and_a_parser() -> None:
    assert all(knob.metadata["doc"] and callable(knob.metadata["parse"]) for knob in fields(Settings))


def test_urls_follow_the_home_folder(tmp_path: Path) -> None:
    settings = load_settings({"PENSTOCK_HOME": "elsewhere"}, tmp_path).settings
    assert settings.home == tmp_path / "elsewhere"
    assert settings.state_url == f"sqlite:///{tmp_path}/elsewhere/state.db"
    assert settings.warehouse_url == f"duckdb:///{tmp_path}/elsewhere/warehouse.duckdb"


def test_an_absolute_home_is_taken_as_it_is(tmp_path: Path) -> None:
    assert load_settings({"PENSTOCK_HOME": "/srv/penstock"}, tmp_path).settings.home == Path("/srv/penstock")


def test_an_empty_variable_sets_nothing(tmp_path: Path) -> None:
    assert load_settings({"PENSTOCK_LEASE": ""}, tmp_path).settings.lease == timedelta(seconds=15)


def test_the_heartbeat_beats_three_times_in_a_lease(tmp_path: Path) -> None:
    assert load_settings({"PENSTOCK_LEASE": "30s"}, tmp_path).settings.heartbeat == timedelta(seconds=10)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LEASE", "soon"),
        ("LEASE", "0s"),
        ("WORKERS", "0"),
        ("WORKERS", "two"),
        ("WORKERS", "1.5"),
        ("EXECUTOR", "rocket"),
        ("DURABILITY", "none"),
        ("MEMORY_LIMIT", "much"),
        ("RETENTION_RUNS", "-1"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_with_its_place(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(UsageError, match=rf"PENSTOCK_{name}: `{name.lower()}` takes .*, not `{value}`"):
        load_settings({f"PENSTOCK_{name}": value}, tmp_path)


def test_the_project_file_is_told_by_line(tmp_path: Path) -> None:
    (tmp_path / "penstock.toml").write_text("# ours\n[penstock]\nretention_runs = 5\n", encoding="utf-8")
    loaded = load_settings({}, tmp_path)
    assert loaded.settings.retention_runs == 5
    assert loaded.sources["retention_runs"] == "penstock.toml:3"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://ann:s3cret@host:5432/db?schema=x", "postgresql://ann:***@host:5432/db?schema=x"),
        ("postgresql://ann:p@ss@host/db", "postgresql://ann:***@host/db"),
        ("postgresql://ann@host/db", "postgresql://ann@host/db"),
        ("sqlite:////data/a:b@c/state.db", "sqlite:////data/a:b@c/state.db"),
    ],
)
def test_passwords_in_urls_are_not_shown(tmp_path, url, shown):
    loaded = load_settings({"PENSTOCK_STATE_URL": url}, tmp_path)
    assert {knob.name: knob.value for knob in loaded.describe()}["state_url"] == shown
