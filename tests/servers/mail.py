"""A mail server on the loopback that keeps what it is handed, and answers as a test says."""

from __future__ import annotations

import base64
import socketserver
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from threading import Thread


@dataclass
class PostOffice:
    """What the server answers and has taken.

    Args:
        answers: What it says to a verb instead of agreeing: `RCPT` -> `550 unknown`.
        password: What it asks for before it takes a letter; nothing when empty.
        names: Whether a user and a password were told, in the order they came.
    """

    url: str = ""
    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    password: str = ""
    heard: list[str] = field(default_factory=list)


@contextmanager
def taking_mail() -> Iterator[PostOffice]:
    """A mail server at `url`, gone afterwards."""
    office = PostOffice()
    server = _Server(office)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    office.port = server.server_address[1]
    office.url = f"smtp://127.0.0.1:{office.port}"
    try:
        yield office
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, office: PostOffice) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.office = office


class _Conversation(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        self.say("220 post office")
        while line := self.rfile.readline():
            verb, _, rest = line.decode("ascii", "replace").strip().partition(" ")
            self.server.office.heard.append(verb.upper())
            if not self.answer(verb.upper(), rest):
                return

    def answer(self, verb: str, rest: str) -> bool:
        office = self.server.office
        if verb in office.answers:
            self.say(office.answers[verb])
        elif verb == "EHLO":
            self.say("250-post office\r\n250 AUTH PLAIN" if office.password else "250 post office")
        elif verb == "AUTH":
            told = base64.b64decode(rest.partition(" ")[2]).decode()
            is_right = told.endswith("\0" + office.password)
            self.say("235 welcome" if is_right else f"535 no such password: {told.rpartition(chr(0))[2]}")
        elif verb == "DATA":
            self.say("354 go on")
            office.letters.append(self.read_letter())
            self.say("250 taken")
        else:
            self.say("221 bye" if verb == "QUIT" else "250 fine")
        return verb != "QUIT"

    def read_letter(self) -> EmailMessage:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        letter = message_from_bytes(b"".join(lines), policy=default)
        assert isinstance(letter, EmailMessage)
        return letter

    def say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())
