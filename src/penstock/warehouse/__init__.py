"""Where datasets rest: declared tables, written by comparison and read by query."""

from penstock.warehouse.rows import DelimitedFile, DelimitedFiles, Query
from penstock.warehouse.table import Column, ColumnType, Expectation, Layer, Table

__all__ = ["Column", "ColumnType", "DelimitedFile", "DelimitedFiles", "Expectation", "Layer", "Query", "Table"]
