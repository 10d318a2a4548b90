"""A line of a filing as the bulk files print it."""

from __future__ import annotations

from penstock.simulators.filing import Line


def as_transaction(line: Line) -> str:
    """Return the line of `itcont` or `itoth`."""
    return f"{_head(line)}|{_tail(line)}"


def as_gift_to_candidate(line: Line) -> str:
    """Return the line of `itpas2`."""
    return f"{_head(line)}|{line.candidate_id}|{_tail(line)}"


def _head(line: Line) -> str:
    at = "" if line.received_on is None else f"{line.received_on:%m%d%Y}"
    return (
        f"{line.committee_id}|{line.amendment}|{line.report}|{line.election}|{line.image_number}|{line.code}|"
        f"{line.entity}|{line.name}|{line.city}|{line.state}|{line.zip}|{line.employer}|{line.occupation}|{at}|"
        f"{line.amount}|{line.other_id}"
    )


def _tail(line: Line) -> str:
    return f"{line.transaction_id}|{line.file_number}|{line.memo_code}|{line.memo_text}|{line.sub_id}"
