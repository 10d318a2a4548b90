"""Our sums are put beside the publisher's over the period the publisher's cover."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

from tests.pipelines.campaign import HOUSE, PAC, PERSON, a_line, a_receipt, made_from, the, write_bulk

RECEIPTS = [
    a_receipt(1, TRANSACTION_DT="03312019"),
    a_receipt(2, TRANSACTION_DT="04012019", TRANSACTION_AMT=30),
    a_receipt(3, TRANSACTION_DT="", TRANSACTION_AMT=7),
    a_receipt(4, TRANSACTION_DT="05022160", TRANSACTION_AMT=5),
    a_receipt(5, CMTE_ID=PAC, TRANSACTION_DT="12312020", TRANSACTION_AMT=11),
]


def test_what_came_after_the_published_period_stands_apart(tmp_path: Path) -> None:
    files = {
        "itcont": RECEIPTS,
        "weball": [a_line("weball", CAND_ID=PERSON, TTL_INDIV_CONTRIB="112", CVG_END_DT="03/31/2019")],
        "webk": [
            a_line("webk", CMTE_ID=PAC, INDV_CONTRIB="11"),
            a_line("webk", CMTE_ID=HOUSE, INDV_CONTRIB="0", CVG_END_DT="01/31/2019"),
        ],
    }
    warehouse = made_from(tmp_path / "home", write_bulk(tmp_path / "bulk", files))
    measure = "individual_contributions"
    row = the(warehouse, "gold.coverage", level="candidate", recipient_id=PERSON, measure=measure)
    assert (row["our_amount"], row["later_amount"], row["verdict"]) == (Decimal(112), Decimal(30), "equal")
    assert (row["difference"], row["covered_until"]) == (Decimal(0), date(2019, 3, 31))
    open_ended = the(warehouse, "gold.coverage", level="committee", recipient_id=PAC, measure=measure)
    assert (open_ended["our_amount"], open_ended["later_amount"]) == (Decimal(11), Decimal(0))
    nothing_yet = the(warehouse, "gold.coverage", level="committee", recipient_id=HOUSE, measure=measure)
    assert (nothing_yet["our_amount"], nothing_yet["later_amount"]) == (Decimal(12), Decimal(130))
