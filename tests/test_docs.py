"""Runs what the pages tell a reader to type, and follows their links.

In a page, a block fenced as `console` holds commands behind `$ ` (lines behind `> ` belong to the command above) and,
below each, lines its output must hold, in that order; `…` stands for any text, and `# exits 3` behind a command for
its exit code. A block whose fence names a file behind the language is written to that file.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "src").rglob("*.md")])
FENCE = re.compile(r"^```(\w*)(?: +([\w./-]+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EXITS = re.compile(r" +# exits (\d+)$", re.MULTILINE)


@dataclass
class Command:
    """One command of a page, the exit code it must end with and the lines it must print."""

    text: str
    exit_code: int = 0
    printed: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Written:
    """A file a page tells its reader to write."""

    path: str
    text: str


def steps(page: Path) -> Iterator[Command | Written]:
    for language, path, body in FENCE.findall(page.read_text(encoding="utf-8")):
        if language == "console":
            yield from commands(body)
        elif path:
            yield Written(path, body)


def commands(body: str) -> Iterator[Command]:
    command: Command | None = None
    for line in body.splitlines():
        if line.startswith("$ "):
            if command:
                yield command
            exits = EXITS.search(line)
            command = Command(EXITS.sub("", line[2:]), int(exits[1]) if exits else 0)
        elif command and line.startswith("> "):
            command.text += "\n" + line[2:]
        elif command and line.strip():
            command.printed.append(line.strip())
    if command:
        yield command


def is_told(line: str, output: list[str]) -> int | None:
    """Return the index behind the first line of output that this line of a page describes."""
    pattern = re.compile(".*".join(map(re.escape, line.split("…"))))
    return next((index + 1 for index, printed in enumerate(output) if pattern.fullmatch(printed.strip())), None)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("page", [page for page in PAGES if any(steps(page))], ids=lambda page: page.stem)
def test_the_commands_of_a_page_do_what_it_says(page: Path, tmp_path: Path) -> None:
    folder = tmp_path
    for step in steps(page):
        if isinstance(step, Written):
            (folder / step.path).parent.mkdir(parents=True, exist_ok=True)
            (folder / step.path).write_text(step.text, encoding="utf-8")
        else:
            folder = follow(step, folder)


def follow(command: Command, folder: Path) -> Path:
    """Run a command in a folder, check what it does, and return the folder it ends in."""
    program = f"{command.text}\ncode=$?; pwd >&3; exit $code"
    read, write = os.pipe()
    shell = ["bash", "-c", f"exec 3>&{write}\n{program}"]
    done = subprocess.run(
        shell, cwd=folder, env=environment(), pass_fds=[write], capture_output=True, text=True, check=False
    )
    os.close(write)
    with os.fdopen(read) as told:
        where = told.read().strip()
    said = f"$ {command.text}\n{done.stdout}{done.stderr}"
    assert done.returncode == command.exit_code, f"{said}\nended with {done.returncode}, not {command.exit_code}"
    rest = done.stdout.splitlines() + done.stderr.splitlines()
    for line in command.printed:
        behind = is_told(line, rest)
        assert behind is not None, f"{said}\ndid not print (in this order): {line}"
        rest = rest[behind:]
    return Path(where)


def environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PENSTOCK_")}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {**kept, "PATH": path, "NO_COLOR": "1", "COLUMNS": "160"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_links_of_a_page_lead_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    links = [link for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link]
    dead = [link for link in links if not leads_somewhere(page, link)]
    assert not dead, f"{page.relative_to(ROOT)}: {dead}"


def leads_somewhere(page: Path, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    if not anchor or not target.is_file():
        return target.exists()
    headings = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE)
    slugs = [re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings]
    return anchor in slugs or any(anchor == f"{slug}-{slugs.count(slug) - 1}" for slug in slugs)


def test_every_guarantee_names_a_test_that_exists() -> None:
    page = (ROOT / "docs/concepts/guarantees.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| ") and not line.startswith("| thing")]
    named = [re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", row) for row in rows]
    missing = [
        f"{file}::{test}"
        for tests in named
        for file, test in tests
        if not (ROOT / file).exists() or f"def {test}(" not in (ROOT / file).read_text(encoding="utf-8")
    ]
    assert all(named)
    assert not missing
