"""Reports: prints what the analysis found."""

from __future__ import annotations

import json
from pathlib import Path

ANALYSIS = Path("data/my_first/analysis.json")


def main() -> None:
    """Print a line for every finding."""
    for name, value in json.loads(ANALYSIS.read_text(encoding="utf-8")).items():
        print(f"{name}: {value}")


if __name__ == "__main__":
    main()
