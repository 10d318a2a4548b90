"""Who may enter the console, and under which names it is reached."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field

from penstock.errors import UsageError
from penstock.kit.secret import Secret

#: Names under which a machine reaches itself.
LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})
#: Addresses that mean every address of the machine.
_EVERY = frozenset({"0.0.0.0", "::"})  # noqa: S104 - compared with, not listened at
_SHORTEST_TOKEN = 16
_TOKEN_HINT = "set PENSTOCK_TOKEN or pass `--token-file FILE`; make one: openssl rand -hex 24"  # noqa: S105 - a hint


@dataclass(frozen=True, slots=True)
class Access:
    """Who may enter, and under which addresses.

    Args:
        hosts: Names in the `Host` header that are this server's own; with a port for this port alone.
        secret: Signs what this server hands out; kept over restarts.
        token: Lets an operator in; None where only this machine can reach the server.
        read_token: Lets a reader in.
        any_address: Whether every bare IP address is this server's own too: a foreign page cannot pose as one.
    """

    hosts: frozenset[str]
    secret: bytes = field(repr=False)
    token: Secret | None = None
    read_token: Secret | None = None
    any_address: bool = False

    @property
    def is_open(self) -> bool:
        """Whether whoever can reach the server may act."""
        return self.token is None

    def knows(self, host: str) -> bool:
        """Tell whether a `Host` header names this server: else a foreign name was made to lead here."""
        name = name_of(host)
        return host.lower() in self.hosts or name in self.hosts or (self.any_address and _is_address(name))


def name_of(host: str) -> str:
    """Return a `Host` header without its port."""
    name, colon, port = host.lower().rpartition(":")
    return name if colon and port.isdigit() else host.lower()


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Tell whether an address to listen at is reached from this machine alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def access_to(
    host: str, secret: bytes, *, token: str | None, read_token: str | None, allowed: tuple[str, ...] = ()
) -> Access:
    """Return who may enter a server that listens at an address.

    Args:
        allowed: Further names under which it is reached.

    Raises:
        UsageError: A token is missing or too short.
    """
    if token is None and not is_loopback(host):
        raise UsageError(f"listening at `{host}` needs a token: others can reach it", hint=_TOKEN_HINT)
    if read_token is not None and token is None:
        raise UsageError("a token for readers needs one for operators too", hint=_TOKEN_HINT)
    for what, given in (("token", token), ("token for readers", read_token)):
        if given is not None and len(given) < _SHORTEST_TOKEN:
            raise UsageError(f"the {what} is shorter than {_SHORTEST_TOKEN} characters", hint=_TOKEN_HINT)
    if token is not None and token == read_token:
        raise UsageError("the tokens for operators and for readers are the same", hint=_TOKEN_HINT)
    own = f"[{host}]" if ":" in host else host
    return Access(
        LOOPBACK_NAMES | {own.lower()} | {name.lower() for name in allowed},
        secret,
        token=Secret(token) if token else None,
        read_token=Secret(read_token) if read_token else None,
        any_address=host in _EVERY,
    )
