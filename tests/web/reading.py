"""Reads pages as their readers do: text, links, forms, and what a browser would run."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from starlette.testclient import TestClient

#: Elements without an end.
_VOID = {"meta", "link", "input", "br", "img", "hr", "path", "line", "rect", "circle"}


@dataclass
class Form:
    """A form: where it leads, and the values it is filled in with."""

    method: str
    action: str
    fields: dict[str, str] = field(default_factory=dict)


class Document(HTMLParser):
    """A page taken apart."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self.forms: list[Form] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self._open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        self.elements.append((tag, told))
        if tag not in _VOID:
            self._open.append(tag)
        if tag == "a":
            self.links.append(told.get("href", ""))
        if tag == "form":
            self.forms.append(Form(told.get("method", "get"), told.get("action", "")))
        if tag in ("input", "textarea", "select", "button") and "name" in told and "form" in self._open:
            self.forms[-1].fields[told["name"]] = told.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        while tag in self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not {"script", "style"} & set(self._open):
            self.words.append(data)

    @property
    def text(self) -> str:
        """What a reader sees, blanks as one."""
        return " ".join(" ".join(self.words).split())

    @property
    def dangers(self) -> list[str]:
        """What the page would run beside the console's own script."""
        scripts = [told.get("src", "inline") for tag, told in self.elements if tag == "script"]
        handlers = [name for _, told in self.elements for name in told if name.startswith("on") or name == "style"]
        addresses = [value for _, told in self.elements for value in told.values() if value.startswith("javascript:")]
        return [one for one in scripts if one != "/static/console.js"] + handlers + addresses

    def form(self, action: str) -> Form:
        """Return the form that leads there."""
        return next(one for one in self.forms if one.action == action)


def read(client: TestClient, address: str, status: int = 200) -> Document:
    """Open a page, which has to answer with this status."""
    answer = client.get(address)
    assert answer.status_code == status, answer.text
    return Document(answer.text)


def csrf_of(client: TestClient) -> str:
    """Return the token that this browser's forms carry."""
    return client.get("/pipelines/party/reset").text.partition('name="csrf" value="')[2].partition('"')[0]


def send(client: TestClient, address: str, **fields: Any) -> Any:
    """Send a form as the browser that opened a page of the console does."""
    return client.post(address, data={"csrf": csrf_of(client), **fields}, headers={"Origin": str(client.base_url)})
