"""Evidence inside bulk files of the cycle they belong to, so that a folder of another cycle is refused unread."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from penstock.errors import SourceError
from penstock.sources.bulk import read_head
from penstock.sources.fec.layouts import LAYOUTS

#: Below this share of rows inside the cycle, the files are taken for those of another one.
LEAST_SHARE = 0.10
_HEAD = 16 << 20


def refuse_other_cycle(contributions: Sequence[Path], linkages: Sequence[Path], cycle: int) -> dict[int, int]:
    """Return how many rows at the head of the files name each cycle, after making sure that it is this one.

    Of contributions (`itcont`) the transaction dates are looked at, and files of several cycles may be mixed; of
    linkages (`ccl`) it is `FEC_ELECTION_YR`.

    Raises:
        SourceError: Fewer than a tenth of the rows belong to this cycle.
    """
    seen: Counter[int] = Counter()
    for kind, column, year_of, paths in (
        ("ccl", "FEC_ELECTION_YR", _stated_year, linkages),
        ("itcont", "TRANSACTION_DT", _year_of_date, contributions),
    ):
        cycles = Counter(year + year % 2 for path in paths for year in _iter_years(kind, column, year_of, path))
        _refuse(kind, paths, cycles, cycle)
        seen += cycles
    return dict(sorted(seen.items()))


def _refuse(kind: str, paths: Sequence[Path], cycles: Counter[int], cycle: int) -> None:
    total = cycles.total()
    if not total or cycles[cycle] >= LEAST_SHARE * total:
        return
    likely, rows = cycles.most_common(1)[0]
    named = ", ".join(f"`{path.name}`" for path in paths[:3]) + (", …" if len(paths) > 3 else "")
    raise SourceError(
        f"the `{kind}` rows in `{paths[0].parent}` belong to another cycle: of {total:,} dated rows looked at "
        f"in {named}, {cycles[cycle]:,} lie in {cycle - 1}-{cycle} and {rows:,} in {likely - 1}-{likely}",
        hint=f"run with `--cycle {likely}`, or give the folder of cycle {cycle}",
    )


def _iter_years(kind: str, column: str, year_of: Callable[[bytes], int | None], path: Path) -> Iterator[int]:
    layout = LAYOUTS[kind]
    at, width = layout.columns.index(column), len(layout.columns)
    # The head's last line may be cut in two; one line more or less is no evidence.
    for line in read_head(path, _HEAD, layout.is_name).split(b"\n"):
        fields = line.split(b"|")
        year = year_of(fields[at]) if len(fields) == width else None
        if year is not None:
            yield year


def _stated_year(text: bytes) -> int | None:
    return int(text) if text.isdigit() and len(text) == 4 else None


def _year_of_date(text: bytes) -> int | None:
    return int(text[-4:]) if text.isdigit() and len(text) in (7, 8) else None
