"""What a person at a terminal sees: a bar while it runs, colour, and neither with `NO_COLOR`."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

from tests.cli.shell import a_project, environment

COLOUR = ("\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[36m")


def seen_at_a_terminal(folder: Path, *args: str, **variables: str) -> str:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "penstock", *args],
        cwd=folder,
        env=environment(TERM="xterm-256color", **variables),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    seen = b""
    try:
        while block := os.read(ours, 65536):
            seen += block
    except OSError:  # how a terminal says that nobody writes to it any more
        pass
    finally:
        os.close(ours)
    process.wait()
    return seen.decode()


def test_a_run_draws_a_bar_and_then_its_summary_in_colour(tmp_path: Path) -> None:
    seen = seen_at_a_terminal(a_project(tmp_path / "project"), "run", "letters")
    assert "all tasks" in seen
    assert "\x1b[32mcompleted" in seen
    assert seen.rstrip().splitlines()[-1].startswith("3 tasks")


def test_no_color_leaves_the_words(tmp_path: Path) -> None:
    seen = seen_at_a_terminal(a_project(tmp_path / "project"), "run", "letters", "--stranger", "bob", NO_COLOR="1")
    assert not [colour for colour in COLOUR if colour in seen]
    assert "error: task `write_letter` failed" in seen
    assert "hint: penstock retry" in seen


def test_an_error_is_red_and_its_hint_cyan(tmp_path: Path) -> None:
    seen = seen_at_a_terminal(a_project(tmp_path / "project"), "status")
    assert "\x1b[31merror:" in seen
    assert "\x1b[36mhint:" in seen


def test_agreement_is_asked_for_and_no_changes_nothing(tmp_path: Path) -> None:
    project = a_project(tmp_path / "project")
    seen_at_a_terminal(project, "run", "letters")
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "penstock", "reset", "letters"]
    process = subprocess.Popen(command, cwd=project, env=environment(), stdin=theirs, stderr=subprocess.PIPE, text=True)
    os.write(ours, b"n\n")
    _, said = process.communicate(timeout=60)
    os.close(ours)
    os.close(theirs)
    assert process.returncode == 130
    assert "forget that every task of letters completed? [y/N]" in said
    assert "nothing was changed" in said
    assert "skipped" in seen_at_a_terminal(project, "run", "letters")
