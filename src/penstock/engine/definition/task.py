"""The task: one unit of work, declared by a decorator and still callable as the function it was."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol, overload

from penstock.engine.definition.dataset import Fingerprinted, Named
from penstock.engine.definition.script import Script
from penstock.errors import DefinitionError
from penstock.kit.durations import parse_duration
from penstock.kit.glance import Glance
from penstock.kit.pace import Window

Body = Callable[..., Any]
#: Tells how many calls a task is going to make: of what can be seen beforehand, by the name of the source.
CallForecast = Callable[[Glance], Mapping[str, int]]


class Backoff(Protocol):
    """How long to wait before the next attempt."""

    def __call__(self, attempt: int) -> timedelta:
        """Return the delay after this many failed attempts (1 or more)."""
        ...


@dataclass(frozen=True, slots=True)
class Exponential:
    """Delays that double from `first` up to `longest`: 1, 2, 4, … times the first."""

    first: timedelta = timedelta(seconds=1)
    longest: timedelta = timedelta(minutes=5)

    def __call__(self, attempt: int) -> timedelta:
        """Return the delay after this many failed attempts."""
        doublings = min(attempt - 1, 30)
        return min(self.longest, self.first * (1 << doublings))


@dataclass(frozen=True, slots=True)
class Constant:
    """The same delay every time."""

    delay: timedelta

    def __call__(self, attempt: int) -> timedelta:  # noqa: ARG002 - part of the protocol
        """Return the delay."""
        return self.delay


class Publisher(Protocol):
    """A source of calls, as far as planning has to know it; see `penstock.sources.source.Source`."""

    @property
    def name(self) -> str:
        """Name of its budget."""
        ...

    @property
    def windows(self) -> tuple[Window, ...]:
        """How many calls it allows, over every period."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """One unit of work of a pipeline.

    Args:
        depends_on: Names of tasks that must end well before this one starts.
        inputs: Datasets whose change makes this task stale: names of tables, or `File`s.
        outputs: Datasets it makes; when a run leaves them as they were, what depends on them stays fresh.
        updates: Names of tables another task makes and this one corrects; whatever reads them comes after both.
        each: Name of the task whose returned items this body handles one by one.
        retries: Further attempts after the first one failed.
        timeout: Longest time one attempt (for a fan-out: one item) may take.
        version: Raised by hand when behaviour changes in a way the code does not show.
        executor: `process` asks for a child process; None leaves it to the run.
        failure_tolerance: For a fan-out: how many items may fail, as a share below 1 or a whole number.
        sources: The publishers it calls.
        forecast: Tells how many calls it is going to make; None where nobody can tell.
        title: What a person called it, where the name had to be spelt otherwise.
        runs_always: Whether it runs whenever it is asked, because nobody can tell what it reads.
        may_fail: Whether the run goes on, and its dependents too, when its last attempt failed.
    """

    name: str
    body: Body
    depends_on: tuple[str, ...] = ()
    inputs: tuple[str | Fingerprinted, ...] = ()
    outputs: tuple[str | Fingerprinted, ...] = ()
    updates: tuple[str, ...] = ()
    each: str | None = None
    retries: int = 0
    backoff: Backoff = Exponential()
    timeout: timedelta | None = None
    tags: frozenset[str] = frozenset()
    version: str = ""
    executor: str | None = None
    failure_tolerance: float = 0
    sources: tuple[Publisher, ...] = ()
    forecast: CallForecast | None = None
    title: str = ""
    runs_always: bool = False
    may_fail: bool = False

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the body as the plain function it is."""
        return self.body(*args, **kwargs)

    @property
    def doc(self) -> str:
        """One line that says what it does: of a function, the first of its docstring."""
        if isinstance(self.body, Script):
            return self.body.doc
        return (self.body.__doc__ or "").strip().partition("\n")[0]

    @property
    def script(self) -> Script | None:
        """The script it runs; None when it calls a function."""
        return self.body if isinstance(self.body, Script) else None

    @classmethod
    def of_script(
        cls,
        name: str,
        path: str | Path,
        *,
        folder: str | Path | None = None,
        cwd: str | Path | None = None,
        args: Iterable[str] = (),
        env: Mapping[str, str] | None = None,
        params: Iterable[str] | None = None,
        matrix: Mapping[str, str] | None = None,
        doc: str = "",
        depends_on: Iterable[str | Named] = (),
        inputs: Iterable[str | Named] | None = None,
        outputs: Iterable[str | Named] = (),
        each: str | Named | None = None,
        retries: int = 0,
        retry_delay: str | timedelta | Backoff | None = None,
        timeout: str | timedelta | None = None,
        tags: Iterable[str] = (),
        version: str | int = "",
        failure_tolerance: float = 0,
        may_fail: bool = False,
    ) -> Task:
        """Return a task that runs a program.

        Args:
            path: The program; `.py` files are run by this Python, others have to be executable.
            folder: What lies outside it is never run; the folder of the program when left out.
            cwd: The working folder; that of this process when left out.
            inputs: What it reads; when left out, nobody can tell, so that the task always runs.

        The others are told by `Task` and `Script`.

        Raises:
            DefinitionError: A value cannot be what it is declared as.
        """
        place = Path(path).absolute()
        script = Script(
            place,
            Path(folder).absolute() if folder is not None else place.parent,
            Path(cwd).absolute() if cwd is not None else Path.cwd(),
            args=tuple(args),
            env=MappingProxyType(dict(env or {})),
            params=None if params is None else tuple(params),
            matrix=MappingProxyType(dict(matrix or {})),
            doc=doc,
        )
        return _checked(
            cls(
                name=name,
                body=script,
                depends_on=tuple(map(_name, depends_on)),
                inputs=tuple(map(_dataset, inputs or ())),
                outputs=tuple(map(_dataset, outputs)),
                each=None if each is None else _name(each),
                retries=retries,
                backoff=_backoff(retry_delay),
                timeout=None if timeout is None else parse_duration(timeout),
                tags=frozenset(tags),
                version=str(version),
                failure_tolerance=failure_tolerance,
                runs_always=inputs is None,
                may_fail=may_fail,
            )
        )

    def tolerates(self, failed: int, discovered: int) -> bool:
        """Whether so many failed items still let the fan-out complete."""
        allowed = self.failure_tolerance * discovered if self.failure_tolerance < 1 else self.failure_tolerance
        return failed <= allowed


def dataset_name(dataset: str | Fingerprinted) -> str:
    """Return the name of a dataset given by name or as an object."""
    return dataset if isinstance(dataset, str) else dataset.name


def _name(thing: str | Named) -> str:
    return thing if isinstance(thing, str) else thing.name


def _dataset(thing: str | Named) -> str | Fingerprinted:
    if isinstance(thing, str | Fingerprinted):
        return thing
    return thing.name


def _backoff(delay: str | timedelta | Backoff | None) -> Backoff:
    if delay is None:
        return Exponential()
    if isinstance(delay, str | timedelta):
        return Constant(parse_duration(delay))
    return delay


@overload
def task(body: Body, /) -> Task: ...


@overload
def task(
    *,
    name: str | None = None,
    depends_on: Iterable[str | Named] = (),
    inputs: Iterable[str | Named] = (),
    outputs: Iterable[str | Named] = (),
    updates: Iterable[str | Named] = (),
    each: str | Named | None = None,
    retries: int = 0,
    retry_delay: str | timedelta | Backoff | None = None,
    timeout: str | timedelta | None = None,
    tags: Iterable[str] = (),
    version: str | int = "",
    executor: str | None = None,
    failure_tolerance: float = 0,
    sources: Iterable[Publisher] = (),
    forecast: CallForecast | None = None,
) -> Callable[[Body], Task]: ...


def task(
    body: Body | None = None,
    /,
    *,
    name: str | None = None,
    depends_on: Iterable[str | Named] = (),
    inputs: Iterable[str | Named] = (),
    outputs: Iterable[str | Named] = (),
    updates: Iterable[str | Named] = (),
    each: str | Named | None = None,
    retries: int = 0,
    retry_delay: str | timedelta | Backoff | None = None,
    timeout: str | timedelta | None = None,
    tags: Iterable[str] = (),
    version: str | int = "",
    executor: str | None = None,
    failure_tolerance: float = 0,
    sources: Iterable[Publisher] = (),
    forecast: CallForecast | None = None,
) -> Task | Callable[[Body], Task]:
    """Declare a function as a task; with or without arguments.

    Args:
        retry_delay: `"30s"`, a timedelta, or a `Backoff`; doubling from one second when left out.

    The others are told by `Task`.

    Raises:
        DefinitionError: A value cannot be what it is declared as.
    """

    def declare(function: Body) -> Task:
        return _checked(
            Task(
                name=name or function.__name__,
                body=function,
                depends_on=tuple(map(_name, depends_on)),
                inputs=tuple(map(_dataset, inputs)),
                outputs=tuple(map(_dataset, outputs)),
                updates=tuple(map(_name, updates)),
                each=None if each is None else _name(each),
                retries=retries,
                backoff=_backoff(retry_delay),
                timeout=None if timeout is None else parse_duration(timeout),
                tags=frozenset(tags),
                version=str(version),
                executor=executor,
                failure_tolerance=failure_tolerance,
                sources=tuple(sources),
                forecast=forecast,
            )
        )

    return declare if body is None else declare(body)


def _checked(declared: Task) -> Task:
    problem = None
    if not declared.name or set(declared.name) & set(" ,+*:/\t\n"):
        problem = "has a name with a blank or one of `,+*:/`"
    elif declared.retries < 0:
        problem = "has a negative number of retries"
    elif declared.failure_tolerance < 0:
        problem = "has a negative failure tolerance"
    elif declared.failure_tolerance and declared.each is None:
        problem = "tolerates failed items but handles none; add `each=`"
    elif overlap := sorted(set(declared.updates) & {dataset_name(output) for output in declared.outputs}):
        problem = f"both makes and updates `{overlap[0]}`"
    elif declared.executor not in (None, "process"):
        problem = f"asks for executor `{declared.executor}`; only `process` can be asked for"
    if problem:
        raise DefinitionError(f"task `{declared.name}` {problem}")
    return declared
