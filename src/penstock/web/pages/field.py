"""One parameter as a form asks for it; a secret one is never filled in beforehand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from penstock.engine.definition.param import Param
from penstock.kit.veil import is_hidden, is_secret, shown


@dataclass(frozen=True, slots=True)
class Field:
    """One parameter of the form.

    Args:
        value: What the form begins with; nothing for a secret, which is typed anew or left to its default.
    """

    param: Param
    value: str

    @property
    def kind(self) -> str:
        """What the browser asks for."""
        if not self.is_switch and is_secret(self.param.name):
            return "password"
        return {int: "number", date: "date"}.get(self.param.type, "text")

    @property
    def is_switch(self) -> bool:
        """Whether it is on or off."""
        return self.param.type is bool

    @property
    def default(self) -> Any:
        """What it is when nothing is given, as it may be shown."""
        return shown(self.param.name, self.param.default)

    @property
    def hint(self) -> str:
        """What it means, and what it is when nothing is given."""
        notes = ["required"] if self.param.required else []
        notes += ["names the partition"] if self.param.partition else []
        notes += [f"default {self.default}"] if self.default is not None else []
        return " · ".join(filter(None, [self.param.doc, *notes]))


def field_of(param: Param, given: Mapping[str, str]) -> Field:
    """Return the field of a parameter, filled in with what is given, or else with its default."""
    default = "" if param.default is None else str(param.default)
    value = given.get(param.name, default)
    is_kept = param.type is not bool and is_hidden(param.name, value)
    return Field(param, "" if is_kept else value)
