"""The graph that tasks form: order, ancestors, descendants, and a cycle as a readable path."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from heapq import heappop, heappush

from penstock.errors import DefinitionError


class Graph:
    """A directed acyclic graph of names.

    Args:
        upstream: The names each name waits for, in an order that is kept wherever the edges leave a choice.

    Raises:
        DefinitionError: The edges form a cycle.
    """

    def __init__(self, upstream: Mapping[str, Sequence[str]]) -> None:
        self._upstream = {name: tuple(dict.fromkeys(above)) for name, above in upstream.items()}
        downstream: dict[str, list[str]] = {name: [] for name in upstream}
        for name, above in self._upstream.items():
            for other in above:
                downstream[other].append(name)
        self._downstream = {name: tuple(below) for name, below in downstream.items()}
        self.order = self._sort()

    def _sort(self) -> tuple[str, ...]:
        waiting = {name: len(above) for name, above in self._upstream.items()}
        names = list(waiting)
        places = {name: place for place, name in enumerate(names)}
        ready = [places[name] for name, count in waiting.items() if count == 0]
        order: list[str] = []
        while ready:
            name = names[heappop(ready)]
            order.append(name)
            for below in self._downstream[name]:
                waiting[below] -= 1
                if waiting[below] == 0:
                    heappush(ready, places[below])
        if len(order) < len(waiting):
            path = " → ".join(self._find_cycle([name for name, count in waiting.items() if count]))
            raise DefinitionError(f"tasks depend on each other in a circle: {path}")
        return tuple(order)

    def _find_cycle(self, stuck: list[str]) -> list[str]:
        among = set(stuck)
        path = [stuck[0]]
        while True:
            above = next(name for name in self._upstream[path[-1]] if name in among)
            if above in path:
                return [above, *reversed(path[path.index(above) :])]
            path.append(above)

    def upstream(self, name: str) -> tuple[str, ...]:
        """Return the names this one waits for."""
        return self._upstream[name]

    def downstream(self, name: str) -> tuple[str, ...]:
        """Return the names that wait for this one."""
        return self._downstream[name]

    def ancestors(self, names: Iterable[str]) -> set[str]:
        """Return everything these names wait for, directly or not; not the names themselves."""
        return self._reach(names, self._upstream)

    def descendants(self, names: Iterable[str]) -> set[str]:
        """Return everything that waits for these names, directly or not; not the names themselves."""
        return self._reach(names, self._downstream)

    @staticmethod
    def _reach(names: Iterable[str], edges: Mapping[str, tuple[str, ...]]) -> set[str]:
        seen: set[str] = set()
        todo = [other for name in names for other in edges[name]]
        while todo:
            name = todo.pop()
            if name not in seen:
                seen.add(name)
                todo.extend(edges[name])
        return seen
