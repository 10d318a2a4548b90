"""Reads a folder of files: lines of JSON or tables, plain or gzipped, in folders by day or not."""

from __future__ import annotations

import csv
import gzip
import json
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from io import TextIOWrapper
from pathlib import Path

from penstock import PenstockError, SourceError
from penstock.pipelines.user_analytics.inputs import Batch, Input, Line
from penstock.pipelines.user_analytics.parameters import Parameters
from penstock.pipelines.user_analytics.rules.lines import from_app_row, from_table_row

_EVENT_FOLDERS = frozenset({"events", "mp_master_event"})
_PEOPLE_FOLDERS = frozenset({"people", "mp_people_data"})
_KINDS = (".json", ".jsonl", ".ndjson", ".csv")
_DAY = re.compile(r"(?:^|/)(\d{4})/(\d\d)/(\d\d)/")


class FolderInput:
    """A folder.

    Args:
        adapt: Puts a line into the usual shape.
        near: The folder is told by the way to it from here, which stays when both are moved.
    """

    def __init__(self, folder: Path, adapt: Callable[[Line], Line], near: Path) -> None:
        self.source = f"folder|{os.path.relpath(folder.resolve(), near.resolve())}"
        files = sorted(path for path in folder.rglob("*") if _kind(path) in _KINDS and path.is_file())
        named = {path: set(path.relative_to(folder).parent.parts) for path in files}
        events = [path for path in files if named[path] & _EVENT_FOLDERS]
        self._people = [path for path in files if named[path] & _PEOPLE_FOLDERS]
        self._events = [(path, _day_of(path, folder)) for path in events or files if path not in self._people]
        self._adapt = adapt
        if not self._events:
            raise SourceError(
                f"there are no files of events in `{folder}`", hint=f"they end in {', '.join(_KINDS)}, or these and .gz"
            )

    def batches(self, parts: Sequence[Sequence[date]]) -> Iterator[Batch]:
        """Yield the events of all these days at once: files that are not in folders by day are read but once."""
        days = [day for part in parts for day in part]
        if days:
            yield Batch(days, self._lines(frozenset(days)))

    def users(self) -> Iterator[Line] | None:
        """Yield all profiles; None when there is no file of them."""
        return (line for path in self._people for line in _read(path)) if self._people else None

    def _lines(self, days: frozenset[date]) -> Iterator[tuple[Line, date | None]]:
        for path, day in self._events:
            if day is None or day in days:
                yield from ((self._adapt(line), day) for line in _read(path))


@contextmanager
def open_folder(parameters: Parameters) -> Iterator[Input]:
    """Lend the folder the parameters name.

    Raises:
        PenstockError: They name none, or it holds no events.
    """
    folder = parameters.folder
    if folder is None or not folder.is_dir():
        what = "source `folder` needs `--folder`" if folder is None else f"there is no folder `{folder}`"
        raise PenstockError(what, hint="name the folder with the files")
    adapt = from_app_row if parameters.format == "product_events" else _as_it_is
    yield FolderInput(folder, adapt, parameters.database.parent)


def _as_it_is(line: Line) -> Line:
    return line


def _kind(path: Path) -> str:
    return (path.with_suffix("") if path.suffix == ".gz" else path).suffix.lower()


def _day_of(path: Path, folder: Path) -> date | None:
    found = _DAY.search(path.relative_to(folder).as_posix())
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError as error:
        raise SourceError(f"`{path}` lies in a folder of no day: {error}", hint="rename the folder") from error


def _read(path: Path) -> Iterator[Line]:
    number = 0  # lines that were read: the error is behind them
    try:
        with (gzip.open if path.suffix == ".gz" else Path.open)(path, "rb") as file:
            text = TextIOWrapper(file, encoding="utf-8")
            for line in _table(text) if _kind(path) == ".csv" else _lines(text):
                number += 1
                yield line
    except (OSError, EOFError, ValueError, RecursionError, csv.Error) as error:
        # Neither the line nor what JSON says of it is told: it is about a person.
        what = str(error) if isinstance(error, OSError) else "it is cut short, or no such file"
        raise SourceError(f"`{path}` cannot be read behind line {number:,}: {what}", hint="fetch it again") from error


def _lines(text: TextIOWrapper) -> Iterator[Line]:
    for line in text:
        if line.strip():
            value = json.loads(line, parse_float=Decimal)
            if not isinstance(value, dict):
                raise ValueError("no object")
            yield value


def _table(text: TextIOWrapper) -> Iterator[Line]:
    return (from_table_row(row) for row in csv.DictReader(text))
