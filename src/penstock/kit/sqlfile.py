"""SQL kept in ``.sql`` files: one file holds named statements, each under a ``-- name:`` line."""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from pathlib import Path

_HEADER = re.compile(r"^-- name: *([a-z0-9_]+) *$", re.MULTILINE)


@cache
def load_statements(package: str, file: str) -> dict[str, str]:
    """Return the statements of a package's SQL file by name.

    Raises:
        ValueError: The file names no statement, or one name twice.
    """
    # A package of this project is a folder; importlib.resources would take longer to load than the file to read.
    folder = Path(str(import_module(package).__file__)).parent
    parts = _HEADER.split((folder / file).read_text(encoding="utf-8"))
    names = parts[1::2]
    if not names or len(set(names)) != len(names):
        raise ValueError(f"{package}/{file} must name each statement once with `-- name: x`")
    return {name: body.strip() for name, body in zip(names, parts[2::2], strict=True)}
