"""What a running task may touch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any, Protocol

from penstock.engine.definition.dataset import DatasetCatalog
from penstock.engine.definition.pipeline import Pipeline
from penstock.engine.definition.task import Publisher
from penstock.kit.pace import Window
from penstock.kit.tablelook import DatasetReader


class Resources(Protocol):
    """Where a context gets tables and other resources from; built once per process by the composition root."""

    def table(self, name: str, params: Mapping[str, Any], run_id: str, guard: Callable[[], None]) -> Any:
        """Return the stored table of this name, bound to the partition the parameters choose."""
        ...

    def get(self, name: str) -> Any:
        """Return the resource of this name, e.g. `warehouse`, `clock` or `workdir`."""
        ...

    def source(self, source: Any, check: Callable[[], None]) -> Any:
        """Return a client of this source, which draws on the budget all processes share.

        Args:
            check: Called while the client waits; what it raises ends the wait.
        """
        ...

    def interrupt(self, thread: int | None = None) -> None:
        """Make what runs inside a resource (a long statement) fail soon; that of one thread, or of all."""
        ...

    def share(self) -> None:
        """Expect other processes to use the same files from now on: wait for them, and give up after each use."""
        ...

    def release(self) -> None:
        """Give up what other processes may be waiting for."""
        ...


class DataHome(DatasetCatalog, Protocol):
    """Where the tables of pipelines lie: observed by planning, used by bodies, dropped by reset."""

    def resources_for(self, pipeline: Pipeline) -> Resources:
        """Return what the pipeline's bodies may touch."""
        ...

    def windows_of(self, publisher: Publisher) -> tuple[Window, ...]:
        """Return the limits of a source: the settings', or else the publisher's usual ones."""
        ...

    def query(self, sql: str, params: Mapping[str, Any]) -> Sequence[tuple[Any, ...]]:
        """Return the rows of a read-only statement; none while a table it names does not exist."""
        ...

    def look(self) -> AbstractContextManager[DatasetReader]:
        """Lend a reader of the tables' states, writes and rows, for a moment; runs that wait for the files get them.

        Raises:
            ConflictError: Somebody else holds the tables, most likely a run that writes.
            WarehouseError: They cannot be read, or not in a moment.
        """
        ...

    def drop(self, pipeline: Pipeline, tables: list[str], params: Mapping[str, Any]) -> Mapping[str, int]:
        """Remove the rows of these tables in the partition the parameters choose; return how many, by table."""
        ...

    def share(self, patience: timedelta = ...) -> None:
        """Expect other processes to use the same files from now on: wait for them, and give up after each use."""
        ...

    def release(self) -> None:
        """Give up files that other processes may be waiting for."""
        ...

    def close(self) -> None:
        """Release everything."""
        ...


class Params(Mapping[str, Any]):
    """The run's parameters as attributes; remembers which ones were read, for freshness."""

    __slots__ = ("_values", "read")

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values
        self.read: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"the pipeline declares no parameter `{name}`") from None

    def __getitem__(self, name: str) -> Any:
        value = self._values[name]
        self.read.add(name)
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


class Context:
    """Handed to every task body as its first argument.

    Attributes:
        params: The run's parameters, as attributes. Reading one makes the task depend on its value.
        run_id: Identifier of the run.
        attempt: Number of this attempt, from 1.
    """

    __slots__ = ("_journal", "_resources", "_results", "attempt", "params", "run_id")

    def __init__(
        self,
        *,
        run_id: str,
        attempt: int,
        params: Params,
        resources: Resources,
        results: Callable[[str], Any],
        journal: Journal,
    ) -> None:
        self.run_id = run_id
        self.attempt = attempt
        self.params = params
        self._resources = resources
        self._results = results
        self._journal = journal

    def table(self, name: str) -> Any:
        """Return the table of this name (a `StoredTable`), bound to the run's partition.

        Raises:
            DefinitionError: The pipeline declares no such table.
        """
        return self._resources.table(name, self.params._values, self.run_id, self._journal.fence)  # noqa: SLF001

    def resource(self, name: str) -> Any:
        """Return what the process holds under this name, e.g. `warehouse` or `workdir`."""
        return self._resources.get(name)

    def source(self, source: Any) -> Any:
        """Return a client of this source (a `penstock.sources.source.Source`), within its shared budget.

        Raises:
            SourceError: Its key is not set, or what reads it is not installed.
        """
        return self._resources.source(source, self._journal.check)

    def result(self, task: str) -> Any:
        """Return what the upstream task of this name returned.

        Raises:
            UsageError: That task has not completed in this partition.
        """
        return self._results(task)

    def log(self, message: str, **facts: Any) -> None:
        """Append a message, with facts, to the run's log."""
        self._journal.log(message, facts)

    def progress(self, done: int, total: int | None = None, unit: str = "rows") -> None:
        """Report how far the body has come; written at most a few times a second."""
        self._journal.progress(done, total, unit)

    def check(self) -> None:
        """Return when this attempt may go on.

        Raises:
            LeaseLostError: Another process took the task over.
            RunCancelledError: The run was told to stop now.
            TimeLimitError: The attempt passed its time limit.
        """
        self._journal.check()


class Journal(Protocol):
    """Where a context reports to; one per attempt."""

    def log(self, message: str, facts: Mapping[str, Any]) -> None:
        """Append a message to the event log."""
        ...

    def progress(self, done: int, total: int | None, unit: str) -> None:
        """Append a progress report to the event log, unless one was written a moment ago."""
        ...

    def check(self) -> None:
        """Raise what should end the attempt, if anything should, as far as this process knows."""
        ...

    def fence(self) -> None:
        """Raise what should end the attempt, asking the state store; called before rows are committed."""
        ...
