"""The live connection: what happened reaches every open page, also one that was away."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from penstock.engine.planning.request import RunRequest
from penstock.web.console import Console
from tests.web.conftest import BASE, OpenConsole, browse, party

_HEADERS = {"origin": BASE}
_LIVE = BASE.replace("http", "ws") + "/live"
_MOST_MESSAGES = 20


@contextmanager
def follow(client: TestClient, page: str, seq: int) -> Iterator[Any]:
    """Open the live connection of a page, as its script does."""
    client.get(page)  # gives the browser its session
    with client.websocket_connect(_LIVE, headers=_HEADERS) as socket:
        socket.send_json({"page": page, "seq": seq})
        yield socket


def read_until(socket: Any, text: str) -> dict[str, Any]:
    """Return the first message that holds a text in one of its regions."""
    for _ in range(_MOST_MESSAGES):
        message = socket.receive_json()
        if any(text in html for html in message.get("regions", {}).values()):
            return message
    raise AssertionError(f"no message tells `{text}`")


def start(console: Console, guests: int = 3) -> str:
    """Run the party and return the run's id."""
    return console.engine.run(RunRequest("party", {"guests": guests})).run.run_id


def test_a_page_hears_of_a_run_that_started_elsewhere(console: Console, client: TestClient) -> None:
    seen = console.engine.survey.last_seq()
    with follow(client, "/pipelines", seen) as socket:
        run_id = start(console)
        message = read_until(socket, run_id)
        assert message["seq"] >= seen
        assert set(message["regions"]) == {"list"}


def test_a_page_that_was_away_is_told_what_it_missed_also_by_another_server(
    console: Console, client: TestClient, open_console: OpenConsole
) -> None:
    seen = console.engine.survey.last_seq()
    run_id = start(console)
    with browse(open_console(party())) as restarted, follow(restarted, "/pipelines", seen) as socket:
        assert read_until(socket, run_id)["seq"] > seen


def test_fifty_pages_hear_the_same(console: Console, client: TestClient) -> None:
    seen = console.engine.survey.last_seq()
    with ExitStack() as opened:
        sockets = [opened.enter_context(follow(client, "/pipelines", seen)) for _ in range(50)]
        run_id = start(console)
        told = {read_until(socket, run_id)["regions"]["list"] for socket in sockets}
    assert len(told) == 1


def test_what_did_not_change_is_not_sent_again(console: Console, client: TestClient) -> None:
    run_id = start(console)
    with follow(client, f"/runs/{run_id}?tab=config", console.engine.survey.last_seq()) as socket:
        read_until(socket, "completed")
        later = [socket.receive_json() for _ in range(2)]  # beats, and what is drawn anew for its age
        assert all("regions" not in message for message in later)


def test_a_page_that_is_not_there_says_so(console: Console, client: TestClient) -> None:
    with follow(client, "/runs/nobody", 0) as socket:
        messages = [socket.receive_json() for _ in range(2)]
        assert any("nobody" in message.get("problem", "") for message in messages)


@pytest.mark.parametrize("hello", ["", "[]", "{}", '{"page": 1}', '{"page": "/pipelines", "seq": "x"}', "null"])
def test_a_caller_that_says_nothing_sensible_is_let_go(client: TestClient, hello: str) -> None:
    client.get("/pipelines")
    with client.websocket_connect(_LIVE, headers=_HEADERS) as socket:
        socket.send_text(hello)
        with pytest.raises(WebSocketDisconnect) as ended:
            socket.receive_json()
    assert ended.value.code == 1008


def test_a_page_that_cannot_be_drawn_holds_up_no_other(console: Console) -> None:
    def break_down() -> Any:
        raise RuntimeError("the settings cannot be read")

    with (
        browse(replace(console, knobs=break_down)) as client,
        follow(client, "/settings", 0) as broken,
        follow(client, "//[x", 0) as odd,
        follow(client, "/pipelines", 0) as sound,
    ):
        read_until(sound, "party")
        assert any("cannot be drawn" in broken.receive_json().get("problem", "") for _ in range(3))
        assert any("problem" in odd.receive_json() for _ in range(3))
        run_id = start(console)
        read_until(sound, run_id)


def test_a_page_that_has_nothing_live_is_not_followed(client: TestClient) -> None:
    with follow(client, "/pipelines/party/plan", 0) as socket, pytest.raises(WebSocketDisconnect):
        read_until(socket, "what no message says")


def test_pages_that_are_closed_are_followed_no_more(console: Console, client: TestClient, tmp_path: Path) -> None:
    for _ in range(3):
        with follow(client, "/pipelines", 0) as socket:
            read_until(socket, "party")
    run_id = start(console)
    with follow(client, "/pipelines", 0) as socket:
        read_until(socket, run_id)
