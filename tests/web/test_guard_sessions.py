"""Where tokens are asked for, they decide who looks and who acts, until they change or the day is over."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from penstock.errors import StateError, UsageError
from penstock.kit.clock import SystemClock
from penstock.web.access import access_to
from penstock.web.console import Console
from penstock.web.signing import load_secret
from tests.web.conftest import BASE, OpenConsole, an_access, browse, party
from tests.web.reading import Document, csrf_of, read, send

TOKEN, READ_TOKEN = "operators-token-of-tests", "readers-token-of-tests"
TOKENS = {"token": TOKEN, "read_token": READ_TOKEN}
LIVE = "ws://127.0.0.1:5001/live"


def guarded(console: Console, **tokens: str) -> TestClient:
    """A browser before a console that asks for tokens."""
    return browse(console, an_access(**(tokens or TOKENS)))


def enter(client: TestClient, token: str, to: str = "/pipelines") -> int:
    form = Document(client.get(f"/login?to={to}").text).form("/login")
    answer = client.post("/login", data={**form.fields, "token": token}, headers={"Origin": BASE})
    return answer.status_code


class MovedClock(SystemClock):
    """The machine's clock, moved by hand."""

    shift = timedelta(0)

    def now(self):
        return super().now() + self.shift


def test_a_stranger_is_led_to_the_door_and_then_where_they_wanted(console: Console) -> None:
    client = guarded(console)
    answer = client.get("/runs?status=failed")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?to=%2Fruns%3Fstatus%3Dfailed")
    form = Document(client.get(answer.headers["location"]).text).form("/login")
    entered = client.post("/login", data={**form.fields, "token": TOKEN}, headers={"Origin": BASE})
    assert (entered.status_code, entered.headers["location"]) == (303, "/runs?status=failed")
    assert client.get("/pipelines").status_code == 200


@pytest.mark.parametrize(
    "to", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "/\n/e"]
)
def test_the_door_leads_to_no_other_site(console: Console, to: str) -> None:
    client = guarded(console)
    form = Document(client.get("/login").text).form("/login")
    entered = client.post("/login", data={**form.fields, "to": to, "token": TOKEN}, headers={"Origin": BASE})
    assert entered.headers["location"] == "/pipelines"


@pytest.mark.parametrize("address", ["/api/pipelines", "/metrics"])
def test_a_program_without_a_token_is_told_what_to_send(console: Console, address: str) -> None:
    answer = guarded(console).get(address)
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert "Authorization: Bearer" in answer.text


def test_a_program_acts_with_the_operators_token_alone(console: Console) -> None:
    client = guarded(console)
    asked = {"json": {"pipeline": "party"}}
    codes = [
        client.post("/api/runs", **asked, headers={"Authorization": f"Bearer {token}"}).status_code
        for token in ("", "wrong", TOKEN[:-1], READ_TOKEN, TOKEN)
    ]
    assert codes == [401, 401, 401, 403, 202]
    assert client.get("/api/pipelines", headers={"Authorization": f"Bearer {READ_TOKEN}"}).status_code == 200
    assert client.get("/metrics", headers={"Authorization": f"Bearer {READ_TOKEN}"}).status_code == 200


@pytest.mark.parametrize("address", ["/healthz", "/static/console.css", "/login"])
def test_what_tells_nothing_asks_for_nothing(console: Console, address: str) -> None:
    assert guarded(console).get(address).status_code == 200


def test_a_wrong_token_opens_nothing_and_is_not_told_back(console: Console) -> None:
    client = guarded(console)
    assert enter(client, "a-token-that-is-wrong") == 403
    assert client.get("/pipelines").status_code == 303


def test_a_reader_sees_everything_and_no_button(console: Console) -> None:
    client = guarded(console)
    assert enter(client, READ_TOKEN) == 303
    document = read(client, "/pipelines/party")
    assert not [form for form in document.forms if form.method == "post"]
    assert "you may look, and change nothing" in document.text


@pytest.mark.parametrize(
    "address",
    ["/pipelines/party/run", "/pipelines/party/reset", "/runs/last/cancel", "/schedules/pause", "/api/refresh"],
)
def test_a_reader_changes_nothing(console: Console, address: str) -> None:
    client = guarded(console)
    enter(client, READ_TOKEN)
    answer = client.post(address, data={"csrf": csrf_of(client), "sure": "1"}, headers={"Origin": BASE})
    assert (answer.status_code, console.engine.history()) == (403, [])


def test_sessions_and_forms_outlive_a_restart(open_console: OpenConsole) -> None:
    before = guarded(open_console(party()))
    enter(before, TOKEN)
    token = csrf_of(before)
    console = open_console(party())
    after = guarded(console)
    after.cookies = before.cookies
    answer = after.post("/pipelines/party/run", data={"csrf": token}, headers={"Origin": BASE})
    assert answer.status_code == 303
    assert len(console.engine.history()) == 1


def test_a_changed_token_ends_the_sessions_it_opened_and_no_others(console: Console) -> None:
    operator, reader = guarded(console), guarded(console)
    enter(operator, TOKEN)
    enter(reader, READ_TOKEN)
    changed = guarded(console, token="another-token-of-tests", read_token=READ_TOKEN)
    codes = []
    for client in (operator, reader):
        changed.cookies = client.cookies
        codes.append(changed.get("/pipelines").status_code)
    assert codes == [303, 200]


def test_a_session_ends_after_twelve_hours(open_console: OpenConsole) -> None:
    clock = MovedClock()
    client = guarded(open_console(party(), clock=clock))
    enter(client, TOKEN)
    codes = []
    for hours in (11.9, 12.1):
        clock.shift = timedelta(hours=hours)
        codes.append(client.get("/pipelines").status_code)
    assert codes == [200, 303]


def test_a_followed_page_ends_with_its_session(open_console: OpenConsole) -> None:
    clock = MovedClock()
    client = guarded(open_console(party(), clock=clock))
    enter(client, TOKEN)
    clock.shift = timedelta(hours=12) - timedelta(seconds=2)
    with client.websocket_connect(LIVE, headers={"Origin": BASE}) as socket:
        socket.send_json({"page": "/settings", "seq": 0})
        assert any(message["type"] == "websocket.close" for message in iter(socket.receive, None))


def test_a_stranger_follows_nothing(console: Console) -> None:
    client = guarded(console)
    client.get("/login")
    for headers in ({"Origin": BASE}, {}, {"Authorization": "Bearer wrong"}):
        with pytest.raises(WebSocketDisconnect), client.websocket_connect(LIVE, headers=headers):
            pass
    with client.websocket_connect(LIVE, headers={"Authorization": f"Bearer {READ_TOKEN}"}) as socket:
        socket.send_json({"page": "/pipelines", "seq": 0})
        assert "seq" in socket.receive_json()


def test_leaving_takes_the_cookie_back(console: Console) -> None:
    client = guarded(console)
    enter(client, TOKEN)
    assert send(client, "/logout").headers["location"] == "/login"
    assert client.get("/pipelines").status_code == 303


@pytest.mark.parametrize(
    "change",
    [
        lambda cookie: cookie.replace("reader", "operator"),
        lambda cookie: cookie[:-1] + ("A" if cookie[-1] != "A" else "B"),
        lambda cookie: ".".join([*cookie.split(".")[:2], "99999999999", cookie.split(".")[3]]),
        lambda cookie: cookie + ".x",
        lambda cookie: "",
        lambda cookie: "operator...",
        lambda cookie: "visitor.x.1.x",
    ],
)
def test_a_cookie_that_was_tampered_with_opens_nothing(console: Console, change) -> None:
    client = guarded(console)
    enter(client, READ_TOKEN)
    name, value = next((one.name, one.value or "") for one in client.cookies.jar)
    client.cookies.clear()
    answer = client.get("/pipelines", headers={"Cookie": f"{name}={change(value)}"})
    assert answer.status_code == 303


# The key and the rules ------------------------------------------------------------------------------------------------


def test_the_key_is_made_once_and_kept_from_others(tmp_path: Path) -> None:
    key = load_secret(tmp_path)
    file = tmp_path / "console.secret"
    assert (len(key), file.stat().st_mode & 0o777) == (32, 0o600)
    assert load_secret(tmp_path) == key
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("text", ["", "no hexadecimal", "abcd"])
def test_a_damaged_key_is_told_with_the_next_step(tmp_path: Path, text: str) -> None:
    (tmp_path / "console.secret").write_text(text, encoding="utf-8")
    with pytest.raises(StateError) as caught:
        load_secret(tmp_path)
    assert "remove" in str(caught.value.hint)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "console.example.org"])
def test_an_address_that_others_reach_needs_a_token(host: str) -> None:
    with pytest.raises(UsageError) as caught:
        access_to(host, b"k" * 32, token=None, read_token=None)
    assert "PENSTOCK_TOKEN" in str(caught.value.hint)
    assert not access_to(host, b"k" * 32, token=TOKEN, read_token=None).is_open


@pytest.mark.parametrize(
    ("token", "read_token"), [("short", None), (TOKEN, "short"), (None, READ_TOKEN), (TOKEN, TOKEN), ("", None)]
)
def test_tokens_that_are_none_are_refused(token: str | None, read_token: str | None) -> None:
    with pytest.raises(UsageError):
        access_to("127.0.0.1", b"k" * 32, token=token, read_token=read_token)


def test_no_token_is_told_by_what_holds_it() -> None:
    access = access_to("127.0.0.1", b"k" * 32, token=TOKEN, read_token=READ_TOKEN)
    assert not [word for word in (TOKEN, READ_TOKEN, "kkkk") if word in repr(access)]


def test_a_server_for_all_addresses_answers_to_addresses_and_allowed_names_only() -> None:
    access = access_to("0.0.0.0", b"k" * 32, token=TOKEN, read_token=None, allowed=("Console.example.org",))
    hosts = ["10.0.0.7:5001", "[fe80::1]:5001", "console.example.org", "console.example.org:443", "evil.example"]
    assert [access.knows(host) for host in hosts] == [True, True, True, True, False]
