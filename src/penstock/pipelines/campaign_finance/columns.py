"""Short spellings for the columns of declared tables."""

from __future__ import annotations

from penstock.warehouse import Column, ColumnType


def text(name: str, doc: str, *, required: bool = False) -> Column:
    """Return a text column."""
    return Column(name, ColumnType.TEXT, doc, required)


def count(name: str, doc: str) -> Column:
    """Return a column of whole numbers that is never missing."""
    return Column(name, ColumnType.INTEGER, doc, required=True)


def whole(name: str, doc: str) -> Column:
    """Return a column of whole numbers."""
    return Column(name, ColumnType.INTEGER, doc)


def money(name: str, doc: str, *, required: bool = False) -> Column:
    """Return a column of amounts in US dollars."""
    return Column(name, ColumnType.MONEY, doc, required)


def share(name: str, doc: str) -> Column:
    """Return a column of shares, scores or indexes."""
    return Column(name, ColumnType.REAL, doc)


def flag(name: str, doc: str) -> Column:
    """Return a yes-or-no column that is never missing."""
    return Column(name, ColumnType.BOOLEAN, doc, required=True)


def day(name: str, doc: str) -> Column:
    """Return a column of dates."""
    return Column(name, ColumnType.DATE, doc)


#: The partition: the even year a two-year election cycle ends in.
CYCLE = Column("cycle", ColumnType.INTEGER, "Even year in which the two-year election cycle ends.", required=True)
