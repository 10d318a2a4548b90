"""The gates between silver and gold: what is measured is always reported, and what fails is not published."""

from __future__ import annotations

from math import isfinite

from penstock import Context, task
from penstock.errors import ExpectationError, UsageError
from penstock.pipelines.campaign_finance import silver_tables as silver
from penstock.pipelines.campaign_finance.rebuild import PACKAGE
from penstock.warehouse import Query

_THRESHOLDS = ("max_dropped_share", "max_unresolved_share", "max_repeated_share")


@task(
    inputs=[silver.ROW_ACCOUNTS, silver.TRANSACTIONS, silver.COMMITTEES],
    outputs=[silver.QUALITY],
    tags=["silver", "gold"],
)
def check_quality(ctx: Context) -> dict[str, object]:
    """Measure what could make gold wrong, write it down, and let nothing be published where a gate fails."""
    for table in (silver.ROW_ACCOUNTS, silver.TRANSACTIONS, silver.COMMITTEES):
        ctx.table(table.name)  # one whose tasks were left out exists, and is empty
    thresholds = {name: float(ctx.params[name]) for name in _THRESHOLDS}
    for name, threshold in thresholds.items():
        if not isfinite(threshold):
            raise UsageError(f"`{name}` is `{threshold}`, which nothing passes or fails", hint="give a share, e.g. 0.5")
    query = Query(PACKAGE, "silver/quality.sql", "quality", {"cycle": ctx.params.cycle, **thresholds})
    report = ctx.table(silver.QUALITY.name)
    report.replace(query)
    rows = ctx.resource("warehouse").query(
        "select gate, measured, threshold, is_passed, unit from silver.quality where cycle = $cycle order by gate",
        {"cycle": ctx.params.cycle},
    )
    failed = [row for row in rows.dicts() if not row["is_passed"]]
    if failed:
        told = "; ".join(
            f"{row['gate']}: {row['measured']:.3g} {row['unit']}, at most {row['threshold']:g}" for row in failed
        )
        raise ExpectationError(
            f"gold stays as it was, for the rows in silver fail {len(failed)} gate(s): {told}",
            hint="see `silver.quality` and `silver.findings`; a threshold is a parameter: `--max-dropped-share 0.6`",
        )
    return {row["gate"]: round(row["measured"] or 0, 6) for row in rows.dicts()}
