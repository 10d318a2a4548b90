"""The FEC's bulk files as published: names, columns, keys, and which file names belong to which kind."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePath

from penstock.errors import UsageError
from penstock.kit.spelling import did_you_mean

_DESCRIPTIONS = "https://www.fec.gov/campaign-finance-data"

_TRANSACTION_HEAD = (
    "CMTE_ID", "AMNDT_IND", "RPT_TP", "TRANSACTION_PGI", "IMAGE_NUM", "TRANSACTION_TP", "ENTITY_TP", "NAME", "CITY",
    "STATE", "ZIP_CODE", "EMPLOYER", "OCCUPATION", "TRANSACTION_DT", "TRANSACTION_AMT", "OTHER_ID",
)  # fmt: skip
_TRANSACTION_TAIL = ("TRAN_ID", "FILE_NUM", "MEMO_CD", "MEMO_TEXT", "SUB_ID")

_CANDIDATE_SUMMARY = (
    "CAND_ID", "CAND_NAME", "CAND_ICI", "PTY_CD", "CAND_PTY_AFFILIATION", "TTL_RECEIPTS", "TRANS_FROM_AUTH", "TTL_DISB",
    "TRANS_TO_AUTH", "COH_BOP", "COH_COP", "CAND_CONTRIB", "CAND_LOANS", "OTHER_LOANS", "CAND_LOAN_REPAY",
    "OTHER_LOAN_REPAY", "DEBTS_OWED_BY", "TTL_INDIV_CONTRIB", "CAND_OFFICE_ST", "CAND_OFFICE_DISTRICT", "SPEC_ELECTION",
    "PRIM_ELECTION", "RUN_ELECTION", "GEN_ELECTION", "GEN_ELECTION_PRECENT", "OTHER_POL_CMTE_CONTRIB",
    "POL_PTY_CONTRIB", "CVG_END_DT", "INDIV_REFUNDS", "CMTE_REFUNDS",
)  # fmt: skip


@dataclass(frozen=True)
class Layout:
    """One kind of bulk file.

    Args:
        kind: What the text file is called, e.g. `itcont`.
        doc: What one row is.
        zip_stem: What the zip file is called before the two digits of the cycle, e.g. `indiv`.
        columns: As published, in file order.
        key: The columns that identify a row within a cycle.
        url: The publisher's description of the columns.
        task: The task that reads it, named in hints.
        trailing_delimiter: Whether lines end with one more delimiter.
    """

    kind: str
    doc: str
    zip_stem: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    url: str
    task: str
    trailing_delimiter: bool = False

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        stems = "|".join(sorted({self.kind, self.zip_stem}))
        return re.compile(rf"(?:{stems})(?P<year>\d{{2}}(?!\d))?(?:[\d_.-].*)?", re.IGNORECASE)

    def is_name(self, name: str) -> bool:
        """Whether a file of this name is of this kind: `itcont.txt`, `indiv20.zip`, `itcont_part_2.txt.gz`."""
        return name.lower().endswith((".txt", ".txt.gz", ".zip")) and self._pattern.fullmatch(name) is not None

    def cycle_in(self, name: str) -> int | None:
        """Return the cycle a file name states in two digits, e.g. 2020 for `indiv20.zip`; None when it states none."""
        found = self._pattern.fullmatch(PurePath(name).name)
        if found is None or found["year"] is None:
            return None
        year = int(found["year"])
        return year + (1900 if year >= 76 else 2000)

    def zip_name(self, cycle: int) -> str:
        """Return what the publisher calls the zip file of a cycle."""
        return f"{self.zip_stem}{cycle % 100:02d}.zip"


def _page(name: str) -> str:
    return f"{_DESCRIPTIONS}/{name}-file-description/"


_ALL = (
    Layout(
        "cm",
        "A committee registered in the cycle.",
        "cm",
        (
            "CMTE_ID", "CMTE_NM", "TRES_NM", "CMTE_ST1", "CMTE_ST2", "CMTE_CITY", "CMTE_ST", "CMTE_ZIP", "CMTE_DSGN",
            "CMTE_TP", "CMTE_PTY_AFFILIATION", "CMTE_FILING_FREQ", "ORG_TP", "CONNECTED_ORG_NM", "CAND_ID",
        ),
        ("CMTE_ID",),
        _page("committee-master"),
        "load_committees",
    ),
    Layout(
        "cn",
        "A candidate registered, or named by others, in the cycle.",
        "cn",
        (
            "CAND_ID", "CAND_NAME", "CAND_PTY_AFFILIATION", "CAND_ELECTION_YR", "CAND_OFFICE_ST", "CAND_OFFICE",
            "CAND_OFFICE_DISTRICT", "CAND_ICI", "CAND_STATUS", "CAND_PCC", "CAND_ST1", "CAND_ST2", "CAND_CITY",
            "CAND_ST", "CAND_ZIP",
        ),
        ("CAND_ID",),
        _page("candidate-master"),
        "load_candidates",
    ),
    Layout(
        "ccl",
        "A link between a candidate and a committee.",
        "ccl",
        ("CAND_ID", "CAND_ELECTION_YR", "FEC_ELECTION_YR", "CMTE_ID", "CMTE_TP", "CMTE_DSGN", "LINKAGE_ID"),
        ("LINKAGE_ID",),
        _page("candidate-committee-linkage"),
        "load_linkages",
    ),
    Layout(
        "itcont",
        "A contribution by an individual, reported by the committee that got it or passed it on.",
        "indiv",
        (*_TRANSACTION_HEAD, *_TRANSACTION_TAIL),
        ("SUB_ID",),
        _page("contributions-individuals"),
        "load_individual_contributions",
    ),
    Layout(
        "itoth",
        "A transaction between committees, or a receipt of another kind.",
        "oth",
        (*_TRANSACTION_HEAD, *_TRANSACTION_TAIL),
        ("SUB_ID",),
        _page("any-transaction-one-committee-another"),
        "load_other_transactions",
    ),
    Layout(
        "itpas2",
        "A contribution to a candidate, or an expenditure for or against one, by a committee.",
        "pas2",
        (*_TRANSACTION_HEAD, "CAND_ID", *_TRANSACTION_TAIL),
        ("SUB_ID",),
        _page("contributions-committees-candidates"),
        "load_committee_contributions",
    ),
    Layout(
        "oppexp",
        "An operating expenditure.",
        "oppexp",
        (
            "CMTE_ID", "AMNDT_IND", "RPT_YR", "RPT_TP", "IMAGE_NUM", "LINE_NUM", "FORM_TP_CD", "SCHED_TP_CD", "NAME",
            "CITY", "STATE", "ZIP_CODE", "TRANSACTION_DT", "TRANSACTION_AMT", "TRANSACTION_PGI", "PURPOSE", "CATEGORY",
            "CATEGORY_DESC", "MEMO_CD", "MEMO_TEXT", "ENTITY_TP", "SUB_ID", "FILE_NUM", "TRAN_ID", "BACK_REF_TRAN_ID",
        ),
        ("SUB_ID",),
        _page("operating-expenditures"),
        "load_operating_expenditures",
        trailing_delimiter=True,
    ),
    Layout(
        "weball",
        "A candidate's financial totals, all candidates.",
        "weball",
        _CANDIDATE_SUMMARY,
        ("CAND_ID",),
        _page("all-candidates"),
        "load_candidate_summaries",
    ),
    Layout(
        "webl",
        "A candidate's financial totals, current House and Senate campaigns.",
        "webl",
        _CANDIDATE_SUMMARY,
        ("CAND_ID",),
        _page("current-campaigns-house-and-senate"),
        "load_congressional_summaries",
    ),
    Layout(
        "webk",
        "The financial totals of a PAC or party committee.",
        "webk",
        (
            "CMTE_ID", "CMTE_NM", "CMTE_TP", "CMTE_DSGN", "CMTE_FILING_FREQ", "TTL_RECEIPTS", "TRANS_FROM_AFF",
            "INDV_CONTRIB", "OTHER_POL_CMTE_CONTRIB", "CAND_CONTRIB", "CAND_LOANS", "TTL_LOANS_RECEIVED", "TTL_DISB",
            "TRANF_TO_AFF", "INDV_REFUNDS", "OTHER_POL_CMTE_REFUNDS", "CAND_LOAN_REPAY", "LOAN_REPAY", "COH_BOP",
            "COH_COP", "DEBTS_OWED_BY", "NONFED_TRANS_RECEIVED", "CONTRIB_TO_OTHER_CMTE", "IND_EXP", "PTY_COORD_EXP",
            "NONFED_SHARE_EXP", "CVG_END_DT",
        ),
        ("CMTE_ID",),
        _page("pac-and-party-summary"),
        "load_pac_summaries",
    ),
)  # fmt: skip

#: Every kind of bulk file by name.
LAYOUTS = {layout.kind: layout for layout in _ALL}


def get_layout(kind: str) -> Layout:
    """Return the layout of this kind.

    Raises:
        UsageError: There is no such kind.
    """
    if kind not in LAYOUTS:
        raise UsageError(f"there is no bulk file kind `{kind}`", hint=did_you_mean(kind, LAYOUTS))
    return LAYOUTS[kind]
