"""The environment variables a script is handed."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

from penstock.engine.definition.script import Script
from penstock.engine.execution.call import Call
from penstock.engine.execution.script.command import Fill, as_text
from penstock.engine.execution.session import Session
from penstock.errors import DefinitionError
from penstock.kit.jsonable import to_json
from penstock.kit.spelling import did_you_mean

#: By its value, unique to one start of one script, its processes are found wherever they went.
MARK = "PENSTOCK_CALL"

#: A parameter that is handed over has this before its name.
PARAM = "PENSTOCK_PARAM_"
_MATRIX = "PENSTOCK_MATRIX_"
_ITEM = ("PENSTOCK_ITEM_KEY", "PENSTOCK_ITEM")


def environment_of(session: Session, call: Call, script: Script, fill: Fill, mark: str) -> dict[str, str]:
    """Return the script's whole environment; parameters handed over count as read.

    Raises:
        DefinitionError: It is to be handed a parameter that does not exist.
    """
    return {
        **_inherited(),
        **session.resources.get("environment"),
        **{name: fill(value) for name, value in script.env.items()},
        **own_variables(session, call, script),
        MARK: mark,
    }


def is_own(name: str) -> bool:
    """Whether a variable is one of those that tell a script about its call."""
    return name in _OWN or name.startswith((PARAM, _MATRIX))


def own_variables(session: Session, call: Call, script: Script) -> dict[str, str]:
    """Return the variables that tell a script about its call.

    Raises:
        DefinitionError: It is to be handed a parameter that does not exist.
    """
    told = {
        "PENSTOCK_PIPELINE": session.run.pipeline,
        "PENSTOCK_TASK": call.task.name,
        "PENSTOCK_RUN_ID": session.run.run_id,
        "PENSTOCK_ATTEMPT": str(call.attempt),
        "PYTHONUNBUFFERED": "1",
    }
    for name in _handed_over(script, call):
        told[PARAM + name.upper()] = as_text(call.params[name])
    for name, value in script.matrix.items():
        told[_MATRIX + re.sub(r"\W", "_", name).upper()] = value
    if call.item is not None:
        told |= zip(_ITEM, (call.item.key, to_json(call.item.payload)), strict=True)
    return told


_OWN = frozenset(
    {"PENSTOCK_PIPELINE", "PENSTOCK_TASK", "PENSTOCK_RUN_ID", "PENSTOCK_ATTEMPT", "PYTHONUNBUFFERED", MARK, *_ITEM}
)


def _inherited() -> dict[str, str]:
    """Leave out what an outer script was told, if this process was started by one."""
    return {name: value for name, value in os.environ.items() if not (name.startswith("PENSTOCK_") and is_own(name))}


def _handed_over(script: Script, call: Call) -> Iterable[str]:
    if script.params is None:
        return list(call.params)
    for name in script.params:
        if name not in call.params:
            raise DefinitionError(
                f"`{script.shown_path}` is to be handed `{name}`, but there is no such parameter",
                hint=did_you_mean(name, call.params),
            )
    return script.params
