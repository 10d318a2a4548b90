"""The simulated bulk files: deterministic, shaped as published, with the defects of the real ones."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from penstock.simulators.fec_bulk import write_bulk_files
from penstock.sources.fec.layouts import LAYOUTS


def lines_of(folder: Path, kind: str) -> list[list[str]]:
    (path,) = (path for path in folder.iterdir() if LAYOUTS[kind].is_name(path.name))
    return [line.split("|") for line in path.read_text(encoding="latin-1").splitlines()]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world")
    write_bulk_files(folder, 2020, 5000)
    return folder


def test_equal_arguments_write_equal_bytes(world: Path, tmp_path: Path) -> None:
    write_bulk_files(tmp_path, 2020, 5000)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {p.name: p.read_bytes() for p in world.iterdir()}


@pytest.mark.parametrize(
    ("cycle", "rows", "seed", "snapshot", "digest"),
    [
        (2020, 5000, 1, 1, "80bb3fe0c32a5272f60020b951abb7cfdadddbd707a97b53888df5dc7e9a9285"),
        (2022, 3000, 7, 2, "6afc765f91ad90eb2b997e759949ae16f6bb1f21b2dc1e4245c0b57f08f19b64"),
    ],
)
def test_the_files_of_a_seed_stay_what_they_were(
    *, cycle: int, rows: int, seed: int, snapshot: int, digest: str, tmp_path: Path
) -> None:
    write_bulk_files(tmp_path, cycle, rows, seed, snapshot=snapshot)
    told = sha256()
    for path in sorted(tmp_path.iterdir()):
        told.update(path.name.encode() + b"\0" + path.read_bytes())
    assert told.hexdigest() == digest


def test_another_seed_writes_another_world(world: Path, tmp_path: Path) -> None:
    write_bulk_files(tmp_path, 2020, 5000, seed=2)
    assert (tmp_path / "itcont.txt").read_bytes() != (world / "itcont.txt").read_bytes()


@pytest.mark.parametrize("kind", list(LAYOUTS))
def test_every_line_has_the_published_number_of_fields(world: Path, kind: str) -> None:
    width = len(LAYOUTS[kind].columns) + LAYOUTS[kind].trailing_delimiter
    assert {len(line) for line in lines_of(world, kind)} == {width}


def test_as_many_contributions_are_written_as_were_asked_for(world: Path) -> None:
    keys = [line[-1] for line in lines_of(world, "itcont")]
    assert len(keys) == len(set(keys)) == 5000


def test_every_committee_and_candidate_named_is_registered(world: Path) -> None:
    committees = {line[0] for line in lines_of(world, "cm")}
    candidates = {line[0] for line in lines_of(world, "cn")}
    for kind in ("itcont", "itoth", "itpas2", "oppexp"):
        assert {line[0] for line in lines_of(world, kind)} <= committees
    assert {line[16] for line in lines_of(world, "itpas2")} <= candidates


def test_rows_to_candidates_stand_among_the_other_transactions_too(world: Path) -> None:
    other = {line[-1] for line in lines_of(world, "itoth")}
    assert {line[-1] for line in lines_of(world, "itpas2")} <= other


def test_the_defects_of_real_files_are_there(world: Path) -> None:
    rows = lines_of(world, "itcont")
    dates = {line[13] for line in rows}
    assert dates & {"", "02302019", "05022160"}
    assert any('"' in line[19] for line in rows)
    assert any(line[10].startswith("0") for line in rows)
    assert any(ord(letter) > 127 for line in rows for letter in line[7])
    assert {"15", "15E", "24T", "22Y", "10", "15C"} <= {line[5] for line in rows}
    assert len(lines_of(world, "cm")) > len({line[0] for line in lines_of(world, "cm")})
