"""Reads the configuration files: rates, countries, thresholds, domains."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, TypeVar

from penstock import PenstockError
from penstock.pipelines.user_analytics.rules.broken_users import is_check
from penstock.pipelines.user_analytics.rules.money import RateTable
from penstock.pipelines.user_analytics.rules.profiles import AddressLists
from penstock.pipelines.user_analytics.rules.tiers import MEASURES, Tier

_T = TypeVar("_T")


def read_rates(path: Path) -> RateTable:
    """Return the table of rates: columns `currency`, `valid_from`, `usd_rate`.

    Raises:
        PenstockError: The file cannot be read, or a row of it makes no sense.
    """

    def read(row: dict[str, str]) -> tuple[str, date, Decimal]:
        rate = Decimal(row["usd_rate"])
        if not rate.is_finite() or rate <= 0:
            raise ValueError("the rate is not positive")
        return row["currency"].strip().upper(), date.fromisoformat(row["valid_from"]), rate

    rows = _read_rows(path, ("currency", "valid_from", "usd_rate"), read)
    _refuse_repeated(path, [f"{currency} from {day}" for currency, day, _ in rows])
    return RateTable(rows)


def read_countries(path: Path) -> dict[str, str]:
    """Return the tier of each country: columns `country`, `tier`.

    Raises:
        PenstockError: The file cannot be read, or names a country twice.
    """
    rows = _read_rows(path, ("country", "tier"), lambda row: (row["country"].strip().upper(), row["tier"].strip()))
    _refuse_repeated(path, [country for country, _ in rows])
    return dict(rows)


def read_tiers(path: Path) -> list[Tier]:
    """Return the behaviour tiers from the highest: tables `[[tier]]`, each with a name and thresholds.

    Raises:
        PenstockError: The file cannot be read, or names a measure that does not exist.
    """
    tiers = []
    for number, table in enumerate(_read_toml(path).get("tier", []), start=1):
        at_least = {name: text for name, text in table.items() if name != "name"}
        unknown = next((name for name in at_least if name not in MEASURES), None)
        if not table.get("name") or unknown or not at_least:
            what = f"measures `{unknown}`, which does not exist" if unknown else "has no name or no threshold"
            raise PenstockError(f"`{path}`: tier {number} {what}", hint=f"thresholds are {', '.join(MEASURES)}")
        tiers.append(Tier(str(table["name"]), {name: _threshold(path, text) for name, text in at_least.items()}))
    return tiers


def read_disqualifying(path: Path) -> frozenset[str]:
    """Return the checks that make a user invalid; the others are only counted.

    Raises:
        PenstockError: The file cannot be read, or names a check that does not exist.
    """
    names = _read_toml(path).get("disqualifying", [])
    unknown = next((name for name in names if not is_check(name)), None)
    if unknown is not None:
        raise PenstockError(f"`{path}`: there is no check `{unknown}`", hint="see them in the table broken_user_check")
    return frozenset(names)


def read_addresses(internal: Path, test: Path) -> AddressLists:
    """Return the domains that are no customers': a file each, one exact domain a line.

    Raises:
        PenstockError: A file cannot be read.
    """
    return AddressLists(_read_domains(internal), _read_domains(test))


def _read_domains(path: Path) -> frozenset[str]:
    lines = [line.partition("#")[0].strip().lower() for line in _read_text(path).splitlines()]
    return frozenset(line for line in lines if line)


def _read_rows(path: Path, columns: tuple[str, ...], read: Callable[[dict[str, str]], _T]) -> list[_T]:
    reader = csv.DictReader(_read_text(path).splitlines())
    if tuple(reader.fieldnames or ()) != columns:
        raise PenstockError(f"`{path}` has other columns than `{','.join(columns)}`", hint="write them as first line")
    found = []
    for row in reader:
        try:
            found.append(read(row))
        except (ValueError, InvalidOperation, TypeError, AttributeError) as error:
            raise PenstockError(f"`{path}`, line {reader.line_num}: {error}", hint="mend or remove the line") from error
    return found


def _threshold(path: Path, text: Any) -> Decimal:
    try:
        return Decimal(str(text))
    except InvalidOperation as error:
        raise PenstockError(f"`{path}`: `{text}` is no threshold", hint="write a number") from error


def _refuse_repeated(path: Path, names: list[str]) -> None:
    repeated = next((name for name in names if names.count(name) > 1), None) if len(set(names)) < len(names) else None
    if repeated is not None:
        raise PenstockError(f"`{path}` names `{repeated}` twice", hint="remove one of the lines")


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(_read_text(path))
    except tomllib.TOMLDecodeError as error:
        raise PenstockError(f"`{path}` is no TOML: {error}", hint="mend it there") from error


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PenstockError(f"cannot read `{path}`: {error}", hint="see the parameter `--config`") from error
