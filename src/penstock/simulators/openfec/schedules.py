"""The endpoints of schedules A, B and E: parameters after the publisher's specification of the API."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Any

from penstock.simulators.filing import Line
from penstock.simulators.openfec.endpoints import Endpoint
from penstock.simulators.openfec.filters import (
    Maker,
    Test,
    contains,
    dated,
    exact,
    field,
    from_to,
    is_flag,
    starts,
)
from penstock.simulators.openfec.lines import day, noon
from penstock.simulators.openfec.query import Query, parse_amount, parse_date, parse_instant
from penstock.simulators.openfec.receipts import is_individual, raw_receipt, receipt
from penstock.simulators.openfec.seek import SortColumn
from penstock.simulators.openfec.spending import disbursement, expenditure, purpose, raw_disbursement, raw_expenditure
from penstock.simulators.openfec.view import DayView

_on, _amount = attrgetter("received_on"), attrgetter("amount")


def _as_text(_name: str, value: str) -> str:
    return value


def _elsewhere(_name: str, _values: tuple[str, ...]) -> Test:
    # What depends on the committee is kept where lines are looked up by committee.
    return lambda _line: True


def _form_line(_name: str, values: tuple[str, ...]) -> Test:
    return lambda row: f"{row['filing_form']}-{row['line_number']}" in values


def _filed_on(row: Any) -> str:
    return str(row["filing"]["filed_date"])


def _contributor_type(_name: str, values: tuple[str, ...]) -> Test:
    return lambda line: ("individual" if is_individual(line) else "committee") in values


def _supports(_name: str, values: tuple[str, ...]) -> Test:
    return lambda line: ("O" if line.code == "24A" else "S") in values


_LINE: Mapping[str, Maker] = {
    "committee_id": exact(attrgetter("committee_id")),
    "image_number": exact(attrgetter("image_number")),
    **from_to("image_number", attrgetter("image_number"), _as_text),
    **from_to("amount", _amount, parse_amount),
    **from_to("date", _on, parse_date),
}
_CONTRIBUTOR: Mapping[str, Maker] = {
    "contributor_name": contains(attrgetter("name")),
    "contributor_city": exact(attrgetter("city")),
    "contributor_state": exact(attrgetter("state")),
    "contributor_employer": contains(attrgetter("employer")),
    "contributor_occupation": contains(attrgetter("occupation")),
}
_RECIPIENT: Mapping[str, Maker] = {
    "disbursement_description": contains(purpose),
    "recipient_city": exact(attrgetter("city")),
    "recipient_state": exact(attrgetter("state")),
}
_EXPENDITURE: Mapping[str, Maker] = {
    "is_notice": is_flag(field("is_notice")),
    "most_recent": is_flag(field("most_recent")),
    "filing_form": exact(field("filing_form")),
    **dated("dissemination_date", "dissemination_date"),
}
_RAW_B = {**_LINE, **_RECIPIENT}
_SPENDER = {"spender_committee_type": "type", "spender_committee_designation": "designation"}
_RECEIVER = {"recipient_committee_type": "type", "recipient_committee_designation": "designation"}
_TARGET = {
    "candidate_office": "office",
    "candidate_party": "party",
    "candidate_office_state": "state",
    "candidate_office_district": "district",
}


def _processed(schedule: str) -> Callable[[DayView, Query], Sequence[Line]]:
    def items(view: DayView, query: Query) -> Sequence[Line]:
        asked = query.all("two_year_transaction_period") or query.all("cycle")
        if asked and str(view.cycle) not in asked:
            return []
        return _of_candidates(view, query, view.processed(schedule, _committees(view, query)))

    return items


def _efiled(schedule: str) -> Callable[[DayView, Query], Sequence[Line]]:
    return lambda view, query: _of_candidates(view, query, view.efiled(schedule, query.all("committee_id")))


def _committees(view: DayView, query: Query) -> Sequence[str]:
    """Return the committees asked for by id or by kind; none at all for every committee."""
    asked = query.all("committee_id")
    wanted = [(kind, query.all(name)) for name, kind in (_SPENDER | _RECEIVER).items() if query.all(name)]
    if not wanted:
        return asked
    known = [view.committees[each] for each in asked if each in view.committees] if asked else view.committees.values()
    found = [each.id for each in known if all(getattr(each, kind) in values for kind, values in wanted)]
    return found or ("none",)


def _of_candidates(view: DayView, query: Query, lines: Sequence[Line]) -> Sequence[Line]:
    wanted = [(kind, query.all(name)) for name, kind in _TARGET.items() if query.all(name)]
    if not wanted:
        return lines
    people = view.candidates.values()
    found = {each.id for each in people if all(getattr(each, kind) in values for kind, values in wanted)}
    return [line for line in lines if line.candidate_id in found]


def _columns(date_column: str, amount_column: str, write: Callable[[Any], Any]) -> Mapping[str, SortColumn]:
    return {date_column: (_on, parse_date, write), amount_column: (_amount, parse_amount, float)}


SCHEDULES = (
    Endpoint(
        "/schedules/schedule_a/",
        _processed("A"),
        receipt,
        {
            **_LINE,
            **_CONTRIBUTOR,
            **from_to("load_date", attrgetter("loaded_at"), parse_instant),
            **dict.fromkeys(_RECEIVER, _elsewhere),
            "contributor_id": exact(attrgetter("other_id")),
            "contributor_zip": starts(attrgetter("zip")),
            "contributor_type": _contributor_type,
            "is_individual": is_flag(is_individual),
            "two_year_transaction_period": _elsewhere,
        },
        by_row={
            "line_number": _form_line,
            "recipient_committee_org_type": exact(field("recipient_committee_org_type")),
        },
        sort="-contribution_receipt_date",
        seek=_columns("contribution_receipt_date", "contribution_receipt_amount", noon),
        few=("committee_id", "contributor_id", "contributor_name", "contributor_city", "contributor_zip"),
    ),
    Endpoint(
        "/schedules/schedule_a/efile/",
        _efiled("A"),
        raw_receipt,
        {**_LINE, **_CONTRIBUTOR},
        sort="-contribution_receipt_date",
        orders={"contribution_receipt_date": _on, "contribution_receipt_amount": _amount},
    ),
    Endpoint(
        "/schedules/schedule_b/",
        _processed("B"),
        disbursement,
        {
            **_LINE,
            **_RECIPIENT,
            **dict.fromkeys(_SPENDER, _elsewhere),
            "recipient_committee_id": exact(attrgetter("other_id")),
            "recipient_name": contains(attrgetter("name")),
            "two_year_transaction_period": _elsewhere,
        },
        by_row={
            "disbursement_purpose_category": exact(field("disbursement_purpose_category")),
            "line_number": _form_line,
        },
        sort="-disbursement_date",
        seek=_columns("disbursement_date", "disbursement_amount", noon),
    ),
    Endpoint(
        "/schedules/schedule_b/efile/",
        _efiled("B"),
        raw_disbursement,
        {name: _RAW_B[name] for name in _RAW_B if "_image_" not in name},
        sort="-disbursement_date",
        orders={"disbursement_date": _on, "disbursement_amount": _amount},
    ),
    Endpoint(
        "/schedules/schedule_e/",
        _processed("E"),
        expenditure,
        {
            **_LINE,
            **dict.fromkeys(_TARGET, _elsewhere),
            "candidate_id": exact(attrgetter("candidate_id")),
            "cycle": _elsewhere,
            "payee_name": contains(attrgetter("name")),
            "support_oppose_indicator": _supports,
        },
        by_row={
            **_EXPENDITURE,
            **dated("filing_date", "filing_date"),
            "form_line_number": exact(field("form_line_number")),
        },
        sort="-expenditure_date",
        seek=_columns("expenditure_date", "expenditure_amount", day),
    ),
    Endpoint(
        "/schedules/schedule_e/efile/",
        _efiled("E"),
        raw_expenditure,
        {
            "committee_id": exact(attrgetter("committee_id")),
            "candidate_id": exact(attrgetter("candidate_id")),
            "image_number": exact(attrgetter("image_number")),
            "payee_name": contains(attrgetter("name")),
            "support_oppose_indicator": _supports,
            **dict.fromkeys(_TARGET, _elsewhere),
            **from_to("expenditure_date", _on, parse_date),
            **from_to("expenditure_amount", _amount, parse_amount),
        },
        by_row={**_EXPENDITURE, **from_to("filed_date", _filed_on, _as_text)},
        sort="-expenditure_date",
        orders={"expenditure_date": _on, "expenditure_amount": _amount},
    ),
)
