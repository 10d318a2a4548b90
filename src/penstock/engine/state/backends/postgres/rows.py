"""Turns rows into the columns that one statement writes all at once."""

from __future__ import annotations

from collections.abc import Iterable

from penstock.engine.state.backends.sql_rows import Row


def as_columns(rows: Iterable[Row], width: int) -> list[list[object]]:
    """Return the rows' columns, each a list: what `unnest` turns back into rows."""
    columns = [list(column) for column in zip(*rows, strict=True)]
    return columns or [[] for _ in range(width)]
