"""Who may enter the console."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Access:
    """Who may enter, and under which addresses.

    Args:
        hosts: Values of the `Host` header that are this server's own, with port.
        secret: Signs what this server hands out; kept over restarts.
        token: Lets an operator in; None where only this machine can reach the server.
        read_token: Lets a reader in.
    """

    hosts: frozenset[str]
    secret: bytes
    token: str | None = None
    read_token: str | None = None
