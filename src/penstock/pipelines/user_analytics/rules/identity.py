"""Finds out which identifiers are one user: profiles gather the other identifiers that lead to them."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Identities:
    """Which user each identifier is.

    Args:
        users: The user, by identifier; a user's own is among them.
        ambiguous: Identifiers that lead to several profiles equally well; the profile first in order has them.
    """

    users: Mapping[str, str]
    ambiguous: frozenset[str]


def resolve(profiles: Iterable[str], links: Iterable[tuple[str, str]], others: Iterable[str] = ()) -> Identities:
    """Return the user of every identifier that leads to one.

    Profiles are never merged with each other. An identifier between two profiles belongs to the nearer one.

    Args:
        links: Pairs of identifiers that are said to be one user, in either direction.
        others: Identifiers that are users even without a profile, unless they lead to one.
    """
    neighbours: defaultdict[str, set[str]] = defaultdict(set)
    for one, other in links:
        neighbours[one].add(other)
        neighbours[other].add(one)
    known = sorted(set(profiles))
    users, ambiguous = _gather(known, neighbours)
    for other in sorted(set(others)):
        if other not in users:
            users |= _gather([other], neighbours, users)[0]
    return Identities(users, frozenset(ambiguous))


def _gather(
    starts: list[str], neighbours: Mapping[str, set[str]], taken: Mapping[str, str] | None = None
) -> tuple[dict[str, str], set[str]]:
    users = {start: start for start in starts}
    far = dict.fromkeys(starts, 0)
    ambiguous: set[str] = set()
    waiting = deque(starts)
    while waiting:
        here = waiting.popleft()
        for near in sorted(neighbours.get(here, ())):
            if near in (taken or {}):
                continue
            if near not in users:
                users[near], far[near] = users[here], far[here] + 1
                waiting.append(near)
            elif users[near] != users[here] and far[near] == far[here] + 1:
                ambiguous.add(near)
    return users, ambiguous
