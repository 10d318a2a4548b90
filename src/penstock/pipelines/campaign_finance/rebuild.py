"""Tasks that rebuild one table from others by one query."""

from __future__ import annotations

from collections.abc import Iterable

from penstock import Context, Task, task
from penstock.warehouse import Query, Table

#: Where the SQL files lie.
PACKAGE = "penstock.pipelines.campaign_finance"


def rebuild_task(
    verb: str, table: Table, reads: Iterable[str], tags: Iterable[str] = (), *, after: Iterable[Task] = ()
) -> Task:
    """Return the task that makes a table hold what the query in the file of its name returns.

    It is called by verb and noun: `refine_committees` fills `silver.committees` from the statement
    `committees` of `silver/committees.sql`. Tasks it comes `after` need not make anything it reads. It is
    tagged by its layer unless told otherwise.
    """
    layer, _, noun = table.name.partition(".")
    file, target, sources = f"{layer}/{noun}.sql", table.name, tuple(reads)

    def rebuild(ctx: Context) -> dict[str, object]:
        for name in sources:
            ctx.table(name)  # a table whose load was left out exists, and is empty
        return dict(ctx.table(target).replace(Query(PACKAGE, file, noun, {"cycle": ctx.params.cycle})).counts)

    rebuild.__doc__ = f"Rebuild `{target}`: {table.doc[0].lower()}{table.doc[1:]}"
    return task(name=f"{verb}_{noun}", inputs=sources, outputs=[target], depends_on=after, tags=tags or [layer])(
        rebuild
    )
