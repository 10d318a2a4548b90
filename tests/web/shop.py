"""A pipeline of tables and files with odd names, for pages that show data."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from penstock import Context, Param, Pipeline, task
from penstock.engine.definition.dataset import File
from penstock.engine.definition.deployment import After, Cron, Deployment
from penstock.kit.pace import Window
from penstock.sources.source import Source
from penstock.warehouse.table import Column, ColumnType, Expectation, Table

ORDERS = Table(
    "bronze.orders",
    columns=(
        Column("cycle", doc="Year of the order."),
        Column("id", doc="Number the shop gives."),
        Column("amount", ColumnType.MONEY, "US dollars.", required=True),
        Column("note", doc="What the buyer wrote."),
    ),
    key=("id",),
    doc="Every order as the shop exports it.",
    partition="cycle",
    expectations=(Expectation("amounts below a million", "amount < 1000000"),),
)
SHOP_API = Source(
    "shopapi", "https://api.shop.example/v1", (Window(60, timedelta(minutes=1)),), key_variable="SHOP_KEY"
)
#: With what has a meaning in addresses, in pages and in patterns of files.
REPORT = "out/100%25 <b>é🙂&amp;{cycle}.txt"
NOTE = "<script>alert('é🙂')</script> \"&"


@task(outputs=["bronze.orders"], sources=[SHOP_API])
def load_orders(ctx: Context) -> Any:
    """Load as many orders as are asked for; the first costs what the run says."""
    rows = [
        {"cycle": ctx.params.cycle, "id": f"o{number:03}", "amount": number or ctx.params.price, "note": NOTE}
        for number in range(ctx.params.orders)
    ]
    return ctx.table("bronze.orders").replace(rows).counts


def shop(folder: Path) -> Pipeline:
    """A pipeline that loads orders and writes a report of a strange name."""

    @task(inputs=["bronze.orders"], outputs=[File(REPORT, folder=folder)])
    def write_report(ctx: Context) -> None:
        (folder / "out").mkdir(exist_ok=True)
        (folder / REPORT.format(cycle=ctx.params.cycle)).write_text(f"{ctx.params.price}")

    return Pipeline(
        "shop",
        tasks=[load_orders, write_report],
        datasets=[ORDERS],
        params=[
            Param("cycle", str, "2026", "The year.", partition=True),
            Param("orders", int, 3, "How many."),
            Param("price", int, 5, "Of the first."),
            Param("api_token", str, "", "Lets in."),
        ],
        deployments=[
            Deployment("nightly", Cron("cron 0 1 13 * 5 America/New_York"), doc="At night."),
            Deployment("report", After("nightly"), tasks=("write_report",)),
        ],
    )
