"""The simulated finance and election sites of Maryland as one ASGI application."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from io import StringIO
from itertools import count
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from penstock.kit.clock import Clock
from penstock.simulators.faults import Fault, FaultKind, Faults
from penstock.simulators.maryland_people import Candidate, Committee
from penstock.simulators.maryland_world import Gift, MarylandWorld
from penstock.simulators.requestlog import LoggedRequest, RequestLog

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

#: The header lines, as published.
RECEIPTS = (
    "Receiving Committee", "Filing Period", "Contribution Date", "Contributor Name", "Contributor Address",
    "Contributor Type", "Contribution Type", "Contribution Amount", "Employer Name", "Employer Occupation", "Office",
    "Fundtype",
)  # fmt: skip
COMMITTEES = (
    "Committee Type", "CCF ID", "Committee Name", "Committee Status", "Citation Violations", "Election Type",
    "Registered Date", "Amended Date", "Chairperson Name", "Chairperson Address", "Treasurer Name", "Treasurer Address",
)  # fmt: skip
CANDIDATES = (
    "Office Name", "Contest Run By District Name and Number", "Candidate Ballot Last Name and Suffix",
    "Candidate First Name and Middle Name", "Additional Information", "Office Political Party",
    "Candidate Residential Jurisdiction", "Candidate Gender", "Candidate Status", "Filing Type and Date",
    "Campaign Mailing Address", "Campaign Mailing City State and Zip", "Public Phone", "Email", "Website", "Facebook",
    "X", "Other", "Committee Name",
)  # fmt: skip
_COOKIE = "CRIS_SessionId"
_PAGE = "<!DOCTYPE html><html><body><form method='post'></form>%s</body></html>"
_STATUSES = {
    FaultKind.LIMIT: 429, FaultKind.SERVER_ERROR: 500, FaultKind.BAD_GATEWAY: 502, FaultKind.UNAVAILABLE: 503,
}  # fmt: skip


def create_maryland_app(
    world: MarylandWorld,
    clock: Clock,
    *,
    faults: Faults | None = None,
    log: RequestLog | None = None,
    renamed: Mapping[str, str] | None = None,
) -> Starlette:
    """Return the finance site at `/`, and the lists of candidates below `/elections`, on the day the clock shows.

    A fault of kind `html` on an export is a session that is over, `cut-json` a sheet cut in its middle, `wrong-count` a
    sheet that lacks its last row.

    Args:
        renamed: Columns that have another name than published until now.
    """
    from starlette.applications import Starlette
    from starlette.routing import Route

    site = _Site(world, clock, faults or Faults(), log if log is not None else RequestLog(), renamed or {})
    return Starlette(
        routes=[
            Route("/Public/ViewReceipts", site.answer(site.receipts_form), methods=["GET", "POST"]),
            Route("/Public/ExportCsv", site.answer(site.receipts_sheet)),
            Route("/Public/Search", site.answer(site.committees_form), methods=["GET", "POST"]),
            Route("/Public/ExporttoCsv", site.answer(site.committees_sheet)),
            Route("/elections/{year:int}/{folder}/{file}", site.answer(site.candidates_file)),
        ]
    )


class _Site:
    """The sessions and pages of the sites."""

    def __init__(
        self, world: MarylandWorld, clock: Clock, faults: Faults, log: RequestLog, renamed: Mapping[str, str]
    ) -> None:
        self._world, self._clock, self._faults, self._log, self._renamed = world, clock, faults, log, renamed
        self._filters: dict[str, dict[str, str]] = {}
        self._numbers = count(1)

    def answer(self, page: Callable[..., tuple[str, int]]) -> Callable[[Request], object]:
        """Return the endpoint of a page: session, faults and log around it."""

        async def endpoint(request: Request) -> Response:
            fault = self._faults.find_fault(request.url.path)
            form = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
            session = request.cookies.get(_COOKIE, "")
            if session not in self._filters:
                session = ""
            if not session and request.url.path.endswith(("ViewReceipts", "/Search")):
                session = f"s{next(self._numbers):06d}"
                self._filters[session] = {}
            response = self._respond(request, page, form, session, fault)
            if session:
                response.set_cookie(_COOKIE, session)
            self._note(request, form, response, fault)
            return response

        return endpoint

    def _respond(
        self,
        request: Request,
        page: Callable[..., tuple[str, int]],
        form: dict[str, str],
        session: str,
        fault: Fault | None,
    ) -> Response:
        from starlette.responses import HTMLResponse, Response

        kind = fault.kind if fault is not None else None
        if kind in _STATUSES:
            return HTMLResponse("<html>busy</html>", _STATUSES[kind])
        if kind is FaultKind.HTML:
            return HTMLResponse(_PAGE % "please search again")
        text, status = page(request, form, session)
        if kind is FaultKind.CUT_JSON:
            text = text[: len(text) * 2 // 3]
        if kind is FaultKind.WRONG_COUNT:
            text = text[: text.rindex("\r\n", 0, -2) + 2]
        is_page = text.startswith("<")
        return HTMLResponse(text, status) if is_page else Response(text, status, media_type="text/csv")

    def _note(self, request: Request, form: Mapping[str, str], response: Response, fault: Fault | None) -> None:
        params = {name: tuple(request.query_params.getlist(name)) for name in request.query_params}
        asked = {name: (value,) for name, value in form.items() if value}
        self._log.record(
            LoggedRequest(
                self._clock.now(), request.method, request.url.path, {**params, **asked}, "", response.status_code,
                bytes(response.body).count(b"\r\n"), str(fault.kind) if fault else "",
            )
        )  # fmt: skip

    def receipts_form(self, request: Request, form: dict[str, str], session: str) -> tuple[str, int]:
        """Keep the filter and say how many gifts it finds."""
        if request.method == "GET":
            return _PAGE % "", 200
        self._filters[session] = form
        return _results(len(self._gifts(form))), 200

    def receipts_sheet(self, _request: Request, _form: dict[str, str], session: str) -> tuple[str, int]:
        """Hand out the gifts the session's filter finds."""
        if session not in self._filters:
            return _PAGE % "your session has expired", 200
        rows = [_receipt(gift) for gift in self._gifts(self._filters[session])]
        return self._sheet(RECEIPTS, rows), 200

    def committees_form(self, request: Request, form: dict[str, str], session: str) -> tuple[str, int]:
        """Keep the filter and say how many committees it finds."""
        if request.method == "GET":
            return _PAGE % "", 200
        self._filters[session] = form
        return _results(len(self._world.committees)), 200

    def committees_sheet(self, _request: Request, _form: dict[str, str], session: str) -> tuple[str, int]:
        """Hand out the committees."""
        if session not in self._filters:
            return _PAGE % "your session has expired", 200
        return self._sheet(COMMITTEES, [_committee(each, self._world.cycle) for each in self._world.committees]), 200

    def candidates_file(self, request: Request, _form: dict[str, str], _session: str) -> tuple[str, int]:
        """Hand out a list of candidates; those of 2018 and 2020 have no header line."""
        year, folder, file = (request.path_params[name] for name in ("year", "folder", "file"))
        stem = f"gen_cand_lists_{year}_{3 if year == 2020 else 1}"
        lists = {f"{stem}_ALL.csv": False, f"{stem}_by_county_ALL.csv": True}
        # The folder of one election is spelled with a capital letter, that of the other without.
        if file not in lists or folder not in ("Primary_candidates", "general_candidates"):
            return "<html>not found</html>", 404
        people = [each for each in self._world.candidates if each.year == year and each.is_local is lists[file]]
        if not people:
            return "<html>not found</html>", 404
        is_general = folder.startswith("general")
        chosen = [each for each in people if not is_general or each.status == "Active"]
        lines = [_candidate(each, year) for each in chosen]
        if year in (2018, 2020):
            return _write([], lines), 200
        return self._sheet(CANDIDATES, lines), 200

    def _gifts(self, form: Mapping[str, str]) -> list[Gift]:
        first, last = _day(form.get("dtStartDate")), _day(form.get("dtEndDate"))
        listed = self._world.gifts_on(self._world.day_at(self._clock.now()))
        found = [g for g in listed if (first or g.given_on) <= g.given_on <= (last or g.given_on)]
        # Neither by number nor by date, and another order every day: nothing may be read from it.
        turn = self._world.day_at(self._clock.now()) % 2 == 1
        return sorted(found, key=lambda gift: (gift.committee, gift.name, gift.number), reverse=turn)

    def _sheet(self, header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
        named = [self._renamed.get(name, name) for name in header]
        return _write([named], rows)


def _write(header: Sequence[Sequence[str]], rows: Sequence[Sequence[str]]) -> str:
    text = StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    # Every line ends with a comma, as the site's own do.
    writer.writerows([*row, ""] for row in (*header, *rows))
    return text.getvalue()


def _results(total: int) -> str:
    return _PAGE % f"<script>jQuery('#Grid').tGrid({{columns:[], pageSize:15, total:{total}}});</script>"


def _day(text: str | None) -> date | None:
    return datetime.strptime(text, "%m/%d/%Y").date() if text else None  # noqa: DTZ007 - a day, nowhere


def _us(day: date) -> str:
    return f"{day:%m/%d/%Y}"


def _receipt(gift: Gift) -> list[str]:
    # One list in ninety names its period without a year.
    period = "Special Report" if gift.number % 90 == 7 else f"{gift.given_on.year + 1} Annual"
    return [
        gift.committee, period, _us(gift.given_on), gift.name, gift.address, gift.contributor_type,
        gift.contribution_type, f"{gift.amount:.4f}", gift.employer, gift.occupation, gift.office, "Electoral",
    ]  # fmt: skip


def _committee(committee: Committee, cycle: int) -> list[str]:
    last, first = committee.candidate
    return [
        committee.type, committee.ccf_id, committee.name, committee.status,
        "Yes" if committee.ccf_id.endswith("7") else "No", "Gubernatorial", f"02/03/{cycle - 1}", "",
        f"{last}, {first}".strip(", "), "1 State Circle  Annapolis  MD 21401-", "Penny, Lee",
        "2 State Circle  Annapolis  MD 21401-",
    ]  # fmt: skip


def _candidate(person: Candidate, year: int) -> list[str]:
    filing, web = "Regular - 01/17/" + str(year), ""
    if year == 2018:
        return [person.office, person.district, person.last, person.first, person.party, person.jurisdiction,
                person.status, filing, "", web, "", "", ""]  # fmt: skip
    if year == 2020:
        return [person.office, person.district, f"{person.first} {person.last}", person.party, person.jurisdiction,
                person.status, filing, "", web, "", "", ""]  # fmt: skip
    return [
        person.office, person.district, person.last, person.first, "", person.party, person.jurisdiction, "",
        person.status, filing, "", "", "", "", web, "", "", "", person.committee,
    ]  # fmt: skip
