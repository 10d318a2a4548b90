"""Every knob of a process: name, type, default, one-line meaning, and where its value came from."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from penstock.engine.execution.executors import EXECUTORS
from penstock.errors import UsageError
from penstock.kit.durations import format_duration, parse_duration
from penstock.kit.pace import read_windows
from penstock.kit.secret import Secret, without_password
from penstock.kit.spelling import did_you_mean
from penstock.kit.tomlfile import WrongValueError, line_of, read_tables
from penstock.kit.veil import Veil

if TYPE_CHECKING:
    from penstock.notify.channel import Channel

PROJECT_FILE = "penstock.toml"
ENVIRONMENT_PREFIX = "PENSTOCK_"
DURABILITIES = ("process", "power")
RECORDING_MODES = ("off", "record", "replay")

_Given = tuple[Mapping[str, Any], Callable[[str], str]]
_LIST_HINT = "list all with `penstock config show --sources`"


def _about(doc: str, parse: Callable[[Any], Any], *, is_private: bool = False) -> dict[str, Any]:
    """Describe a setting; a private one holds secrets: no message repeats it, and no child process is told."""
    return {"doc": doc, "parse": parse, "is_private": is_private}


def _text(given: Any) -> str:
    if not isinstance(given, str) or not given:
        raise ValueError("text")
    return given


def _path(given: Any) -> Path:
    return Path(_text(given)).expanduser()


def _count(given: Any) -> int:
    try:
        value = int(given) if isinstance(given, str | int) and not isinstance(given, bool) else 0
    except ValueError:
        value = 0
    if value < 1:
        raise ValueError("a whole number from 1 on")
    return value


def _duration(given: Any) -> timedelta:
    try:
        value = parse_duration(_text(given))
    except ValueError:
        value = timedelta(0)
    if value <= timedelta(0):
        raise ValueError("a duration such as `15s` or `2m`")
    return value


def _one_of(*choices: str) -> Callable[[Any], str]:
    def parse(given: Any) -> str:
        if given not in choices:
            raise ValueError("one of " + ", ".join(f"`{choice}`" for choice in choices))
        return str(given)

    return parse


def _addresses(given: Any) -> Mapping[str, str]:
    pairs = given if isinstance(given, Mapping) else _pairs_in(_text(given))
    for name, address in pairs.items():
        if not name.isidentifier() or not str(address).startswith(("http://", "https://")):
            raise ValueError("addresses by source, such as `openfec=http://127.0.0.1:8000/v1`")
    return {str(name): str(address) for name, address in sorted(pairs.items())}


def _pairs_in(text: str) -> dict[str, str]:
    return {part.partition("=")[0].strip(): part.partition("=")[2].strip() for part in text.split(",")}


def _budgets(given: Any) -> Mapping[str, str]:
    pairs = given if isinstance(given, Mapping) else _pairs_in(_text(given))
    for name, text in pairs.items():
        try:
            read_windows(str(text))
        except ValueError as error:
            raise ValueError(f"limits by source, such as `openfec=1000/1h+60/1m` ({name}: {error})") from error
    return {str(name): str(text) for name, text in sorted(pairs.items())}


def _param_defaults(given: Any) -> Mapping[str, Mapping[str, Any]]:
    from json import loads

    try:
        tables = loads(given) if isinstance(given, str) else given
    except ValueError:
        tables = None
    if not isinstance(tables, Mapping) or not all(isinstance(table, Mapping) for table in tables.values()):
        raise ValueError("parameters by pipeline, such as `[penstock.params.campaign-finance]`")
    return {str(name): dict(table) for name, table in tables.items()}


def _in_rules(reader: str) -> Callable[[Any], Any]:
    def parse(given: Any) -> Any:
        from penstock.notify import rules  # most starts are told nothing of notifications

        return getattr(rules, reader)(given)

    return parse


_SIZE = re.compile(r"\d+(\.\d+)? ?[KMGT]i?B")


def _size(given: Any) -> str:
    if not _SIZE.fullmatch(_text(given)):
        raise ValueError("a size such as `800MB` or `2GB`")
    return str(given)


@dataclass(frozen=True, slots=True)
class Settings:
    """What a process is told from outside; in URLs `{home}` stands for the home folder."""

    home: Path = field(
        default=Path(".penstock"),
        metadata=_about("folder of state, warehouse, recordings, downloads and temporary files", _path),
    )
    state_url: str = field(
        default="sqlite:///{home}/state.db",
        metadata=_about("place where the engine remembers runs", _text),
    )
    warehouse_url: str = field(
        default="duckdb:///{home}/warehouse.duckdb",
        metadata=_about("place where tables are kept", _text),
    )
    pipelines_path: Path = field(
        default=Path("pipelines"),
        metadata=_about("folder of the project's own pipelines", _path),
    )
    executor: str | None = field(
        default=None,
        metadata=_about(
            "way task runs are carried out: inline, threads or processes; unset: the pipeline's choice, or inline",
            _one_of(*EXECUTORS),
        ),
    )
    workers: int | None = field(
        default=None,
        metadata=_about("number of task runs or items at one time; unset: the executor's choice", _count),
    )
    memory_limit: str = field(
        default="800MB",
        metadata=_about("memory the warehouse may use", _size),
    )
    lease: timedelta = field(
        default=timedelta(seconds=15),
        metadata=_about("time after which a silent process counts as dead", _duration),
    )
    durability: str = field(
        default="process",
        metadata=_about("end a finished step survives: of the process, or of power too", _one_of(*DURABILITIES)),
    )
    retention_runs: int = field(
        default=100,
        metadata=_about("number of closed runs kept of every pipeline", _count),
    )
    retention_days: int = field(
        default=365,
        metadata=_about("number of days a closed run is kept", _count),
    )

    sources: Mapping[str, str] = field(
        default_factory=dict,
        metadata=_about("addresses that stand in place of publishers' own, by source", _addresses),
    )
    budgets: Mapping[str, str] = field(
        default_factory=dict,
        metadata=_about("limits that stand in place of publishers' usual ones, by source", _budgets),
    )
    recordings: str = field(
        default="off",
        metadata=_about("use of recorded answers: off, record, or replay without a call", _one_of(*RECORDING_MODES)),
    )
    contact: str = field(
        default="",
        metadata=_about("address publishers may write to, sent with every request", _text),
    )
    params: Mapping[str, Mapping[str, Any]] = field(
        default_factory=dict,
        metadata=_about("defaults of pipelines' parameters, by pipeline", _param_defaults),
    )
    notify: Mapping[str, Channel] = field(
        default_factory=dict,
        metadata=_about("table of channels that are told of failures", _in_rules("read_channels"), is_private=True),
    )
    smtp_url: Secret | None = field(
        default=None,
        metadata=_about("mail server of notifications", _in_rules("read_mail_server"), is_private=True),
    )
    mail_from: str = field(default="", metadata=_about("sender of notifications", _in_rules("read_mail_address")))
    console_url: str = field(
        default="", metadata=_about("console's address, for links", _in_rules("read_console_address"))
    )

    def __post_init__(self) -> None:
        for name in ("state_url", "warehouse_url"):
            object.__setattr__(self, name, getattr(self, name).replace("{home}", str(self.home)))

    @property
    def heartbeat(self) -> timedelta:
        """How often a process renews its leases: three times in the life of one."""
        return self.lease / 3

    @property
    def downloads(self) -> Path:
        """Folder of files fetched from publishers."""
        return self.home / "downloads"

    @property
    def cache(self) -> Path:
        """Folder of what can be made again at the price of time."""
        return self.home / "cache"

    @property
    def tmp(self) -> Path:
        """Folder of files that outlive no run."""
        return self.home / "tmp"

    @property
    def crashes(self) -> Path:
        """Folder of the tracebacks of unexpected errors."""
        return self.home / "crashes"


@dataclass(frozen=True, slots=True)
class Knob:
    """One setting as `config show` prints it.

    Args:
        source: `default`, or the place its value was read from.
    """

    name: str
    value: str | int | None
    source: str
    doc: str

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return ENVIRONMENT_PREFIX + self.name.upper()


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """Settings, the project folder they were loaded for, and where each value came from.

    Args:
        is_project: Whether anything of a project was found there.
    """

    settings: Settings
    sources: Mapping[str, str]
    project: Path
    is_project: bool = True

    def describe(self) -> tuple[Knob, ...]:
        """Return every setting with its value, source and meaning."""
        return tuple(
            Knob(
                knob.name,
                _shown(getattr(self.settings, knob.name)),
                self.sources.get(knob.name, "default"),
                knob.metadata["doc"],
            )
            for knob in fields(Settings)
        )


def private_settings() -> tuple[str, ...]:
    """Return the names of the settings that hold secrets, which no child process needs."""
    return tuple(knob.name for knob in fields(Settings) if knob.metadata["is_private"])


def _shown(value: Any) -> str | int | None:
    if isinstance(value, timedelta):
        return format_duration(value)
    if isinstance(value, Secret):
        return without_password(value.reveal())
    if isinstance(value, Mapping):
        tables = {name: dict(Veil.over(one).params) if isinstance(one, dict) else one for name, one in value.items()}
        return setting_text(tables)
    return value if value is None or isinstance(value, int) else without_password(str(value))


def setting_text(value: Any) -> str:
    """Return a setting's value as the environment carries it."""
    if isinstance(value, timedelta):
        return f"{value.total_seconds()}s"
    if isinstance(value, Mapping) and all(isinstance(one, str) for one in value.values()):
        return ",".join(f"{name}={text}" for name, text in value.items())
    if isinstance(value, Mapping):
        from json import dumps

        return dumps(value, sort_keys=True, default=str)
    return str(value)


def load_settings(
    environ: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    options: Mapping[str, str] | None = None,
) -> LoadedSettings:
    """Return the settings of a project folder: defaults, then its file, the environment, the command line's options.

    The project folder is `cwd`, or the nearest one above that has a project file.

    Raises:
        UsageError: The file cannot be read, a name is unknown, or a value does not fit.
    """
    project = _find_project((cwd or Path.cwd()).absolute())
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for given, place in (
        _from_file(project / PROJECT_FILE),
        _from_environment(os.environ if environ is None else environ),
        _from_options(options or {}),
    ):
        for name, raw in given.items():
            values[name] = _parse(name, raw, place)
            sources[name] = place(name)
    settings = Settings(**values)
    home, pipelines = project / settings.home, project / settings.pipelines_path
    located = Settings(**{**values, "home": home, "pipelines_path": pipelines})
    is_project = (project / PROJECT_FILE).exists() or pipelines.is_dir() or home.is_dir()
    return LoadedSettings(located, sources, project, is_project)


def _find_project(folder: Path) -> Path:
    # What was begun in a folder goes on there, whatever lies above it.
    if any((folder / mark).exists() for mark in (PROJECT_FILE, ".penstock", "pipelines")):
        return folder
    return next((above for above in folder.parents if (above / PROJECT_FILE).is_file()), folder)


def _parse(name: str, raw: Any, place: Callable[[str], str]) -> Any:
    knob = next((knob for knob in fields(Settings) if knob.name == name), None)
    if knob is None:
        known = [knob.name for knob in fields(Settings)]
        raise UsageError(f"{place(name)}: there is no setting `{name}`", hint=did_you_mean(name, known) or _LIST_HINT)
    hint = f"it is the {knob.metadata['doc']}"
    try:
        return knob.metadata["parse"](raw)
    except WrongValueError as error:
        path = ".".join([name, *error.keys])
        raise UsageError(f"{place(path)}: `{path}` takes {error}", hint=hint) from error
    except ValueError as error:
        told = "" if knob.metadata["is_private"] or name == "params" else f", not `{raw}`"
        raise UsageError(f"{place(name)}: `{name}` takes {error}{told}", hint=hint) from error


def _from_file(path: Path) -> _Given:
    try:
        text = path.read_text(encoding="utf-8")
        tables = read_tables(text)
    except FileNotFoundError:
        return {}, str
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot read `{path.name}`: {error}", hint="its settings stand under `[penstock]`") from error

    def place(name: str) -> str:
        return f"{path.name}:{line_of(text, ['penstock', *name.split('.')])}"

    for name, table in tables.items():
        if name != "penstock" or not isinstance(table, dict):
            told = f"{path.name}:{line_of(text, [name])}: there is no table `{name}`"
            raise UsageError(told, hint="settings stand under `[penstock]`")
    return tables.get("penstock", {}), place


def _from_environment(environ: Mapping[str, str]) -> _Given:
    def variable(name: str) -> str:
        return ENVIRONMENT_PREFIX + name.partition(".")[0].upper()

    names = [knob.name for knob in fields(Settings)]
    return {name: environ[variable(name)] for name in names if environ.get(variable(name))}, variable


def _from_options(options: Mapping[str, str]) -> _Given:
    return options, lambda name: f"--set {name.partition('.')[0]}"
