"""The endpoints of committees, candidates, filings, totals and elections, after the publisher's specification."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from operator import attrgetter
from typing import Any

from penstock.simulators.filing import Filing
from penstock.simulators.openfec.endpoints import Endpoint
from penstock.simulators.openfec.filters import Maker, Test, contains, dated, exact, field, from_to, is_flag
from penstock.simulators.openfec.lines import raw_filing
from penstock.simulators.openfec.people import candidate_detail, candidate_row, committee_detail, committee_row
from penstock.simulators.openfec.query import Query, Refusal, parse_date
from penstock.simulators.openfec.reports import (
    ENTITY_TYPES,
    candidate_totals,
    candidate_with_totals,
    committee_totals,
    election_row,
    filing_row,
)
from penstock.simulators.openfec.view import DayView
from penstock.simulators.openfec.vocabulary import OFFICES
from penstock.simulators.universe import Candidate, Committee

_ELECTION_OFFICES = {"president": "P", "senate": "S", "house": "H"}


def _elsewhere(_name: str, _values: tuple[str, ...]) -> Test:
    return lambda _item: True


def _of_candidate(_name: str, values: tuple[str, ...]) -> Test:
    return lambda committee: not set(values).isdisjoint(committee.candidates)


_COMMITTEE: Mapping[str, Maker] = {
    "committee_id": exact(attrgetter("id")),
    "committee_type": exact(attrgetter("type")),
    "designation": exact(attrgetter("designation")),
    "state": exact(lambda committee: committee.place[1]),
    "party": exact(attrgetter("party")),
    "treasurer_name": contains(attrgetter("treasurer")),
    "q": contains(attrgetter("name")),
    "candidate_id": _of_candidate,
    "cycle": _elsewhere,
    "year": _elsewhere,
    "filing_frequency": exact(lambda _committee: "Q"),
}
_CANDIDATE: Mapping[str, Maker] = {
    "candidate_id": exact(attrgetter("id")),
    "office": exact(attrgetter("office")),
    "state": exact(attrgetter("state")),
    "district": exact(attrgetter("district")),
    "party": exact(attrgetter("party")),
    "incumbent_challenge": exact(attrgetter("incumbency")),
    "candidate_status": exact(lambda _person: "C"),
    "name": contains(attrgetter("name")),
    "q": contains(attrgetter("name")),
    "cycle": _elsewhere,
    "election_year": _elsewhere,
    "year": _elsewhere,
}
_NOT_OF_TOTALS = ("incumbent_challenge", "candidate_status", "year", "name")
_FILING: Mapping[str, Maker] = {
    "committee_id": exact(attrgetter("committee_id")),
    "file_number": exact(attrgetter("number")),
    "report_type": exact(attrgetter("report")),
    "report_year": exact(lambda filing: filing.coverage_end.year),
    "amendment_indicator": exact(attrgetter("amendment")),
    "cycle": _elsewhere,
    "form_category": exact(lambda _filing: "REPORT"),
    **from_to("receipt_date", lambda filing: filing.filed_at.date(), parse_date),
}
_FILING_ROW: Mapping[str, Maker] = {
    "form_type": exact(field("form_type")),
    "is_amended": is_flag(field("is_amended")),
    "most_recent": is_flag(field("most_recent")),
    "state": exact(field("state")),
    "office": exact(field("office")),
    "party": exact(field("party")),
    "committee_type": exact(field("committee_type")),
}
_EFILING_ROW: Mapping[str, Maker] = {"form_type": exact(field("form_type"))}
_EFILING = {name: _FILING[name] for name in ("committee_id", "file_number", "min_receipt_date", "max_receipt_date")}


def _is_of_cycle(view: DayView, query: Query) -> bool:
    asked = query.all("cycle") + query.all("election_year")
    return not asked or str(view.cycle) in asked


def _committees(view: DayView, query: Query) -> Sequence[Committee]:
    return list(view.committees.values()) if _is_of_cycle(view, query) else []


def _candidates(view: DayView, query: Query) -> Sequence[Candidate]:
    return list(view.candidates.values()) if _is_of_cycle(view, query) else []


def _committee(view: DayView, query: Query) -> Sequence[Committee]:
    found = view.committees.get(query.path["committee_id"])
    return [] if found is None or not _is_of_cycle(view, query) else [found]


def _candidate(view: DayView, query: Query) -> Sequence[Candidate]:
    found = view.candidates.get(query.path["candidate_id"])
    return [] if found is None or not _is_of_cycle(view, query) else [found]


def _filings(view: DayView, query: Query) -> Sequence[Filing]:
    asked = set(query.all("candidate_id"))
    if not _is_of_cycle(view, query):
        return []
    return [each for each in view.state.filings if not asked or asked & set(_linked(view, each))]


def _linked(view: DayView, filing: Filing) -> Sequence[str]:
    committee = view.committees[filing.committee_id]
    return committee.candidates if committee.files_as_candidate else ()


def _filings_of(view: DayView, query: Query) -> Sequence[Filing]:
    wanted = query.path["committee_id"]
    return [filing for filing in _filings(view, query) if filing.committee_id == wanted]


def _efiled(view: DayView, _query: Query) -> Sequence[Filing]:
    today = view.state.day
    return [filing for filing in view.state.filings if filing.efiled_day is not None and filing.efiled_day <= today]


def _of_entity_type(view: DayView, query: Query) -> Sequence[Committee]:
    test = ENTITY_TYPES.get(query.path["entity_type"])
    if test is None:
        raise Refusal({"entity_type": [f"Must be one of: {', '.join(ENTITY_TYPES)}."]})
    return [each for each in _committees(view, query) if test(each)]


def _in_race(view: DayView, query: Query) -> Sequence[Candidate]:
    office = _ELECTION_OFFICES.get((query.first("office") or "").lower())
    if office is None:
        raise Refusal({"office": [f"Must be one of: {', '.join(_ELECTION_OFFICES)}."]})
    return [each for each in _candidates(view, query) if each.office == office]


def _races(view: DayView, query: Query) -> Sequence[dict[str, Any]]:
    found = {(each.state, each.office, each.district) for each in _candidates(view, query)}
    return [
        {"cycle": view.cycle, "district": district, "office": office, "state": state}
        for state, office, district in sorted(found)
    ]


def _committee_of_day(view: DayView, committee: Committee) -> dict[str, Any]:
    last = view.last_filed.get(committee.id, date(view.cycle - 1, 1, 15))
    return committee_row(committee, view.cycle) | {"last_file_date": last.isoformat()}


LISTINGS = (
    Endpoint(
        "/committees/",
        _committees,
        _committee_of_day,
        _COMMITTEE,
        by_row={
            "organization_type": exact(field("organization_type")),
            **dated("first_file_date", "first_file_date"),
            **dated("last_file_date", "last_file_date"),
        },
    ),
    Endpoint(
        "/committee/{committee_id}/",
        _committee,
        lambda view, committee: committee_detail(committee, view.cycle),
        {"cycle": _elsewhere, "year": _elsewhere},
    ),
    Endpoint("/committee/{committee_id}/totals/", _committee, committee_totals, {"cycle": _elsewhere}, sort="-cycle"),
    Endpoint("/committee/{committee_id}/filings/", _filings_of, filing_row, _FILING, _FILING_ROW, sort="-receipt_date"),
    Endpoint(
        "/candidates/",
        _candidates,
        lambda view, person: candidate_row(person, view.cycle),
        _CANDIDATE,
        by_row={
            "has_raised_funds": is_flag(field("has_raised_funds")),
            "federal_funds_flag": is_flag(field("federal_funds_flag")),
            "is_active_candidate": is_flag(lambda row: not row["candidate_inactive"]),
        },
    ),
    Endpoint(
        "/candidates/totals/",
        _candidates,
        candidate_with_totals,
        {name: maker for name, maker in _CANDIDATE.items() if name not in _NOT_OF_TOTALS}
        | {"election_full": _elsewhere},
        sort="-election_year",
    ),
    Endpoint(
        "/candidate/{candidate_id}/",
        _candidate,
        lambda view, person: candidate_detail(person, view.cycle),
        {"cycle": _elsewhere, "election_year": _elsewhere, "year": _elsewhere},
    ),
    Endpoint(
        "/candidate/{candidate_id}/totals/",
        _candidate,
        candidate_totals,
        {"cycle": _elsewhere, "election_full": _elsewhere},
        sort="-cycle",
    ),
    Endpoint(
        "/totals/{entity_type}/",
        _of_entity_type,
        committee_totals,
        {
            "cycle": _elsewhere,
            "committee_id": _COMMITTEE["committee_id"],
            "committee_type": _COMMITTEE["committee_type"],
            "committee_designation": _COMMITTEE["designation"],
            "committee_state": _COMMITTEE["state"],
        },
        by_row={"organization_type": exact(field("organization_type"))},
        sort="-cycle",
    ),
    Endpoint(
        "/filings/",
        _filings,
        filing_row,
        {**_FILING, "candidate_id": _elsewhere},
        _FILING_ROW,
        sort="-receipt_date",
    ),
    Endpoint("/efile/filings/", _efiled, raw_filing, _EFILING, _EFILING_ROW, sort="-receipt_date"),
    Endpoint(
        "/elections/search/",
        _races,
        lambda _view, race: race,
        {name: exact(field(name)) for name in ("cycle", "state", "district")}
        | {"office": exact(lambda race: OFFICES[race["office"]])},
        sort="state",
    ),
    Endpoint(
        "/elections/",
        _in_race,
        election_row,
        {
            "office": _elsewhere,
            "cycle": _elsewhere,
            "election_full": _elsewhere,
            "state": _CANDIDATE["state"],
            "district": _CANDIDATE["district"],
        },
        sort="-total_receipts",
        needs=("office", "cycle"),
    ),
)
