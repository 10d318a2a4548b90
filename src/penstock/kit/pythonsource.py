"""Reads Python source as a syntax tree, from any thread."""

from __future__ import annotations

import ast
from threading import Lock

# CPython keeps the depth of a tree under construction once per interpreter: two threads that make trees at the same
# time may fail with `SystemError: AST constructor recursion depth mismatch` (https://github.com/python/cpython/issues/106905).
_ONE_AT_A_TIME = Lock()


def parse_python(source: str | bytes, file: str = "<source>") -> ast.Module:
    """Return the syntax tree of Python source.

    Raises:
        SyntaxError: It is none.
        ValueError: It holds null bytes.
        RecursionError: It is nested too deep.
    """
    with _ONE_AT_A_TIME:
        return ast.parse(source, file)
