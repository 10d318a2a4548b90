"""Every setting and where it comes from, the publishers and their keys, and what is installed."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version

from penstock import __version__
from penstock.engine.definition.task import Publisher
from penstock.engine.state.connect import schema_version
from penstock.errors import SourceError
from penstock.sources.source import Source
from penstock.web.console import Console
from penstock.web.page import Ask, Page
from penstock.web.pages.budgets import say_limit

_EXTRA = re.compile(r"^([A-Za-z0-9._-]+).*;.*extra == ['\"]([\w-]+)['\"]")


@dataclass(frozen=True, slots=True)
class SourceShown:
    """A publisher that pipelines call.

    Args:
        limits: How many calls it allows.
        key: Whether its key is set, in words; never the key.
        is_missing: Whether a key is needed and not set.
        used_by: Pipelines that call it.
    """

    name: str
    address: str
    limits: Sequence[str]
    key: str
    is_missing: bool
    terms: str
    used_by: Sequence[str]


@dataclass(frozen=True, slots=True)
class Extra:
    """A part of the installation that can be left out."""

    name: str
    packages: Sequence[tuple[str, str]]

    @property
    def is_whole(self) -> bool:
        """Whether all of it is installed."""
        return all(number for _, number in self.packages)


def show(console: Console, ask: Ask) -> Page:  # noqa: ARG001 - part of the protocol
    """Return the settings."""
    values = {knob.name: knob.value for knob in console.knobs()}
    facts = {
        "knobs": console.settings(),
        "sources": list(_sources(console)),
        "versions": [
            ("penstock", __version__),
            ("Python", platform.python_version()),
            ("system", f"{platform.system()} {platform.machine()}"),
            ("schema of the state", str(schema_version(values.get("state_url", "")) or "none")),
        ],
        "extras": list(_extras()),
        "project": console.project,
    }
    return Page("settings", "Settings", facts)


def _sources(console: Console) -> Iterator[SourceShown]:
    found: dict[str, tuple[Publisher, dict[str, None]]] = {}
    for pipeline in console.engine.registry.all().values():
        for task in pipeline.tasks.values():
            for source in task.sources:
                found.setdefault(source.name, (source, {}))[1][pipeline.title] = None
    for name, (source, used_by) in sorted(found.items()):
        yield _source(console, name, source, list(used_by))


def _source(console: Console, name: str, source: Publisher, used_by: Sequence[str]) -> SourceShown:
    limits = [say_limit(one) for one in console.engine.data.windows_of(source)]
    if not isinstance(source, Source):
        return SourceShown(name, "", limits, "not told", is_missing=False, terms="", used_by=used_by)
    key, is_missing = _key(source)
    return SourceShown(name, source.base_url, limits, key, is_missing, source.terms, used_by)


def _key(source: Source) -> tuple[str, bool]:
    # The runs this console starts inherit its environment, so that is where their keys are looked for.
    if source.make_key is not None:
        try:
            source.make_key(os.environ)
        except SourceError as error:
            return error.message, True
        return "set", False
    if source.key_variable is None:
        return "none needed", False
    if os.environ.get(source.key_variable, "").strip():
        return f"set in {source.key_variable}", False
    return f"{source.key_variable} is not set", True


def _extras() -> Iterator[Extra]:
    wanted: dict[str, list[tuple[str, str]]] = {}
    for line in _requirements():
        told = _EXTRA.match(line)
        if told is not None and told[1] != "penstock":
            wanted.setdefault(told[2], []).append((told[1], _version(told[1])))
    return (Extra(name, packages) for name, packages in wanted.items())


def _requirements() -> list[str]:
    try:
        return requires("penstock") or []
    except PackageNotFoundError:
        return []  # run from a folder, without having been installed


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
