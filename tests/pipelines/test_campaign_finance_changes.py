"""What happens when the publisher's files change, are missing, damaged, or of another cycle."""

from __future__ import annotations

import gzip
from decimal import Decimal
from pathlib import Path

import pytest

from penstock.engine.engine import Engine
from penstock.engine.view import RunView
from penstock.errors import SourceError
from tests.engines import an_engine, by_name, executed
from tests.pipelines.campaign import (
    HOUSE,
    PAC,
    PERSON,
    a_candidate,
    a_committee,
    a_linkage,
    a_receipt,
    hashes_of,
    made_from,
    masters,
    rows_of,
    run_bulk,
    the,
    warehouse_of,
    write_bulk,
)


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return an_engine(tmp_path / "home")


def total_of(engine: Engine, committee: str = HOUSE) -> Decimal:
    total: Decimal = the(warehouse_of(engine), "gold.committee_stats", committee_id=committee)["total_amount"]
    return total


def failure_of(view: RunView, task: str) -> str:
    failure = by_name(view)[task].failure
    assert failure is not None
    return failure.message


def test_a_corrected_amount_reaches_every_total(tmp_path: Path, engine: Engine) -> None:
    bulk = write_bulk(tmp_path / "bulk", {"itcont": [a_receipt(1), a_receipt(2)], "itoth": [], "itpas2": []})
    run_bulk(engine, bulk)
    assert total_of(engine) == 200
    write_bulk(bulk, {"itcont": [a_receipt(1), a_receipt(2, TRANSACTION_AMT=150)], "itoth": [], "itpas2": []})
    run_bulk(engine, bulk)
    assert total_of(engine) == 250


def test_a_row_the_publisher_withdrew_is_withdrawn_from_every_total(tmp_path: Path, engine: Engine) -> None:
    """An amended filing comes with new identifiers: without this its gifts would count twice."""
    bulk = write_bulk(tmp_path / "bulk", {"itcont": [a_receipt(1), a_receipt(2)], "itoth": [], "itpas2": []})
    run_bulk(engine, bulk)
    write_bulk(bulk, {"itcont": [a_receipt(1), a_receipt(7)], "itoth": [], "itpas2": []})
    view = run_bulk(engine, bulk)
    counts = by_name(view)["load_individual_contributions"].result
    assert (counts["inserted"], counts["vanished"], counts["unchanged"]) == (1, 1, 1)
    assert total_of(engine) == 200


def test_a_new_link_to_a_candidate_reaches_rows_loaded_before_it(tmp_path: Path, engine: Engine) -> None:
    bulk = write_bulk(tmp_path / "bulk", {**masters(), "ccl": [a_linkage(9, PERSON, PAC, "D")]})
    run_bulk(engine, bulk)
    assert the(warehouse_of(engine), "silver.transactions", source="itcont")["candidate_id"] is None
    write_bulk(bulk, masters())
    run_bulk(engine, bulk)
    assert the(warehouse_of(engine), "silver.transactions", source="itcont")["candidate_name"] == "DOE, JOHN Q"


def test_a_candidate_who_appears_with_a_committee_is_linked_in_the_same_run(tmp_path: Path) -> None:
    files = {
        "cm": [*masters()["cm"], a_committee("C00000008", "S", "P")],
        "cn": [a_candidate(), a_candidate("S0MA00002", CAND_NAME="ROE, RITA")],
        "ccl": [*masters()["ccl"], a_linkage(8, "S0MA00002", "C00000008", "P")],
        "itcont": [a_receipt(1, CMTE_ID="C00000008")],
    }
    warehouse = made_from(tmp_path / "home", write_bulk(tmp_path / "bulk", files))
    assert the(warehouse, "gold.candidate_stats", candidate_id="S0MA00002")["contributions"] == 1


def test_a_committee_without_a_link_falls_back_to_the_candidate_in_its_own_row(tmp_path: Path) -> None:
    files = {"cm": [a_committee(HOUSE, "H", "P", CAND_ID=PERSON)], "ccl": [a_linkage(9, PERSON, PAC, "D")]}
    warehouse = made_from(tmp_path / "home", write_bulk(tmp_path / "bulk", files), skip=("tag:gold",))
    found = the(warehouse, "silver.committees", committee_id=HOUSE)
    assert (found["candidate_id"], found["candidate_source"]) == (PERSON, "cm")


def test_only_what_depends_on_the_changed_file_runs(tmp_path: Path, engine: Engine) -> None:
    bulk = write_bulk(tmp_path / "bulk", {})
    run_bulk(engine, bulk)
    write_bulk(bulk, {"weball": ["H0MA01001|DOE|I|1|DEM" + "|" * 25]})
    ran = executed(run_bulk(engine, bulk))
    assert {"load_candidate_summaries", "refine_candidate_summaries", "compare_coverage"} <= ran
    assert not ran & {"load_committees", "refine_transactions", "resolve_contributions", "check_cycle"}


def test_files_moved_to_another_folder_make_nothing_stale(tmp_path: Path, engine: Engine) -> None:
    run_bulk(engine, write_bulk(tmp_path / "bulk", {}))
    assert executed(run_bulk(engine, write_bulk(tmp_path / "elsewhere", {}))) == set()


def test_running_everything_again_changes_no_table(tmp_path: Path, engine: Engine) -> None:
    bulk = write_bulk(tmp_path / "bulk", {"itcont": [a_receipt(number) for number in range(1, 60)]})
    run_bulk(engine, bulk)
    before = hashes_of(warehouse_of(engine))
    for _ in range(2):
        view = run_bulk(engine, bulk, force=True)
        assert view.run.status == "completed"
        assert hashes_of(warehouse_of(engine)) == before


def test_the_order_of_rows_in_a_file_changes_no_result(tmp_path: Path) -> None:
    lines = [a_receipt(n, NAME=f"DOE, {'JANE' if n % 3 else 'JANE Q'}", EMPLOYER=f"E{n % 4}") for n in range(1, 80)]
    hashes = []
    for name, given in (("one", lines), ("two", lines[::-1])):
        warehouse = made_from(tmp_path / name, write_bulk(tmp_path / f"{name}-bulk", {"itcont": given}))
        hashes.append(hashes_of(warehouse))
    assert hashes[0] == hashes[1]


def test_two_cycles_live_side_by_side(tmp_path: Path, engine: Engine) -> None:
    run_bulk(engine, write_bulk(tmp_path / "a", {"itoth": [], "itpas2": []}))
    old = {
        "ccl": [a_linkage(1, PERSON, HOUSE, "P").replace("2020|2020", "2018|2018")],
        "itcont": [a_receipt(1, TRANSACTION_DT="05012018", TRANSACTION_AMT=7)],
        "itoth": [],
        "itpas2": [],
    }
    view = run_bulk(engine, write_bulk(tmp_path / "b", old), cycle=2018)
    assert view.run.status == "completed"
    sums = rows_of(warehouse_of(engine), "select cycle, total_amount from gold.committee_stats order by cycle")
    assert sums == [(2018, Decimal(7)), (2020, Decimal(100))]


def test_a_folder_of_another_cycle_is_refused_before_anything_is_stored(tmp_path: Path, engine: Engine) -> None:
    old = [a_receipt(number, TRANSACTION_DT="05012016") for number in range(1, 40)]
    view = run_bulk(engine, write_bulk(tmp_path / "bulk", {"itcont": old}))
    assert by_name(view)["check_cycle"].status == "failed"
    assert "of 39 dated rows" in failure_of(view, "check_cycle")
    assert "39 in 2015-2016" in failure_of(view, "check_cycle")
    tables = rows_of(
        warehouse_of(engine), "select sum(estimated_size) from duckdb_tables() where schema_name = 'bronze'"
    )
    assert tables in ([(None,)], [(0,)])


def test_linkages_of_another_cycle_are_refused(tmp_path: Path, engine: Engine) -> None:
    links = [line.replace("2020|2020", "2016|2016") for line in masters()["ccl"]]
    view = run_bulk(engine, write_bulk(tmp_path / "bulk", {"ccl": links}))
    assert "3 in 2015-2016" in failure_of(view, "check_cycle")


def test_a_mix_of_cycles_with_enough_of_the_right_one_is_loaded(tmp_path: Path, engine: Engine) -> None:
    mixed = [a_receipt(n, TRANSACTION_DT="05012016" if n % 5 else "05012020") for n in range(1, 40)]
    assert run_bulk(engine, write_bulk(tmp_path / "bulk", {"itcont": mixed})).run.status == "completed"


def test_a_file_named_for_another_cycle_is_refused_by_name(tmp_path: Path, engine: Engine) -> None:
    bulk = write_bulk(tmp_path / "bulk", {})
    (bulk / "weball.txt").rename(bulk / "weball18.txt")
    with pytest.raises(SourceError, match=r"weball18\.txt` is a file of cycle 2018, not 2020"):
        run_bulk(engine, bulk)


def test_a_missing_file_is_named_with_all_places_looked_at(tmp_path: Path, engine: Engine) -> None:
    bulk = write_bulk(tmp_path / "bulk", {})
    (bulk / "itcont.txt").unlink()
    with pytest.raises(SourceError) as caught:
        run_bulk(engine, bulk)
    assert f"`{bulk}` or `{bulk / '2020'}`" in caught.value.message
    assert "indiv20.zip" in str(caught.value.hint)
    assert "--skip load_individual_contributions" in str(caught.value.hint)


def test_a_file_may_be_left_out(tmp_path: Path, engine: Engine) -> None:
    bulk = write_bulk(tmp_path / "bulk", {})
    (bulk / "itoth.txt").unlink()
    (bulk / "oppexp.txt").unlink()
    left_out = ("load_other_transactions", "load_operating_expenditures")
    view = run_bulk(engine, bulk, skip=left_out)
    assert view.run.status == "completed"
    assert the(warehouse_of(engine), "gold.committee_stats", committee_id=HOUSE)["contributions"] == 2


def test_a_truncated_file_fails_and_leaves_the_table_as_it_was(tmp_path: Path, engine: Engine) -> None:
    bulk = write_bulk(tmp_path / "bulk", {})
    run_bulk(engine, bulk)
    text = gzip.compress("".join(f"{a_receipt(number)}\n" for number in range(500)).encode())
    (bulk / "itcont.txt").unlink()
    (bulk / "itcont.txt.gz").write_bytes(text[: len(text) // 2])
    view = run_bulk(engine, bulk)
    assert view.run.status == "failed"
    assert rows_of(warehouse_of(engine), "select count(*) from bronze.individual_contributions") == [(1,)]


def test_a_broken_line_is_kept_aside_and_the_rest_is_loaded(tmp_path: Path, engine: Engine) -> None:
    bulk = write_bulk(tmp_path / "bulk", {"itcont": [a_receipt(1), "C00000001|N|HALF A LINE", a_receipt(2)]})
    view = run_bulk(engine, bulk)
    assert by_name(view)["load_individual_contributions"].result["rejected"] == {"field count": 1}
    assert rows_of(warehouse_of(engine), "select file, line, reason from bronze.rejected_rows") == [
        ("itcont.txt", 2, "field count")
    ]


def test_latin_1_bytes_are_read_as_the_letters_they_are(tmp_path: Path, engine: Engine) -> None:
    bulk = write_bulk(tmp_path / "bulk", {})
    (bulk / "itcont.txt").write_bytes((a_receipt(1, NAME="MU\u00d1OZ, ANA") + "\n").encode("latin-1"))
    run_bulk(engine, bulk)
    warehouse = warehouse_of(engine)
    assert rows_of(warehouse, 'select "NAME" from bronze.individual_contributions') == [("MU\u00d1OZ, ANA",)]
    assert the(warehouse, "gold.contributors", kind="individual")["last_name"] == "MUNOZ"
