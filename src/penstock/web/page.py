"""A page as a value: which template, with which facts, and which of its regions stay live."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Protocol

from penstock.engine.events import Event, EventKind
from penstock.web.console import Console


class Role(StrEnum):
    """What a viewer may do."""

    #: Look at everything.
    READER = "reader"
    #: Start, stop, mark and reset, too.
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks at the console.

    Args:
        csrf: The token that this viewer's forms carry.
        has_entered: Whether they showed a token, and may leave again.
    """

    role: Role
    csrf: str = ""
    has_entered: bool = False

    @property
    def may_act(self) -> bool:
        """Whether forms and buttons are of any use to this viewer."""
        return self.role is Role.OPERATOR


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked of a page.

    Args:
        path: The variable parts of the address, by name.
        query: What stands behind the `?`, by name; of a name given twice, the last.
        lists: The same with every value of a name.
    """

    path: Mapping[str, str]
    query: Mapping[str, str]
    viewer: Viewer
    lists: Mapping[str, list[str]] = field(default_factory=lambda: MappingProxyType({}))


#: What changes where something is; all other events only add to logs.
_TURNS = frozenset(EventKind) - {EventKind.OUTPUT_WRITTEN, EventKind.MESSAGE_LOGGED, EventKind.PROGRESS_REPORTED}


@dataclass(frozen=True, slots=True)
class Topic:
    """The events a page has to be drawn anew for.

    Args:
        run_id: Those of this run; None for those of any.
        task: Those of this task; None for those of any, and of the run itself.
        turns_only: Leave out what only adds to logs.
        nothing: No event at all.
    """

    run_id: str | None = None
    task: str | None = None
    turns_only: bool = True
    nothing: bool = False

    def concerns(self, events: Iterable[Event]) -> bool:
        """Tell whether any of these events is one of the topic."""
        return not self.nothing and any(map(self._has, events))

    def _has(self, event: Event) -> bool:
        if self.turns_only and event.kind not in _TURNS:
            return False
        return self.run_id in (None, event.run_id) and (event.task is None or self.task in (None, event.task))


@dataclass(frozen=True, slots=True)
class Page:
    """A page, ready to print.

    Args:
        folder: Below `templates/`: it holds `page.html`, and one template for each region.
        title: Of the browser's tab.
        facts: What the templates print.
        regions: Names of the elements that are swapped while the page stays open.
        topic: The events that make it be drawn anew.
        status: Of the answer.
    """

    folder: str
    title: str
    facts: Mapping[str, Any]
    regions: tuple[str, ...] = ()
    topic: Topic = Topic(nothing=True)
    status: int = 200


def refusal(status: int, message: str, hint: str | None = None, back: str = "") -> Page:
    """Return the page that says why something is not done or shown.

    Args:
        back: Address of the form that was sent, filled in with what was given.
    """
    facts = {"message": message, "hint": hint or "", "status": status, "back": back}
    return Page("refusal", "not found" if status == 404 else "refused", facts, status=status)


class Show(Protocol):
    """Makes one page; called in a worker thread."""

    def __call__(self, console: Console, ask: Ask) -> Page:
        """Return the page as it is now.

        Raises:
            UsageError: What is asked for does not exist.
        """
        ...
