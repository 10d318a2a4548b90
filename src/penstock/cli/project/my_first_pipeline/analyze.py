"""Analyzes: adds the numbers up, and finds their middle."""

from __future__ import annotations

import json
import statistics
from pathlib import Path

NUMBERS = Path("data/my_first/numbers.txt")
ANALYSIS = Path("data/my_first/analysis.json")


def main() -> None:
    """Write what the numbers tell."""
    numbers = [int(line) for line in NUMBERS.read_text(encoding="utf-8").split()]
    found = {"count": len(numbers), "sum": sum(numbers), "median": statistics.median(numbers)}
    ANALYSIS.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    print(f"analyzed {len(numbers)} numbers")


if __name__ == "__main__":
    main()
