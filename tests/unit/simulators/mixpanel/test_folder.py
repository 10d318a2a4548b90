"""The simulated app as files: both shapes, equal bytes for equal arguments, and what the API tells as well."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from penstock.errors import UsageError
from penstock.simulators.mixpanel.folder import write_folder
from penstock.simulators.mixpanel.universe import Universe
from tests.unit.simulators.mixpanel.calling import END_ON, a_site


def lines_in(folder: Path) -> list[dict[str, Any]]:
    texts = (gzip.decompress(path.read_bytes()).decode() for path in sorted(folder.rglob("*.json.gz")))
    return [json.loads(line) for text in texts for line in text.splitlines()]


def bytes_in(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.*") if path.is_file()}


def as_exported(line: dict[str, Any]) -> str:
    """Return a line of either shape in that of the API, its names in order."""
    if "event" not in line:
        known = {"time": line["time"], "distinct_id": line["distinct_id"]}
        ids = {"$insert_id": line["insert_id"]} if "insert_id" in line else {}
        line = {"event": line["event_name"], "properties": {**line["properties"], **known, **ids}}
    return json.dumps(line, sort_keys=True)


def test_equal_universes_make_equal_bytes_and_another_seed_others(tmp_path: Path) -> None:
    for name, seed in (("one", 1), ("again", 1), ("other", 2)):
        write_folder(tmp_path / name, Universe(seed, end_on=END_ON))
    assert bytes_in(tmp_path / "one") == bytes_in(tmp_path / "again")
    assert bytes_in(tmp_path / "one") != bytes_in(tmp_path / "other")


def test_every_day_has_several_files_and_lines_come_in_both_shapes(tmp_path: Path) -> None:
    counts = write_folder(tmp_path, Universe(end_on=END_ON))
    days = {path.parent for path in (tmp_path / "events").rglob("*.gz")}
    assert len(days) == 90
    assert all(len(list(day.iterdir())) == 3 for day in days)
    shapes = Counter("old" if "event" in line else "new" for line in lines_in(tmp_path / "events"))
    assert sum(shapes.values()) == counts["events"]
    assert min(shapes["old"], shapes["new"]) > 100


def test_files_and_api_tell_the_same_events_and_people(tmp_path: Path) -> None:
    universe = Universe(end_on=END_ON)
    write_folder(tmp_path, universe)
    with a_site(universe) as site:
        exported = site.export(universe.start_on).lines
        profiles = site.engage().json["results"]
    assert Counter(map(as_exported, lines_in(tmp_path / "events"))) == Counter(map(as_exported, exported))
    people = [(line["distinct_id"], line["properties"]) for line in lines_in(tmp_path / "people")]
    assert sorted(people, key=str) == sorted(((one["$distinct_id"], one["$properties"]) for one in profiles), key=str)


def test_a_late_event_adds_a_line_to_its_day_and_touches_no_other_file(tmp_path: Path) -> None:
    universe = Universe(end_on=END_ON)
    late = universe.late()
    after = universe.with_arrivals(late)
    write_folder(tmp_path / "before", universe)
    write_folder(tmp_path / "closed", after)
    write_folder(tmp_path / "after", after, now=late.processed_at)
    assert bytes_in(tmp_path / "before") == bytes_in(tmp_path / "closed")
    changed = set(bytes_in(tmp_path / "after").items()) ^ set(bytes_in(tmp_path / "before").items())
    assert {str(Path(name).parent) for name, _ in changed} == {f"events/{late.on:%Y/%m/%d}"}
    before, now = (Counter(map(as_exported, lines_in(tmp_path / name / "events"))) for name in ("before", "after"))
    assert (now - before).total() == 1
    assert not before - now


def test_rates_and_domains_lie_beside_the_data(tmp_path: Path) -> None:
    write_folder(tmp_path, Universe(end_on=date(2026, 3, 31)))
    rates = (tmp_path / "config" / "currency_rates.csv").read_text().splitlines()
    assert rates[0] == "currency,valid_from,usd_rate"
    assert {"EUR,2026-02-14,1.20", "AUD,2026-03-21,0.65"} < set(rates)
    assert (tmp_path / "config" / "internal_domains.txt").read_text() == "internal.example.com\n"
    assert (tmp_path / "config" / "test_domains.txt").read_text() == "qa.example.net\n"


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(UsageError, match="cannot write"):
        write_folder(tmp_path / "taken", Universe(end_on=END_ON))
