"""A process that writes one of two contents in turn until it is killed.

Arguments: scheme, folder. Prints a line before every write.
"""

from __future__ import annotations

import sys
from itertools import cycle
from pathlib import Path

from penstock.warehouse.warehouse import StoredTable
from tests.conformance.warehouses import LINES, a_file, lines_of, open_at

ROWS = 3000


def content(state: int) -> bytes:
    """The lines of the even or the odd state: a third of them is the same in both, a third differs, a third is gone."""
    lines = [f"same|{i}|s{i}\nstate {state}|{i}|d{i}\nonly {state}|{i}|o{state}-{i}\n" for i in range(ROWS // 3)]
    return "".join(lines).encode()


def write(table: StoredTable, folder: Path, state: int, *, as_rows: bool) -> None:
    """Bring the table to a state, through a file or through rows."""
    if not as_rows:
        table.upsert(lines_of(a_file(folder, content(state), f"{state}.txt")), cursor=state, complete=True)
        return
    fields = (line.split("|") for line in content(state).decode().splitlines())
    table.upsert([{"a": a, "b": b, "id": key} for a, b, key in fields], cursor=state, complete=True)


def main() -> None:
    """Write until killed."""
    scheme, folder = sys.argv[1], Path(sys.argv[2])
    table = open_at(scheme, folder).table(LINES, "2024", load="W")
    for place, state in enumerate(cycle((0, 1))):
        print(place, flush=True)
        write(table, folder, state, as_rows=place % 4 > 1)


if __name__ == "__main__":
    main()
