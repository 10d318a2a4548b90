"""Schedules B and E, processed and raw."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from penstock.simulators.filing import Line
from penstock.simulators.openfec.lines import day, efiled, nameless, noon, processed, told
from penstock.simulators.openfec.view import DayView
from penstock.simulators.openfec.vocabulary import ENTITIES, SPENDING, split_name

_EMPTY_B = nameless(
    "back_reference_schedule_id back_reference_transaction_id beneficiary_committee_name candidate_first_name",
    "candidate_last_name candidate_middle_name candidate_name candidate_office candidate_office_description",
    "candidate_office_district candidate_office_state candidate_office_state_full candidate_prefix candidate_suffix",
    "category_code category_code_full comm_dt conduit_committee_city conduit_committee_name conduit_committee_state",
    "conduit_committee_street1 conduit_committee_street2 conduit_committee_zip disbursement_purpose_category",
    "election_type_full memo_code_full national_committee_nonfederal_account original_sub_id payee_employer",
    "payee_first_name payee_last_name payee_middle_name payee_occupation payee_prefix payee_suffix",
    "ref_disp_excess_flg semi_annual_bundled_refund spender_committee_org_type unused_recipient_committee_id",
)
_EMPTY_E = nameless(
    "back_reference_schedule_name back_reference_transaction_id candidate_prefix candidate_suffix category_code",
    "category_code_full conduit_committee_city conduit_committee_id conduit_committee_name conduit_committee_state",
    "conduit_committee_street1 conduit_committee_street2 conduit_committee_zip election_type_full filer_first_name",
    "filer_last_name filer_middle_name filer_prefix filer_suffix memo_code_full notary_commission_expiration_date",
    "notary_sign_date notary_sign_name original_sub_id payee_first_name payee_last_name payee_middle_name",
    "payee_prefix payee_street_1 payee_street_2 payee_suffix",
)
_RAW_EMPTY_E = nameless(
    "candidate_prefix candidate_suffix category_code filer_first_name filer_last_name filer_middle_name filer_prefix",
    "filer_suffix notary_sign_date payee_first_name payee_last_name payee_middle_name payee_prefix payee_street_1",
    "payee_street_2 payee_suffix",
)
_NOT_OF_E = ("amendment_indicator_desc", "entity_type", "fec_election_type_desc", "fec_election_year", "load_date")


def purpose(line: Line) -> str:
    """Return what money was spent for."""
    return line.published[15] if line.published else SPENDING.get(line.code, "DISBURSEMENT")


def disbursement(view: DayView, line: Line) -> dict[str, Any]:
    """Return a row of `/schedules/schedule_b/`."""
    committee = view.committees[line.committee_id]
    return (
        _EMPTY_B
        | processed(view, line)
        | _recipient(line)
        | {
            "candidate_id": told(line.candidate_id),
            "disbursement_amount": float(line.amount),
            "disbursement_date": noon(line.received_on),
            "disbursement_description": purpose(line),
            "disbursement_type": told(line.code),
            "disbursement_type_description": SPENDING.get(line.code),
            "entity_type_desc": ENTITIES.get(line.entity),
            "line_number": "21B" if line.published else "23",
            "line_number_label": "Disbursements",
            "recipient_committee": view.history(line.other_id),
            "recipient_committee_id": told(line.other_id),
            "schedule_type": "SB",
            "schedule_type_full": "ITEMIZED DISBURSEMENTS",
            "spender_committee_designation": committee.designation,
            "spender_committee_type": committee.type,
        }
    )


def raw_disbursement(view: DayView, line: Line) -> dict[str, Any]:
    """Return a row of `/schedules/schedule_b/efile/`."""
    return (
        efiled(view, line)
        | _recipient(line)
        | nameless("beneficiary_committee_name candidate_office candidate_office_district recipient_prefix")
        | nameless("recipient_suffix semi_annual_bundled_refund")
        | {
            "disbursement_amount": float(line.amount),
            "disbursement_date": day(line.received_on),
            "disbursement_description": purpose(line),
            "disbursement_type": told(line.code),
            "is_notice": False,
            "line_number": "21B" if line.published else "23",
            "payee_name": line.name,
        }
    )


def _recipient(line: Line) -> dict[str, Any]:
    return {
        "recipient_city": told(line.city),
        "recipient_name": line.name,
        "recipient_state": told(line.state),
        "recipient_zip": told(line.zip),
    }


def expenditure(view: DayView, line: Line) -> dict[str, Any]:
    """Return a row of `/schedules/schedule_e/`."""
    row = _EMPTY_E | processed(view, line) | _target(view, line) | _payee(line)
    filing = view.filings[line.file_number]
    for name in _NOT_OF_E:
        del row[name]
    return row | {
        "action_code": line.amendment,
        "action_code_full": "ADD",
        "amendment_number": len(view.chain(filing)) - 1,
        "candidate": {"candidate_id": line.candidate_id, "idx": 1, "two_year_period": str(view.cycle)},
        "disbursement_dt": day(line.received_on),
        "filing_date": day(filing.filed_at.date()),
        "form_line_number": "F3X-24",
        "independent_sign_date": day(filing.filed_at.date()),
        "independent_sign_name": view.committees[line.committee_id].treasurer,
        "line_number": "24",
        "most_recent": view.is_most_recent(filing),
        "office_total_ytd": float(line.amount),
        "previous_file_number": filing.amends or filing.number,
        "report_year": str(row["report_year"]),
        "schedule_type": "SE",
        "schedule_type_full": "ITEMIZED INDEPENDENT EXPENDITURES",
    }


def raw_expenditure(view: DayView, line: Line) -> dict[str, Any]:
    """Return a row of `/schedules/schedule_e/efile/`."""
    filing = view.filings[line.file_number]
    return (
        _RAW_EMPTY_E
        | efiled(view, line)
        | _target(view, line)
        | _payee(line)
        | {
            "filing_form": "F3X",
            "line_number": "24",
            "most_recent": view.is_most_recent(filing),
            "office_total_ytd": float(line.amount),
        }
    )


def _target(view: DayView, line: Line) -> dict[str, Any]:
    person = view.candidates.get(line.candidate_id)
    last, first, middle = split_name("" if person is None else person.name)
    disseminated_on = None if line.received_on is None else line.received_on + timedelta(days=1)
    return {
        "candidate_first_name": first,
        "candidate_id": told(line.candidate_id),
        "candidate_last_name": last,
        "candidate_middle_name": middle,
        "candidate_name": None if person is None else person.name,
        "candidate_office": None if person is None else person.office,
        "candidate_office_district": None if person is None else person.district,
        "candidate_office_state": None if person is None else person.state,
        "candidate_party": None if person is None else person.party,
        "dissemination_date": day(disseminated_on),
        "expenditure_amount": float(line.amount),
        "expenditure_date": day(line.received_on),
        "expenditure_description": "MEDIA BUY",
        "is_notice": False,
        "support_oppose_indicator": "O" if line.code == "24A" else "S",
    }


def _payee(line: Line) -> dict[str, Any]:
    return {
        "payee_city": told(line.city),
        "payee_name": line.name,
        "payee_state": told(line.state),
        "payee_zip": told(line.zip),
    }
