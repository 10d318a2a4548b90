"""Warehouses, tables and rows for the tests of the warehouse contract."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from penstock.warehouse import Column, ColumnType, DelimitedFile, DelimitedFiles, Expectation, Query, Table
from penstock.warehouse.connect import open_warehouse
from penstock.warehouse.warehouse import Warehouse
from tests.servers.postgres import postgres_server

SCHEMES = ("duckdb", "sqlite", "postgresql")
#: Those that keep everything in one file.
FILE_SCHEMES = ("duckdb", "sqlite")

GIFTS = Table(
    "silver.gifts",
    columns=(
        Column("cycle"),
        Column("id"),
        Column("donor", required=True),
        Column("amount", ColumnType.MONEY),
        Column("share", ColumnType.REAL),
        Column("memos", ColumnType.INTEGER),
        Column("is_memo", ColumnType.BOOLEAN),
        Column("given_on", ColumnType.DATE),
        Column("loaded_at", ColumnType.INSTANT),
    ),
    key=("id",),
    partition="cycle",
    expectations=(
        Expectation("amounts below a million", "amount < 1000000"),
        Expectation("at most 500 gifts", "count(*) <= 500", per_row=False),
    ),
)

LINES = Table(
    "bronze.lines",
    columns=(Column("cycle"), Column("a"), Column("b"), Column("id")),
    key=("id",),
    partition="cycle",
    lineage=True,
)

NAMES = Table("gold.names", columns=(Column("id"), Column("name")), key=("id",))


def open_at(scheme: str, folder: Path, name: str = "warehouse") -> Warehouse:
    """The warehouse of this name in the folder: a file, or a database of a server whose URL stands in one."""
    return open_warehouse(url_at(scheme, folder, name), workdir=folder)


def url_at(scheme: str, folder: Path, name: str = "warehouse") -> str:
    """The URL of the warehouse of this name; on a server, the first call creates the database."""
    if scheme in FILE_SCHEMES:
        return f"{scheme}:///{folder / name}.db"
    # Processes that a test starts are told by the file which database it made.
    known = folder / f"{name}.url"
    if not known.exists():
        known.write_text(postgres_server().new_database())
    return known.read_text()


def sql_name(scheme: str, name: str) -> str:
    """A table's name as the engine's SQL writes it."""
    return f'"{name}"' if scheme == "sqlite" else '"' + name.replace(".", '"."') + '"'


def a_gift(gift: str = "g1", **overrides: object) -> dict[str, object]:
    """A gift with every column filled."""
    row: dict[str, object] = {
        "id": gift,
        "donor": 'ÅSA "O\'NEIL" \\ | \x01',
        "amount": Decimal("12.50"),
        "share": 0.1,
        "memos": 2**62,
        "is_memo": False,
        "given_on": date(2024, 2, 29),
        "loaded_at": datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC),
    }
    return {**row, **overrides}


def a_file(folder: Path, content: bytes, name: str = "lines.txt", encoding: str = "utf-8") -> DelimitedFile:
    """A file of this content."""
    path = folder / name
    path.write_bytes(content)
    return DelimitedFile(path, name, encoding)


def lines_of(*files: DelimitedFile, **overrides: Any) -> DelimitedFiles:
    """Files of the three fields of `LINES`."""
    return DelimitedFiles(files, ("a", "b", "id"), **overrides)


class Literal(Query):
    """A query whose text stands in the test instead of a file."""

    @property
    def sql(self) -> str:
        """The text given as the name."""
        return self.name


def a_query(text: str, **params: object) -> Query:
    """A query of this text."""
    return Literal("tests", "none.sql", text, params)


def stored(warehouse: Warehouse, scheme: str, table: Table, *columns: str) -> list[tuple[Any, ...]]:
    """All rows of a table in key order, only the columns named, or all declared ones."""
    names = ", ".join(columns or [column.name for column in table.columns])
    order = ", ".join(table.identity)
    return list(warehouse.query(f"select {names} from {sql_name(scheme, table.name)} order by {order}").rows)


def rejected(warehouse: Warehouse, scheme: str) -> list[Mapping[str, Any]]:
    """Every rejected row."""
    sql = f'select * from {sql_name(scheme, "bronze.rejected_rows")} order by "line", reason'
    return list(warehouse.query(sql).dicts())


def changes(warehouse: Warehouse, scheme: str) -> list[Mapping[str, Any]]:
    """The change log in order of versions."""
    sql = f'select * from {sql_name(scheme, "_penstock.changes")} order by version, "key"'
    return list(warehouse.query(sql).dicts())
