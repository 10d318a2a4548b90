"""Reads a Mixpanel project through its interfaces."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta

from penstock import open_source
from penstock.pipelines.user_analytics.inputs import Batch, Input, Line
from penstock.pipelines.user_analytics.parameters import Parameters
from penstock.pipelines.user_analytics.rules.window import spans
from penstock.sources.mixpanel import EXPORT, PROFILES, Mixpanel, Region, in_region

#: So many days are asked for at once: 90 days take 14 of the 60 queries an hour, and an answer fits into memory.
_DAYS_A_QUERY = 7


class ProjectInput:
    """A project.

    Args:
        events: Names of the events to ask for; none for all.
        source: What the project is called.
    """

    def __init__(self, mixpanel: Mixpanel, events: Sequence[str], source: str) -> None:
        self._mixpanel = mixpanel
        self.source = source
        self._events = events

    def batches(self, parts: Sequence[Sequence[date]]) -> Iterator[Batch]:
        """Yield the events of spans of days."""
        for first, last in (span for days in parts for span in spans(days, _DAYS_A_QUERY)):
            lines = self._mixpanel.export(first, last, self._events)
            asked = [first + timedelta(days=place) for place in range((last - first).days + 1)]
            yield Batch(asked, ((line, None) for line in lines))

    def users(self) -> Iterator[Line]:
        """Yield all profiles."""
        return self._mixpanel.engage()


@contextmanager
def open_project(parameters: Parameters) -> Iterator[Input]:
    """Lend the project whose credentials are in the environment.

    Raises:
        SourceError: They are not.
    """
    region = Region(parameters.region)
    with (
        open_source(in_region(EXPORT, region)) as exports,
        open_source(in_region(PROFILES, region)) as profiles,
    ):
        project_id = os.environ.get("MIXPANEL_PROJECT_ID")
        # A project's secret does not say which project it is of.
        source = "|".join(["mixpanel", region.value, *([project_id] if project_id else [])])
        yield ProjectInput(Mixpanel(exports, profiles, project_id=project_id), parameters.events, source)
