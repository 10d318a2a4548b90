"""A first pipeline: one letter for every guest of a list.

Try it: `penstock run hello`, twice. Then change a line of `data/guests.csv`, and run it again.
"""

from __future__ import annotations

import csv
from pathlib import Path

from penstock import Context, File, Item, Param, Pipeline, task

GUESTS = Path("data/guests.csv")
LETTERS = Path("letters")


@task(inputs=[File(str(GUESTS))])
def list_guests(ctx: Context) -> list[Item]:
    """Read the list; every guest is an item of its own, done or failed by itself."""
    with GUESTS.open(newline="", encoding="utf-8") as file:
        guests = [Item(row["name"], row) for row in csv.DictReader(file)]
    ctx.log("read the list", guests=len(guests))
    return guests


@task(each=list_guests)
def write_letter(ctx: Context, guest: Item) -> dict[str, int]:
    """Write the letter of one guest."""
    text = f"{ctx.params.greeting} {guest.key},\n\nyour seat is number {guest.payload['seat']}.\n"
    LETTERS.mkdir(exist_ok=True)
    (LETTERS / f"{guest.key}.txt").write_text(text, encoding="utf-8")
    return {"characters": len(text)}


pipeline = Pipeline(
    "hello",
    doc="Writes a letter to every guest.",
    tasks=[list_guests, write_letter],
    params=[Param("greeting", default="Dear", doc="first word of every letter")],
)
