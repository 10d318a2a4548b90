"""Reports what each customer bought."""

from __future__ import annotations

import argparse
import csv
import json
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

CLEAN = Path("data/example/clean.csv")
REPORT = Path("data/example/report.txt")


def main() -> None:
    """Write a line for every customer, in alphabetical order."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--at-least", type=Decimal, default=Decimal(0), help="smallest order that counts, in dollars")
    at_least = parser.parse_args().at_least
    totals: dict[str, Decimal] = defaultdict(Decimal)
    with CLEAN.open(newline="", encoding="utf-8") as file:
        for order in csv.DictReader(file):
            amount = Decimal(order["amount"])
            if amount >= at_least:
                totals[order["customer"]] += amount
    lines = [f"{customer}: {total} dollars\n" for customer, total in sorted(totals.items())]
    REPORT.write_text("".join(lines), encoding="utf-8")
    # A line like this one is optional; it tells Penstock what came of the script.
    print("::penstock", json.dumps({"result": {"customers": len(totals)}}))


if __name__ == "__main__":
    main()
