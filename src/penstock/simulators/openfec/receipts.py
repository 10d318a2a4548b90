"""Schedule A, processed and raw."""

from __future__ import annotations

from typing import Any

from penstock.simulators.filing import Line
from penstock.simulators.openfec.lines import efiled, nameless, noon, processed, told
from penstock.simulators.openfec.view import DayView
from penstock.simulators.openfec.vocabulary import ENTITIES, RECEIPTS, split_name

_EMPTY = nameless(
    "back_reference_schedule_name back_reference_transaction_id candidate_first_name candidate_last_name",
    "candidate_middle_name candidate_name candidate_office candidate_office_district candidate_office_full",
    "candidate_office_state candidate_office_state_full candidate_prefix candidate_suffix committee_name",
    "conduit_committee_city conduit_committee_id conduit_committee_name conduit_committee_state",
    "conduit_committee_street1 conduit_committee_street2 conduit_committee_zip contributor contributor_prefix",
    "contributor_street_1 contributor_street_2 contributor_suffix donor_committee_name election_type_full",
    "increased_limit memo_code_full national_committee_nonfederal_account original_sub_id receipt_type_full",
    "recipient_committee_org_type unused_contbr_id",
)
_RAW_EMPTY = nameless(
    "conduit_committee_city conduit_committee_id conduit_committee_name conduit_committee_state",
    "conduit_committee_street1 conduit_committee_street2 conduit_committee_zip contributor_prefix contributor_suffix",
)
_OF_PERSONS = frozenset({"10", "11", "15", "15C", "15E", "15J", "30", "31", "32"})
_LINE_LABELS = {
    "11AI": "Contributions From Individuals/Persons Other Than Political Committees",
    "11B": "Contributions From Political Party Committees",
    "11C": "Contributions From Other Political Committees",
    "11D": "Contributions From the Candidate",
    "12": "Transfers from authorized committees",
    "13A": "Loans Received from the Candidate",
}


def is_individual(line: Line) -> bool:
    """Whether a receipt is a person's gift."""
    return line.entity == "IND" and line.code in _OF_PERSONS


def line_number(line: Line) -> str:
    """Return the line of the form on which a receipt is reported."""
    if line.code in ("18G", "15J"):
        return "12"
    if line.code == "16C":
        return "13A"
    if line.code == "15C":
        return "11D"
    if line.code in ("18K", "15Z"):
        return "11B" if line.entity == "PTY" else "11C"
    return "11AI"


def receipt(view: DayView, line: Line) -> dict[str, Any]:
    """Return a row of `/schedules/schedule_a/`."""
    committee = view.committees[line.committee_id]
    number = line_number(line)
    return (
        _EMPTY
        | processed(view, line)
        | _contributor(line)
        | {
            "candidate_id": told(line.candidate_id),
            "conduit_committee_id": told(line.other_id) if line.code == "15E" else None,
            "contribution_receipt_amount": float(line.amount),
            "contribution_receipt_date": noon(line.received_on),
            "contributor": view.history(line.other_id),
            "contributor_aggregate_ytd": float(line.amount),
            "contributor_id": told(line.other_id),
            "entity_type_desc": ENTITIES.get(line.entity),
            "is_individual": is_individual(line),
            "line_number": number,
            "line_number_label": _LINE_LABELS[number],
            "receipt_type": told(line.code),
            "receipt_type_desc": RECEIPTS.get(line.code),
            "recipient_committee_designation": committee.designation,
            "recipient_committee_type": committee.type,
            "schedule_type": "SA",
            "schedule_type_full": "ITEMIZED RECEIPTS",
        }
    )


def raw_receipt(view: DayView, line: Line) -> dict[str, Any]:
    """Return a row of `/schedules/schedule_a/efile/`."""
    return (
        _RAW_EMPTY
        | efiled(view, line)
        | _contributor(line)
        | {
            "contribution_receipt_amount": float(line.amount),
            "contribution_receipt_date": None if line.received_on is None else line.received_on.isoformat(),
            "contributor_aggregate_ytd": float(line.amount),
            "cycle": view.cycle,
            "fec_election_type_desc": {"P": "PRIMARY", "G": "GENERAL"}.get(line.election[:1]),
            "line_number": line_number(line),
            "pgo": told(line.election),
        }
    )


def _contributor(line: Line) -> dict[str, Any]:
    last, first, middle = split_name(line.name)
    return {
        "contributor_city": told(line.city),
        "contributor_employer": told(line.employer),
        "contributor_first_name": first,
        "contributor_last_name": last,
        "contributor_middle_name": middle,
        "contributor_name": line.name,
        "contributor_occupation": told(line.occupation),
        "contributor_state": told(line.state),
        "contributor_zip": told(line.zip),
    }
