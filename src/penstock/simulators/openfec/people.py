"""Committees and candidates as the API tells them."""

from __future__ import annotations

from typing import Any

from penstock.simulators.openfec.vocabulary import DESIGNATIONS, INCUMBENCY, OFFICES, PARTIES, STATES, TYPES, split_name
from penstock.simulators.universe import Candidate, Committee


def committee_row(committee: Committee, cycle: int) -> dict[str, Any]:
    """Return a row of `/committees/`."""
    return {
        "affiliated_committee_name": None,
        "candidate_ids": list(committee.candidates),
        "committee_id": committee.id,
        "committee_type": committee.type,
        "committee_type_full": TYPES[committee.type],
        "cycles": [cycle],
        "designation": committee.designation,
        "designation_full": DESIGNATIONS[committee.designation],
        "expire_date": None,
        "filing_frequency": "Q",
        "first_f1_date": f"{cycle - 1}-01-15",
        "first_file_date": f"{cycle - 1}-01-15",
        "last_f1_date": f"{cycle - 1}-01-15",
        "last_file_date": f"{cycle}-10-01",
        "name": committee.name,
        "organization_type": "C" if committee.type == "Q" else None,
        "organization_type_full": "Corporation" if committee.type == "Q" else None,
        "party": committee.party or None,
        "party_full": PARTIES.get(committee.party),
        "sponsor_candidate_ids": None,
        "sponsor_candidate_list": [],
        "state": committee.place[1],
        "treasurer_name": committee.treasurer,
    }


def _seat(committee: Committee) -> dict[str, Any]:
    return {
        "city": committee.place[0],
        "state_full": STATES[committee.place[1]],
        "street_1": committee.street,
        "street_2": None,
        "zip": committee.zip,
    }


_OF_DETAIL = (
    "custodian_city", "custodian_name_1", "custodian_name_2", "custodian_name_full", "custodian_name_middle",
    "custodian_name_prefix", "custodian_name_suffix", "custodian_name_title", "custodian_phone", "custodian_state",
    "custodian_street_1", "custodian_street_2", "custodian_zip", "email", "fax", "leadership_pac",
    "lobbyist_registrant_pac", "party_type", "party_type_full", "treasurer_city", "treasurer_name_1",
    "treasurer_name_2", "treasurer_name_middle", "treasurer_name_prefix", "treasurer_name_suffix",
    "treasurer_name_title", "treasurer_phone", "treasurer_state", "treasurer_street_1", "treasurer_street_2",
    "treasurer_zip", "website",
)  # fmt: skip


def committee_detail(committee: Committee, cycle: int) -> dict[str, Any]:
    """Return the row of `/committee/{id}/`."""
    row = committee_row(committee, cycle) | _seat(committee) | dict.fromkeys(_OF_DETAIL)
    del row["sponsor_candidate_list"]
    return row | {"form_type": "F1", "jfc_committee": []}


def committee_history(committee: Committee, cycle: int) -> dict[str, Any]:
    """Return a committee as it stands inside a row of a schedule."""
    row = committee_row(committee, cycle) | _seat(committee)
    del row["sponsor_candidate_list"], row["expire_date"]
    return row | {
        "convert_to_pac_flag": False,
        "cycle": cycle,
        "cycles_has_activity": [cycle],
        "cycles_has_financial": [cycle],
        "former_candidate_election_year": None,
        "former_candidate_id": None,
        "former_candidate_name": None,
        "former_committee_name": None,
        "is_active": True,
        "jfc_committee": [],
        "last_cycle_has_activity": cycle,
        "last_cycle_has_financial": cycle,
    }


def candidate_row(person: Candidate, cycle: int) -> dict[str, Any]:
    """Return a row of `/candidates/`."""
    return {
        "active_through": cycle,
        "candidate_id": person.id,
        "candidate_inactive": False,
        "candidate_status": "C",
        "candidate_status_full": "Statutory candidate",
        "cycles": [cycle],
        "district": person.district,
        "district_number": int(person.district),
        "election_districts": [person.district],
        "election_years": [cycle],
        "federal_funds_flag": False,
        "first_file_date": f"{cycle - 1}-01-10",
        "has_raised_funds": True,
        "inactive_election_years": None,
        "incumbent_challenge": person.incumbency,
        "incumbent_challenge_full": INCUMBENCY[person.incumbency],
        "last_f2_date": f"{cycle - 1}-01-10",
        "last_file_date": f"{cycle - 1}-01-10",
        "load_date": f"{cycle - 1}-02-01T20:58:31",
        "name": person.name,
        "office": person.office,
        "office_full": OFFICES[person.office],
        "party": person.party,
        "party_full": PARTIES[person.party],
        "state": person.state,
    }


def candidate_detail(person: Candidate, cycle: int) -> dict[str, Any]:
    """Return the row of `/candidate/{id}/`."""
    last, first, middle = split_name(person.name)
    row = candidate_row(person, cycle)
    del row["candidate_status_full"], row["inactive_election_years"]
    return row | {
        "address_city": "SPRINGFIELD",
        "address_state": person.state,
        "address_street_1": "1 OAK ST",
        "address_street_2": None,
        "address_zip": "02139",
        "candidate_first_name": first,
        "candidate_last_name": last,
        "candidate_middle_name": middle,
        "candidate_prefix": None,
        "candidate_suffix": None,
        "flags": None,
    }
