"""A program that is no task draws on the same budget as all tasks, and leaves nothing open."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from penstock import SourceError, open_source
from penstock.kit.clock import ManualClock
from penstock.kit.pace import Window
from penstock.settings import Settings
from penstock.sources.source import Source
from tests.servers.http import publishing

SOURCE = Source("example", "https://example.org", windows=(Window(2, timedelta(hours=1)),))


def test_two_programs_after_each_other_share_one_budget(tmp_path: Path) -> None:
    clock = ManualClock()
    began = clock.now()
    with publishing() as publisher:
        settings = Settings(home=tmp_path, sources={"example": publisher.base})
        for _ in range(3):
            with open_source(SOURCE, settings=settings, clock=clock) as client:
                client.get("x", refresh=True)
    assert len(publisher.asked) == 3
    assert clock.now() - began >= timedelta(hours=1)


def test_a_key_that_is_not_set_is_told_before_anything_is_asked(tmp_path: Path) -> None:
    keyed = Source("example", "https://example.org", key_variable="EXAMPLE_KEY_THAT_NOBODY_SET")
    with (
        pytest.raises(SourceError, match="EXAMPLE_KEY_THAT_NOBODY_SET"),
        open_source(keyed, settings=Settings(home=tmp_path)),
    ):
        pass
