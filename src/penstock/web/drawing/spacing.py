"""How far down each vertex stands: near its neighbours, and never nearer to the next one than there is room."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise

from penstock.web.drawing.layers import Layers

_ROUNDS = 3
_NODE_GAP = 18
_BEND_GAP = 10


def spread(wanted: Sequence[float], gaps: Sequence[int]) -> list[int]:
    """Return whole positions as near as can be to the wanted ones, in their order, each gap kept or exceeded.

    Args:
        gaps: The least distance between each position and the next.
    """
    offsets = [0, *accumulate(gaps)]
    blocks: list[tuple[float, int]] = []
    for want, offset in zip(wanted, offsets, strict=True):
        total, count = want - offset, 1
        while blocks and blocks[-1][0] * count > total * blocks[-1][1]:
            before, number = blocks.pop()
            total, count = total + before, count + number
        blocks.append((total, count))
    starts = [round(total / count) for total, count in blocks for _ in range(count)]
    return [start + offset for start, offset in zip(starts, offsets, strict=True)]


def settle(layers: Layers, columns: Sequence[Sequence[int]], height: int) -> list[int]:
    """Return the middle of every vertex; the highest box begins at 0.

    Args:
        height: Of a node's box.
    """
    gaps = [[_gap(layers, above, below, height) for above, below in pairwise(column)] for column in columns]
    middles = [0] * len(layers.left)
    for column, between in zip(columns, gaps, strict=True):
        for vertex, middle in zip(column, accumulate(between, initial=0), strict=True):
            middles[vertex] = middle
    ahead = list(zip(columns, gaps, strict=True))
    for _ in range(_ROUNDS):
        _align(ahead, layers.left, middles)
        _align(ahead[::-1], layers.right, middles)
    _align(ahead, [[*left, *right] for left, right in zip(layers.left, layers.right, strict=True)], middles)
    top = min(middles, default=0) - height // 2
    return [middle - top for middle in middles]


def _gap(layers: Layers, above: int, below: int, height: int) -> int:
    boxes = (above < layers.nodes) + (below < layers.nodes)
    return boxes * height // 2 + (_NODE_GAP if boxes else _BEND_GAP)


def _align(
    columns: Sequence[tuple[Sequence[int], Sequence[int]]], neighbours: Sequence[Sequence[int]], middles: list[int]
) -> None:
    for column, gaps in columns:
        wanted = [_mean(neighbours[vertex], vertex, middles) for vertex in column]
        for vertex, middle in zip(column, spread(wanted, gaps), strict=True):
            middles[vertex] = middle


def _mean(near: Sequence[int], vertex: int, middles: Sequence[int]) -> float:
    return sum([middles[other] for other in near]) / len(near) if near else middles[vertex]
