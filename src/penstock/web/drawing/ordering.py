"""Which vertex stands above which in its column: barycentre sweeps, the least crossed arrangement wins."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Sequence

from penstock.web.drawing.layers import Layers

_SWEEPS = 6


def order_columns(layers: Layers) -> list[list[int]]:
    """Return the columns, sorted so that few links cross."""
    columns = best = layers.columns
    places = _places(columns, len(layers.left))
    fewest = _crossings(columns, layers.right, places)
    for sweep in range(_SWEEPS):
        if not fewest:
            break
        columns = _sweep(columns, layers.left if sweep % 2 == 0 else layers.right, places, backwards=sweep % 2 == 1)
        crossings = _crossings(columns, layers.right, places)
        if crossings < fewest:
            best, fewest = columns, crossings
    return best


def _places(columns: Sequence[Sequence[int]], vertices: int) -> list[int]:
    places = [0] * vertices
    for column in columns:
        for place, vertex in enumerate(column):
            places[vertex] = place
    return places


def _sweep(
    columns: list[list[int]], neighbours: list[list[int]], places: list[int], *, backwards: bool
) -> list[list[int]]:
    """Sort each column by where its neighbours stand; `places` follows."""

    def barycentre(vertex: int) -> float:
        near = neighbours[vertex]
        return sum([places[other] for other in near]) / len(near) if near else places[vertex]

    swept = []
    for column in reversed(columns) if backwards else columns:
        ordered = sorted(column, key=barycentre)
        for place, vertex in enumerate(ordered):
            places[vertex] = place
        swept.append(ordered)
    return swept[::-1] if backwards else swept


def _crossings(columns: list[list[int]], right: list[list[int]], places: list[int]) -> int:
    crossings = 0
    for column in columns:
        ends: list[int] = []
        for vertex in column:
            reached = [places[other] for other in right[vertex]]
            crossings += sum(len(ends) - bisect_right(ends, place) for place in reached)
            for place in reached:
                insort(ends, place)
    return crossings
