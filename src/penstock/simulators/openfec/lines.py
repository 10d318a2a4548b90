"""What rows of all schedules have in common: names, places, documents, filings."""

from __future__ import annotations

from datetime import date
from typing import Any

from penstock.simulators.filing import Filing, Line
from penstock.simulators.openfec.view import DayView

DOCUMENTS = "https://docquery.fec.gov"


def nameless(*names: str) -> dict[str, None]:
    """Return a row that has these fields and nothing in them."""
    return dict.fromkeys(name for line in names for name in line.split())


def told(text: str) -> str | None:
    """Return a text as JSON tells it: an empty one is null."""
    return text or None


def noon(on: date | None) -> str | None:
    """Return a date the way processed receipts and disbursements tell it."""
    return None if on is None else f"{on.isoformat()}T00:00:00"


def day(on: date | None) -> str | None:
    """Return a date the way everything else tells it."""
    return None if on is None else on.isoformat()


def filing_form(view: DayView, committee_id: str) -> str:
    """Return the form a committee reports on."""
    committee = view.committees.get(committee_id)
    if committee is None or not committee.files_as_candidate:
        return "F3X"
    return "F3P" if committee.type == "P" else "F3"


def processed(view: DayView, line: Line) -> dict[str, Any]:
    """Return what every processed row tells."""
    return {
        "amendment_indicator": line.amendment,
        "amendment_indicator_desc": "ADD" if line.amendment == "A" else "NO CHANGE",
        "committee": view.history(line.committee_id),
        "committee_id": line.committee_id,
        "election_type": told(line.election),
        "entity_type": told(line.entity),
        "fec_election_type_desc": {"P": "PRIMARY", "G": "GENERAL"}.get(line.election[:1]),
        "fec_election_year": line.election[1:] or None,
        "file_number": line.file_number,
        "filing_form": filing_form(view, line.committee_id),
        "image_number": line.image_number,
        "link_id": 4 * 10**18 + line.file_number,
        "load_date": line.loaded_at.isoformat(),
        "memo_code": told(line.memo_code),
        "memo_text": told(line.memo_text),
        "memoed_subtotal": line.memo_code == "X",
        "pdf_url": f"{DOCUMENTS}/cgi-bin/fecimg/?{line.image_number}",
        "report_type": line.report,
        "report_year": view.cycle if line.received_on is None else min(line.received_on.year, view.cycle),
        "sub_id": line.sub_id,
        "transaction_id": line.transaction_id,
        "two_year_transaction_period": view.cycle,
    }


def efiled(view: DayView, line: Line) -> dict[str, Any]:
    """Return what every raw row tells: no key, but the filing it came with."""
    filing = view.filings[line.file_number]
    return {
        "amendment_indicator": filing.amendment,
        "back_reference_schedule_name": None,
        "back_reference_transaction_id": None,
        "beginning_image_number": filing.lines[0].image_number,
        "committee": view.history(line.committee_id),
        "committee_id": line.committee_id,
        "csv_url": f"{DOCUMENTS}/csv/{filing.number % 1000:03d}/{filing.number}.csv",
        "entity_type": told(line.entity),
        "fec_url": f"{DOCUMENTS}/dcdev/posted/{filing.number}.fec",
        "file_number": filing.number,
        "filing": raw_filing(view, filing),
        "image_number": line.image_number,
        "load_timestamp": filing.filed_at.replace(tzinfo=None).isoformat(),
        "memo_code": told(line.memo_code),
        "memo_text": told(line.memo_text),
        "pdf_url": f"{DOCUMENTS}/cgi-bin/fecimg/?{line.image_number}",
        "related_line_number": int(line.sub_id[9:]),
        "report_type": filing.report,
        "transaction_id": line.transaction_id,
    }


def raw_filing(view: DayView, filing: Filing) -> dict[str, Any]:
    """Return a row of `/efile/filings/`, which stands inside every raw row too."""
    committee, newer = view.committees.get(filing.committee_id), view.amended_by.get(filing.number)
    return {
        "amended_by": None if newer is None else newer.number,
        "amendment_chain": view.chain(filing),
        "amendment_number": len(view.chain(filing)) - 1,
        "amends_file": filing.amends,
        "beginning_image_number": filing.lines[0].image_number,
        "committee_id": filing.committee_id,
        "committee_name": None if committee is None else committee.name,
        "coverage_end_date": day(filing.coverage_end),
        "coverage_start_date": day(filing.coverage_start),
        "csv_url": f"{DOCUMENTS}/csv/{filing.number % 1000:03d}/{filing.number}.csv",
        "document_description": f"{filing.report} {filing.coverage_end.year}",
        "ending_image_number": filing.lines[-1].image_number,
        "fec_file_id": f"FEC-{filing.number}",
        "fec_url": f"{DOCUMENTS}/dcdev/posted/{filing.number}.fec",
        "file_number": filing.number,
        "filed_date": day(filing.filed_at.date()),
        "form_type": filing_form(view, filing.committee_id),
        "html_url": f"{DOCUMENTS}/cgi-bin/forms/{filing.committee_id}/{filing.number}/",
        "is_amended": newer is not None,
        "load_timestamp": filing.filed_at.replace(tzinfo=None).isoformat(),
        "most_recent": newer is None,
        "most_recent_filing": filing.number if newer is None else newer.number,
        "pdf_url": f"{DOCUMENTS}/cgi-bin/fecimg/?{filing.lines[0].image_number}",
        "receipt_date": day(filing.filed_at.date()),
    }
