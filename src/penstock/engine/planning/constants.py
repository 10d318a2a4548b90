"""Constants of code: which values are some, and a text for each that tells them apart in every process."""

from __future__ import annotations

import functools
import re
import types
from dataclasses import fields, is_dataclass
from datetime import date, time, timedelta, timezone
from decimal import Decimal
from enum import Enum
from pathlib import Path, PurePath
from typing import Any

_PLAIN = (str, bytes, int, float, bool, complex, Decimal, type(None), type(...), range)
_CONSTANTS = (*_PLAIN, Enum, re.Pattern, PurePath, date, time, timedelta, timezone, types.GenericAlias, types.UnionType)


def is_frozen(value: Any) -> bool:
    """Whether the value is a frozen dataclass."""
    if not is_dataclass(value) or isinstance(value, type):
        return False
    is_frozen: bool = type(value).__dataclass_params__.frozen  # type: ignore[attr-defined] # the only place it is told
    return is_frozen


def is_constant(value: Any) -> bool:
    """Whether the value, and whatever it holds, cannot change and can be told by a text."""
    if isinstance(value, _CONSTANTS):
        return True
    if isinstance(value, tuple | frozenset):
        return all(map(is_constant, value))
    if isinstance(value, types.MappingProxyType):
        return all(is_constant(key) and is_constant(held) for key, held in value.items())
    if is_frozen(value):
        return all(is_constant(getattr(value, one.name)) for one in fields(value))
    return False


def canonical_text(value: Any, project: Path | None) -> str:
    """Return a text that is the same in every process: the order of a set, unlike its content, is not.

    Args:
        project: Folder whose paths are told without what leads to it.
    """
    tell = functools.partial(canonical_text, project=project)
    match value:
        case Enum():
            text = f"{type(value).__qualname__}.{value.name}"
        case re.Pattern():
            text = f"re({value.pattern!r},{value.flags})"
        case PurePath():
            is_inside = project is not None and value.is_relative_to(project)
            text = f"path({(value.relative_to(project) if project and is_inside else value).as_posix()})"
        case frozenset():
            text = f"set({sorted(map(tell, value))})"
        case tuple():
            text = f"({','.join(map(tell, value))})"
        case types.MappingProxyType():
            text = f"map({sorted((tell(key), tell(held)) for key, held in value.items())})"
        case _ if is_frozen(value):
            held = (f"{one.name}={tell(getattr(value, one.name))}" for one in fields(value))
            text = f"{type(value).__name__}({','.join(held)})"
        case _:
            text = repr(value)
    return text


def kinds_in(value: Any) -> set[type]:
    """Return the classes of a constant and of everything it holds."""
    if isinstance(value, tuple | frozenset):
        return {kind for part in value for kind in kinds_in(part)} | {type(value)}
    if isinstance(value, types.MappingProxyType):
        return {kind for pair in value.items() for part in pair for kind in kinds_in(part)}
    if is_frozen(value):
        return {kind for one in fields(value) for kind in kinds_in(getattr(value, one.name))} | {type(value)}
    return {type(value)}
