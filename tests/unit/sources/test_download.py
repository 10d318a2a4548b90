"""Downloads over a loopback server: fetched once, never half, never a web page."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from penstock.errors import SourceError
from penstock.sources.download import download, look_at
from penstock.sources.fec.bulk import BulkFile, open_bulk_files


@dataclass
class Publisher:
    """A server whose answers a test may change."""

    files: dict[str, bytes] = field(default_factory=dict)
    etag: str = '"one"'
    modified: str = ""
    kind: str = "application/zip"
    cut: int = 0
    status: int = 200
    seen: list[tuple[str, str, int]] = field(default_factory=list)
    agents: set[str] = field(default_factory=set)
    base: str = ""


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    state = Publisher()

    class Answer(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_HEAD(self) -> None:
            self.answer(with_body=False)

        def do_GET(self) -> None:
            self.answer(with_body=True)

        def answer(self, *, with_body: bool) -> None:
            body = state.files.get(self.path)
            status = state.status if body is not None else 404
            if status == 200 and state.etag and self.headers.get("If-None-Match") == state.etag:
                status = 304
            state.seen.append((self.command, self.path, status))
            state.agents.add(self.headers["User-Agent"])
            self.send_response(status)
            if status == 200 and body is not None:
                for header, value in (("ETag", state.etag), ("Last-Modified", state.modified)):
                    if value:
                        self.send_header(header, value)
                self.send_header("Content-Type", state.kind)
                self.send_header("Content-Length", str(len(body)))
            else:
                self.send_header("Content-Length", "0")
            self.end_headers()
            if with_body and status == 200 and body is not None:
                self.wfile.write(body[: len(body) - state.cut])
                self.close_connection = True

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    Thread(target=server.serve_forever, daemon=True).start()
    state.base = f"http://127.0.0.1:{server.server_port}"
    yield state
    server.shutdown()
    server.server_close()


def test_a_file_is_fetched_once_and_then_only_asked_after(publisher: Publisher, tmp_path: Path) -> None:
    publisher.files["/cm20.zip"] = b"content"
    for _ in range(2):
        download(f"{publisher.base}/cm20.zip", tmp_path / "cm20.zip")
        assert (tmp_path / "cm20.zip").read_bytes() == b"content"
    assert [status for _, _, status in publisher.seen] == [200, 304]
    assert all(agent.startswith("penstock/") for agent in publisher.agents)


def test_a_changed_file_is_fetched_again(publisher: Publisher, tmp_path: Path) -> None:
    publisher.files["/cm20.zip"] = b"old"
    before = download(f"{publisher.base}/cm20.zip", tmp_path / "cm20.zip")
    publisher.files["/cm20.zip"], publisher.etag = b"new", '"two"'
    after = download(f"{publisher.base}/cm20.zip", tmp_path / "cm20.zip")
    assert (tmp_path / "cm20.zip").read_bytes() == b"new"
    assert before.token != after.token == look_at(f"{publisher.base}/cm20.zip").token  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("etag", "modified"), [('"two"', "Mon, 01 Apr"), ('"one"', "Tue, 02 Apr"), ("", "Mon, 01 Apr")]
)
def test_the_state_is_told_by_both_the_name_and_the_time_the_server_gives(
    publisher: Publisher, etag: str, modified: str
) -> None:
    publisher.files["/cm20.zip"], publisher.modified = b"content", "Mon, 01 Apr"
    before = look_at(f"{publisher.base}/cm20.zip")
    publisher.etag, publisher.modified = etag, modified
    after = look_at(f"{publisher.base}/cm20.zip")
    assert before is not None
    assert after is not None
    assert before.token != after.token


def test_a_file_whose_server_names_no_state_is_known_by_its_content(publisher: Publisher, tmp_path: Path) -> None:
    publisher.files["/2020/cm20.zip"], publisher.etag = b"old", ""
    params = {"bulk_dir": publisher.base, "cycle": 2020}
    before = BulkFile(("cm",)).fingerprint(params, None)
    assert BulkFile(("cm",)).fingerprint(params, before).value == before.value
    publisher.files["/2020/cm20.zip"] = b"new"
    assert BulkFile(("cm",)).fingerprint(params, before).value != before.value
    url = f"{publisher.base}/2020/cm20.zip"
    kept = download(url, tmp_path / "cm20.zip")
    assert (tmp_path / "cm20.zip").read_bytes() == b"new"
    assert kept == look_at(url)


def test_an_answer_cut_short_is_never_used(publisher: Publisher, tmp_path: Path) -> None:
    publisher.files["/cm20.zip"], publisher.cut = b"0123456789", 4
    with pytest.raises(SourceError) as caught:
        download(f"{publisher.base}/cm20.zip", tmp_path / "cm20.zip")
    assert caught.value.retriable
    assert list(tmp_path.iterdir()) == []


def test_a_web_page_is_not_a_file(publisher: Publisher, tmp_path: Path) -> None:
    publisher.files["/cm20.zip"], publisher.kind = b"<html>", "text/html; charset=utf-8"
    with pytest.raises(SourceError, match="a web page instead of a file"):
        download(f"{publisher.base}/cm20.zip", tmp_path / "cm20.zip")


@pytest.mark.parametrize(("status", "retriable"), [(503, True), (429, True), (403, False)])
def test_a_refusal_is_told_with_its_status(publisher: Publisher, tmp_path: Path, status: int, retriable: bool) -> None:
    publisher.files["/cm20.zip"], publisher.status = b"x", status
    with pytest.raises(SourceError, match=f"status {status}") as caught:
        download(f"{publisher.base}/cm20.zip", tmp_path / "cm20.zip")
    assert caught.value.retriable is retriable


def test_a_server_that_does_not_answer_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"cannot reach `http://127\.0\.0\.1:1/"):
        download("http://127.0.0.1:1/cm20.zip", tmp_path / "cm20.zip")


def test_bulk_files_at_an_address_are_known_by_their_servers_state(publisher: Publisher, tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("cm.txt", "C00000001|X\n")
    publisher.files["/2020/cm20.zip"] = packed.getvalue()
    params = {"bulk_dir": publisher.base, "cycle": 2020}
    before = BulkFile(("cm",)).fingerprint(params, None)
    folders = {"workdir": tmp_path / "work", "downloads": tmp_path / "downloads"}
    with open_bulk_files("cm", publisher.base, 2020, **folders) as (file,):
        assert file.path.read_text() == "C00000001|X\n"
    assert BulkFile(("cm",)).fingerprint(params, before).value == before.value
    publisher.etag = '"two"'
    assert BulkFile(("cm",)).fingerprint(params, before).value != before.value


def test_a_bulk_file_that_is_not_at_the_address_may_be_left_out(publisher: Publisher) -> None:
    with pytest.raises(SourceError) as caught:
        BulkFile(("webk",)).fingerprint({"bulk_dir": publisher.base, "cycle": 2020}, None)
    assert f"{publisher.base}/2020/webk20.zip" in caught.value.message
    assert "--skip load_pac_summaries" in str(caught.value.hint)
