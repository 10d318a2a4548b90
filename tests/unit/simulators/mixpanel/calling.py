"""Asks a served Mixpanel, as its documents tell to."""

from __future__ import annotations

import gzip
import json
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode, urlsplit

from penstock.kit.clock import ManualClock
from penstock.simulators.mixpanel.app import create_mixpanel_app
from penstock.simulators.mixpanel.universe import Universe
from penstock.simulators.serve import Served

END_ON = date(2026, 3, 31)
EXPORT, ENGAGE = "/api/2.0/export", "/api/query/engage"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.body.splitlines()]


@dataclass(frozen=True)
class Site:
    url: str
    clock: ManualClock

    def export(self, first: object = END_ON, last: object = END_ON, *, user: str = "secret:", **params: Any) -> Answer:
        return self.ask("GET", EXPORT, {"from_date": first, "to_date": last, **params}, user=user)

    def engage(self, **form: Any) -> Answer:
        return self.ask("POST", ENGAGE, {}, form=form)

    def ask(
        self,
        method: str,
        path: str,
        params: Mapping[str, Any],
        *,
        form: Mapping[str, Any] | None = None,
        user: str = "secret:",
        gzipped: bool = False,
    ) -> Answer:
        connection = HTTPConnection(urlsplit(self.url).netloc, timeout=20)
        headers = {"Accept-Encoding": "gzip"} if gzipped else {}
        if user:
            headers["Authorization"] = "Basic " + b64encode(user.encode()).decode()
        try:
            connection.request(method, f"{path}?{urlencode(params)}", urlencode(form or {}), headers)
            response = connection.getresponse()
            body = response.read()
        finally:
            connection.close()
        told = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, told, gzip.decompress(body) if "content-encoding" in told else body)


@contextmanager
def a_site(universe: Universe | None = None, **options: Any) -> Iterator[Site]:
    played = universe or Universe(end_on=END_ON)
    clock = ManualClock(played.closes_at)
    options.setdefault("limits", ())
    with Served(create_mixpanel_app(played, clock, **options)) as served:
        yield Site(served.url, clock)
