"""One write in progress: its session, its temporary tables and the statements made for its table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from penstock.kit.sqlfile import load_statements
from penstock.warehouse.sql.catalog import Catalog
from penstock.warehouse.sql.dialect import Params, Session, Staging, quote
from penstock.warehouse.sql.shape import HASH, Shape
from penstock.warehouse.table import ColumnType

#: What a write calls last before it commits.
Guard = Callable[[], None]

_SERIAL = count(1)
# What a write keeps in temporary tables of its own.
_ROLES = ("given", "rejected", "losers", "delta", "old", "scan", "lines")


@dataclass(frozen=True, slots=True)
class Intake:
    """What staging has found out already.

    Args:
        unchanged: Given rows known to be equal to stored ones; they are not among the staged rows.
        repeated: Rows given again in full and dropped while staging.
        candidates: Query for the stored row ids that vanish unless a staged row is theirs; None for all stored rows.
        is_direct: The rows were put into the empty partition itself; nothing is left to compare.
    """

    unchanged: int = 0
    repeated: int = 0
    candidates: str | None = None
    is_direct: bool = False


@dataclass(frozen=True)
class Write:
    """Names and statements of one write.

    Args:
        raw: Expression for the rejected row's text, over alias `r`.
    """

    session: Session
    shape: Shape
    catalog: Catalog
    load: str
    raw: str
    prefix: str = field(default_factory=lambda: f"_write_{next(_SERIAL)}")

    @property
    def staging(self) -> Staging:
        """The table of given rows."""
        declaration = self.shape.declaration
        return Staging(declaration.name, self.temporary("given"), declaration.columns, self.shape.hash_of())

    def temporary(self, role: str) -> str:
        """Return the quoted name of one of the write's temporary tables."""
        return quote(f"{self.prefix}_{role}")

    @contextmanager
    def tables(self) -> Iterator[None]:
        """Create the staging tables and drop every temporary table of the write at the end."""
        self.run("create_given")
        self.run("create_rejected")
        try:
            yield
        finally:
            for role in _ROLES:
                self.session.run(f"drop table if exists {self.temporary(role)}")

    def run(self, name: str, params: Params | None = None, **fragments: str) -> list[tuple[Any, ...]]:
        """Run a statement of `write.sql` with the write's fragments and those given."""
        return self.session.run(self.statement(name, **fragments), params)

    def run_within(self, name: str, params: Params | None = None, **fragments: str) -> list[tuple[Any, ...]]:
        """Run a statement that is limited to the partition."""
        return self.run(name, {**self.shape.within_params, **(params or {})}, **fragments)

    def statement(self, name: str, **fragments: str) -> str:
        """Return a statement of `write.sql` put together for this table."""
        template = load_statements(__package__, "write.sql")[name]
        return template.format_map({**self.fragments(), **fragments})

    def hidden(self) -> dict[str, str]:
        """Return the hidden columns a staged row is stored with, and the expression of each."""
        lineage = {name: name for name in self.shape.typed_lineage}
        if lineage:
            lineage["_load"] = "$load"
        return {**lineage, HASH: HASH}

    @property
    def load_params(self) -> Params:
        """The parameter of the hidden columns' expressions, where they have one."""
        return {"load": self.load} if self.shape.declaration.lineage else {}

    def fragments(self) -> dict[str, str]:
        """Return what every statement of this write may be put together from."""
        shape = self.shape
        return {
            **{role: self.temporary(role) for role in _ROLES},
            **self.catalog.names,
            "target": shape.target,
            "columns": shape.columns,
            "typed_columns": shape.typed_columns,
            "hash_type": shape.dialect.hash_type,
            "staged_hash": shape.dialect.staged_hash(shape.hash_of()),
            "text": shape.dialect.column_type(ColumnType.TEXT),
            "row_id": shape.dialect.row_id,
            "same_identity": shape.same_identity("g", "t"),
            "within": shape.within("t"),
            "raw": self.raw,
        }
