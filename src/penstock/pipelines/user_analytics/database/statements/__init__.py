"""The pipeline's queries, in files of named statements."""

from __future__ import annotations

import re
from pathlib import Path

_NAME = re.compile(r"^-- name: *(\w+) *$", re.MULTILINE)


def load(file: str) -> dict[str, str]:
    """Return the statements of a file by name, in its order."""
    _, *parts = _NAME.split((Path(__file__).parent / f"{file}.sql").read_text(encoding="utf-8"))
    return {name: text.strip() for name, text in zip(parts[::2], parts[1::2], strict=True)}
