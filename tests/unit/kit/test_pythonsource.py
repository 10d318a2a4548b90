"""Python source is read from many threads at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from penstock.kit.pythonsource import parse_python

_SOURCE = "\n".join(f"def f{n}(a, b=[{n}, (1, 2, {{3: 4}})]):\n    return [x for x in (a, b) if x]" for n in range(300))


def test_trees_made_by_many_threads_at_once_are_whole() -> None:
    with ThreadPoolExecutor(8) as threads:
        trees = list(threads.map(parse_python, [_SOURCE] * 64))
    assert {len(tree.body) for tree in trees} == {300}
