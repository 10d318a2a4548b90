"""Which files are the FEC's, of which kind, and in which state."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.errors import SourceError, UsageError
from penstock.sources.fec.bulk import BulkFile, find_bulk_files
from penstock.sources.fec.layouts import LAYOUTS, get_layout
from tests.pipelines.campaign import REAL, REAL_DATA


def params(folder: Path, cycle: int = 2020) -> dict[str, object]:
    return {"bulk_dir": str(folder), "cycle": cycle}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("itcont.txt", "itcont"),
        ("indiv20.zip", "itcont"),
        ("itcont_2016_a_crlf.txt.gz", "itcont"),
        ("ITCONT.TXT", "itcont"),
        ("itoth.txt", "itoth"),
        ("oth20.zip", "itoth"),
        ("itpas2.txt.gz", "itpas2"),
        ("pas220.zip", "itpas2"),
        ("cm_snapshot_1.txt.gz", "cm"),
        ("cm20.zip", "cm"),
        ("cn.txt", "cn"),
        ("ccl-2.txt", "ccl"),
        ("oppexp20.zip", "oppexp"),
        ("weball20_2.txt.gz", "weball"),
        ("webl20.txt", "webl"),
        ("webk20.zip", "webk"),
    ],
)
def test_a_file_name_belongs_to_one_kind(name: str, kind: str) -> None:
    assert [each for each, layout in LAYOUTS.items() if layout.is_name(name)] == [kind]


@pytest.mark.parametrize("name", ["cmte.txt", "committees.txt", "itcont.csv", "indiv20.zip.part", "xitcont.txt", "cm"])
def test_other_file_names_belong_to_none(name: str) -> None:
    assert not [kind for kind, layout in LAYOUTS.items() if layout.is_name(name)]


@pytest.mark.parametrize(
    ("kind", "name", "cycle"),
    [
        ("itcont", "indiv20.zip", 2020),
        ("weball", "weball98.zip", 1998),
        ("weball", "weball20_1.txt.gz", 2020),
        ("itcont", "itcont.txt", None),
        ("itcont", "itcont_2016_a.txt", None),
        ("cm", "cm_snapshot_1.txt.gz", None),
        ("itpas2", "pas220.zip", 2020),
    ],
)
def test_a_file_name_states_its_cycle_in_two_digits_or_not_at_all(kind: str, name: str, cycle: int | None) -> None:
    assert get_layout(kind).cycle_in(name) == cycle


def test_an_unknown_kind_is_answered_with_the_nearest() -> None:
    with pytest.raises(UsageError) as caught:
        get_layout("itcnt")
    assert caught.value.hint == "did you mean `itcont`?"


@REAL
@pytest.mark.parametrize(
    ("kind", "header"),
    [(kind, f"{kind}_header_file.csv") for kind in ("cm", "cn", "ccl", "oppexp")]
    + [("itcont", "indiv_header_file.csv"), ("itoth", "oth_header_file.csv"), ("itpas2", "pas2_header_file.csv")]
    + [("webk", "webk_headers.csv")],
)
def test_columns_are_those_of_the_publishers_header_files(kind: str, header: str) -> None:
    published = (REAL_DATA / "fec" / "headers" / header).read_text().strip().split(",")
    assert list(LAYOUTS[kind].columns) == published


def test_every_key_is_made_of_columns() -> None:
    for layout in LAYOUTS.values():
        assert set(layout.key) <= set(layout.columns)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="there is no folder"):
        find_bulk_files(get_layout("cm"), str(tmp_path / "none"), 2020)


def test_files_may_lie_in_a_subfolder_named_by_the_cycle(tmp_path: Path) -> None:
    (tmp_path / "2020").mkdir()
    (tmp_path / "2020" / "cm.txt").touch()
    assert find_bulk_files(get_layout("cm"), str(tmp_path), 2020) == (tmp_path / "2020" / "cm.txt",)


def test_a_file_of_another_cycle_is_refused_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "cm18.zip").touch()
    with pytest.raises(SourceError) as caught:
        find_bulk_files(get_layout("cm"), str(tmp_path), 2020)
    assert "cycle 2018, not 2020" in caught.value.message
    assert "--cycle 2018" in str(caught.value.hint)


def test_the_state_is_the_content_wherever_it_lies(tmp_path: Path) -> None:
    states = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "cm.txt").write_text("C00000001|X\n")
        states.append(BulkFile(("cm",)).fingerprint(params(tmp_path / name), None).value)
    (tmp_path / "b" / "cm.txt").write_text("C00000001|Y\n")
    changed = BulkFile(("cm",)).fingerprint(params(tmp_path / "b"), None).value
    assert states[0] == states[1] != changed


def test_having_none_is_a_state_only_where_that_is_allowed(tmp_path: Path) -> None:
    assert BulkFile(("cm",), optional=True).fingerprint(params(tmp_path), None).value
    with pytest.raises(SourceError, match="no `cm` file"):
        BulkFile(("cm",)).fingerprint(params(tmp_path), None)
