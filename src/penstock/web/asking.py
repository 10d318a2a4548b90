"""Reads what a form or an address asks for as a run request, and leads back to the form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import urlencode

from penstock.engine.planning.request import RunRequest
from penstock.kit.veil import is_hidden
from penstock.web.words import part

_CARRIED = ("tasks", "skip", "force", "continue_on_failure", "deployment")
_YES = frozenset({"1", "true", "on", "yes"})


def is_set(given: Mapping[str, Sequence[str]], name: str) -> bool:
    """Tell whether a box of a form is ticked."""
    return any(value.lower() in _YES for value in given.get(name, ()))


def request_of(pipeline: str, given: Mapping[str, Sequence[str]], *, cause: str) -> RunRequest:
    """Return the request that fields describe: `param.<name>`, `tasks`, `skip`, `force`, `continue_on_failure`.

    An empty field is a parameter not given.
    """
    params = {
        name.removeprefix("param."): values[-1]
        for name, values in given.items()
        if name.startswith("param.") and values and values[-1] != ""
    }
    return RunRequest(
        pipeline,
        params,
        tasks=_selectors(given, "tasks"),
        skip=_selectors(given, "skip"),
        force=is_set(given, "force"),
        continue_on_failure=is_set(given, "continue_on_failure"),
        cause=cause,
        deployment=next(iter(given.get("deployment", ())), ""),
    )


def asked_fields(given: Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
    """Return the fields of a request for a run, as an address or another form carries them on."""
    return [
        (name, value)
        for name, values in given.items()
        if name in _CARRIED or name.startswith("param.")
        for value in values
        if value
    ]


def form_address(pipeline: str, fields: Iterable[tuple[str, str]]) -> str:
    """Return the address of a pipeline's form, filled in with these fields; secrets are left to be typed again."""
    kept = [(name, value) for name, value in fields if not is_hidden(name.removeprefix("param."), value)]
    return f"/pipelines/{part(pipeline)}" + (f"?{urlencode(kept)}" if kept else "") + "#run"


def _selectors(given: Mapping[str, Sequence[str]], name: str) -> tuple[str, ...]:
    return tuple(word.strip() for value in given.get(name, ()) for word in value.split(",") if word.strip())
