"""The composition root: settings in, an engine out; the one place that knows which parts are wired together."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from penstock.engine.definition.abilities import Abilities
from penstock.engine.definition.dataset import Fingerprinted, Named, Observation
from penstock.engine.definition.pipeline import Pipeline
from penstock.engine.definition.registry import Registry
from penstock.errors import ConflictError, DefinitionError, StateError, UsageError, WarehouseError
from penstock.kit.chance import any_chance
from penstock.kit.clock import Clock, SystemClock
from penstock.kit.spelling import did_you_mean
from penstock.kit.tablelook import DatasetReader
from penstock.settings import ENVIRONMENT_PREFIX, Settings, load_settings, private_settings, setting_text
from penstock.warehouse.table import Table
from penstock.warehouse.turns import Turns
from penstock.warehouse.warehouse import StoredTable, Warehouse

if TYPE_CHECKING:
    from penstock.engine.definition.task import Publisher
    from penstock.engine.engine import Engine
    from penstock.engine.execution.context import Resources
    from penstock.engine.state.store import StateStore
    from penstock.kit.pace import Window
    from penstock.notify.notice import Notice
    from penstock.notify.ways import Surroundings
    from penstock.sources.home import SourceHome
    from penstock.sources.http.client import Client
    from penstock.sources.source import Source

#: How long bodies in several processes wait for each other's writes; one write may be a whole file.
_SHARING_PATIENCE = timedelta(minutes=10)
#: How long anybody waits for those who only look: more than twice as long as a look may take.
_LOOKING_PATIENCE = timedelta(seconds=10)


def built_in_pipelines() -> dict[str, str | Path]:
    """Return the module, or the YAML file, of each pipeline that comes with Penstock, by name; nothing is imported."""
    import penstock.pipelines

    found: dict[str, str | Path] = {}
    for place in penstock.pipelines.__path__:
        files = sorted([*Path(place).glob("*/pipeline.py"), *Path(place).glob("*/pipeline.yaml")])
        for file in files:
            name = file.parent.name
            module = f"penstock.pipelines.{name}.pipeline"
            found[name.replace("_", "-")] = file if file.suffix == ".yaml" else module
    return found


def open_registry(settings: Settings, pipelines: Iterable[Pipeline] = ()) -> Registry:
    """Return the registry of all pipelines these settings make known; nothing is imported yet."""
    return Registry(
        built_in_pipelines(),
        settings.pipelines_path,
        tuple(pipelines),
        defaults=settings.params,
        abilities=Abilities(open_table=_open_foreign_table, check_rule=_check_rule),
        status_folder=settings.home / "status",
    )


def _open_foreign_table(path: str, table: str, folder: Path) -> Fingerprinted:
    from penstock.warehouse.connect import foreign_table

    return foreign_table(path, table, folder)


def _check_rule(rule: str) -> None:
    from penstock.engine.triggers.calendar.reading import parse_rule

    parse_rule(rule)


def open_engine(
    settings: Settings | None = None,
    *,
    pipelines: Iterable[Pipeline] = (),
    clock: Clock | None = None,
    chance: Callable[[], float] | None = None,
) -> Engine:
    """Return an engine as the settings describe it.

    Args:
        settings: Those of the environment and the project file, when left out.
        pipelines: Pipelines made by the running program, beside those that are found.

    Raises:
        StateError: The state store cannot be opened.
        UsageError: A setting does not fit.
    """
    # Looking at pipelines needs none of this; a start is measured in milliseconds.
    from penstock.engine.engine import Engine
    from penstock.engine.state.connect import open_state_store
    from penstock.engine.state.records import Retention

    chosen = settings or load_settings().settings
    _make_home(chosen.home)
    store = open_state_store(chosen.state_url, durability=chosen.durability)
    time, luck = clock or SystemClock(), chance or any_chance
    return Engine(
        store=store,
        registry=open_registry(chosen, pipelines),
        data=WarehouseHome(chosen, lambda: _open_sources(chosen, store, time, luck), time),
        clock=time,
        chance=luck,
        ttl=chosen.lease,
        retention=Retention(chosen.retention_runs, chosen.retention_days),
    )


@contextmanager
def open_source(source: Source, *, settings: Settings | None = None, clock: Clock | None = None) -> Iterator[Client]:
    """Lend a client of a source to a program that is no task, a script for instance, and close it afterwards.

    It draws on the budget all processes share. A task asks its context instead.

    Args:
        settings: Those of the environment and the project file, when left out.

    Raises:
        SourceError: Its key is not set, or what reads it is not installed.
        StateError: The state store, which keeps the budget, cannot be opened.
    """
    from penstock.engine.state.connect import open_state_store

    chosen = settings or load_settings().settings
    _make_home(chosen.home)
    store = open_state_store(chosen.state_url, durability=chosen.durability)
    try:
        sources = _open_sources(chosen, store, clock or SystemClock(), any_chance)
        try:
            yield sources.client(source, lambda: None)
        finally:
            sources.close()
    finally:
        store.close()


def _open_sources(settings: Settings, store: StateStore, clock: Clock, chance: Callable[[], float]) -> SourceHome:
    from penstock.engine.execution.budget import SharedBudget
    from penstock.sources.home import SourceHome, SourceSettings

    told = SourceSettings(
        settings.home, os.environ, settings.sources, _windows_in(settings), settings.recordings, settings.contact
    )
    return SourceHome(told, lambda source: SharedBudget(store, source, clock, source.time_limit), clock, chance)


def _windows_in(settings: Settings) -> dict[str, tuple[Window, ...]]:
    from penstock.kit.pace import read_windows

    return {name: read_windows(text) for name, text in settings.budgets.items()}


def _make_home(home: Path) -> None:
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StateError(
            f"cannot make the folder `{home}`: {error.strerror}", hint="set PENSTOCK_HOME to a folder you may write to"
        ) from error


def environment_of(settings: Settings) -> dict[str, str]:
    """Return the environment variables that give a child process these settings."""
    private = private_settings()
    values = {knob.name: getattr(settings, knob.name) for knob in fields(settings) if knob.name not in private}
    return {
        ENVIRONMENT_PREFIX + name.upper(): setting_text(value)
        for name, value in values.items()
        if value not in (None, "", {})
    }


def surroundings_of(settings: Settings) -> Surroundings:
    """Return what the settings' notification channels share."""
    from penstock.notify.ways import Surroundings

    return Surroundings(os.environ, settings.smtp_url, settings.mail_from, settings.console_url)


def open_notifier(settings: Settings, engine: Engine, tell: Callable[[Notice], None]) -> AbstractContextManager[object]:
    """Return what tells the settings' channels of failures for the time of a `with` block; nothing when there are none.

    Args:
        tell: Hears what it does.

    Raises:
        UsageError: A channel lacks something it needs.
    """
    if not settings.notify:
        return nullcontext()
    from penstock.notify.notifier import Notifier

    return Notifier(engine, settings.notify, surroundings_of(settings), tell)


class WarehouseHome:
    """The warehouse of the settings, opened when a table is first looked at."""

    def __init__(self, settings: Settings, open_sources: Callable[[], SourceHome], clock: Clock) -> None:
        self._settings = settings
        self._open_sources = open_sources
        self._sources: SourceHome | None = None
        self.clock = clock
        self._warehouse: Warehouse | None = None
        self._patience = timedelta(0)
        self._lock = threading.Lock()
        # Other processes are let in between looks, and they live by the machine's clock.
        self._turns = Turns(SystemClock())

    @property
    def warehouse(self) -> Warehouse:
        """The warehouse, opened."""
        with self._lock:
            if self._warehouse is None:
                from penstock.warehouse.connect import open_warehouse

                settings = self._settings
                self._warehouse = open_warehouse(
                    settings.warehouse_url,
                    workdir=settings.tmp,
                    memory_limit=settings.memory_limit,
                    patience=self._patience or _LOOKING_PATIENCE,
                )
            return self._warehouse

    @property
    def sources(self) -> SourceHome:
        """The sources, opened."""
        with self._lock:
            if self._sources is None:
                self._sources = self._open_sources()
            return self._sources

    def windows_of(self, publisher: Publisher) -> tuple[Window, ...]:
        """Return the limits of a source: the settings', or else the publisher's usual ones."""
        return _windows_in(self._settings).get(publisher.name, publisher.windows)

    def query(self, sql: str, params: Mapping[str, Any]) -> Sequence[tuple[Any, ...]]:
        """Return the rows of a read-only statement; none while a table it names does not exist."""
        try:
            return self.warehouse.query(sql, params).rows
        except WarehouseError:
            return ()
        finally:
            self._give_up()

    def observe(self, datasets: Collection[Named], params: Mapping[str, Any]) -> Mapping[str, Observation]:
        """Return the state of each table in the partition the parameters choose."""
        by_partition: dict[str, list[str]] = {}
        for dataset in datasets:
            by_partition.setdefault(_partition_value(_as_table(dataset), params), []).append(dataset.name)
        found = {
            name: Observation(state.value, f"v{state.version}")
            for partition, names in by_partition.items()
            for name, state in self.warehouse.fingerprints(names, partition).items()
        }
        self._give_up()
        return found

    @contextmanager
    def look(self) -> Iterator[DatasetReader]:
        """Lend a reader of the tables for a moment."""
        with self._turns.take(self.interrupt, self._give_up):
            try:
                with self.warehouse.look() as reader:
                    yield reader
            except ConflictError as error:
                raise ConflictError("a run is writing to the warehouse", hint="try again in a moment") from error

    def resources_for(self, pipeline: Pipeline) -> Resources:
        """Return what the pipeline's bodies may touch."""
        return PipelineResources(self, pipeline, self._settings)

    def drop(self, pipeline: Pipeline, tables: list[str], params: Mapping[str, Any]) -> Mapping[str, int]:
        """Remove the rows of these tables in the partition the parameters choose."""
        dropped = {
            name: self.warehouse.drop_partition(name, _partition_value(_as_table(pipeline.datasets[name]), params))
            for name in tables
        }
        self._give_up()
        return dropped

    def interrupt(self, thread: int | None = None) -> None:
        """Make running statements fail soon: those of one thread, or all."""
        if self._warehouse is not None:
            self._warehouse.interrupt(thread)

    def share(self, patience: timedelta = _SHARING_PATIENCE) -> None:
        """Wait for other processes that hold the warehouse, and let go of it after each use."""
        if not self._patience:
            self.close()
            self._patience = patience

    def _give_up(self) -> None:
        if self._patience:
            self.release()

    def release(self) -> None:
        """Let another process write."""
        if self._warehouse is not None:
            self._warehouse.release()

    def close(self) -> None:
        """Release the warehouse and the sources."""
        if self._sources is not None:
            self._sources.close()
            self._sources = None
        if self._warehouse is not None:
            self._warehouse.close()
            self._warehouse = None


class PipelineResources:
    """What the bodies of one pipeline may touch."""

    def __init__(self, home: WarehouseHome, pipeline: Pipeline, settings: Settings) -> None:
        self._home = home
        self._pipeline = pipeline
        self._settings = settings

    def table(self, name: str, params: Mapping[str, Any], run_id: str, guard: Callable[[], None]) -> StoredTable:
        """Return a table the pipeline declares, bound to the partition the parameters choose.

        Raises:
            DefinitionError: It declares no such table.
        """
        declared = self._pipeline.datasets.get(name)
        if declared is None:
            raise DefinitionError(
                f"pipeline `{self._pipeline.name}` declares no table `{name}`",
                hint=did_you_mean(name, self._pipeline.datasets) or "add it to `datasets=`",
            )
        table = _as_table(declared)
        partition = _partition_value(table, params) if table.partition else None
        return self._home.warehouse.table(table, partition, load=run_id, guard=guard)

    def get(self, name: str) -> Any:
        """Return `warehouse`, `clock`, `workdir` (for temporary files), `home`, or `environment` (for child processes).

        Raises:
            UsageError: There is no such resource.
        """
        if name == "warehouse":
            return self._home.warehouse
        if name == "workdir":
            folder = self._settings.tmp
            folder.mkdir(parents=True, exist_ok=True)
            return folder
        if name == "clock":
            return self._home.clock
        if name == "home":
            return self._settings.home
        if name == "environment":
            return environment_of(self._settings)
        known = ("warehouse", "clock", "workdir", "home", "environment")
        raise UsageError(f"there is no resource `{name}`", hint=did_you_mean(name, known))

    def source(self, source: Source, check: Callable[[], None]) -> Client:
        """Return a client of this source, which draws on the budget all processes share.

        Raises:
            SourceError: Its key is not set, or what reads it is not installed.
        """
        return self._home.sources.client(source, check)

    def interrupt(self, thread: int | None = None) -> None:
        """Make running statements fail soon: those of one thread, or all."""
        self._home.interrupt(thread)

    def share(self) -> None:
        """Wait for other processes that hold the warehouse, and let go of it after each use."""
        self._home.share()

    def release(self) -> None:
        """Let another process write."""
        self._home.release()


def _as_table(dataset: Named) -> Table:
    if not isinstance(dataset, Table):
        raise DefinitionError(f"dataset `{dataset.name}` is neither a table nor able to tell its own state")
    return dataset


def _partition_value(table: Table, params: Mapping[str, Any]) -> str:
    return "" if table.partition is None else str(params[table.partition])
