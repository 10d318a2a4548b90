"""Sessions as signed cookies: who has entered, until when, and which forms are theirs."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.cookies import CookieError, SimpleCookie

from penstock.kit.clock import Clock
from penstock.kit.secret import Secret
from penstock.web.access import Access
from penstock.web.page import Role
from penstock.web.signing import is_same, signature

#: How long somebody who showed a token stays in.
LIFE = timedelta(hours=12)
#: How long the forms of somebody who needed none stay valid.
_VISIT = timedelta(days=365)
_VISITOR = "visitor"


@dataclass(frozen=True, slots=True)
class Session:
    """One browser's stay.

    Args:
        role: As the token said; None for a visitor who showed none.
    """

    name: str
    role: Role | None
    until: datetime


class Sessions:
    """Opens sessions and reads them back from cookies. Nothing is kept: the signature vouches for all of it."""

    def __init__(self, access: Access, clock: Clock) -> None:
        self._access = access
        self._clock = clock
        #: Two consoles on one machine share its cookies, so each has a name of its own.
        self.cookie = "penstock_" + signature(access.secret, "cookie")[:8]

    def open(self, role: Role | None) -> Session:
        """Return a new session."""
        return Session(secrets.token_urlsafe(18), role, self._clock.now() + (_VISIT if role is None else LIFE))

    def read(self, header: str) -> Session | None:
        """Return the session that a `Cookie` header holds; None when it holds none that is valid."""
        try:
            found = SimpleCookie(header).get(self.cookie)
        except CookieError:
            return None
        parts = found.value.split(".") if found else []
        if len(parts) != 4 or not parts[2].isascii() or not parts[2].isdigit() or len(parts[2]) > 11:
            return None
        kind, name, until, signed = parts
        key = self._key(kind)
        if key is None or not is_same(signed, signature(key, kind, name, until)):
            return None
        session = Session(name, None if kind == _VISITOR else Role(kind), datetime.fromtimestamp(int(until), UTC))
        return session if session.until > self._clock.now() else None

    def set_cookie(self, session: Session, *, is_secure: bool = False) -> str:
        """Return the `Set-Cookie` header that hands a session out."""
        kind, until = session.role or _VISITOR, str(int(session.until.timestamp()))
        key = self._key(kind) or b""
        signed = signature(key, kind, session.name, until)
        return f"{self.cookie}={kind}.{session.name}.{until}.{signed}; {_attributes(is_secure=is_secure)}"

    def drop_cookie(self) -> str:
        """Return the `Set-Cookie` header that takes a session back."""
        return f"{self.cookie}=; Max-Age=0; {_attributes(is_secure=False)}"

    def csrf(self, session: Session) -> str:
        """Return the token that the forms of a session carry."""
        return signature(self._access.secret, "csrf", session.name)

    def role_of(self, token: str) -> Role | None:
        """Return what a token lets its bearer do; None when it is nobody's."""
        pairs = ((self._access.token, Role.OPERATOR), (self._access.read_token, Role.READER))
        found = [role for known, role in pairs if known is not None and is_same(known.reveal(), token)]
        return found[0] if found else None

    def _key(self, kind: str) -> bytes | None:
        """Return what signs sessions of a kind: a changed token ends those that were opened with the old one."""
        known: dict[str, Secret | None] = {Role.OPERATOR: self._access.token, Role.READER: self._access.read_token}
        if kind == _VISITOR:
            return self._access.secret
        token = known.get(kind)
        return None if token is None else signature(self._access.secret, "session", token.reveal()).encode()


def _attributes(*, is_secure: bool) -> str:
    return "Path=/; HttpOnly; SameSite=Strict" + ("; Secure" if is_secure else "")
