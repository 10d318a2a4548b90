"""Lines of files staged by DuckDB's own reader: whole lines are hashed, and only new ones are taken apart.

A line whose 64-bit hash is stored counts as unchanged unread. That a changed line is missed for this has a chance of
stored rows / 2**64: with 5 million rows and 50,000 changed lines, one in 70 million loads.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
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

# Line numbers make DuckDB read a file in one thread; reading it whole in each of several threads, every one keeping
# the lines of its turn, is faster than splitting all lines in one.
_MOST_BRANCHES = 4
_BRANCHED_BYTES = 32_000_000


def stage_files(write: Write, files: DelimitedFiles, spill: Path) -> Intake:
    """Put the lines into the empty partition itself, or stage those that are not stored yet.

    Raises:
        SourceError: A file cannot be read or decoded.
    """
    with ExitStack() as cleanup:
        folder = Path(cleanup.enter_context(TemporaryDirectory(dir=_made(spill), prefix="penstock-lines-")))
        for reading in iter_readings(files, folder):
            try:
                return _FileStage(write, files, reading).stage()
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

    def stage(self) -> Intake:
        shape = self.write.shape
        (stored,) = self._run("count_stored", shape.within_params)[0]
        if shape.declaration.lineage and not stored:
            return self._stage_directly()
        return self._stage_new_lines(stored)

    def _stage_directly(self) -> Intake:
        within = self.write.shape.within_params
        params = {**self._line_params(), **self._constants(), "load": self.write.load}
        self._run("insert_directly", params, lines=f"({self._lines(self._branches)})")
        (partial,) = self._run("count_partial", within)[0]
        if partial:
            self._run("reject_partial", {**within, **self._line_params()})
            self._run("delete_partial", within)
        return Intake(is_direct=True)

    def _stage_new_lines(self, stored: int) -> Intake:
        shape = self.write.shape
        remembers = shape.declaration.lineage
        known = self._statement("stored_lines" if remembers else "no_stored_lines")
        within = shape.within_params if remembers else {}
        self._run("scan", {**within, **self._line_params()}, stored=known)
        self._run("reject_lines", self._file_params())
        fixed = {**self._constants(), **self._file_params()}
        self._run("insert_given", fixed, lines=f"{self.write.temporary('scan')} where _text is not null")
        if not remembers:
            return Intake()
        self._give_contested()
        matched, unseen = self._run("count_scan")[0]
        unchanged = stored - unseen
        candidates = f"select _stored as stored from {self.write.temporary('scan')} where _seq is null"
        return Intake(unchanged=unchanged, repeated=matched - unchanged, candidates=candidates)

    def _give_contested(self) -> None:
        # A new line may have the key of a stored line that is given again: both are given then, and the last counts.
        self._run("find_contested", self.write.shape.within_params)
        if self._run("count_contested")[0][0]:
            self._run("give_contested", self._file_params())
            self._run("forget_contested")
            self._run("leave_contested")
        self.write.session.run(f"drop table {self.write.temporary('losers')}")

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
            "lines": f"({self._lines(1)})",
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

    def _lines(self, branches: int) -> str:
        template = load_statements(__package__, "files.sql")["branch"]
        return "\nunion all\n".join(
            template.format(place=place, reader=reader, branches=branches, branch=branch)
            for place, reader in enumerate(self.reading.readers)
            for branch in range(branches)
        )

    @cached_property
    def _branches(self) -> int:
        if self.reading.size < _BRANCHED_BYTES:
            return 1
        threads: int = self.write.session.run("select current_setting('threads')")[0][0]
        return min(threads, _MOST_BRANCHES)

    def _line_params(self) -> dict[str, object]:
        files = self.files
        layout = [files.columns, files.constants, files.delimiter, files.trailing_delimiter]
        paths = {f"path_{place}": str(path) for place, path in enumerate(self.reading.paths)}
        return {**paths, **self._file_params(), "layout": int(digest(layout), 16)}

    def _file_params(self) -> dict[str, object]:
        return {f"name_{place}": file.name for place, file in enumerate(self.files.files)}


def _is_unreadable(error: WarehouseError) -> bool:
    return isinstance(error.__cause__, duckdb.InvalidInputException | duckdb.NotImplementedException)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
