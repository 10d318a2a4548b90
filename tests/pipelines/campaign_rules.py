"""The lines that the rules of campaign finance are tried on, each planted for one of them."""

from __future__ import annotations

from tests.pipelines.campaign import (
    CONDUIT,
    HOUSE,
    JOINT,
    PAC,
    PAC_2,
    PARTY,
    PERSON,
    SUPER,
    a_candidate,
    a_committee,
    a_line,
    a_receipt,
    a_transfer,
    masters,
)

_EARMARK = {"TRANSACTION_TP": "15E", "OTHER_ID": CONDUIT, "MEMO_TEXT": "* EARMARKED CONTRIBUTION: SEE BELOW"}
_CONDUIT_ENTITY = {"ENTITY_TP": "PAC", "NAME": "COMMITTEE 4", "OTHER_ID": CONDUIT}

RECEIPTS = [
    a_receipt(100, IMAGE_NUM="202004159216839465"),
    # An earmarked gift in three places: the recipient's report, its note on the conduit, the conduit's own report.
    a_receipt(110, TRAN_ID="VX1", NAME="ROE, RICHARD", **_EARMARK),
    a_receipt(111, TRAN_ID="VX1E", MEMO_CD="X", **_CONDUIT_ENTITY),
    a_receipt(112, CMTE_ID=CONDUIT, TRANSACTION_TP="24T", NAME="ROE, RICHARD", OTHER_ID=HOUSE,
              MEMO_TEXT="EARMARKED FOR"),
    a_receipt(113, CMTE_ID=CONDUIT, TRANSACTION_TP="15T", NAME="ROE, RICHARD"),
    # The conduit is known from the note alone.
    a_receipt(120, TRAN_ID="VX2", TRANSACTION_TP="15E"),
    a_receipt(121, TRAN_ID="VX2E", **_CONDUIT_ENTITY),
    # Identifiers are unique per filer only: this row of another filer ends in E by chance.
    a_receipt(122, CMTE_ID=PAC, TRAN_ID="VX2E"),
    a_receipt(123, TRAN_ID="AAAE", MEMO_TEXT="CONDUIT, EARMARK, ATTRIBUTION BELOW"),
    a_receipt(130, MEMO_CD="X"),
    a_receipt(140, TRANSACTION_TP="22Y", TRANSACTION_AMT=40),
    a_receipt(141, TRANSACTION_AMT=-25),
    a_receipt(150, TRANSACTION_TP="15C", ENTITY_TP="CAN", NAME="DOE, JOHN Q"),
    a_receipt(151, CMTE_ID=PARTY, TRANSACTION_TP="31", TRANSACTION_AMT=5000),
    a_receipt(152, CMTE_ID=SUPER, TRANSACTION_TP="10", ENTITY_TP="ORG", NAME="Acme Holdings, L.L.C.",
              TRANSACTION_AMT=9000),
    a_receipt(153, CMTE_ID=SUPER, TRANSACTION_TP="10", ENTITY_TP="ORG", NAME="ACME HOLDINGS LLC",
              CITY="RENO", STATE="NV"),
    a_receipt(160, TRANSACTION_TP="77Q"),
    # One row in a filing and again in its amendment; and one identifier used for two gifts.
    a_receipt(170, TRAN_ID="T1", TRANSACTION_AMT=60, FILE_NUM=1300000),
    a_receipt(171, TRAN_ID="T1", TRANSACTION_AMT=70, FILE_NUM=1300009, AMNDT_IND="A"),
    a_receipt(172, TRAN_ID="T2", FILE_NUM=1300000),
    a_receipt(173, TRAN_ID="T2", FILE_NUM=1300009, TRANSACTION_DT="04152019", RPT_TP="Q2"),
    # Fields as they really come.
    a_receipt(180, ZIP_CODE="02139"),
    a_receipt(181, ZIP_CODE="1187RC", NAME="VAN DAM, JAN"),
    a_receipt(182, ZIP_CODE="021394307", EMPLOYER="N/A", OCCUPATION='SAYS "HI'),
    a_receipt(183, TRANSACTION_DT="1052019"),
    a_receipt(184, TRANSACTION_DT=""),
    a_receipt(185, TRANSACTION_DT="02302019"),
    a_receipt(186, TRANSACTION_DT="05022160"),
    a_receipt(187, TRANSACTION_DT="10171918"),
    a_receipt(188, TRANSACTION_AMT="12 DOLLARS"),
    a_receipt(189, CMTE_ID="C99999999"),
    a_receipt(190, NAME=""),
    a_receipt(191, TRANSACTION_AMT="12.345"),
    # One person in several spellings, and two who are not one.
    a_receipt(200, NAME="SMITH, ANN", EMPLOYER="RETIRED", ZIP_CODE="60601", STATE="IL"),
    a_receipt(201, NAME="Smith, Ann M.", EMPLOYER="NONE", ZIP_CODE="606011111", STATE="IL"),
    a_receipt(202, NAME="SMITH, ANN MRS", EMPLOYER="BETA LLC", ZIP_CODE="60601", STATE="IL"),
    a_receipt(203, NAME="SMITH, ANN M", EMPLOYER="Beta, L.L.C.", ZIP_CODE="62701", STATE="IL"),
    a_receipt(204, NAME="SMITH, ANN", EMPLOYER="RETIRED", ZIP_CODE="75001", STATE="TX"),
    a_receipt(205, NAME="SMITH, ANN", EMPLOYER="BETA LLC", ZIP_CODE="75201", STATE="TX"),
    a_receipt(206, NAME="KING, LEE A", ZIP_CODE="10001", STATE="NY"),
    a_receipt(207, NAME="KING, LEE B", ZIP_CODE="10001", STATE="NY"),
    a_receipt(208, NAME="KING, LEE JR", ZIP_CODE="10002", STATE="NY"),
    a_receipt(209, NAME="KING, LEE", ZIP_CODE="10002", STATE="NY"),
]  # fmt: skip

BETWEEN = [
    # Told by both sides, a few days apart; told by the payer alone; told by the receiver alone.
    a_transfer(300, TRANSACTION_DT="04012019"),
    a_transfer(301, CMTE_ID=HOUSE, OTHER_ID=PAC, TRANSACTION_TP="18K", ENTITY_TP="PAC", TRANSACTION_DT="04092019"),
    a_transfer(302, TRANSACTION_AMT=2000, CMTE_ID=PAC_2),
    a_transfer(303, CMTE_ID=HOUSE, OTHER_ID=PAC_2, TRANSACTION_TP="18K", ENTITY_TP="PAC", TRANSACTION_AMT=3000),
    # Two equal gifts long apart, one told by either side, are two.
    a_transfer(304, TRANSACTION_AMT=700, TRANSACTION_DT="01102019"),
    a_transfer(305, CMTE_ID=HOUSE, OTHER_ID=PAC, TRANSACTION_TP="18K", TRANSACTION_AMT=700, TRANSACTION_DT="10102019"),
    a_transfer(310, CMTE_ID=SUPER, TRANSACTION_TP="24E", ENTITY_TP="ORG", OTHER_ID=PERSON, NAME="TV",
              TRANSACTION_AMT=8000),
    a_transfer(311, CMTE_ID=SUPER, TRANSACTION_TP="24A", ENTITY_TP="ORG", OTHER_ID=PERSON, NAME="TV",
              TRANSACTION_AMT=9000),
    a_transfer(312, CMTE_ID=SUPER, TRANSACTION_TP="24A", OTHER_ID=PERSON, MEMO_CD="X"),
    a_transfer(320, CMTE_ID=JOINT, TRANSACTION_TP="24G"),
    a_transfer(321, CMTE_ID=HOUSE, OTHER_ID=JOINT, TRANSACTION_TP="18G"),
    a_transfer(322, CMTE_ID=HOUSE, TRANSACTION_TP="15J", ENTITY_TP="IND", NAME="DOE, JANE", OTHER_ID="", MEMO_CD=""),
    a_transfer(330, CMTE_ID=HOUSE, TRANSACTION_TP="16C", ENTITY_TP="CAN", NAME="DOE, JOHN Q", OTHER_ID=PERSON),
    a_transfer(340, CMTE_ID=HOUSE, OTHER_ID=PAC, TRANSACTION_TP="22Z", TRANSACTION_AMT=500),
    a_transfer(341, CMTE_ID=PAC, OTHER_ID=HOUSE, TRANSACTION_TP="17Z", TRANSACTION_AMT=500),
]  # fmt: skip
TO_CANDIDATES = [
    a_transfer(302, kind="itpas2", TRANSACTION_AMT=2000, CMTE_ID=PAC_2, CAND_ID=PERSON),
    a_transfer(310, kind="itpas2", CMTE_ID=SUPER, TRANSACTION_TP="24E", OTHER_ID=PERSON,
              TRANSACTION_AMT=8000, CAND_ID=PERSON),
    a_transfer(399, kind="itpas2", CMTE_ID=SUPER, TRANSACTION_TP="24E", OTHER_ID="H9XX99999", CAND_ID="H9XX99999"),
]  # fmt: skip


def masters_and_unreadable() -> dict[str, list[str]]:
    files = masters()
    return {
        "cm": [*files["cm"], a_committee("C00000099", "Q", "U", CMTE_ZIP="0213X")],
        "cn": [*files["cn"], a_candidate("H0MA01099", CAND_ELECTION_YR="MMXX", CAND_ZIP="?")],
        "ccl": [*files["ccl"], a_line("ccl", LINKAGE_ID=99, CAND_ELECTION_YR="20 20", FEC_ELECTION_YR=2020)],
        "weball": [a_line("weball", CAND_ID="H0MA01099", TTL_RECEIPTS="1,000", DEBTS_OWED_BY="n/a",
                          CVG_END_DT="02/30/2019")],
        "webl": [a_line("webl", CAND_ID="H0MA01099", TTL_DISB="0.001", CVG_END_DT="03/31/2019")],
        "webk": [a_line("webk", CMTE_ID="C00000099", IND_EXP="many", TTL_DISB="0.50", CVG_END_DT="soon")],
    }  # fmt: skip
