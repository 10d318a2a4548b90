"""A console over a real engine on SQLite, and clients that ask it as a browser would."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from penstock import Context, Item, Param, Pipeline, task
from penstock.bootstrap import open_engine
from penstock.engine.triggers.launch import InProcess
from penstock.kit.clock import SystemClock
from penstock.kit.secret import Secret
from penstock.settings import Settings
from penstock.web.access import LOOPBACK_NAMES, Access
from penstock.web.app import create_app
from penstock.web.console import Console, Knob
from penstock.web.launches import Launches

#: Where the console of the tests stands.
BASE = "http://127.0.0.1:5001"
#: Makes a console that knows these pipelines.
OpenConsole = Callable[..., Console]


@task
def fetch(ctx: Context) -> Any:
    """Fetch the guests."""
    ctx.log(f"fetching {ctx.params.guests} guests")
    return [Item(f"guest-{number}", number) for number in range(ctx.params.guests)]


def greet(ctx: Context, item: Item) -> str:
    """Greet one guest."""
    if item.payload == ctx.params.rude:
        raise ValueError("<script>alert('no manners')</script>")
    return f"hello, {item.key}"


def party(failure_tolerance: float = 0) -> Pipeline:
    """A pipeline of a task and a fan-out, one item of which can be made to fail."""
    greeting = task(each="fetch", failure_tolerance=failure_tolerance)(greet)
    params = [Param("guests", int, 3, "How many come.", minimum=1), Param("rude", int, -1, "Who does not greet.")]
    return Pipeline("party", tasks=[fetch, greeting], params=params, doc="Greets guests.")


@pytest.fixture
def open_console(tmp_path: Path) -> Iterator[OpenConsole]:
    """Make consoles over one store; each start of a run ends before the answer comes."""
    engines = []

    def open_it(*pipelines: Pipeline, clock: Any = None) -> Console:
        time = clock or SystemClock()
        settings = Settings(home=tmp_path / ".penstock", pipelines_path=tmp_path / "pipelines")
        engine = open_engine(settings, pipelines=pipelines, clock=time)
        engines.append(engine)
        knobs = [Knob("home", str(settings.home), "default", "folder of everything")]
        return Console(engine, Launches(InProcess(engine), time), lambda: knobs, time, "project")

    yield open_it
    for engine in engines:
        engine.close()


@pytest.fixture
def console(open_console: OpenConsole) -> Console:
    """A console that knows the party."""
    return open_console(party())


def an_access(**tokens: str) -> Access:
    """Who may enter: everybody on the machine, or those with a `token` or `read_token`."""
    secret = b"a key for tests, of 32 bytes or so"
    return Access(LOOPBACK_NAMES, secret, **{name: Secret(text) for name, text in tokens.items()})


def browse(console: Console, access: Access | None = None) -> TestClient:
    """A browser that asks this console."""
    app = create_app(console, access or an_access())
    return TestClient(app, base_url=BASE, follow_redirects=False, raise_server_exceptions=False)


@pytest.fixture
def client(console: Console) -> Iterator[TestClient]:
    """A browser on the machine itself, where no token is needed."""
    with browse(console) as asking:
        yield asking
