"""Lines told from those stored by their hash, so that only new ones are taken apart.

A line whose 64-bit hash is stored counts as unchanged unread; that a changed line is missed for this has a chance of
stored rows / 2**64, for each line.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from penstock.kit.jsonable import digest
from penstock.kit.sqlfile import load_statements
from penstock.warehouse.rows import DelimitedFiles
from penstock.warehouse.sql.dialect import Params, quote
from penstock.warehouse.sql.intake import FILE_STRIDE
from penstock.warehouse.sql.shape import refer
from penstock.warehouse.sql.write import Intake, Write


@dataclass(frozen=True)
class KnownLines:
    """What a table knows of the lines its rows were read from."""

    write: Write
    files: DelimitedFiles

    def are_there(self) -> bool:
        """Return whether any stored row of the partition remembers its line."""
        if not self.write.shape.declaration.lineage:
            return False
        return bool(self._run("find_known_line", self.write.shape.within_params))

    def remember(self) -> None:
        """Let staged rows compute the hash of their line, for the next time."""
        if self.write.shape.declaration.lineage:
            self._run("forget_line_hash")
            self._run("hash_lines")

    def create_lines(self) -> str:
        """Create the table that whole lines are copied into, as `_seq` and `_text`, and return its name."""
        self._run("create_lines")
        return self.write.temporary("lines")

    def stage_new(self) -> Intake:
        """Stage the copied lines that are not stored."""
        within = self.write.shape.within_params
        self.write.session.measure(self.write.temporary("lines"))
        self._run("scan", within)
        self.write.session.measure(self.write.temporary("scan"))
        self._run("insert_given", self._names())
        given_again = self._give_contested()
        lines, stored, new, unseen = self._run("count_scan", within)[0]
        candidates = f"select _stored as stored from {self.write.temporary('scan')} where _stored is not null"
        unchanged = stored - unseen
        repeated = lines - new - given_again - unchanged
        return Intake(unchanged=unchanged, repeated=repeated, candidates=candidates)

    def _give_contested(self) -> int:
        # A new line may have the key of a stored line that is given again: both are given then, and the last counts.
        ((before,),) = self._run("count_given")
        self._run("find_contested", self.write.shape.within_params)
        self._run("give_contested", self._names())
        self._run("leave_contested")
        self._run("drop_losers")
        ((after,),) = self._run("count_given")
        return int(after) - int(before)

    def _names(self) -> Params:
        return {f"name_{place}": file.name for place, file in enumerate(self.files.files)}

    def _run(self, name: str, params: Params | None = None) -> list[tuple[Any, ...]]:
        statement = load_statements(__package__, "known_lines.sql")[name]
        return self.write.session.run(statement.format_map(self._fragments()), params)

    def _fragments(self) -> dict[str, str]:
        files, shape = self.files, self.write.shape
        delimiter = "'" + files.delimiter.replace("'", "''") + "'"
        layout = int(digest([files.columns, files.constants, files.delimiter, files.trailing_delimiter]), 16)
        places = (f"when {place} then $name_{place}" for place in range(len(files.files)))
        return {
            **self.write.fragments(),
            "layout": str(layout % 2**63),
            "line": f" || {delimiter} || ".join(f"coalesce({name}, '')" for name in map(quote, files.columns)),
            "delimiter": files.delimiter.replace("'", "''"),
            "field_columns": ", ".join(refer(files.columns)),
            "fields": ", ".join(f"nullif(x._parts[{place}], '')" for place in range(1, len(files.columns) + 1)),
            "stored_columns": ", ".join(refer(shape.names, "t")),
            "file": f"(case x._seq / {FILE_STRIDE} {' '.join(places)} end)",
            "number": f"(x._seq % {FILE_STRIDE})",
        }
