"""What a step tells at its end: rows before and after, what was rejected and why; for people, and for Penstock."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field

from penstock import PenstockError
from penstock.pipelines.user_analytics.database.table_sync import Changes


@dataclass(frozen=True, slots=True)
class Report:
    """The verification report of a step.

    Args:
        tables: What became of each table's rows.
        rejected: How many rows were rejected, or are in doubt, by reason.
        facts: What else there is to know.
    """

    step: str
    tables: Mapping[str, Changes] = field(default_factory=dict)
    rejected: Mapping[str, int] = field(default_factory=dict)
    facts: Mapping[str, int | str] = field(default_factory=dict)

    @property
    def written(self) -> int:
        """How many rows were written."""
        return sum(changes.written for changes in self.tables.values())

    def as_result(self) -> dict[str, object]:
        """Return the report as JSON values: what is not there did not happen."""
        changes = {table: asdict(of_table) for table, of_table in self.tables.items()}
        counts = {
            word: {table: of_table[word] for table, of_table in changes.items() if of_table[word]}
            for word in ("inserted", "changed", "unchanged", "removed")
        }
        rows = {table: of_table["after"] for table, of_table in changes.items()}
        told = {"rows": rows, **counts, "rejected": self._rejected(), "facts": dict(self.facts)}
        return {"written": self.written, **{word: found for word, found in told.items() if found}}

    def as_text(self) -> str:
        """Return the report as lines to read."""
        lines = [f"{self.step}: {self.written:,} rows written"]
        for name, changes in self.tables.items():
            told = ", ".join(f"{count:,} {word}" for word, count in asdict(changes).items() if word != "after")
            lines.append(f"  {name}: {changes.after:,} rows ({told})")
        lines += [f"  rejected, {reason}: {count:,}" for reason, count in self._rejected().items()]
        lines += [f"  {name}: {value}" for name, value in self.facts.items()]
        return "\n".join(lines)

    def _rejected(self) -> dict[str, int]:
        return {reason: count for reason, count in sorted(self.rejected.items()) if count}


def tell(**line: object) -> None:
    """Write a line that Penstock understands, e.g. `tell(progress=3, total=90, unit="days")`; others may skip it."""
    sys.stdout.write(f"::penstock {json.dumps(line, sort_keys=True)}\n")
    sys.stdout.flush()


def run_step(step: Callable[[], Report]) -> None:
    """Run a step, write its report, and end the process: 0 when it did its work."""
    try:
        report = step()
    except PenstockError as error:
        hint = f"\nhint: {error.hint}" if error.hint else ""
        sys.stderr.write(f"error: {error.message}{hint}\n")
        sys.exit(error.exit_code)
    sys.stdout.write(report.as_text() + "\n")
    tell(result=report.as_result())
