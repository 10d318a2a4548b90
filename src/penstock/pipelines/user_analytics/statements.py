"""Reads the pipeline's queries, which lie in files of named statements."""

from __future__ import annotations

import re
from pathlib import Path

_NAME = re.compile(r"^-- name: *(\w+) *$", re.MULTILINE)


def load(path: str) -> dict[str, str]:
    """Return the statements of a file by name, in its order.

    Args:
        path: Below the pipeline's folder; written out by the code that needs it, to be part of it.
    """
    _, *parts = _NAME.split((Path(__file__).parent / path).read_text(encoding="utf-8"))
    return {name: text.strip() for name, text in zip(parts[::2], parts[1::2], strict=True)}
