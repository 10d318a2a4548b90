"""The settings page tells every setting, which keys are set, and what is installed, and no secret."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from starlette.testclient import TestClient

from penstock import __version__
from penstock.web.console import Knob
from tests.web.browsing import browse
from tests.web.conftest import OpenConsole
from tests.web.reading import read
from tests.web.shop import shop


def test_settings_come_with_value_source_and_meaning(client: TestClient) -> None:
    told = read(client, "/settings").text
    assert "folder of everything" in told
    assert "default" in told
    assert __version__ in told
    assert "duckdb" in told


def test_a_password_in_an_address_and_a_secret_parameter_are_stars(open_console: OpenConsole) -> None:
    knobs = [
        Knob("state_url", "postgresql://me:pass-word-1@db/x", "PENSTOCK_STATE_URL", "place"),
        Knob("params", '{"shop":{"api_token":"open-sesame","cycle":"2026"}}', "penstock.toml:4", "defaults"),
        Knob("broken", "{not json", "penstock.toml:5", "odd"),
    ]
    told = read(browse(replace(open_console(), knobs=lambda: knobs)), "/settings").text
    assert "pass-word-1" not in told
    assert "open-sesame" not in told
    assert '"cycle":"2026"' in told
    assert "{not json" in told


def test_the_version_of_the_state_is_told(open_console: OpenConsole) -> None:
    knobs = [Knob("state_url", "sqlite:///x.db", "default", "place")]
    assert "schema of the state" in read(browse(replace(open_console(), knobs=lambda: knobs)), "/settings").text


_ASK = """
import sys
from pathlib import Path
from penstock.bootstrap import open_engine
from penstock.kit.clock import SystemClock
from penstock.engine.triggers.launch import InProcess
from penstock.settings import Settings
from penstock.web.console import Console
from penstock.web.launches import Launches
from penstock.web.page import Role, Viewer
from penstock.web.render import render_page
from penstock.web.router import find_page
from tests.web.shop import shop
folder = Path(sys.argv[1])
engine = open_engine(Settings(home=folder, pipelines_path=folder / "none"), pipelines=[shop(folder)])
viewer, clock = Viewer(Role.READER), SystemClock()
console = Console(engine, Launches(InProcess(engine), clock), list, clock, "x")
print(render_page(find_page(console, "/settings", viewer), viewer, seq=0, path="/settings"))
"""


def _settings_with(tmp_path: Path, **environment: str) -> str:
    clean = {name: value for name, value in os.environ.items() if name != "SHOP_KEY"}
    command = [sys.executable, "-c", _ASK, str(tmp_path)]
    root = Path(__file__).parents[2]
    return subprocess.run(
        command, cwd=root, env={**clean, **environment}, capture_output=True, text=True, check=True
    ).stdout


def test_a_key_is_told_to_be_set_or_not_and_never_shown(tmp_path: Path) -> None:
    assert "SHOP_KEY is not set" in _settings_with(tmp_path)
    told = _settings_with(tmp_path, SHOP_KEY="open-sesame")
    assert "set in SHOP_KEY" in told
    assert "open-sesame" not in told


def test_sources_come_with_limits_and_users(open_console: OpenConsole, tmp_path: Path) -> None:
    told = read(browse(open_console(shop(tmp_path))), "/settings").text
    assert "60 calls a minute" in told
    assert "https://api.shop.example/v1" in told
