"""What scripts make: it has to be there, and only what it holds at the end decides about those who read it."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock import File
from tests.engines import a_pipeline, an_engine, by_name, run, statuses
from tests.scripts import a_step, failure_of


def made(project: Path, path: str, **declared: bool) -> File:
    """A file of the project."""
    return File(path, folder=project, **declared)


def test_a_script_that_did_not_make_what_it_declares_failed_and_its_reader_does_not_start(tmp_path: Path) -> None:
    maker = a_step(tmp_path, "make", "print('done')", task={"outputs": (made(tmp_path, "out.txt"),)})
    reader = a_step(tmp_path, "read", "print('read')", task={"inputs": (made(tmp_path, "out.txt"),)})
    with an_engine(tmp_path / "home", a_pipeline(maker, reader)) as engine:
        view = run(engine)
    assert statuses(view) == {"make": "failed", "read": "upstream_failed"}
    assert failure_of(view, "make").message == "`make` ended well, but did not make `out.txt`"


@pytest.mark.parametrize("output", [{"path": "out-*.txt"}, {"path": "out.txt", "optional": True}])
def test_a_pattern_may_match_nothing_and_an_optional_output_may_be_missing(tmp_path: Path, output: dict) -> None:
    maker = a_step(tmp_path, "make", "print('done')", task={"outputs": (File(folder=tmp_path, **output),)})
    with an_engine(tmp_path / "home", a_pipeline(maker)) as engine:
        assert statuses(run(engine)) == {"make": "completed"}


def test_a_reader_is_judged_by_what_its_input_is_when_it_was_made_anew(tmp_path: Path) -> None:
    write = "open('out.txt', 'w').write('the same')"
    maker = a_step(tmp_path, "make", write, task={"inputs": (), "outputs": (made(tmp_path, "out.txt"),)})
    reader = a_step(tmp_path, "read", "print('read')", task={"inputs": (made(tmp_path, "out.txt"),)})
    with an_engine(tmp_path / "home", a_pipeline(maker, reader)) as engine:
        assert statuses(run(engine)) == {"make": "completed", "read": "completed"}
        (tmp_path / "out.txt").write_text("touched by hand", encoding="utf-8")
        again = run(engine)
    assert statuses(again) == {"make": "completed", "read": "skipped"}
    assert by_name(again)["read"].reason.startswith("fresh since run")


def test_one_key_for_two_items_is_refused(tmp_path: Path) -> None:
    listing = 'print(\'::penstock {"item": "a", "payload": 1}\')\nprint(\'::penstock {"item": "a", "payload": 2}\')'
    lister = a_step(tmp_path, "list", listing)
    handler = a_step(tmp_path, "handle", "print('handled')", task={"each": "list"})
    with an_engine(tmp_path / "home", a_pipeline(lister, handler)) as engine:
        view = run(engine)
    assert statuses(view)["handle"] == "failed"
    assert "listed item `a` twice, with different payloads" in failure_of(view, "handle").message
