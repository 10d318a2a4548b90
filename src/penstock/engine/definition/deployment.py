"""When a pipeline, or some of its tasks, are to run: declarations a pipeline carries, without logic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from penstock.errors import DefinitionError

MISFIRE_POLICIES = ("skip", "latest", "all")


@dataclass(frozen=True, slots=True)
class Cron:
    """Asks for a run at every tick of a calendar.

    Args:
        rule: `weekdays 01:00 America/New_York`, `first sat 01:00 America/New_York`, `cron 0 1 * * 1-5 UTC`, `RRULE:…`;
            the guide *Schedules* has the whole grammar.
        misfire: What becomes of ticks nobody was there for: `skip` lets them go, `latest` makes up for the newest one,
            `all` for each.

    Raises:
        DefinitionError: The misfire policy is not one of these. The rule itself is read when it is deployed or linted.
    """

    rule: str
    misfire: str = "latest"

    def __post_init__(self) -> None:
        if self.misfire not in MISFIRE_POLICIES:
            raise DefinitionError(f"misfire policy `{self.misfire}` is not one of {', '.join(MISFIRE_POLICIES)}")

    @property
    def text(self) -> str:
        """The trigger in words, as stored and shown."""
        return f"{self.rule}; misfire {self.misfire}"


@dataclass(frozen=True, slots=True, init=False)
class After:
    """Asks for one run after every run in which something upstream completed.

    Args:
        upstream: Each is another deployment of the same pipeline (`bulk`), a pipeline (`campaign-finance`: any of its
            runs), a task (`campaign-finance.refine_transactions`: it completed, not skipped), or a dataset
            (`silver.transactions`: it changed).
    """

    upstream: tuple[str, ...]

    def __init__(self, *upstream: str) -> None:
        object.__setattr__(self, "upstream", upstream)
        if not upstream:
            raise DefinitionError("`After()` names nothing to come after")

    @property
    def text(self) -> str:
        """The trigger in words, as stored and shown."""
        return "after " + " or ".join(self.upstream)


Trigger = Cron | After


@dataclass(frozen=True, slots=True)
class Deployment:
    """Some tasks of a pipeline and what asks for them.

    Args:
        name: Unique within the pipeline.
        tasks: Selectors of the tasks its runs are about; empty for the pipeline's default choice.
        params: Of its runs, beside those given when it is deployed; `{tick:%Y-%m-%d}` in a text stands for the tick.
        group: The word of `penstock deploy --GROUP` that records it with others, e.g. `bronze`; the name when empty.
        doc: One line that says what it is for.
    """

    name: str
    trigger: Trigger
    tasks: tuple[str, ...] = ()
    params: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    group: str = ""
    doc: str = ""
