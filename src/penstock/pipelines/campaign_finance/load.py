"""Loading: every bulk file into its bronze table, after making sure that the folder is of the right cycle."""

from __future__ import annotations

from penstock import Context, Task, task
from penstock.pipelines.campaign_finance.bronze_tables import BRONZE_NAMES
from penstock.pipelines.campaign_finance.codes import iter_codes
from penstock.sources.bulk import PlainFile
from penstock.sources.fec.bulk import BulkFile, fetch_bulk_files, open_bulk_files
from penstock.sources.fec.cycle import refuse_other_cycle
from penstock.sources.fec.layouts import LAYOUTS
from penstock.warehouse import DelimitedFile, DelimitedFiles


@task(inputs=[BulkFile(("ccl", "itcont"), optional=True)], retries=2, retry_delay="10s", tags=["bulk"])
def check_cycle(ctx: Context) -> dict[str, int]:
    """Make sure that the bulk files are those of the cycle, before anything is stored."""
    cycle, downloads = ctx.params.cycle, ctx.resource("home") / "downloads" / "campaign-finance"
    linkages, contributions = (
        fetch_bulk_files(LAYOUTS[kind], ctx.params.bulk_dir, cycle, downloads=downloads, optional=True)
        for kind in ("ccl", "itcont")
    )
    seen = refuse_other_cycle(contributions, linkages, cycle)
    ctx.log("looked at the cycles that rows name", rows={str(year): count for year, count in seen.items()})
    return {"cycle": cycle}


@task(outputs=["silver.transaction_codes"], tags=["bulk", "silver"])
def load_transaction_codes(ctx: Context) -> dict[str, object]:
    """Load what each FEC transaction type code means."""
    return dict(ctx.table("silver.transaction_codes").replace(code.as_row() for code in iter_codes()).counts)


def _load_task(kind: str) -> Task:
    layout, table = LAYOUTS[kind], BRONZE_NAMES[kind]
    columns, trailing = layout.columns, layout.trailing_delimiter

    def load(ctx: Context) -> dict[str, object]:
        folder = {
            "workdir": ctx.resource("workdir"),
            "downloads": ctx.resource("home") / "downloads" / "campaign-finance",
        }
        with open_bulk_files(kind, ctx.params.bulk_dir, ctx.params.cycle, **folder) as files:
            _log_foreign_bytes(ctx, files)
            staged = tuple(DelimitedFile(file.path, file.name, file.encoding) for file in files)
            given = DelimitedFiles(staged, columns, trailing_delimiter=trailing)
            return dict(ctx.table(table).upsert(given, complete=True).counts)

    load.__doc__ = f"Load file `{kind}`: {layout.doc[0].lower()}{layout.doc[1:]}"
    declare = task(
        name=layout.task,
        inputs=[BulkFile((kind,))],
        outputs=[table],
        depends_on=[check_cycle],
        retries=2,
        retry_delay="10s",
        tags=["bronze", "bulk"],
    )
    return declare(load)


def _log_foreign_bytes(ctx: Context, files: tuple[PlainFile, ...]) -> None:
    for file in files:
        if file.foreign_line is not None:
            ctx.log("not valid UTF-8, read as latin-1", file=file.name, line=file.foreign_line)


#: What fills bronze, and the code table beside it.
LOAD_TASKS = (check_cycle, *(_load_task(kind) for kind in BRONZE_NAMES), load_transaction_codes)
