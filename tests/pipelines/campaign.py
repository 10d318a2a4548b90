"""Bulk files made by hand or taken from the real ones, and the campaign finance pipeline run over them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from penstock.engine.engine import Engine
from penstock.engine.view import RunView
from penstock.pipelines.campaign_finance.pipeline import pipeline
from penstock.sources.fec.layouts import LAYOUTS
from penstock.warehouse.warehouse import Warehouse
from tests.engines import an_engine, run

ROOT = Path(__file__).resolve().parents[2]
REAL_DATA = Path(os.environ.get("PENSTOCK_REAL_DATA", ROOT.parent / "shared" / "data"))
REAL = pytest.mark.skipif(
    not (REAL_DATA / "fec").is_dir(), reason="no real data: set PENSTOCK_REAL_DATA to the folder that holds `fec/`"
)

#: A principal committee, its candidate, a PAC, a second PAC, a conduit, a joint fundraiser, a super PAC and a party.
HOUSE, PERSON, PAC, PAC_2 = "C00000001", "H0MA01001", "C00000002", "C00000003"
CONDUIT, JOINT, SUPER, PARTY = "C00000004", "C00000005", "C00000006", "C00000007"
#: A joint fundraiser of the type of a House campaign, whose line names a candidate.
JOINT_H = "C00000008"


def a_line(kind: str, **values: object) -> str:
    """A line of this kind: empty but for these values."""
    layout = LAYOUTS[kind]
    assert set(values) <= set(layout.columns), set(values) - set(layout.columns)
    tail = "|" if layout.trailing_delimiter else ""
    return "|".join(str(values.get(column, "")) for column in layout.columns) + tail


def a_receipt(sub_id: int, **values: object) -> str:
    """A contribution of 100 dollars by an individual to the principal committee."""
    usual = {
        "CMTE_ID": HOUSE,
        "AMNDT_IND": "N",
        "RPT_TP": "Q1",
        "TRANSACTION_PGI": "P2020",
        "TRANSACTION_TP": "15",
        "ENTITY_TP": "IND",
        "NAME": "DOE, JANE",
        "CITY": "BOSTON",
        "STATE": "MA",
        "ZIP_CODE": "021391234",
        "EMPLOYER": "ACME INC",
        "OCCUPATION": "ENGINEER",
        "TRANSACTION_DT": "03152019",
        "TRANSACTION_AMT": 100,
        "TRAN_ID": f"SA11.{sub_id}",
        "FILE_NUM": 1300000,
        "SUB_ID": sub_id,
    }
    return a_line("itcont", **{**usual, **values})


def a_transfer(sub_id: int, *, kind: str = "itoth", **values: object) -> str:
    """A gift of 1,000 dollars by the PAC to the principal committee, as the PAC reports it."""
    usual = {
        "CMTE_ID": PAC,
        "AMNDT_IND": "N",
        "RPT_TP": "Q1",
        "TRANSACTION_TP": "24K",
        "ENTITY_TP": "CCM",
        "NAME": "DOE FOR CONGRESS",
        "TRANSACTION_DT": "04012019",
        "TRANSACTION_AMT": 1000,
        "OTHER_ID": HOUSE,
        "TRAN_ID": f"SB23.{sub_id}",
        "FILE_NUM": 1300001,
        "SUB_ID": sub_id,
    }
    return a_line(kind, **{**usual, **values})


def a_committee(committee: str, kind: str, designation: str, **values: object) -> str:
    """A committee of this type and designation."""
    usual = {"CMTE_ID": committee, "CMTE_NM": f"COMMITTEE {committee[-1]}", "CMTE_TP": kind, "CMTE_DSGN": designation}
    return a_line("cm", **{**usual, **values})


def a_linkage(number: int, candidate: str, committee: str, designation: str) -> str:
    """A link between a candidate and a committee."""
    return a_line(
        "ccl",
        CAND_ID=candidate,
        CMTE_ID=committee,
        CMTE_DSGN=designation,
        CAND_ELECTION_YR=2020,
        FEC_ELECTION_YR=2020,
        LINKAGE_ID=number,
    )


def a_candidate(candidate: str = PERSON, **values: object) -> str:
    """A candidate for the House."""
    usual = {"CAND_ID": candidate, "CAND_NAME": "DOE, JOHN Q", "CAND_OFFICE": "H", "CAND_PTY_AFFILIATION": "DEM"}
    return a_line("cn", **{**usual, **values})


def masters() -> dict[str, list[str]]:
    """The master files of the small world."""
    return {
        "cm": [
            a_committee(HOUSE, "H", "P", CMTE_PTY_AFFILIATION="DEM"),
            a_committee(PAC, "Q", "B"),
            a_committee(PAC_2, "Q", "U"),
            a_committee(CONDUIT, "V", "U"),
            a_committee(JOINT, "N", "J"),
            a_committee(JOINT_H, "H", "J", CAND_ID=PERSON),
            a_committee(SUPER, "O", "U"),
            a_committee(PARTY, "Y", "U"),
        ],
        "cn": [a_candidate()],
        "ccl": [a_linkage(1, PERSON, HOUSE, "P"), a_linkage(2, PERSON, JOINT, "J"), a_linkage(3, PERSON, JOINT_H, "A")],
    }


def write_bulk(folder: Path, files: Mapping[str, Iterable[str]]) -> Path:
    """Write all ten kinds; those not given get one harmless line."""
    given = {**masters(), **files}
    given.setdefault("itcont", [a_receipt(1)])
    given.setdefault("itoth", [a_transfer(2)])
    given.setdefault("itpas2", [a_transfer(2, kind="itpas2", CAND_ID=PERSON)])
    given.setdefault("oppexp", [a_line("oppexp", CMTE_ID=HOUSE, SUB_ID=3, TRANSACTION_AMT="1.50", NAME="PRINTER")])
    given.setdefault("weball", [a_line("weball", CAND_ID=PERSON, TTL_INDIV_CONTRIB="100")])
    given.setdefault("webl", [a_line("webl", CAND_ID=PERSON, TTL_INDIV_CONTRIB="100")])
    given.setdefault("webk", [a_line("webk", CMTE_ID=PAC, INDV_CONTRIB="0")])
    folder.mkdir(parents=True, exist_ok=True)
    for kind, lines in given.items():
        (folder / f"{kind}.txt").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return folder


def run_bulk(engine: Engine, folder: Path, cycle: int = 2020, **asked: Any) -> RunView:
    """Run the pipeline over a folder."""
    return run(engine, pipeline.name, params={"cycle": cycle, "bulk_dir": str(folder)}, **asked)


def warehouse_of(engine: Engine) -> Warehouse:
    """The warehouse an engine's bodies write to."""
    warehouse: Warehouse = engine.resources_for(engine.pipeline(pipeline.name)).get("warehouse")
    return warehouse


def made_from(home: Path, folder: Path, cycle: int = 2020, **asked: Any) -> Warehouse:
    """The warehouse after one run over the folder, which completes."""
    engine = an_engine(home)
    view = run_bulk(engine, folder, cycle, **asked)
    assert view.run.status == "completed", [(task.name, task.failure) for task in view.tasks if task.failure]
    return warehouse_of(engine)


def rows_of(warehouse: Warehouse, sql: str, **params: object) -> list[tuple[Any, ...]]:
    """The rows of a query."""
    return list(warehouse.query(sql, params).rows)


def the(warehouse: Warehouse, table: str, **where: object) -> dict[str, Any]:
    """The only row of a table with these values."""
    condition = " and ".join(f'"{name}" = ${name}' for name in where)
    found = list(warehouse.query(f"select * from {table} where {condition}", where).dicts())
    assert len(found) == 1, f"{len(found)} rows of {table} with {where}"
    return found[0]


def hashes_of(warehouse: Warehouse, cycle: int = 2020) -> dict[str, str]:
    """The content hash of every table, computed from its rows."""
    return {
        name: warehouse.table(table, str(cycle) if table.partition else None).content_hash()
        for name, table in pipeline.datasets.items()
    }
