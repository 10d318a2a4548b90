"""Lines of files staged by DuckDB's own reader: whole lines are hashed, and only new ones are taken apart.

A line whose 64-bit hash is stored counts as unchanged unread. That a changed line is missed for this has a chance of
stored rows / 2**64: with 5 million rows and 50,000 changed lines, one in 70 million loads.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from penstock.errors import WarehouseError
from penstock.kit.jsonable import digest
from penstock.kit.sqlfile import load_statements
from penstock.warehouse.duckdb.reading import Reading, iter_readings
from penstock.warehouse.rows import DelimitedFiles
from penstock.warehouse.sql.dialect import Params, quote
from penstock.warehouse.sql.intake import FILE_STRIDE, constants
from penstock.warehouse.sql.write import Intake, Write

# More threads than these do not pay: the rest of the work is shared out by DuckDB itself.
_MOST_THREADS = 4


def stage_files(
    write: Write, files: DelimitedFiles, spill: Path, streaming: Callable[[], AbstractContextManager[None]]
) -> Intake:
    """Put the lines into the empty partition itself, or stage those that are not stored yet.

    Args:
        spill: Folder in which files are rewritten where they have to be.
        streaming: Entered while lines are put into the table itself.

    Raises:
        SourceError: A file cannot be read or decoded.
    """
    with ExitStack() as cleanup:
        folder = Path(cleanup.enter_context(TemporaryDirectory(dir=_made(spill), prefix="penstock-lines-")))
        threads = int(write.session.run("select current_setting('threads')")[0][0])
        for reading in iter_readings(files, folder, min(threads, _MOST_THREADS)):
            try:
                return _FileStage(write, files, reading, streaming).stage()
            except WarehouseError as error:
                if reading.is_last or not _is_unreadable(error):
                    raise
                write.session.restart()
    raise AssertionError("the last reading either returns or raises")


@dataclass(frozen=True)
class _FileStage:
    write: Write
    files: DelimitedFiles
    reading: Reading
    streaming: Callable[[], AbstractContextManager[None]]

    def stage(self) -> Intake:
        shape = self.write.shape
        (stored,) = self._run("count_stored", shape.within_params)[0]
        if shape.declaration.lineage and not stored:
            return self._stage_directly()
        return self._stage_new_lines(stored)

    def _stage_directly(self) -> Intake:
        within = self.write.shape.within_params
        with self.streaming():
            self._run_over_lines("insert_directly", {**self._constants(), "load": self.write.load})
        (partial,) = self._run("count_partial", within)[0]
        if partial:
            self._run_over_lines("reject_partial", within)
            self._run("delete_partial", within)
        return Intake(is_direct=True)

    def _stage_new_lines(self, stored: int) -> Intake:
        shape = self.write.shape
        remembers = shape.declaration.lineage
        known = self._statement("stored_lines" if remembers else "no_stored_lines")
        self._run_over_lines("scan", shape.within_params if remembers else {}, stored=known)
        self._run("reject_lines", self._file_params())
        fixed = {**self._constants(), **self._file_params()}
        self._run("insert_given", fixed, lines=f"{self.write.temporary('scan')} where _text is not null")
        if not remembers:
            return Intake()
        given_again = self._give_contested()
        new, unseen = self._run("count_scan")[0]
        unchanged = stored - unseen
        candidates = f"select _stored as stored from {self.write.temporary('scan')} where _stored is not null"
        repeated = self.reading.line_count - new - given_again - unchanged
        return Intake(unchanged=unchanged, repeated=repeated, candidates=candidates)

    def _give_contested(self) -> int:
        # A new line may have the key of a stored line that is given again: both are given then, and the last counts.
        given = f"select count(*) from {self.write.temporary('given')}"
        self._run("find_contested", self.write.shape.within_params)
        (before,) = self.write.session.run(given)[0]
        if self._run("count_contested")[0][0]:
            self._run_over_lines("give_contested", {})
            self._run("leave_contested")
        (after,) = self.write.session.run(given)[0]
        self.write.session.run(f"drop table {self.write.temporary('losers')}")
        count: int = after - before
        return count

    def _run_over_lines(self, name: str, params: Params, **fragments: str) -> None:
        files = self.files
        layout = [files.columns, files.constants, files.delimiter, files.trailing_delimiter]
        with self.reading.lines() as (lines, paths):
            every = {**params, **paths, **self._file_params(), "layout": int(digest(layout), 16)}
            self._run(name, every, lines=f"({lines})", **fragments)

    def _run(self, name: str, params: Params | None = None, **fragments: str) -> list[tuple[Any, ...]]:
        return self.write.session.run(self._statement(name, **fragments), params)

    def _statement(self, name: str, **fragments: str) -> str:
        own = load_statements(__package__, "files.sql")
        write = self.write
        places = (f"when {place} then $name_{place}" for place in range(len(self.files.files)))
        known = {
            **write.fragments(),
            "row_hash": write.shape.hash_of(),
            "delimiter": self.files.delimiter.replace("'", "''"),
            "width": str(len(self.files.columns) + self.files.trailing_delimiter),
            "stride": str(FILE_STRIDE),
            "lines": "",
            "file": f"(case _seq // {FILE_STRIDE} {' '.join(places)} end)",
            "line": f"(_seq % {FILE_STRIDE})",
            **fragments,
        }
        known["fields"] = own["fields"].format_map({**known, "fields": self._fields()})
        return own[name].format_map(known)

    def _fields(self) -> str:
        shape = self.write.shape
        sources = {name: f"nullif(_parts[{place}], '')" for place, name in enumerate(self.files.columns, start=1)}
        sources |= {name: f"$constant_{place}" for place, name in enumerate(constants(shape, self.files))}
        return ", ".join(
            f"cast({sources.get(column.name, 'null')} as {shape.dialect.column_type(column.type)}) "
            f"as {quote(column.name)}"
            for column in shape.declaration.columns
        )

    def _constants(self) -> dict[str, object]:
        fixed = constants(self.write.shape, self.files)
        return {f"constant_{place}": value for place, value in enumerate(fixed.values())}

    def _file_params(self) -> dict[str, object]:
        return {f"name_{place}": file.name for place, file in enumerate(self.files.files)}


def _is_unreadable(error: WarehouseError) -> bool:
    return isinstance(error.__cause__, duckdb.InvalidInputException | duckdb.NotImplementedException)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
