"""Nothing reaches the console that another site's page, a foreign name or a flood sends."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from penstock import Pipeline
from penstock.engine.definition.task import Task
from penstock.engine.planning.request import RunRequest
from penstock.web.checks import LONGEST_ADDRESS, LONGEST_BODY, MOST_FIELDS
from penstock.web.console import Console
from penstock.web.headers import SECURITY
from tests.web.conftest import BASE, OpenConsole, browse
from tests.web.reading import Document, csrf_of, read, send

FORM = "/pipelines/party/run"
LIVE = "ws://127.0.0.1:5001/live"
OWN = {"Origin": BASE}
EVIL = {"Origin": "http://evil.example"}


def runs(console: Console) -> int:
    return len(console.engine.history())


# Names and headers ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["127.0.0.1:5001", "localhost:5001", "LOCALHOST", "[::1]:5001", "localhost:8080"])
def test_the_server_answers_to_its_own_names(client: TestClient, host: str) -> None:
    assert client.get("/pipelines", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "10.0.0.7:5001", "", "localhost.", "a b"])
@pytest.mark.parametrize("address", ["/pipelines", "/api/pipelines", "/metrics"])
def test_a_name_that_was_made_to_lead_here_is_refused(client: TestClient, host: str, address: str) -> None:
    answer = client.get(address, headers={"Host": host})
    assert answer.status_code == 421
    assert "allow-host" in answer.text


@pytest.mark.parametrize(
    "address",
    [
        "/pipelines",
        "/nothing",
        "/static/console.css",
        "/static/nothing.css",
        "/api/pipelines",
        "/api/nothing",
        "/healthz",
    ],
)
def test_every_answer_carries_the_headers_that_keep_it_tame(client: TestClient, address: str) -> None:
    headers = client.get(address).headers
    assert {name: headers.get(name) for name in SECURITY} == SECURITY
    assert headers["Cache-Control"] == ("public, max-age=60" if address.startswith("/static/") else "no-store")
    assert "'unsafe" not in headers["Content-Security-Policy"]


def test_refusals_carry_them_too(client: TestClient) -> None:
    for answer in (client.get("/pipelines", headers={"Host": "evil.example"}), client.post(FORM, headers=EVIL)):
        assert answer.headers["X-Frame-Options"] == "DENY"


def test_a_defect_is_a_page_without_its_frames(open_console: OpenConsole) -> None:
    class Cracked(Pipeline):
        @property
        def title(self) -> str:
            raise RuntimeError("secret-frames")

        @title.setter
        def title(self, told: str) -> None: ...

    client = browse(open_console(Cracked("cracked", tasks=[Task("a", print)])))
    answer = client.get("/pipelines")
    assert answer.status_code == 500
    assert "secret-frames" not in answer.text
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_static_files_are_cached_by_their_tag(client: TestClient) -> None:
    tag = client.get("/static/console.css").headers["ETag"]
    assert client.get("/static/console.css", headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize(
    "path",
    [
        "/static/../access.py",
        "/static/..%2faccess.py",
        "/static/%2e%2e/access.py",
        "/static/%2e%2e%2f%2e%2e%2f%2e%2e%2fpyproject.toml",
        "/static//etc/passwd",
        "/static/..%5caccess.py",
        "/static/console.css%00.py",
    ],
)
def test_no_path_leads_out_of_the_folder_of_static_files(client: TestClient, path: str) -> None:
    answer = client.get(f"{BASE}{path}")
    assert answer.status_code in (400, 404)
    assert "Secret" not in answer.text
    assert "root:" not in answer.text


@pytest.mark.parametrize(
    "name", ["..%2f..%2fstate", "%2e%2e", "a%2fb", "..", "%00", "x" * 400, "%ff", "🦊", "%2Fetc%2Fpasswd"]
)
@pytest.mark.parametrize(
    "address", ["/pipelines/{}", "/api/pipelines/{}", "/runs/{}", "/api/runs/{}", "/api/runs/{}/log"]
)
def test_names_in_addresses_name_nothing_but_what_is_known(client: TestClient, address: str, name: str) -> None:
    assert client.get(BASE + address.format(name)).status_code in (307, 400, 404, 422)


@pytest.mark.parametrize("name", ["/etc/passwd", "../../etc/passwd", "x" * 300, "é" * 200, "a b"])
def test_a_run_of_what_no_pipeline_can_be_called_is_refused(client: TestClient, console: Console, name: str) -> None:
    answer = client.post("/api/runs", json={"pipeline": name})
    assert (answer.status_code, runs(console)) == (404, 0)
    assert answer.json()["error"]["message"] == f"there is no pipeline `{name}`"


@pytest.mark.parametrize("address", ["/runs?" + "&".join(["a"] * 300), "//[", "//[/runs?a=1"])
def test_an_address_that_cannot_be_read_is_refused(client: TestClient, address: str) -> None:
    answer = client.get(BASE + address)
    assert answer.status_code == 404
    assert "hint" in answer.text


# Other sites ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        EVIL,
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:3000"},
        {"Origin": "http://localhost:5001"},
        {"Origin": BASE, "Sec-Fetch-Site": "cross-site"},
        {"Origin": BASE, "Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "file://127.0.0.1:5001"},
        {"Origin": "http://["},
    ],
)
@pytest.mark.parametrize("address", [FORM, "/api/runs"])
def test_another_sites_page_starts_nothing(
    client: TestClient, console: Console, headers: dict[str, str], address: str
) -> None:
    fields = {"csrf": csrf_of(client)}
    told = {"json": {"pipeline": "party"}} if address.startswith("/api") else {"data": fields}
    answer = client.post(address, headers={**headers, "X-CSRF-Token": fields["csrf"]}, **told)
    assert (answer.status_code, runs(console)) == (403, 0)


@pytest.mark.parametrize("token", ["", "forged", None])
def test_a_form_without_the_sessions_token_starts_nothing(
    client: TestClient, console: Console, token: str | None
) -> None:
    csrf_of(client)
    answer = client.post(FORM, data={"force": "1"} if token is None else {"csrf": token}, headers=OWN)
    assert (answer.status_code, runs(console)) == (403, 0)
    assert "open the page anew" in answer.text


def test_the_token_of_one_session_is_worth_nothing_in_another(client: TestClient, console: Console) -> None:
    stolen = csrf_of(client)
    client.cookies.clear()
    client.get("/pipelines")
    answer = client.post(FORM, data={"csrf": stolen}, headers=OWN)
    assert (answer.status_code, runs(console)) == (403, 0)


def test_a_form_without_a_cookie_starts_nothing(client: TestClient, console: Console) -> None:
    token = csrf_of(client)
    client.cookies.clear()
    assert client.post(FORM, data={"csrf": token}, headers=OWN).status_code == 403
    assert client.post(FORM, data={"csrf": token}).status_code == 403
    assert runs(console) == 0


def test_the_cookie_is_kept_from_scripts_and_from_other_sites(client: TestClient) -> None:
    cookie = client.get("/pipelines").headers["Set-Cookie"]
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= {part.strip() for part in cookie.split(";")}


def test_a_link_on_another_site_leads_in_without_touching_the_session(client: TestClient) -> None:
    token = csrf_of(client)
    foreign = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    # A browser keeps a strict cookie to itself here, and sends it when the page asks for itself again.
    answer = browse(client.app.state.console).get("/pipelines/party", headers=foreign)  # type: ignore[attr-defined]
    assert "Set-Cookie" not in answer.headers
    assert 'http-equiv="refresh"' in answer.text
    assert csrf_of(client) == token


def test_the_consoles_own_script_may_use_the_api_with_the_token_of_the_forms(
    client: TestClient, console: Console
) -> None:
    headers = {**OWN, "X-CSRF-Token": csrf_of(client)}
    assert client.post("/api/runs", json={"pipeline": "party"}, headers=headers).status_code == 202
    assert client.post("/api/runs", json={"pipeline": "party"}, headers=OWN).status_code == 403
    assert runs(console) == 1


def test_a_program_on_the_machine_may_use_the_api_as_it_is(client: TestClient, console: Console) -> None:
    assert client.post("/api/runs", json={"pipeline": "party"}).status_code == 202
    assert runs(console) == 1


def test_a_body_that_is_no_json_starts_nothing(client: TestClient, console: Console) -> None:
    answer = client.post("/api/runs", content=b'{"pipeline": "party"}', headers={"Content-Type": "text/plain"})
    assert (answer.status_code, runs(console)) == (422, 0)


@pytest.mark.parametrize(
    "headers", [EVIL, {"Origin": "null"}, {"Origin": "http://127.0.0.1:3000"}, {"Host": "evil.example"}]
)
def test_another_sites_page_follows_nothing(client: TestClient, headers: dict[str, str]) -> None:
    with pytest.raises(WebSocketDisconnect) as caught, client.websocket_connect(LIVE, headers=headers):
        pass
    assert caught.value.code == 1008


@pytest.mark.parametrize("headers", [OWN, {}])
def test_the_consoles_own_page_is_followed(client: TestClient, headers: dict[str, str]) -> None:
    client.get("/pipelines")
    with client.websocket_connect(LIVE, headers=headers) as socket:
        socket.send_json({"page": "/pipelines", "seq": 0})
        assert "regions" in socket.receive_json() or "regions" in socket.receive_json()


# Floods ---------------------------------------------------------------------------------------------------------------


def test_a_body_that_says_it_is_too_large_is_not_read(client: TestClient, console: Console) -> None:
    answer = client.post(FORM, content=b"x" * (LONGEST_BODY + 1), headers=OWN)
    assert (answer.status_code, runs(console)) == (413, 0)


def test_a_flood_in_pieces_is_cut_off(client: TestClient) -> None:
    poured = 0

    def flood() -> Iterator[bytes]:
        nonlocal poured
        for _ in range(100):
            poured += 1
            yield b"x" * 65536

    assert client.post("/api/runs", content=flood()).status_code == 413


@pytest.mark.parametrize("length", ["-1", "1e3", "²", "99999999999999999999"])
def test_a_length_that_is_none_is_refused(client: TestClient, length: str) -> None:
    headers = {"Content-Length": length.encode()}
    assert client.post("/api/runs", content=b"{}", headers=headers).status_code in (400, 413)


def test_a_form_of_too_many_fields_is_refused(client: TestClient, console: Console) -> None:
    fields = {"csrf": csrf_of(client), **{f"f{number}": "1" for number in range(MOST_FIELDS)}}
    answer = client.post(FORM, data=fields, headers=OWN)
    assert (answer.status_code, runs(console)) == (400, 0)


def test_a_form_in_parts_is_refused(client: TestClient, console: Console) -> None:
    csrf_of(client)
    answer = client.post(FORM, files={"csrf": b"x"}, headers=OWN)
    assert (answer.status_code, runs(console)) == (415, 0)


@pytest.mark.parametrize("address", ["/pipelines?{}", "/{}"])
def test_an_address_nobody_types_is_refused(client: TestClient, address: str) -> None:
    assert client.get(address.format("x" * (LONGEST_ADDRESS + 1))).status_code == 414


def test_so_many_pages_may_be_followed_and_no_more(console: Console) -> None:
    client = browse(console)
    client.app.state.sockets.open = 200  # type: ignore[attr-defined]
    with pytest.raises(WebSocketDisconnect) as caught, client.websocket_connect(LIVE, headers=OWN):
        pass
    assert caught.value.code == 1013


# What others wrote ----------------------------------------------------------------------------------------------------

EVIL_TEXT = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"


@pytest.mark.parametrize(
    "page", ["/pipelines", "/pipelines/party", "/runs/last?tab=items", "/runs/last?tab=logs", "/runs/last?tab=config"]
)
def test_what_tasks_and_people_write_is_never_run(open_console: OpenConsole, page: str) -> None:
    def shout(ctx: object) -> None:
        ctx.log(EVIL_TEXT)  # type: ignore[attr-defined]
        raise ValueError(EVIL_TEXT)

    console = open_console(Pipeline("party", tasks=[Task("shout", shout)], title=EVIL_TEXT, doc=EVIL_TEXT))
    console.engine.run(RunRequest("party", cause=EVIL_TEXT))
    client = browse(console)
    assert read(client, page).dangers == []


def test_what_is_asked_for_is_told_back_as_text(client: TestClient) -> None:
    document = Document(client.get(f"/pipelines/{EVIL_TEXT.replace('/', '%2f')}").text)
    assert document.dangers == []
    assert "<script>alert(1)" in document.text
    told = Document(send(client, FORM, **{f"param.{EVIL_TEXT}": "1"}).text)
    assert told.dangers == []
    assert "there is no parameter" in told.text


def test_a_file_that_swells_when_it_is_read_leaves_the_console_up(open_console: OpenConsole, tmp_path: Path) -> None:
    folder = tmp_path / "pipelines"
    folder.mkdir()
    bomb = ["a: &a [lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    bomb += [
        f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]"
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    ]
    (folder / "bomb.yaml").write_text("\n".join(bomb), encoding="utf-8")
    client = browse(open_console())
    assert "bomb.yaml" in read(client, "/pipelines").text
    (broken,) = client.get("/api/pipelines").json()["broken"]
    assert broken["file"] == "bomb.yaml"
