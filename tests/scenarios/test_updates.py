"""Tables that one task makes and another corrects: the order of those who read them, and what stays fresh."""

from __future__ import annotations

import pytest

from penstock import Feed
from penstock.errors import DefinitionError
from penstock.warehouse import Column, Table
from tests.engines import a_pipeline, a_task, an_engine, executed, run

ROWS = Table("bronze.rows", (Column("id"), Column("word")), key=("id",))
REPORT = Table("silver.report", (Column("id"),), key=("id",))


class World:
    """A publisher whose rows are fetched, corrected against a truth, and read."""

    def __init__(self, *, asks_always=False):
        self.fetched, self.truth, self.read = {"a": "one"}, {"a": "uno"}, []
        fetch = a_task("fetch", self._fetch, outputs=["bronze.rows"], inputs=[Feed("feed")] if asks_always else [])
        correct = a_task("correct", self._correct, updates=["bronze.rows"], outputs=["silver.report"])
        read = a_task("read", self._read, inputs=["bronze.rows"])
        self.pipeline = a_pipeline(read, correct, fetch, datasets=[ROWS, REPORT])

    def _fetch(self, ctx):
        ctx.table("bronze.rows").upsert([{"id": key, "word": word} for key, word in self.fetched.items()])

    def _correct(self, ctx):
        changes = ctx.table("bronze.rows").upsert([{"id": key, "word": word} for key, word in self.truth.items()])
        if changes.is_change:
            ctx.table("silver.report").upsert([{"id": ctx.run_id}])

    def _read(self, ctx):
        rows = ctx.resource("warehouse").query("select id, word from bronze.rows order by id").rows
        self.read.append(dict(rows))


def test_who_reads_a_table_comes_after_who_makes_it_and_who_corrects_it(tmp_path):
    world = World()
    assert world.pipeline.graph.order == ("fetch", "correct", "read")
    with an_engine(tmp_path, world.pipeline) as engine:
        run(engine)
    assert world.read == [{"a": "uno"}]


def test_a_correction_makes_neither_itself_nor_the_maker_stale(tmp_path):
    world = World()
    with an_engine(tmp_path, world.pipeline) as engine:
        run(engine)
        assert executed(run(engine)) == set()


def test_what_the_maker_adds_later_is_corrected_again(tmp_path):
    world = World(asks_always=True)
    with an_engine(tmp_path, world.pipeline) as engine:
        run(engine)
        world.fetched, world.truth = {"a": "uno", "b": "two"}, {"b": "due"}
        assert executed(run(engine)) == {"fetch", "correct", "read"}
        assert world.read[-1] == {"a": "uno", "b": "due"}
        world.fetched = {}
        assert executed(run(engine)) == {"fetch"}


def test_somebody_elses_change_makes_both_run(tmp_path):
    world = World()
    with an_engine(tmp_path, world.pipeline) as engine:
        run(engine)
        engine.data.warehouse.table(ROWS).upsert([{"id": "z", "word": "by hand"}])
        assert executed(run(engine)) == {"fetch", "correct", "read"}


def test_updating_what_nobody_makes_or_what_one_makes_oneself_is_refused():
    with pytest.raises(DefinitionError, match=r"updates `bronze\.rows`, which no task makes"):
        a_pipeline(a_task("correct", updates=["bronze.rows"]), datasets=[ROWS])
    with pytest.raises(DefinitionError, match="both makes and updates"):
        a_task("correct", updates=["bronze.rows"], outputs=["bronze.rows"])
