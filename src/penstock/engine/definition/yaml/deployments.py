"""When a pipeline, or a step of it, is to run, as its YAML file says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from penstock.engine.definition.abilities import CheckRule
from penstock.engine.definition.deployment import After, Cron, Deployment, Trigger
from penstock.engine.definition.yaml.forms import Told
from penstock.engine.definition.yaml.report import Place, Report, quoted
from penstock.engine.definition.yaml.slug import slug
from penstock.engine.definition.yaml.step import Step
from penstock.errors import PenstockError


@dataclass(slots=True)
class Timetable:
    """Collects the deployments of one file.

    Args:
        check_rule: None where nothing here can read a rule; it is read when it is deployed.
    """

    check_rule: CheckRule | None
    report: Report
    _found: dict[str, tuple[Deployment, Place]] = field(default_factory=dict)

    def read(self, fields: Mapping[str, Told], steps: Sequence[Step]) -> tuple[Deployment, ...]:
        """Return the deployments of the pipeline and of its steps, in the order of the file."""
        self._take(fields, "schedule", "after", ())
        for step in steps:
            name = slug(step.title)
            is_both = "schedule" in step.fields and "after" in step.fields
            self._take(step.fields, name, f"{name}-after" if is_both else name, tuple(step.tasks))
        return tuple(deployment for deployment, _ in self._found.values())

    def _take(self, fields: Mapping[str, Told], timed: str, following: str, tasks: tuple[str, ...]) -> None:
        for number, (trigger, place) in enumerate(self._crons(fields.get("schedule")), 1):
            self._add(Deployment(timed if number == 1 else f"{timed}-{number}", trigger, tasks), place)
        if "after" in fields:
            names = tuple(one.value for one in fields["after"].value)
            if names:
                self._add(Deployment(following, After(*names), tasks), fields["after"].place)

    def _crons(self, told: Told | None) -> Iterator[tuple[Trigger, Place]]:
        for one in told.value if told is not None else ():
            parts: Mapping[str, Told] = one.value if isinstance(one.value, dict) else {"rule": one}
            if "rule" in parts and self._is_readable(parts["rule"]):
                policy = {"misfire": parts["misfire"].value} if "misfire" in parts else {}
                yield Cron(parts["rule"].value, **policy), one.place

    def _is_readable(self, told: Told) -> bool:
        if self.check_rule is None:
            return True
        try:
            self.check_rule(told.value)
        except PenstockError as error:
            self.report.add(told.place, error.message, error.hint)
            return False
        return True

    def _add(self, deployment: Deployment, place: Place) -> None:
        if deployment.name in self._found:
            other = self.report.show(self._found[deployment.name][1])
            message = f"two deployments would be called {quoted(deployment.name)}; the other is at {other}"
            self.report.add(place, message, "call the step otherwise")
        self._found.setdefault(deployment.name, (deployment, place))
