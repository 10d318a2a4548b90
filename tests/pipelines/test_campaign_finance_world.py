"""The pipeline over a generated world, whose totals are known to the cent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from penstock.simulators.fec_bulk import write_bulk_files
from penstock.warehouse.warehouse import Warehouse
from tests.engines import an_engine, by_name
from tests.pipelines.campaign import hashes_of, made_from, rows_of, run_bulk, warehouse_of

_ROWS = 8000


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    place = tmp_path_factory.mktemp("world")
    write_bulk_files(place / "bulk", 2020, _ROWS, seed=3)
    warehouse = made_from(place / "home", place / "bulk")
    yield warehouse
    warehouse.close()


def test_counted_sums_equal_the_publishers_totals_to_the_cent(world: Warehouse) -> None:
    verdicts = rows_of(world, "select verdict, count(*) from gold.coverage group by verdict")
    assert [verdict for verdict, _ in verdicts] == ["equal"]
    measures = rows_of(world, "select distinct level, measure from gold.coverage order by all")
    assert ("candidate", "party_contributions") in measures
    assert ("committee", "individual_refunds") in measures


@pytest.mark.parametrize("grain", ["day", "week", "month"])
def test_every_grain_of_the_series_adds_up_to_the_cycle(world: Warehouse, grain: str) -> None:
    sums = """
        select level, recipient_id, sum(total_amount), sum(contributions)
        from gold.contribution_series where grain = $grain group by all order by all
    """
    assert rows_of(world, sums, grain=grain) == rows_of(world, sums, grain="cycle")


def test_undated_rows_stand_in_the_series_in_a_row_of_their_own(world: Warehouse) -> None:
    found = rows_of(
        world, "select distinct grain, starts_on from gold.contribution_series where period = 'undated' order by all"
    )
    assert found == [("day", None), ("month", None), ("week", None)]


def test_the_statistics_agree_with_each_other(world: Warehouse) -> None:
    (total,) = rows_of(world, "select sum(counted_amount) from gold.contributions")[0]
    for table in ("committee_stats", "contributor_stats", "contributor_committee_stats"):
        assert rows_of(world, f"select sum(total_amount) from gold.{table}") == [(total,)]
    places = "select sum(total_amount) from gold.geography where level = 'all' and grain = $grain"
    assert rows_of(world, places, grain="state") == rows_of(world, places, grain="zip5") == [(total,)]
    people = "select sum(counted_amount) from gold.contributions where contributor_kind = 'individual'"
    for table in ("employers", "occupations"):
        assert rows_of(world, f"select sum(total_amount) from gold.{table}") == rows_of(world, people)


def test_concentration_is_what_python_makes_of_the_same_donors(world: Warehouse) -> None:
    gifts: dict[str, list[Decimal]] = defaultdict(list)
    for committee, amount in rows_of(
        world, "select committee_id, total_amount from gold.contributor_committee_stats where total_amount > 0"
    ):
        gifts[committee].append(amount)
    found = rows_of(
        world,
        "select recipient_id, donors, total_amount, top_10_share, gini, hhi, small_donor_share"
        " from gold.donor_concentration where level = 'committee'",
    )
    assert len(found) == len(gifts)
    for committee, donors, total, top_10, gini, hhi, small in found:
        amounts = sorted(gifts[committee], reverse=True)
        assert (donors, total) == (len(amounts), sum(amounts))
        assert top_10 == pytest.approx(float(sum(amounts[:10]) / total), abs=2e-6)
        spread = sum(abs(one - other) for one in amounts for other in amounts) / (2 * len(amounts) ** 2)
        assert gini == pytest.approx(float(spread * len(amounts) / total), abs=2e-6)
        assert hhi == pytest.approx(float(sum(amount**2 for amount in amounts) / total**2), abs=2e-6)
        assert small == pytest.approx(float(sum(a for a in amounts if a <= 200) / total), abs=2e-6)


def test_every_transaction_appears_once_in_gold(world: Warehouse) -> None:
    transactions = "select count(distinct sub_id) from silver.transactions"
    assert rows_of(world, "select count(*) from gold.contributions") == rows_of(world, transactions)


def test_what_is_not_counted_adds_nothing_and_every_row_has_a_reason(world: Warehouse) -> None:
    assert not rows_of(world, "select 1 from gold.contributions where not counted and counted_amount <> 0")
    assert not rows_of(world, "select 1 from gold.contributions where counted and reason <> category")


def test_a_second_snapshot_changes_what_changed_and_ends_as_a_fresh_load(tmp_path: Path) -> None:
    engine = an_engine(tmp_path / "home")
    for snapshot in (1, 2):
        write_bulk_files(tmp_path / f"{snapshot}", 2020, 6000, snapshot=snapshot)
        view = run_bulk(engine, tmp_path / f"{snapshot}")
    counts = by_name(view)["load_individual_contributions"].result
    assert (counts["inserted"], counts["changed"], counts["vanished"]) == (60, 60, 2)
    assert hashes_of(warehouse_of(engine)) == hashes_of(made_from(tmp_path / "fresh", tmp_path / "2"))
