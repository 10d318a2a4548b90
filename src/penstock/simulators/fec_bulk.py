"""Writes a consistent set of FEC bulk files: generated, deterministic, of any size, with the defects of the real ones.

The summary files hold the totals of the very transactions written, so that sums over rows can be held against them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from penstock.simulators.fec_committees import iter_committee_rows, iter_expenditures
from penstock.simulators.fec_individuals import iter_individual_rows
from penstock.simulators.filing import Line
from penstock.simulators.ledger import Ledger
from penstock.simulators.lines import as_gift_to_candidate, as_transaction
from penstock.simulators.story import Story
from penstock.simulators.universe import Candidate, Committee, Universe, make_universe

_ROWS_PER_WRITE = 20_000


def write_bulk_files(folder: Path, cycle: int, rows: int, seed: int = 1, *, snapshot: int = 1) -> Mapping[str, int]:
    """Write the ten bulk files of a cycle into a folder and return the number of rows of each kind.

    `rows` is the number of individual contributions; the other files grow with it, slowly. Snapshot 2 is the same world
    a month later: one row in a hundred amended, one in a hundred new, a few withdrawn.
    """
    folder.mkdir(parents=True, exist_ok=True)
    universe = make_universe(cycle, seed, donors=max(60, rows // 4))
    ledger = Ledger()
    between = list(iter_committee_rows(universe, ledger, seed, max(40, min(rows // 20, 50_000)), snapshot))
    transactions = {
        "itcont": iter_individual_rows(universe, ledger, seed, rows, snapshot),
        "itoth": (row.as_other() for row in between),
        "itpas2": (row.as_candidate() for row in between if row.names_candidate),
        "oppexp": iter_expenditures(universe, seed, max(20, rows // 50)),
    }
    return _write_all(folder, universe, ledger, transactions)


def write_bulk_of_day(folder: Path, story: Story, day: int) -> Mapping[str, int]:
    """Write the ten bulk files with what is true on a day of a story; return the number of rows of each kind."""
    folder.mkdir(parents=True, exist_ok=True)
    state = story.state_on(day)
    books: dict[str, list[Line]] = {"itcont": [], "itoth": [], "oppexp": []}
    for line in state.processed:
        books[line.book].append(line)
    transactions = {
        "itcont": (as_transaction(line) for line in books["itcont"]),
        "itoth": (as_transaction(line) for line in books["itoth"]),
        "itpas2": (as_gift_to_candidate(line) for line in books["itoth"] if line.candidate_id),
        "oppexp": ("|".join(line.published) for line in books["oppexp"]),
    }
    return _write_all(folder, state.universe, state.ledger, transactions)


def _write_all(
    folder: Path, universe: Universe, ledger: Ledger, transactions: Mapping[str, Iterable[str]]
) -> Mapping[str, int]:
    # The ledger is full only when the transactions have been drawn, so they come first.
    counts = {kind: _write(folder / f"{kind}.txt", lines) for kind, lines in transactions.items()}
    counts["cm"] = _write(folder / "cm.txt", _masters(universe))
    counts["cn"] = _write(folder / "cn.txt", (_candidate_line(universe, person) for person in universe.candidates))
    counts["ccl"] = _write(folder / "ccl.txt", _linkages(universe))
    yy = f"{universe.cycle % 100:02d}"
    people = [_candidate_summary(universe, ledger, person) for person in universe.candidates]
    at_home = [line for person, line in zip(universe.candidates, people, strict=True) if person.office != "P"]
    counts["weball"] = _write(folder / f"weball{yy}.txt", people)
    counts["webl"] = _write(folder / f"webl{yy}.txt", at_home)
    pacs = [committee for committee in universe.committees if not committee.files_as_candidate]
    counts["webk"] = _write(folder / f"webk{yy}.txt", (_pac_summary(universe, ledger, pac) for pac in pacs))
    return counts


def _write(path: Path, lines: Iterable[str]) -> int:
    count, pending = 0, []
    with path.open("w", encoding="latin-1", newline="") as file:
        for line in lines:
            pending.append(line)
            if len(pending) == _ROWS_PER_WRITE:
                file.write("\n".join(pending) + "\n")
                count += len(pending)
                pending.clear()
        if pending:
            file.write("\n".join(pending) + "\n")
    return count + len(pending)


def _masters(universe: Universe) -> Iterator[str]:
    lines = [_committee_line(committee) for committee in universe.committees]
    yield from lines
    # The real file repeats a few rows in full.
    yield lines[1]


def _committee_line(committee: Committee) -> str:
    city, state, _ = committee.place
    linked = committee.candidates[0] if committee.files_as_candidate else ""
    kind = "C" if committee.type == "Q" else ""
    return (
        f"{committee.id}|{committee.name}|{committee.treasurer}|{committee.street}||{city}|{state}|"
        f"{committee.zip}|{committee.designation}|{committee.type}|{committee.party}|Q|{kind}||{linked}"
    )


def _candidate_line(universe: Universe, person: Candidate) -> str:
    return (
        f"{person.id}|{person.name}|{person.party}|{universe.cycle}|{person.state}|{person.office}|{person.district}|"
        f"{person.incumbency}|C|{person.committee_id}|1 OAK ST||SPRINGFIELD|{person.state}|02139"
    )


def _linkages(universe: Universe) -> Iterator[str]:
    pairs = [(committee, candidate) for committee in universe.committees for candidate in committee.candidates]
    for number, (committee, candidate) in enumerate(pairs):
        yield (
            f"{candidate}|{universe.cycle}|{universe.cycle}|{committee.id}|{committee.type}|{committee.designation}|"
            f"{220000 + number}"
        )


def _candidate_summary(universe: Universe, ledger: Ledger, person: Candidate) -> str:
    own = [each.id for each in universe.committees if each.files_as_candidate and person.id in each.candidates]

    def total(measure: str) -> int:
        return sum(ledger.total(committee, measure) for committee in own)

    received = total("individual") + total("committee") + total("party") + total("candidate") + total("transfer_in")
    return "|".join(
        [
            person.id, person.name, person.incumbency, "1" if person.party == "DEM" else "2", person.party,
            f"{received}", f"{total('transfer_in')}", f"{total('refund')}", "0", "0", f"{received - total('refund')}",
            f"{total('candidate')}", f"{total('candidate_loan')}", "0", "0", "0", "0", f"{total('individual')}",
            person.state, person.district, "", "", "", "", "", f"{total('committee')}", f"{total('party')}",
            f"12/31/{universe.cycle}", f"{total('refund')}", "0",
        ]
    )  # fmt: skip


def _pac_summary(universe: Universe, ledger: Ledger, pac: Committee) -> str:
    def total(measure: str) -> int:
        return ledger.total(pac.id, measure)

    committees = total("committee") + total("party")
    received = total("individual") + committees + total("transfer_in")
    spent = total("given") + total("expenditure") + total("refund") + total("transfer_out")
    return "|".join(
        [
            pac.id, pac.name, pac.type, pac.designation, "Q", f"{received}", f"{total('transfer_in')}",
            f"{total('individual')}", f"{committees}", "0", "0", "0", f"{spent}", f"{total('transfer_out')}",
            f"{total('refund')}", "0", "0", "0", "0", f"{received - spent}", "0", "0", f"{total('given')}",
            f"{total('expenditure')}", "0", "0", f"12/31/{universe.cycle}",
        ]
    )  # fmt: skip
