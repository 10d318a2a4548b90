"""What a write did to a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True, slots=True)
class Changes:
    """Counts of rows by what became of them.

    Args:
        vanished: Stored rows that a complete set no longer holds; they are removed.
        rejected: Rows given but not stored (wrong number of fields, a key that is blank or given twice), by reason.
        repeated: Rows given more than once in full; stored once.
        fingerprint: The table's fingerprint after the write.
    """

    inserted: int = 0
    changed: int = 0
    unchanged: int = 0
    vanished: int = 0
    repeated: int = 0
    rejected: Mapping[str, int] = field(default_factory=dict)
    fingerprint: str = ""

    @property
    def is_change(self) -> bool:
        """Whether any stored row is different now."""
        return bool(self.inserted or self.changed or self.vanished)

    @property
    def counts(self) -> dict[str, object]:
        """The counts as a JSON-able dictionary, without the fingerprint."""
        facts: dict[str, object] = asdict(self)
        del facts["fingerprint"]
        return facts
