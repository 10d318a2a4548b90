"""What the guard asks of a request before anybody sees it; each check returns the refusal it finds, or None."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

from penstock.web.access import Access
from penstock.web.page import Role
from penstock.web.sessions import Session, Sessions
from penstock.web.signing import is_same

#: Methods that change nothing.
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
LONGEST_BODY = 1024 * 1024
#: Of a path, and of a query.
LONGEST_ADDRESS = 8 * 1024
#: A form that resets a pipeline has a box for each of its tasks.
MOST_FIELDS = 1000
FORM = "application/x-www-form-urlencoded"
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}
_RELOAD = "open the page anew and try again"


class Refusal(NamedTuple):
    """Why a request goes no further."""

    status: int
    message: str
    hint: str = ""


class Knock(NamedTuple):
    """A request as the guard sees it.

    Args:
        headers: By lower-case name.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]

    @property
    def is_api(self) -> bool:
        """Whether it is a program's, which reads JSON."""
        return self.path == "/api" or self.path.startswith("/api/")

    @property
    def is_page(self) -> bool:
        """Whether it is for something people look at."""
        return not self.is_api and self.path != "/metrics"

    @property
    def is_browser(self) -> bool:
        """Whether a browser sent it: those say on whose behalf."""
        return "origin" in self.headers or "sec-fetch-site" in self.headers

    @property
    def follows_link(self) -> bool:
        """Whether a browser follows a link on another site: it sends no strict cookies then."""
        site, mode = self.headers.get("sec-fetch-site"), self.headers.get("sec-fetch-mode")
        return self.method == "GET" and self.is_page and mode == "navigate" and site in ("cross-site", "same-site")

    @property
    def bearer(self) -> str | None:
        """The token in its `Authorization` header."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else None


def refuse_address(knock: Knock, access: Access) -> Refusal | None:
    """Refuse names that are not the server's, and addresses nobody types."""
    host = knock.headers.get("host", "")
    if not access.knows(host):
        return Refusal(
            421, f"this console is not called `{host[:100]}`", "start it with `penstock serve --allow-host NAME`"
        )
    if max(len(knock.path), len(knock.query)) > LONGEST_ADDRESS:
        return Refusal(414, f"the address is longer than {LONGEST_ADDRESS:,} characters", "ask for less at a time")
    return None


def refuse_foreign(knock: Knock) -> Refusal | None:
    """Refuse what a page of another site makes a browser send."""
    site = knock.headers.get("sec-fetch-site", "none")
    origin = knock.headers.get("origin")
    if site in ("same-origin", "none") and (origin is None or _is_own(origin, knock.headers.get("host", ""))):
        return None
    return Refusal(403, "another site's page sent this", "act from the console's own pages")


def _is_own(origin: str, host: str) -> bool:
    try:
        parts = urlsplit(origin)
    except ValueError:  # no address at all: a bracket left open, say
        return False
    if parts.scheme not in _DEFAULT_PORTS or not parts.netloc:
        return False
    port = _DEFAULT_PORTS[parts.scheme]
    return parts.netloc.lower().removesuffix(port) == host.lower().removesuffix(port)


def refuse_large(knock: Knock) -> Refusal | None:
    """Refuse a body that says itself that it is too large, or that its length is no number."""
    told = knock.headers.get("content-length", "0")
    if not (told.isascii() and told.isdigit()):
        return Refusal(400, "the length of the request's body is not a number")
    return too_large() if len(told) > 9 or int(told) > LONGEST_BODY else None


def too_large() -> Refusal:
    """Return the refusal of a body that is too large."""
    return Refusal(413, f"the request is larger than {LONGEST_BODY // 1024:,} KiB", "send less at a time")


def refuse_forged(knock: Knock, body: bytes, session: Session | None, sessions: Sessions) -> Refusal | None:
    """Refuse what acts without the token that only the console's own pages carry.

    Programs that are no browser need none for the API: nobody makes them act against their user's will.
    """
    if session is None:
        if knock.is_api and not knock.is_browser:
            return None
        return Refusal(403, "this came without the console's cookie", _RELOAD)
    given = knock.headers.get("x-csrf-token", "")
    if not given and not knock.is_api:
        if knock.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
            return Refusal(415, f"forms are sent as `{FORM}`", "programs use the API, below /api")
        try:
            given = form_fields(body).get("csrf", [""])[-1]
        except ValueError as error:
            return Refusal(400, f"the form cannot be read: {str(error).lower()}", _RELOAD)
    if is_same(given, sessions.csrf(session)):
        return None
    hint = "send the token of the page's forms as header `X-CSRF-Token`" if knock.is_api else _RELOAD
    return Refusal(403, "the form belongs to another session", hint)


def form_fields(body: bytes) -> dict[str, list[str]]:
    """Return the fields of a form.

    Raises:
        ValueError: It is not text, or has too many.
    """
    return parse_qs(body.decode("utf-8"), keep_blank_values=True, max_num_fields=MOST_FIELDS)


def refuse_reader(knock: Knock, role: Role) -> Refusal | None:
    """Refuse acts of those who may only look."""
    if role is Role.OPERATOR or knock.method in SAFE or knock.path in ("/login", "/logout"):
        return None
    return Refusal(403, "you may look, and change nothing", "enter with the operators' token")
