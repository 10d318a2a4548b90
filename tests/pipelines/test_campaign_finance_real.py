"""The pipeline over real FEC files, against counts and sums taken from the files by other means."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from penstock.engine.engine import Engine
from penstock.pipelines.campaign_finance.bronze_tables import BRONZE_NAMES
from penstock.warehouse.warehouse import Warehouse
from tests.engines import an_engine, by_name, executed
from tests.pipelines.campaign import REAL, REAL_DATA, hashes_of, rows_of, run_bulk, warehouse_of

pytestmark = [REAL, pytest.mark.real_data]

FEC = REAL_DATA / "fec"
_TRANSACTIONS = (
    "load_individual_contributions",
    "load_other_transactions",
    "load_committee_contributions",
    "load_operating_expenditures",
)
_SUMMARIES = ("load_candidate_summaries", "load_congressional_summaries", "load_pac_summaries")
#: What to leave out where only the master files are there, or only individual contributions.
_NOT_MASTERS = (*_TRANSACTIONS, *_SUMMARIES)
_NOT_ITCONT = ("load_committees", "load_candidates", "load_linkages", *_TRANSACTIONS[1:], *_SUMMARIES)


@pytest.fixture(scope="module")
def early_2020(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Engine, Warehouse]]:
    engine = an_engine(tmp_path_factory.mktemp("real"))
    view = run_bulk(engine, FEC / "cycle2020_early")
    assert view.run.status == "completed"
    yield engine, warehouse_of(engine)
    engine.close()


@pytest.mark.parametrize(
    ("kind", "rows", "total"),
    [
        ("itcont", 70_671, "31528113"),
        ("itoth", 50_921, "54507204"),
        ("itpas2", 3_159, "7353089"),
        ("oppexp", 11_929, "41999549.26"),
        ("cm", 11_603, None),
        ("cn", 3_936, None),
        ("ccl", 3_752, None),
        ("weball", 141, None),
        ("webl", 11, None),
        ("webk", 7_851, None),
    ],
)
def test_bronze_holds_what_the_files_hold(
    early_2020: tuple[Engine, Warehouse], kind: str, rows: int, total: str | None
) -> None:
    _, warehouse = early_2020
    amount = '"TRANSACTION_AMT"::decimal(18, 2)' if total else "null::decimal(18, 2)"
    found = rows_of(warehouse, f"select count(*), sum({amount}) from {BRONZE_NAMES[kind]}")
    assert found == [(rows, Decimal(total) if total else None)]


def test_silver_accounts_for_every_row(early_2020: tuple[Engine, Warehouse]) -> None:
    _, warehouse = early_2020
    accounts = rows_of(warehouse, "select source, bronze_rows, silver_rows + dropped_rows from silver.row_accounts")
    assert len(accounts) == 10
    assert all(given == kept for _, given, kept in accounts)


def test_silver_amounts_are_bronze_amounts(early_2020: tuple[Engine, Warehouse]) -> None:
    _, warehouse = early_2020
    sums = dict(rows_of(warehouse, "select source, sum(amount) from silver.transactions group by source"))
    assert sums == {"itcont": Decimal(31528113), "itoth": Decimal(54507204), "itpas2": Decimal(7353089)}


def test_sums_by_state_are_those_of_the_file(early_2020: tuple[Engine, Warehouse]) -> None:
    _, warehouse = early_2020
    truths = json.loads((REAL_DATA / "truths_cross_file.json").read_text())["itcont_2020_aggregates"]
    found = rows_of(
        warehouse,
        "select state, count(*), sum(amount) from silver.transactions where source = 'itcont'"
        " group by state order by count(*) desc, state",
    )
    by_state = {state: (count, f"{total:.0f}") for state, count, total in found}
    assert len(by_state) == truths["distinct_states"]
    for state, count, total in truths["top_states"]:
        assert by_state[state] == (count, total)


def test_gold_holds_every_transaction_once(early_2020: tuple[Engine, Warehouse]) -> None:
    _, warehouse = early_2020
    found = rows_of(warehouse, "select count(*), count(distinct sub_id), sum(amount) from gold.contributions")
    assert found == [(70_671 + 50_921, 70_671 + 50_921, Decimal(31528113 + 54507204))]


def test_no_transaction_code_of_the_real_files_is_unknown(early_2020: tuple[Engine, Warehouse]) -> None:
    _, warehouse = early_2020
    assert not rows_of(warehouse, "select 1 from silver.findings where reason = 'unknown transaction code'")


def test_an_identifier_used_again_next_month_supersedes_nothing(early_2020: tuple[Engine, Warehouse]) -> None:
    """Committee C00128231 gave 14458346 to a gift of January and to one of February."""
    _, warehouse = early_2020
    found = rows_of(
        warehouse,
        "select counted from gold.contributions where filer_id = 'C00128231' and transaction_id = '14458346'",
    )
    assert found == [(True,), (True,)]


def test_coverage_tells_how_far_each_total_is_met(early_2020: tuple[Engine, Warehouse]) -> None:
    _, warehouse = early_2020
    verdicts = dict(
        rows_of(
            warehouse,
            "select verdict, count(*) from gold.coverage"
            " where level = 'committee' and measure = 'individual_contributions' group by verdict",
        )
    )
    assert verdicts["equal"] >= 50
    assert verdicts["ours lower"] > verdicts["ours higher"]


def test_the_same_again_does_nothing_and_force_changes_nothing(early_2020: tuple[Engine, Warehouse]) -> None:
    engine, warehouse = early_2020
    assert executed(run_bulk(engine, FEC / "cycle2020_early")) == set()
    before = hashes_of(warehouse)
    view = run_bulk(engine, FEC / "cycle2020_early", force=True)
    assert view.run.status == "completed"
    assert hashes_of(warehouse) == before


def a_snapshot(folder: Path, number: int) -> Path:
    folder.mkdir()
    for kind in ("cm", "cn", "ccl"):
        shutil.copy(FEC / "cycle2016_snapshots" / f"{kind}_snapshot_{number}.txt.gz", folder)
    return folder


def test_two_snapshots_of_2016_differ_as_known(tmp_path: Path) -> None:
    engine = an_engine(tmp_path / "home")
    run_bulk(engine, a_snapshot(tmp_path / "one", 1), cycle=2016, skip=_NOT_MASTERS)
    tasks = by_name(run_bulk(engine, a_snapshot(tmp_path / "two", 2), cycle=2016, skip=_NOT_MASTERS))

    def counted(task: str) -> tuple[int, ...]:
        return tuple(tasks[task].result[kind] for kind in ("inserted", "vanished", "changed"))

    assert counted("load_committees") == (4975, 1, 4097)
    assert counted("load_candidates") == (2766, 12, 1176)
    assert counted("load_linkages") == (1743, 29, 258)
    assert tasks["load_transaction_codes"].status == "skipped"


def all_itcont(folder: Path) -> Path:
    folder.mkdir()
    for path in [FEC / "cycle2020_early" / "itcont.txt.gz", *sorted((FEC / "itcont_slices").glob("itcont*.gz"))]:
        shutil.copy(path, folder)
    return folder


def test_ten_files_of_mixed_cycles_are_one_set_of_rows(tmp_path: Path) -> None:
    engine = an_engine(tmp_path / "home")
    view = run_bulk(engine, all_itcont(tmp_path / "bulk"), skip=_NOT_ITCONT)
    assert view.run.status == "completed"
    warehouse = warehouse_of(engine)
    result = by_name(view)["load_individual_contributions"].result
    assert (result["inserted"], result["repeated"]) == (167_365, 170_404 - 167_365)
    blank, far = (
        rows_of(warehouse, "select count(*) from silver.findings where reason = $reason", reason=reason)[0][0]
        for reason in ("date missing", "date far from cycle")
    )
    assert blank == 1895
    assert far >= 6
    assert rows_of(warehouse, "select count(*) from gold.contributions") == [(167_365,)]


def test_line_ends_make_no_difference(tmp_path: Path) -> None:
    published = gzip.decompress((FEC / "itcont_slices" / "itcont_2016_a_crlf.txt.gz").read_bytes())
    hashes = []
    for name, text in (("crlf", published), ("lf", published.replace(b"\r\n", b"\n"))):
        (tmp_path / name).mkdir()
        (tmp_path / name / "itcont.txt").write_bytes(text)
        engine = an_engine(tmp_path / f"{name}-home")
        run_bulk(engine, tmp_path / name, cycle=2016, skip=_NOT_ITCONT)
        hashes.append(hashes_of(warehouse_of(engine), 2016))
    assert hashes[0] == hashes[1]


def test_a_folder_of_2016_is_not_taken_for_2020(tmp_path: Path) -> None:
    engine = an_engine(tmp_path / "home")
    view = run_bulk(engine, a_snapshot(tmp_path / "one", 1), cycle=2020, skip=_NOT_MASTERS)
    assert by_name(view)["check_cycle"].status == "failed"
    failure = by_name(view)["check_cycle"].failure
    assert failure is not None
    assert "4,712 in 2015-2016" in failure.message
