"""Bodies the FEC's API really sent, and its own description, as they lie in the folder of real data."""

from __future__ import annotations

import gzip
import json
import os
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[4]
FOLDER = Path(os.environ.get("PENSTOCK_REAL_DATA", ROOT.parent / "shared" / "data")) / "openfec"
REAL = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="no real data: set PENSTOCK_REAL_DATA to the folder that holds `openfec/`"
)


def names_of_bodies() -> list[str]:
    """Every file but the description and the index, by its place in the folder."""
    found = (path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*") if path.is_file())
    return sorted(set(found) - {"openapi_spec.json.gz", "v1_2015/index.json"})


def read_bytes(name: str) -> bytes:
    data = (FOLDER / name).read_bytes()
    return gzip.decompress(data) if name.endswith(".gz") else data


def read_json(name: str) -> Any:
    return json.loads(read_bytes(name), parse_float=Decimal)


@cache
def description() -> dict[str, Any]:
    return json.loads(read_bytes("openapi_spec.json.gz"))
