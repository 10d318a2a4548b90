"""Committees and candidates: the registry and the lists, in all the forms they have had."""

from __future__ import annotations

import pytest

from penstock.errors import SourceError
from penstock.simulators.faults import Fault, FaultKind, Faults
from penstock.sources.maryland.candidates import COLUMNS, Election, read_candidates
from penstock.sources.maryland.committees import read_committees
from penstock.sources.maryland.publishers import ELECTIONS
from tests.servers.http import Asked, Reply, page_of, publishing
from tests.unit.sources.maryland.site import a_client, a_simulated_site, a_written_site

HEADER = ",".join(COLUMNS)
COMMITTEES = (
    "Committee Type,CCF ID,Committee Name,Committee Status,Citation Violations,Election Type,Registered Date,"
    "Amended Date,Chairperson Name,Chairperson Address,Treasurer Name,Treasurer Address,\r\n"
)


def test_every_committee_is_read_with_its_id() -> None:
    with a_simulated_site() as site:
        rows = read_committees(site.finance)
        assert sorted((row.ccf_id, row.values["committee_name"]) for row in rows) == sorted(
            (committee.ccf_id, committee.name) for committee in site.world.committees
        )


def test_an_empty_registry_is_an_error_even_if_the_site_says_so() -> None:
    with (
        a_written_site(COMMITTEES.encode(), total=0, path="/Public/ExporttoCsv") as client,
        pytest.raises(SourceError, match="list of committees is empty"),
    ):
        read_committees(client)


def test_a_committee_without_an_id_is_an_error_that_names_it() -> None:
    sheet = COMMITTEES + "PAC,,Nameless PAC,Active,No,,,,,,,,\r\n"
    with (
        a_written_site(sheet.encode(), total=1, path="/Public/ExporttoCsv") as client,
        pytest.raises(SourceError, match="`Nameless PAC` has no CCF id"),
    ):
        read_committees(client)


@pytest.mark.parametrize("cycle", [2018, 2020, 2022, 2026])
def test_every_candidate_of_every_office_is_read_whatever_the_form_of_the_lists(cycle: int) -> None:
    with a_simulated_site(cycle=cycle) as site:
        rows = read_candidates(site.elections, cycle)
        primary = {
            (row.values["office_name"], row.values["last_name"], row.values["first_name"], row.values["party"])
            for row in rows
            if row.election is Election.PRIMARY
        }
        people = site.world.candidates
    assert primary == {(person.office, person.last, person.first, person.party) for person in people}
    assert len({row.key for row in rows}) == len(rows)


def test_a_year_without_lists_has_no_candidates() -> None:
    with a_simulated_site() as site:
        assert read_candidates(site.elections, 2021) == []


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (HEADER.replace("Candidate Status", "Standing").encode() + b"\n", "look at `Candidate Status`"),
        (b"Sheriff,Kent County,Doe,Jane\n", "look at `Sheriff`, `Kent County`, `Doe`"),
        (HEADER.encode() + b"\nSheriff,Kent", "cut short: its last row has 2 of 19 fields"),
        (b"<!DOCTYPE html><html></html>", "is a web page instead of a sheet"),
        (b"\n", "was answered with nothing"),
    ],
)
def test_a_list_that_is_damaged_or_of_another_form_is_an_error(body: bytes, words: str) -> None:
    def answer(asked: Asked) -> Reply:
        wanted = asked.path.endswith("/2024/Primary_candidates/gen_cand_lists_2024_1_ALL.csv")
        return Reply(200, body, {"Content-Type": "text/csv"}) if wanted else page_of("gone", 404)

    with publishing() as publisher, a_client(ELECTIONS, f"{publisher.base}/elections") as client:
        publisher.answer = answer
        with pytest.raises(SourceError, match=words):
            read_candidates(client, 2024)


def test_one_list_below_two_spellings_of_a_folder_is_read_once_and_further_columns_are_kept() -> None:
    cells = ["Sheriff", "Kent County", "Doe", "Jane", "", "Democratic", "Kent", "", "Active", *[""] * 10, "Yes"]
    sheet = f"\ufeff{HEADER},Has Related Candidate\n{','.join(cells)}\n".encode()

    def answer(asked: Asked) -> Reply:
        wanted = asked.path.lower().endswith("/2024/primary_candidates/gen_cand_lists_2024_1_all.csv")
        return Reply(200, sheet, {"Content-Type": "text/csv"}) if wanted else page_of("gone", 404)

    with publishing() as publisher, a_client(ELECTIONS, f"{publisher.base}/elections") as client:
        publisher.answer = answer
        (row,) = read_candidates(client, 2024)
    assert row.file == "/2024/Primary_candidates/gen_cand_lists_2024_1_ALL.csv"
    assert row.rest == '[["Has Related Candidate","Yes"]]'


def test_a_whole_name_is_split_into_first_and_last_with_its_suffix() -> None:
    lines = [
        "Mayor,Baltimore City,Jane Q. Public,Democratic,Baltimore City,Active,Regular,,,,,",
        "Mayor,Baltimore City,John Doe Jr.,Democratic,Baltimore City,Active,Regular,,,,,",
    ]

    def answer(asked: Asked) -> Reply:
        wanted = asked.path.endswith("/Primary_candidates/gen_cand_lists_2020_3_by_county_ALL.csv")
        return Reply(200, "\n".join(lines).encode(), {"Content-Type": "text/csv"}) if wanted else page_of("gone", 404)

    with publishing() as publisher, a_client(ELECTIONS, f"{publisher.base}/elections") as client:
        publisher.answer = answer
        names = [(row.values["first_name"], row.values["last_name"]) for row in read_candidates(client, 2020)]
    assert names == [("Jane Q.", "Public"), ("John", "Doe Jr.")]


def test_a_refused_list_is_an_error_and_not_a_missing_one() -> None:
    faults = Faults([Fault(FaultKind.UNAVAILABLE, "gen_cand_lists_2022_1_ALL.csv", times=50)])
    with a_simulated_site(faults=faults) as site, pytest.raises(SourceError, match="503"):
        read_candidates(site.elections, 2022)
