"""Writes the simulated app as the folder of files that a file export leaves: days of events, and people."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from pathlib import Path

from penstock.errors import UsageError
from penstock.simulators.mixpanel.delivery import Delivery
from penstock.simulators.mixpanel.profile import as_person_line
from penstock.simulators.mixpanel.stories.people import INTERNAL_DOMAINS, TEST_DOMAINS
from penstock.simulators.mixpanel.universe import Universe

_FILES_A_DAY = 3
_PEOPLE_FILES = 2


def write_folder(folder: Path, universe: Universe, *, now: datetime | None = None) -> Mapping[str, int]:
    """Write what has been processed by an instant, and return how many lines of each kind there are.

    Events lie in `events/YYYY/MM/DD/`, several files a day in mixed shapes; profiles in `people/`. Rates, and the
    domains of those who are no customers, lie in `config/`. Equal universes make equal bytes; files of another are
    overwritten, never removed.

    Args:
        now: The instant; when the universe closes unless said otherwise.

    Raises:
        UsageError: The folder cannot be written.
    """
    deliveries = universe.deliveries_until(now if now is not None else universe.closes_at)
    people = [as_person_line(person) for person in universe.people]
    try:
        for day, of_day in groupby(deliveries, key=lambda each: each.on):
            _write_parts(folder / "events" / f"{day:%Y/%m/%d}", _lines(day, list(of_day)))
        _write_parts(folder / "people", [people[place::_PEOPLE_FILES] for place in range(_PEOPLE_FILES)])
        _write_config(folder / "config", universe)
    except OSError as error:
        raise UsageError(f"cannot write `{folder}`: {error.strerror or error}", hint="choose another folder") from error
    return {"events": len(deliveries), "people": len(people)}


def _lines(day: date, deliveries: Sequence[Delivery]) -> list[list[str]]:
    """Return the lines of the day's files: the first all old, the second all new, the third mixed."""
    parts: list[list[str]] = [[] for _ in range(_FILES_A_DAY)]
    for place, delivery in enumerate(deliveries):
        part = (place + day.day) % _FILES_A_DAY
        is_new = part == 1 or (part == 2 and len(parts[2]) % 2 == 0)
        parts[part].append(delivery.as_pipeline_line() if is_new else delivery.as_export_line())
    return parts


def _write_parts(folder: Path, parts: Iterable[Sequence[str]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number, lines in enumerate(parts):
        text = "".join(f"{line}\n" for line in lines)
        # No clock in the header: equal lines make equal bytes.
        (folder / f"part-{number:04d}.json.gz").write_bytes(gzip.compress(text.encode(), mtime=0))


def _write_config(folder: Path, universe: Universe) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    rates = [f"{rate.currency},{rate.valid_from},{rate.usd}" for rate in universe.rates]
    (folder / "currency_rates.csv").write_text("\n".join(["currency,valid_from,usd_rate", *rates, ""]))
    (folder / "internal_domains.txt").write_text("\n".join([*INTERNAL_DOMAINS, ""]))
    (folder / "test_domains.txt").write_text("\n".join([*TEST_DOMAINS, ""]))
