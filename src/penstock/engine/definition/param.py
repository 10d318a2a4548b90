"""Parameters of a pipeline: typed, documented, and flags on the command line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from penstock.errors import DefinitionError, UsageError
from penstock.kit.spelling import did_you_mean
from penstock.kit.veil import is_secret, shown

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off"}


def _boolean(text: str) -> bool:
    word = text.lower()
    if word not in _TRUE | _FALSE:
        raise ValueError(text)
    return word in _TRUE


_PARSERS: dict[type, Any] = {
    str: str,
    int: int,
    float: float,
    bool: _boolean,
    Decimal: Decimal,
    date: date.fromisoformat,
}


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter of a pipeline.

    Args:
        name: A Python name; `bulk_dir` becomes the flag `--bulk-dir`.
        type: str, int, float, bool, Decimal or date.
        default: The value when none is given; None makes the parameter optional unless it is `required`.
        doc: One line for the help text.
        choices: The only values allowed.
        minimum: The smallest value allowed.
        partition: Whether the value names the slice of data a run works on; freshness is kept per slice.
        location: Whether it says where data lies, not which: moving the data makes no task stale.
    """

    name: str
    type: type = str
    default: Any = None
    doc: str = ""
    choices: tuple[Any, ...] = ()
    minimum: Any = None
    required: bool = False
    partition: bool = False
    location: bool = False

    def __post_init__(self) -> None:
        if not self.name.isidentifier() or self.name.startswith("_"):
            raise DefinitionError(f"parameter `{self.name}` must be a Python name")
        if self.type not in _PARSERS:
            known = ", ".join(kind.__name__ for kind in _PARSERS)
            raise DefinitionError(f"parameter `{self.name}` has type `{self.type.__name__}`; use one of {known}")
        if self.partition and self.type is not bool and is_secret(self.name):
            raise DefinitionError(
                f"parameter `{self.name}` names the partition, which is told everywhere, but sounds like a secret",
                hint="give it another name",
            )

    @property
    def flag(self) -> str:
        """The command-line flag."""
        return "--" + self.name.replace("_", "-")

    def parse(self, given: Any) -> Any:
        """Return the value of a text or value as given, checked.

        Raises:
            UsageError: It is not of the parameter's type, not among its choices, or too small.
        """
        try:
            value = given if isinstance(given, self.type) else _PARSERS[self.type](str(given))
        except (ValueError, InvalidOperation) as error:
            told = f"`{self.flag}` takes a value of type {self.type.__name__}, not `{shown(self.name, given)}`"
            raise UsageError(told) from error
        if self.choices and value not in self.choices:
            allowed = ", ".join(f"`{choice}`" for choice in self.choices)
            raise UsageError(f"`{self.flag}` takes one of {allowed}, not `{shown(self.name, value)}`")
        if self.minimum is not None and value < self.minimum:
            raise UsageError(f"`{self.flag}` must be at least {self.minimum}, not {shown(self.name, value)}")
        return value


def resolve_params(declared: Iterable[Param], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return a value for every declared parameter.

    Raises:
        UsageError: A given name is not declared, a value does not fit, or a required one is missing.
    """
    by_name = {param.name: param for param in declared}
    for name in given:
        if name not in by_name:
            raise UsageError(f"there is no parameter `{name}`", hint=did_you_mean(name, by_name))
    values: dict[str, Any] = {}
    for name, param in by_name.items():
        raw = given.get(name)
        if raw is None and param.required:
            raise UsageError(f"parameter `{name}` is missing", hint=f"pass `{param.flag} VALUE`")
        values[name] = param.default if raw is None else param.parse(raw)
    return values


def with_defaults(declared: Iterable[Param], values: Mapping[str, Any]) -> tuple[Param, ...]:
    """Return the parameters with these values as their defaults.

    Raises:
        UsageError: A name is not declared, or a value does not fit.
    """
    by_name = {param.name: param for param in declared}
    for name in values:
        if name not in by_name:
            raise UsageError(f"there is no parameter `{name}`", hint=did_you_mean(name, by_name))
    return tuple(
        replace(param, default=param.parse(values[name]), required=False) if name in values else param
        for name, param in by_name.items()
    )


def partition_of(declared: Iterable[Param], values: Mapping[str, Any]) -> str:
    """Return the text that names the slice of data these values choose, e.g. `cycle=2020`; empty when none does."""
    return ",".join(f"{param.name}={values[param.name]}" for param in declared if param.partition)
