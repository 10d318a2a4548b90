"""Expectations: what must hold of the rows about to be published."""

from __future__ import annotations

from penstock.errors import ExpectationError
from penstock.warehouse.sql.dialect import quote
from penstock.warehouse.sql.write import Write


def check_rows(write: Write, written: str) -> None:
    """Check required columns and the expectations of single rows; a condition that is NULL holds, as in SQL.

    Args:
        written: The rows about to be published, as a relation.

    Raises:
        ExpectationError: A row breaks one.
    """
    table = write.shape.declaration
    for column in table.columns:
        if column.required:
            _refuse_broken(write, written, f"`{column.name}` to be there", f"w.{quote(column.name)} is null")
    for expectation in table.expectations:
        if expectation.per_row:
            _refuse_broken(write, written, f"`{expectation.name}`", f"not ({expectation.sql})")


def check_whole(write: Write) -> None:
    """Check the expectations of the partition as a whole, after its rows were written.

    Raises:
        ExpectationError: One does not hold.
    """
    for expectation in write.shape.declaration.expectations:
        if expectation.per_row:
            continue
        (holds,) = write.run_within("check_whole", expectation=f"({expectation.sql})")[0]
        if holds is not None and not holds:
            raise ExpectationError(
                f"table `{write.shape.declaration.name}` expects `{expectation.name}`, which its rows would break",
                hint="nothing was written; look at the rows that were given",
            )


def _refuse_broken(write: Write, written: str, name: str, broken: str) -> None:
    params = write.shape.within_params if "$partition" in written else {}
    (count,) = write.run("count_broken", params, written=written, broken=broken)[0]
    if not count:
        return
    key = write.shape.json("w", write.shape.declaration.identity)
    (example,) = write.run("find_broken", params, written=written, broken=broken, key=key)[0]
    rows = "1 row" if count == 1 else f"{count} rows"
    raise ExpectationError(
        f"table `{write.shape.declaration.name}` expects {name}, which {rows} would break; for example {example}",
        hint="nothing was written; correct the rows or the expectation",
    )
