"""What a step can be told: on its command line, or by Penstock in the environment."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from penstock import PenstockError

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Parameters:
    """The parameters of a step; each step reads those it needs.

    Args:
        end_on: The last day; None for today, or for the day the download ended with.
        config: Folder whose files stand in place of the pipeline's own, one by one.
        events: Names of the events to keep; none for all.
    """

    database: Path
    end_on: date | None
    days: int
    refresh_days: int
    source: str
    folder: Path | None
    format: str
    events: tuple[str, ...]
    unknown_users: str
    attribution: str
    region: str
    timezone: ZoneInfo
    config: Path

    def config_file(self, path: str) -> Path:
        """Return where a configuration file is read from: the folder `config`, or the pipeline's own.

        Args:
            path: As it lies in the pipeline's folder.

        Raises:
            PenstockError: A folder is named that is not there: its name may be mistyped.
        """
        if not self.config.is_dir() and str(self.config) != _KNOBS["config"].default:
            raise PenstockError(
                f"there is no folder `{self.config}`",
                hint="correct `config`, or leave it out for the pipeline's own files",
            )
        own = self.config / Path(path).name
        return own if own.is_file() else _HERE / path


@dataclass(frozen=True, slots=True)
class _Knob:
    default: str
    about: str
    choices: tuple[str, ...] = ()


_KNOBS = {
    "database": _Knob("database/mixpanel_data.db", "the database file"),
    "end-on": _Knob("", "last day of the window, as 2026-01-31; today when left out"),
    "days": _Knob("90", "length of the window"),
    "refresh-days": _Knob("3", "days are fetched again until so many days after themselves"),
    "source": _Knob("api", "where events and users come from", ("api", "folder")),
    "folder": _Knob("", "the folder, for source `folder`"),
    "format": _Knob("mixpanel", "what the folder's lines are", ("mixpanel", "product_events")),
    "events": _Knob("subscriptions", "names of the events to keep, by commas; `subscriptions`, or `all`"),
    "unknown-users": _Knob("reject", "what becomes of events of users without a profile", ("reject", "keep")),
    "attribution": _Knob(
        "any", "the identifiers that count: `any` of three, or `strict`, the ad's alone", ("any", "strict")
    ),
    "region": _Knob("us", "where the Mixpanel project resides", ("us", "eu", "in")),
    "timezone": _Knob("UTC", "time zone of a Mixpanel project older than 2023; its days are those there"),
    "config": _Knob("config", "folder whose configuration files stand in place of the pipeline's own"),
}


def read_parameters(
    about: str | None, argv: Sequence[str] | None = None, environment: Mapping[str, str] | None = None
) -> Parameters:
    """Return the parameters: of the command line, else of `PENSTOCK_PARAM_…`, else the defaults.

    Args:
        about: What the script does, for its `--help`.

    Raises:
        PenstockError: One does not fit.
    """
    told = os.environ if environment is None else environment
    parser = argparse.ArgumentParser(description=about)
    for name, knob in _KNOBS.items():
        default = told.get(f"PENSTOCK_PARAM_{name.replace('-', '_').upper()}") or knob.default
        parser.add_argument(f"--{name}", default=default, help=knob.about.replace("%", "%%"))
    given = vars(parser.parse_args(argv))
    for name, knob in _KNOBS.items():
        if knob.choices and given[name.replace("-", "_")] not in knob.choices:
            raise _misfit(name, given[name.replace("-", "_")], "one of " + ", ".join(knob.choices))
    return Parameters(
        database=Path(given["database"]),
        end_on=_day(given["end_on"]),
        days=_count("days", given["days"], least=1),
        refresh_days=_count("refresh-days", given["refresh_days"], least=0),
        source=given["source"],
        folder=Path(given["folder"]) if given["folder"] else None,
        format=given["format"],
        events=_events(given["events"]),
        unknown_users=given["unknown_users"],
        attribution=given["attribution"],
        region=given["region"],
        timezone=_zone(given["timezone"]),
        config=Path(given["config"]),
    )


def _events(text: str) -> tuple[str, ...]:
    from penstock.pipelines.user_analytics.rules.lines import SUBSCRIPTION_EVENTS

    if text == "subscriptions":
        return SUBSCRIPTION_EVENTS
    return () if text == "all" else tuple(name.strip() for name in text.split(",") if name.strip())


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise _misfit("end-on", text, "a day such as 2026-01-31") from error


def _count(name: str, text: str, *, least: int) -> int:
    if not text.isdecimal() or int(text) < least:
        raise _misfit(name, text, f"a whole number from {least} on")
    return int(text)


def _zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise _misfit("timezone", text, "a time zone such as America/New_York") from error


def _misfit(name: str, given: str, wanted: str) -> PenstockError:
    return PenstockError(f"`--{name}` takes {wanted}, not `{given}`", hint="see them all with `--help`")
