"""Types commands in a project folder, and compares what they print with snapshots."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from penstock.cli.app import run

SNAPSHOTS = Path(__file__).resolve().parents[1] / "snapshots"

PIPELINE = '''
"""Writes a letter to everybody on a list."""

from pathlib import Path

from penstock import Context, File, Item, Param, Pipeline, task


@task(inputs=[File("people.txt")], tags=["read"])
def list_people(ctx: Context) -> list[Item]:
    """Read the list."""
    ctx.log("read the list", file="people.txt")
    return [Item(name) for name in Path("people.txt").read_text().split()]


@task(each=list_people)
def write_letter(ctx: Context, person: Item) -> str:
    """Write one letter."""
    if person.key == ctx.params.stranger:
        raise ValueError(f"nobody knows {person.key}")
    return f"Dear {person.key}"


@task(depends_on=[write_letter], retries=1, retry_delay="1ms")
def count_letters(ctx: Context) -> dict[str, int]:
    """Count the letters."""
    return {"letters": len(ctx.result("list_people"))}


pipeline = Pipeline(
    "letters",
    doc="Writes letters.",
    tasks=[list_people, write_letter, count_letters],
    params=[
        Param("year", int, default=2020, minimum=1980, doc="year of the list", partition=True),
        Param("stranger", doc="somebody to whom no letter can be written"),
        Param("polite", bool, default=True, doc="whether to be polite"),
    ],
)
'''


@dataclass(frozen=True)
class Typed:
    """What came of one command."""

    exit_code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def environment(**given: str) -> dict[str, str]:
    """The environment of a person who set nothing but these, with a screen of 80 columns."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PENSTOCK_", "NO_COLOR"))}
    return {**kept, "COLUMNS": "80", **given}


def penstock(folder: Path, *args: str, **variables: str) -> Typed:
    """Type `penstock` with these arguments in a folder."""
    command = [sys.executable, "-m", "penstock", *args]
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment(**variables),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return Typed(done.returncode, done.stdout, done.stderr)


def penstock_here(folder: Path, *args: str) -> Typed:
    """The same within this process: quicker, for what is refused before anything starts."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(list(args))
    return Typed(code, out.getvalue(), err.getvalue())


def a_project(folder: Path, pipeline: str = PIPELINE, people: str = "ann bob cat") -> Path:
    """A project folder with one pipeline."""
    (folder / "pipelines").mkdir(parents=True)
    (folder / "pipelines" / "letters.py").write_text(pipeline.lstrip(), encoding="utf-8")
    (folder / "people.txt").write_text(people, encoding="utf-8")
    return folder


_MASKS = (
    (re.compile(r"\b[0-9A-HJKMNP-TV-Z]{26}\b"), "01RUNRUNRUNRUNRUNRUNRUNRUN"),
    (re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(\+00:00|Z)"), "2026-01-01T00:00:00+00:00"),
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\dZ)?"), r"2026-01-01 00:00\1"),
    (re.compile(r":\d\dZ"), ":00Z"),
    (re.compile(r"\b\d\d:\d\d:\d\d\b"), "00:00:00"),
    (re.compile(r"\b\d\.\d\ds\b"), "0.00s"),
    (re.compile(r'("duration_s": )[\d.e-]+'), r"\g<1>0.0"),
    (re.compile(r'("identity": ")[0-9a-f]{16}'), r"\g<1>0000000000000000"),
    (re.compile(r"· plan [0-9a-f]{16}"), "· plan 0000000000000000"),
)


def masked(text: str, folder: Path) -> str:
    """The text with ids, times and places that differ from call to call made equal."""
    text = text.replace(str(folder), "FOLDER")
    for pattern, mask in _MASKS:
        text = pattern.sub(mask, text)
    return text


def assert_snapshot(name: str, text: str, folder: Path) -> None:
    """The text equals the snapshot of this name; `UPDATE_SNAPSHOTS=1` writes it anew instead."""
    path = SNAPSHOTS / name
    told = masked(text, folder)
    if os.environ.get("UPDATE_SNAPSHOTS"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(told, encoding="utf-8")
    assert path.exists(), f"there is no snapshot {name}; write it with UPDATE_SNAPSHOTS=1"
    assert told == path.read_text(encoding="utf-8"), "differs from its snapshot; UPDATE_SNAPSHOTS=1 writes it anew"
