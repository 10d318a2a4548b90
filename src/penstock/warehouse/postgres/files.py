"""Lines of files staged by COPY: PostgreSQL takes them apart, and Python only counts their delimiters."""

from __future__ import annotations

from collections.abc import Iterator

from psycopg import sql

from penstock.warehouse.postgres.known_lines import KnownLines
from penstock.warehouse.postgres.lines import Lines, escape
from penstock.warehouse.postgres.session import PostgresSession
from penstock.warehouse.postgres.text import store
from penstock.warehouse.rows import DelimitedFiles
from penstock.warehouse.sql.dialect import quote
from penstock.warehouse.sql.intake import FILE_STRIDE, constants, stage_lines
from penstock.warehouse.sql.shape import refer
from penstock.warehouse.sql.write import Intake, Write

# COPY takes one plain character, and none that its escapes are written with.
_DELIMITERS = frozenset("|,;:\t!#$%&*+-/=?@^_~ ")


def stage_files(session: PostgresSession, write: Write, files: DelimitedFiles) -> Intake:
    """Stage the lines of files.

    Raises:
        SourceError: A file cannot be read or decoded.
    """
    if files.delimiter not in _DELIMITERS:
        return stage_lines(write, files)
    _preset(session, write, constants(write.shape, files))
    known = KnownLines(write, files)
    known.remember()
    if known.are_there():
        # Whole lines are copied faster than fields, and most of them need not be taken apart.
        target = f"{known.create_lines()} (_seq, _text)"
        _copy_files(session, write, files, target, is_whole=True)
        return known.stage_new()
    columns = ", ".join(refer(["_line", "_seq", *files.columns]))
    _copy_files(session, write, files, f"{write.temporary('given')} ({columns})", is_whole=False)
    return Intake()


def _preset(session: PostgresSession, write: Write, values: dict[str, object]) -> None:
    # A column that is not copied takes its default.
    for name, value in values.items():
        literal = sql.Literal(store(value)).as_string(session.connection)
        session.run(f"alter table {write.temporary('given')} alter column {quote(name)} set default {literal}")


def _copy_files(session: PostgresSession, write: Write, files: DelimitedFiles, target: str, *, is_whole: bool) -> None:
    for place, file in enumerate(files.files):
        _preset(session, write, {"_file": file.name})
        _copy_file(session, write, target, Lines(file, files, place * FILE_STRIDE, is_whole))


def _copy_file(session: PostgresSession, write: Write, target: str, lines: Lines) -> None:
    delimiter = "\t" if lines.is_whole else lines.files.delimiter
    form = f"from stdin (format text, delimiter '{delimiter}', null '', encoding 'utf8')"
    blocks = lines.blocks()
    while not lines.is_read:
        session.copy(f"{target} {form}", lines.until_many_are_rejected(blocks))
        rejected, lines.rejected = lines.rejected, []
        if rejected:
            session.copy(f"{write.temporary('rejected')} from stdin", _rejections(lines.file.name, rejected))


def _rejections(file: str, rejected: list[tuple[int, bytes]]) -> Iterator[bytes]:
    name = escape(file.encode())
    for number, line in rejected:
        yield b"field count\t%b\t%d\t%b\n" % (name, number, escape(line))
