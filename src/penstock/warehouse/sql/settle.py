"""Settling: of all given rows, which ones count; blank keys and duplicates are told apart and set aside."""

from __future__ import annotations

from dataclasses import dataclass

from penstock.warehouse.sql.dialect import Params
from penstock.warehouse.sql.write import Write


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows to settle.

    Args:
        name: Their table.
        within: Condition over alias `r` that picks them.
        order: What sorts the row given last first.
    """

    name: str
    within: str
    order: str
    params: Params


def settle(write: Write, rows: Rows) -> int:
    """Set aside blank keys and older rows of one key; return how many rows were given again in full."""
    total, distinct, blank = _count(write, rows)
    if blank:
        _set_blank_keys_aside(write, rows)
        total, distinct, _ = _count(write, rows)
    if total == distinct:
        return 0
    _run(write, rows, "create_losers", identity=write.shape.identity("r"), order=rows.order)
    repeated: int = write.run("count_losers")[0][0]
    write.run("reject_losers", rows=rows.name)
    write.run("delete_losers", rows=rows.name)
    return repeated


def _count(write: Write, rows: Rows) -> tuple[int, ...]:
    hashed, blank = write.shape.key_hash("r"), write.shape.blank_identity("r")
    return _run(write, rows, "count_identities", key_hash=hashed, blank=blank)[0]


def _set_blank_keys_aside(write: Write, rows: Rows) -> None:
    blank = write.shape.blank_identity("r")
    _run(write, rows, "reject_blank_keys", blank=blank)
    _run(write, rows, "delete_blank_keys", blank=blank)


def _run(write: Write, rows: Rows, statement: str, **fragments: str) -> list[tuple[int, ...]]:
    return write.run(statement, rows.params, rows=rows.name, within=rows.within, **fragments)
