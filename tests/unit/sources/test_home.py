"""The sources of a process: who gets which client, at which address, with which key."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from penstock.errors import SourceError
from penstock.kit.clock import ManualClock
from penstock.kit.pace import Window
from penstock.sources.budget import LocalBudget
from penstock.sources.home import SourceHome, SourceSettings
from penstock.sources.source import Source

SOURCE = Source(
    "example", "https://example.org/v1", windows=(Window(1, timedelta(hours=1)),), key_variable="EXAMPLE_KEY"
)


def a_home(tmp_path, environment=None, seen=None, **settings):
    clock = ManualClock()

    def open_budget(source):
        (seen if seen is not None else []).append(source)
        return LocalBudget(source.windows, clock)

    told = SourceSettings(
        tmp_path,
        environment or {"EXAMPLE_KEY": "k"},
        settings.pop("addresses", {}),
        settings.pop("budgets", {}),
        **settings,
    )
    return SourceHome(told, open_budget, clock, lambda: 0.0)


def test_a_thread_keeps_its_client_and_two_threads_that_live_have_two(tmp_path):
    home = a_home(tmp_path)
    mine = home.client(SOURCE, lambda: None)
    assert home.client(SOURCE, lambda: None) is mine
    others = []
    thread = threading.Thread(target=lambda: others.append(home.client(SOURCE, lambda: None)))
    thread.start()
    thread.join()
    assert others[0] is not mine


def test_threads_that_come_after_each_other_share_one_client(tmp_path):
    home, seen = a_home(tmp_path), set()
    for _ in range(20):
        thread = threading.Thread(target=lambda: seen.add(id(home.client(SOURCE, lambda: None))))
        thread.start()
        thread.join()
    assert len(seen) == 1


def test_settings_put_other_addresses_and_limits_in_place(tmp_path):
    seen = []
    limits = (Window(5, timedelta(minutes=1)),)
    home = a_home(tmp_path, seen=seen, addresses={"example": "http://127.0.0.1:1"}, budgets={"example": limits})
    assert home.client(SOURCE, lambda: None).source.base_url == "http://127.0.0.1:1"
    assert seen[0].windows == limits


def test_a_missing_key_is_told_by_its_variable_and_replaying_needs_none(tmp_path):
    with pytest.raises(SourceError, match="`EXAMPLE_KEY` is not set") as caught:
        a_home(tmp_path, {"EXAMPLE_KEY": " "}).client(SOURCE, lambda: None)
    assert "export EXAMPLE_KEY" in caught.value.hint
    assert a_home(tmp_path, {"OTHER": "x"}, recordings="replay").client(SOURCE, lambda: None)


def test_a_misspelt_source_in_the_settings_is_told_before_the_publisher_is_called(tmp_path):
    home = a_home(tmp_path, addresses={"exmple": "http://127.0.0.1:1"})
    with pytest.raises(SourceError, match="setting `sources` names `exmple`"):
        home.client(SOURCE, lambda: None)
    others = a_home(tmp_path, addresses={"exampleelections": "http://127.0.0.1:1"}, budgets={"sec": ()})
    assert others.client(SOURCE, lambda: None).source.base_url == SOURCE.base_url
