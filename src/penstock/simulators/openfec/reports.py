"""Filings, totals and elections as the API tells them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from penstock.simulators.filing import Filing
from penstock.simulators.openfec.lines import DOCUMENTS, day, filing_form, nameless
from penstock.simulators.openfec.people import candidate_row
from penstock.simulators.openfec.view import DayView
from penstock.simulators.openfec.vocabulary import DESIGNATIONS, INCUMBENCY, PARTIES, REPORTS, TYPES
from penstock.simulators.universe import Candidate, Committee

_FILING_EMPTY = nameless(
    "additional_bank_names bank_depository_city bank_depository_name bank_depository_state bank_depository_street_1",
    "bank_depository_street_2 bank_depository_zip debts_owed_by_committee debts_owed_to_committee document_type",
    "document_type_full house_personal_funds net_donations opposition_personal_funds primary_general_indicator",
    "request_type senate_personal_funds total_communication_cost",
)
#: The FEC numbers its entity types in the path by these words.
ENTITY_TYPES: dict[str, Callable[[Committee], bool]] = {
    "presidential": lambda committee: committee.type == "P",
    "house-senate": lambda committee: committee.type in "HS",
    "pac": lambda committee: committee.type in "NOQVW",
    "party": lambda committee: committee.type in "XYZ",
    "pac-party": lambda committee: committee.type in "NOQVWXYZ",
}


def filing_row(view: DayView, filing: Filing) -> dict[str, Any]:
    """Return a row of `/filings/`."""
    committee = view.committees[filing.committee_id]
    person = view.candidates.get(committee.candidates[0]) if committee.files_as_candidate else None
    newest = filing
    while newest.number in view.amended_by:
        newest = view.amended_by[newest.number]
    receipts = sum(line.amount for line in filing.lines if line.schedule == "A" and line.memo_code != "X")
    spent = sum(line.amount for line in filing.lines if line.schedule != "A" and line.memo_code != "X")
    return _FILING_EMPTY | {
        "amendment_chain": view.chain(filing),
        "amendment_indicator": filing.amendment,
        "amendment_version": len(view.chain(filing)) - 1,
        "beginning_image_number": filing.lines[0].image_number,
        "candidate_id": None if person is None else person.id,
        "candidate_name": None if person is None else person.name,
        "cash_on_hand_beginning_period": 0.0,
        "cash_on_hand_end_period": float(receipts - spent),
        "committee_id": committee.id,
        "committee_name": committee.name,
        "committee_type": committee.type,
        "coverage_end_date": day(filing.coverage_end),
        "coverage_start_date": day(filing.coverage_start),
        "csv_url": f"{DOCUMENTS}/csv/{filing.number % 1000:03d}/{filing.number}.csv",
        "cycle": view.cycle,
        "document_description": f"{REPORTS[filing.report]} {filing.coverage_end.year}",
        "election_year": view.cycle,
        "ending_image_number": filing.lines[-1].image_number,
        "fec_file_id": f"FEC-{filing.number}",
        "fec_url": f"{DOCUMENTS}/dcdev/posted/{filing.number}.fec",
        "file_number": filing.number,
        "form_category": "REPORT",
        "form_type": filing_form(view, committee.id),
        "html_url": f"{DOCUMENTS}/cgi-bin/forms/{committee.id}/{filing.number}/",
        "is_amended": newest is not filing,
        "means_filed": "paper" if filing.efiled_day is None and filing.processed_day else "e-file",
        "most_recent": newest is filing,
        "most_recent_file_number": newest.number,
        "office": None if person is None else person.office,
        "pages": len(filing.lines) // 3 + 1,
        "party": committee.party or None,
        "pdf_url": f"{DOCUMENTS}/cgi-bin/fecimg/?{filing.lines[0].image_number}",
        "previous_file_number": filing.amends or filing.number,
        "receipt_date": filing.filed_at.replace(tzinfo=None).isoformat(),
        "report_type": filing.report,
        "report_type_full": REPORTS[filing.report],
        "report_year": filing.coverage_end.year,
        "state": committee.place[1],
        "sub_id": f"5{filing.filed_at:%m%d%Y}{1_800_000_000 + filing.number}",
        "total_disbursements": float(spent),
        "total_independent_expenditures": 0.0,
        "total_individual_contributions": float(receipts),
        "total_receipts": float(receipts),
        "treasurer_name": committee.treasurer,
        "update_date": day(filing.filed_at.date()),
    }


def committee_totals(view: DayView, committee: Committee) -> dict[str, Any]:
    """Return what the processed rows of a committee add up to, as `/committee/{id}/totals/` tells it."""
    return {
        "committee_designation": committee.designation,
        "committee_designation_full": DESIGNATIONS[committee.designation],
        "committee_id": committee.id,
        "committee_name": committee.name,
        "committee_state": committee.place[1],
        "committee_type": committee.type,
        "committee_type_full": TYPES[committee.type],
        "coverage_end_date": f"{day(view.state.on)}T00:00:00",
        "coverage_start_date": f"{view.cycle - 1}-01-01T00:00:00",
        "cycle": view.cycle,
        "filing_frequency": "Q",
        "organization_type": None,
        "organization_type_full": None,
        "party_full": PARTIES.get(committee.party),
        "report_form": "Form 3" if committee.files_as_candidate else "Form 3X",
        "treasurer_name": committee.treasurer,
    } | _sums(view, [committee.id])


def _sums(view: DayView, committees: Iterable[str]) -> dict[str, float]:
    own = list(committees)

    def total(*measures: str) -> float:
        return float(sum(view.state.ledger.total(committee, measure) for committee in own for measure in measures))

    received = total("individual", "committee", "party", "candidate", "transfer_in", "candidate_loan")
    spent = total("refund", "given", "expenditure", "transfer_out")
    return {
        "candidate_contribution": total("candidate"),
        "cash_on_hand_beginning_period": 0.0,
        "contribution_refunds": total("refund"),
        "contributions": total("individual", "committee", "party", "candidate"),
        "disbursements": spent,
        "fed_candidate_committee_contributions": total("given"),
        "independent_expenditures": total("expenditure"),
        "individual_contributions": total("individual"),
        "individual_itemized_contributions": total("individual"),
        "individual_unitemized_contributions": 0.0,
        "last_cash_on_hand_end_period": received - spent,
        "last_debts_owed_by_committee": 0.0,
        "loans_made_by_candidate": total("candidate_loan"),
        "net_contributions": total("individual", "committee", "party", "candidate") - total("refund"),
        "other_political_committee_contributions": total("committee"),
        "political_party_committee_contributions": total("party"),
        "receipts": received,
        "refunded_individual_contributions": total("refund"),
        "transfers_from_other_authorized_committee": total("transfer_in"),
    }


def own_committees(view: DayView, person: Candidate) -> list[Committee]:
    """Return the committees whose money is counted as a candidate's."""
    return [each for each in view.committees.values() if each.files_as_candidate and person.id in each.candidates]


def candidate_totals(view: DayView, person: Candidate) -> dict[str, Any]:
    """Return what the committees of a candidate add up to, as `/candidate/{id}/totals/` tells it."""
    return {
        "candidate_election_year": view.cycle,
        "candidate_id": person.id,
        "coverage_end_date": f"{day(view.state.on)}T00:00:00",
        "coverage_start_date": f"{view.cycle - 1}-01-01T00:00:00",
        "cycle": view.cycle,
        "election_full": False,
    } | _sums(view, [each.id for each in own_committees(view, person)])


def candidate_with_totals(view: DayView, person: Candidate) -> dict[str, Any]:
    """Return a row of `/candidates/totals/`."""
    sums = candidate_totals(view, person)
    return candidate_row(person, view.cycle) | {
        "candidate_election_year": view.cycle,
        "cash_on_hand_end_period": sums["last_cash_on_hand_end_period"],
        "coverage_end_date": sums["coverage_end_date"],
        "coverage_start_date": sums["coverage_start_date"],
        "cycle": view.cycle,
        "debts_owed_by_committee": 0.0,
        "disbursements": sums["disbursements"],
        "election_year": view.cycle,
        "individual_itemized_contributions": sums["individual_itemized_contributions"],
        "is_election": True,
        "other_political_committee_contributions": sums["other_political_committee_contributions"],
        "receipts": sums["receipts"],
        "transfers_from_other_authorized_committee": sums["transfers_from_other_authorized_committee"],
        "two_year_period": view.cycle,
    }


def election_row(view: DayView, person: Candidate) -> dict[str, Any]:
    """Return a row of `/elections/`."""
    sums = candidate_totals(view, person)
    return {
        "candidate_election_year": view.cycle,
        "candidate_id": person.id,
        "candidate_name": person.name,
        "candidate_pcc_id": person.committee_id,
        "candidate_pcc_name": view.committees[person.committee_id].name,
        "cash_on_hand_end_period": sums["last_cash_on_hand_end_period"],
        "committee_ids": [each.id for each in own_committees(view, person)],
        "coverage_end_date": day(view.state.on),
        "incumbent_challenge_full": INCUMBENCY[person.incumbency],
        "party_full": PARTIES[person.party],
        "total_disbursements": sums["disbursements"],
        "total_receipts": sums["receipts"],
    }
