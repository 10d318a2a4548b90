"""Loading: every bulk file into its bronze table, after making sure that the folder is of the right cycle."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from penstock import Context, Feed, Item, Task, task
from penstock.errors import UsageError
from penstock.pipelines.campaign_finance.bronze_tables import BRONZE_NAMES
from penstock.pipelines.campaign_finance.codes import iter_codes
from penstock.sources.bulk import PlainFile
from penstock.sources.download import Manners
from penstock.sources.fec.bulk import BulkFile, fetch_bulk_files, open_bulk_files, published_at, remove_downloads
from penstock.sources.fec.cycle import refuse_other_cycle
from penstock.sources.fec.layouts import LAYOUTS
from penstock.warehouse import DelimitedFile, DelimitedFiles

#: Under this scope a bulk table keeps when its file was made.
PUBLISHED = "published"


@task(inputs=[BulkFile(("ccl", "itcont"), optional=True)], retries=2, retry_delay="10s", tags=["bulk"])
def check_cycle(ctx: Context) -> dict[str, int]:
    """Make sure that the bulk files are those of the cycle, before anything is stored."""
    cycle = ctx.params.cycle
    linkages, contributions = (
        fetch_bulk_files(LAYOUTS[kind], ctx.params.bulk_dir, cycle, **downloading(ctx), optional=True)
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
        bulk_dir, cycle, fetching = ctx.params.bulk_dir, ctx.params.cycle, downloading(ctx)
        with open_bulk_files(kind, bulk_dir, cycle, workdir=ctx.resource("workdir"), **fetching) as files:
            _log_foreign_bytes(ctx, files)
            staged = tuple(DelimitedFile(file.path, file.name, file.encoding) for file in files)
            given = DelimitedFiles(staged, columns, trailing_delimiter=trailing)
            made = published_at(layout, bulk_dir, cycle, downloads=fetching["downloads"])
            state = {"published_at": made and made.isoformat()}
            changes = ctx.table(table).upsert(given, complete=True, cursor=state, scope=PUBLISHED)
        if not ctx.params.keep_downloads:
            remove_downloads(layout, bulk_dir, cycle, downloads=fetching["downloads"])
        return dict(changes.counts)

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


def downloading(ctx: Context) -> dict[str, Any]:
    """Return where downloads go, and how they behave."""
    folder = ctx.params.download_dir
    kept = Path(folder).expanduser() if folder else ctx.resource("home") / "downloads" / "campaign-finance"
    return {"downloads": kept, "manners": Manners(clock=ctx.resource("clock"), check=ctx.check)}


@task(inputs=[Feed("bulk files")], tags=["download"])
def list_bulk_files(ctx: Context) -> list[Item]:
    """List the bulk files to download: those of parameter `files`."""
    wanted = [kind.strip() for kind in ctx.params.files.split(",") if kind.strip()]
    unknown = [kind for kind in wanted if kind not in LAYOUTS and kind != "all"]
    if unknown or not wanted:
        what = f"`{unknown[0]}` is no bulk file" if unknown else "`--files` names no bulk file"
        raise UsageError(what, hint=f"choose of {', '.join(LAYOUTS)}, or `all`")
    return [Item(kind) for kind in LAYOUTS if kind in wanted or "all" in wanted]


@task(each=list_bulk_files, inputs=[Feed("bulk files")], retries=2, retry_delay="10s", tags=["download"])
def download_bulk_file(ctx: Context, kind: Item) -> dict[str, object]:
    """Download a bulk file of the cycle, or find it in the folder, without loading it."""
    layout = LAYOUTS[kind.key]
    found = fetch_bulk_files(layout, ctx.params.bulk_dir, ctx.params.cycle, **downloading(ctx))
    return {"files": [str(path) for path in found], "bytes": sum(path.stat().st_size for path in found)}


def _log_foreign_bytes(ctx: Context, files: tuple[PlainFile, ...]) -> None:
    for file in files:
        if file.foreign_line is not None:
            ctx.log("not valid UTF-8, read as latin-1", file=file.name, line=file.foreign_line)


#: What fetches without loading.
DOWNLOAD_TASKS = (list_bulk_files, download_bulk_file)
#: What fills bronze, and the code table beside it.
LOAD_TASKS = (check_cycle, *(_load_task(kind) for kind in BRONZE_NAMES), load_transaction_codes)
