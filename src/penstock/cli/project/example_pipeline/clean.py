"""Cleans the orders: incomplete ones and those that came twice are left out, and counted."""

from __future__ import annotations

import csv
from pathlib import Path

RAW = Path("data/example/raw.csv")
CLEAN = Path("data/example/clean.csv")


def main() -> None:
    """Write the orders that are complete, each once."""
    with RAW.open(newline="", encoding="utf-8") as file:
        orders = list(csv.DictReader(file))
    complete = [order for order in orders if order["customer"] and order["amount"]]
    unique = {order["id"]: order for order in complete}
    with CLEAN.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ["id", "customer", "amount"])
        writer.writeheader()
        writer.writerows(unique.values())
    print(f"{len(orders)} orders: {len(orders) - len(complete)} incomplete, {len(complete) - len(unique)} twice")


if __name__ == "__main__":
    main()
