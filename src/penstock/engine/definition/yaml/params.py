"""Parameters of a pipeline, as its YAML file declares them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from math import isfinite
from typing import Any

from penstock.engine.definition.param import Param
from penstock.engine.definition.yaml.forms import Told
from penstock.engine.definition.yaml.report import Report, quoted
from penstock.engine.definition.yaml.tree import Scalar
from penstock.errors import PenstockError

_TYPES: dict[str, type] = {
    "text": str, "int": int, "float": float, "decimal": Decimal, "bool": bool, "date": date,
}  # fmt: skip
_NUMBERS = (int, float, Decimal)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NUMBER = re.compile(r"[-+]?(\.[0-9]{1,40}|[0-9]{1,40}(\.[0-9]{0,40})?)([eE][-+]?[0-9]{1,3})?")


def read_params(told: Told | None, report: Report) -> tuple[Param, ...]:
    """Return the parameters, in the order of the file."""
    pairs = told.value if told is not None else ()
    first: dict[str, str] = {}
    found = []
    for name, value in pairs:
        twin = first.setdefault(name.value.upper(), name.value)
        if twin != name.value:
            report.add(name.place, f"parameters `{twin}` and `{name.value}` would reach scripts by one name")
        param = _read_param(name.value, value, report)
        if param is not None:
            found.append(param)
    return tuple(found)


def _read_param(name: str, told: Told, report: Report) -> Param | None:
    fields: dict[str, Told] = told.value if isinstance(told.value, dict) else {"default": told}
    kind = _type_of(fields)
    if "required" in fields and fields["required"].value and _is_given(fields.get("default")):
        report.add(
            fields["default"].place, f"parameter `{name}` is required, so its default never counts", "remove one"
        )
    choices = _values(fields.get("choices"), name, kind, report)
    smallest = _values(fields.get("minimum"), name, kind, report)
    if smallest and kind not in (*_NUMBERS, date):
        report.add(fields["minimum"].place, f"a {_word(kind)} has no minimum", "give a `type`, such as `int`")
        return None
    param = Param(
        name,
        kind,
        doc=_one_line(fields.get("description")),
        choices=tuple(choices),
        minimum=smallest[0] if smallest else None,
        required="required" in fields and fields["required"].value,
        partition="partition" in fields and fields["partition"].value,
    )
    return _with_default(param, fields.get("default"), report)


def _type_of(fields: dict[str, Told]) -> type:
    if "type" in fields:
        return _TYPES[fields["type"].value]
    examples = [fields[key] for key in ("default", "minimum") if key in fields]
    examples += fields["choices"].value if "choices" in fields else ()
    return next((_type_in(one.value) for one in examples if _is_given(one)), str)


def _type_in(scalar: Scalar) -> type:
    value = scalar.value
    return date if isinstance(value, str) and scalar.is_plain and _is_date(value) else type(value)


def _is_given(told: Told | None) -> bool:
    return told is not None and told.value.value is not None


def _is_date(text: str) -> bool:
    if not _DATE.fullmatch(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _values(told: Told | None, name: str, kind: type, report: Report) -> list[Any]:
    if told is None:
        return []
    examples = told.value if isinstance(told.value, tuple) else (told,)
    parsed = [(one, _parsed(Param(name, kind), one, report)) for one in examples]
    return [value for _, value in parsed if value is not None]


def _with_default(param: Param, told: Told | None, report: Report) -> Param:
    if told is None or not _is_given(told):
        return param
    return replace(param, default=_parsed(param, told, report))


def _parsed(param: Param, told: Told, report: Report) -> Any:
    """Return the value a scalar stands for as the parameter's type; None when it does not fit, which is told."""
    text = told.value.text
    whole = param.type is int and _is_whole(told.value)
    if told.value.value is None or (param.type in _NUMBERS and not whole and not _is_finite(text)):
        report.add(
            told.place, f"{quoted(text)} cannot be a value of `{param.name}`, which is of type {_word(param.type)}"
        )
        return None
    try:
        return param.parse(told.value.value if whole else text)
    except PenstockError as error:
        report.add(told.place, error.message.replace(f"`{param.flag}`", f"`{param.name}`"), error.hint)
        return None


def _is_finite(text: str) -> bool:
    return _NUMBER.fullmatch(text) is not None and isfinite(float(text))


def _is_whole(scalar: Scalar) -> bool:
    return isinstance(scalar.value, int) and not isinstance(scalar.value, bool)


def _word(kind: type) -> str:
    return next(word for word, known in _TYPES.items() if known is kind)


def _one_line(told: Told | None) -> str:
    return " ".join(told.value.split()) if told is not None else ""
