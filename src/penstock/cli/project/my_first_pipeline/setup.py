"""Sets up: writes the numbers that the next step analyzes."""

from __future__ import annotations

from pathlib import Path

NUMBERS = Path("data/my_first/numbers.txt")


def main() -> None:
    """Write the squares of 1 to 10."""
    NUMBERS.parent.mkdir(parents=True, exist_ok=True)
    NUMBERS.write_text("".join(f"{number * number}\n" for number in range(1, 11)), encoding="utf-8")
    print(f"wrote {NUMBERS}")


if __name__ == "__main__":
    main()
