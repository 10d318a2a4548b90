"""From a URL to a warehouse."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from penstock.errors import PenstockError, UsageError, WarehouseError
from penstock.warehouse.connect import open_warehouse


@pytest.mark.parametrize(
    ("url", "hint"),
    [
        ("duckbd:///x.db", "did you mean `duckdb`?"),
        ("x.db", "write one of duckdb:///file, sqlite:///file, postgresql://user:password@host/database"),
        ("duckdb://x.db", "write `duckdb:///x.db`"),
        ("postgres://u:secret@host/db", "did you mean `postgresql`?"),
        ("postgresql://u:secret@host", "write postgresql://user:password@host:5432/database"),
        ("postgresql://u:secret@host:port/db", "write postgresql://user:password@host:5432/database"),
    ],
)
def test_a_wrong_url_is_refused_with_what_to_write(url: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        open_warehouse(url)
    assert caught.value.hint == hint
    assert "secret" not in str(caught.value)


def test_an_unknown_option_of_a_server_is_refused() -> None:
    with pytest.raises(UsageError, match=r"`postgresql://host:1/db` has the unknown option `colour`") as caught:
        open_warehouse("postgresql://u:secret@host:1/db?sslmode=require&colour=red")
    assert "sslmode" in str(caught.value.hint)


@pytest.mark.parametrize("scheme", ["duckdb", "sqlite"])
def test_folders_are_made(scheme: str, tmp_path: Path) -> None:
    warehouse = open_warehouse(f"{scheme}:///{tmp_path}/new/folder/w.db")
    assert warehouse.query("select 1").rows[0] == (1,)
    warehouse.close()
    assert (tmp_path / "new" / "folder" / "w.db").is_file()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(WarehouseError, match=r"folder `.*file/x` for the warehouse cannot be made"):
        open_warehouse(f"duckdb:///{tmp_path}/file/x/w.db")


def test_opening_loads_no_engine_but_the_one_named(tmp_path: Path) -> None:
    code = (
        "import sys; from penstock.warehouse.connect import open_warehouse; before = 'duckdb' in sys.modules; "
        f"open_warehouse('sqlite:///{tmp_path}/w.db').query('select 1'); print(before, 'duckdb' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.split() == ["False", "False"]


@pytest.mark.parametrize(
    ("library", "url", "extra"), [("duckdb", "duckdb:///{}/w.db", "data"), ("psycopg", "postgresql://h/d", "postgres")]
)
def test_without_a_library_the_extra_is_named(library: str, url: str, extra: str, tmp_path: Path) -> None:
    code = (
        f"import sys\nsys.modules['{library}'] = None\n"
        "from penstock.warehouse.connect import open_warehouse\nfrom penstock.errors import WarehouseError\n"
        f"try:\n    open_warehouse('{url.format(tmp_path)}')\n"
        "except WarehouseError as error:\n    print(error.hint)\n"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert f"penstock[{extra}]" in said


def test_a_folder_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    for scheme in ("duckdb", "sqlite"):
        with pytest.raises(PenstockError, match="cannot be opened"):
            open_warehouse(f"{scheme}:///{tmp_path}").query("select 1")
