"""Runs the scripts of user analytics as people do, and reads their database."""

from __future__ import annotations

import gzip
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import penstock.pipelines.user_analytics as package

FOLDER = Path(package.__file__).parent
STEPS = (
    "download_update_data",
    "ingest_data",
    "set_abi_attribution",
    "check_broken_users",
    "validate_lifecycle",
    "assign_economic_tier",
    "assign_product_information",
    "assign_price_buckets",
    "estimate_rates",
    "estimate_value",
)
END_ON = date(2026, 3, 31)
REAL_DATA = Path(os.environ.get("PENSTOCK_REAL_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))


@dataclass(frozen=True)
class Ended:
    """How a script ended."""

    code: int
    text: str
    errors: str

    @property
    def result(self) -> dict[str, Any]:
        """What it reported to Penstock."""
        told = [json.loads(line.removeprefix("::penstock ")) for line in self.text.splitlines() if line[:2] == "::"]
        return next(line["result"] for line in reversed(told) if "result" in line)

    @property
    def written(self) -> int:
        """How many rows it wrote."""
        return int(self.result["written"])


class Analytics:
    """A folder with a database; the scripts run in it.

    Args:
        told: Parameters of every script, by name with underscores.
    """

    def __init__(self, home: Path, **told: object) -> None:
        self.home = home
        self.told = {"end_on": END_ON, **told}
        self.database = home / "database" / "mixpanel_data.db"

    def run(self, step: str, environment: Mapping[str, str] | None = None, **told: object) -> Ended:
        """Run a script by hand."""
        flags = [part for name, value in {**self.told, **told}.items() for part in (_flag(name), str(value))]
        clean = {name: text for name, text in os.environ.items() if not name.startswith(("PENSTOCK_", "MIXPANEL_"))}
        done = subprocess.run(
            [sys.executable, FOLDER / "steps" / f"{step}.py", *flags],
            cwd=self.home,
            env={**clean, **(environment or {})},
            capture_output=True,
            text=True,
            check=False,
            timeout=100,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    def run_all(self, steps: Iterable[str] = STEPS, **options: Any) -> dict[str, Ended]:
        """Run scripts after each other; all have to end well."""
        ended = {}
        for step in steps:
            ended[step] = self.run(step, **options)
            assert ended[step].code == 0, (step, ended[step].errors)
        return ended

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return what a query finds."""
        with closing(sqlite3.connect(self.database)) as database:
            return database.execute(sql).fetchall()

    def named(self, sql: str) -> list[dict[str, Any]]:
        """Return what a query finds, by column."""
        with closing(sqlite3.connect(self.database)) as database:
            database.row_factory = sqlite3.Row
            return [dict(row) for row in database.execute(sql)]

    def content(self) -> dict[str, set[tuple[Any, ...]]]:
        """Return the rows of every table."""
        tables = [name for (name,) in self.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {table: set(self.rows(f'SELECT * FROM "{table}"')) for table in tables}

    def dump(self) -> str:
        """Return the whole database as text."""
        with closing(sqlite3.connect(self.database)) as database:
            return "\n".join(database.iterdump())


def an_event(name: str, user: str, time: object, **properties: object) -> dict[str, Any]:
    """A line as the export tells it."""
    return {"event": name, "properties": {"distinct_id": user, "time": time, **properties}}


def a_profile(user: str, **properties: object) -> dict[str, Any]:
    """A line as a file of profiles tells it; keyword `email` stands for `$email`, and so on."""
    named = {f"${name}": value for name, value in {"country_code": "US", **properties}.items()}
    return {"distinct_id": user, "properties": named}


def write_lines(path: Path, lines: Iterable[object]) -> Path:
    """Write a file of lines, gzipped where its name says so."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = "".join(f"{json.dumps(line)}\n" for line in lines).encode()
    path.write_bytes(gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)
    return path


def write_export(folder: Path, days: Mapping[str, Iterable[object]], people: Iterable[object]) -> Path:
    """Write a folder as a file export leaves it: events by day, and people."""
    for day, lines in days.items():
        write_lines(folder / "events" / day.replace("-", "/") / "part-0.json.gz", lines)
    write_lines(folder / "people" / "part-0.json.gz", people)
    return folder


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


PURCHASE = "RC Initial purchase"
_SECONDS = 1_774_915_200  # 2026-03-31T00:00:00Z


def at(days_ago: int, hour: int = 12) -> int:
    """Seconds since 1970 of an hour, days before the last day."""
    return _SECONDS - days_ago * 86_400 + hour * 3_600


def day(days_ago: int) -> str:
    """That day."""
    return (END_ON - timedelta(days=days_ago)).isoformat()


def bought(
    user: str, days_ago: int, amount: object = 10, currency: str = "USD", *, hour: int = 12, **told: object
) -> dict[str, object]:
    """A purchase."""
    properties = {"$insert_id": f"{user}-{days_ago}", "product_id": "p", "store": "STRIPE", "revenue": amount}
    return an_event(PURCHASE, user, at(days_ago, hour), **{**properties, "currency": currency, **told})


def an_analytics(home: Path, days: dict[str, list[object]], people: list[object], /, **told: object) -> Analytics:
    """Analytics of a folder."""
    return Analytics(home, source="folder", folder=write_export(home / "export", days, people), **told)
