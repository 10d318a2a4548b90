"""The fields of a form that was sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from penstock.errors import UsageError
from penstock.web.asking import is_set
from penstock.web.checks import form_fields


@dataclass(frozen=True, slots=True)
class Form:
    """Fields by name, each with every value it was given."""

    fields: Mapping[str, Sequence[str]]

    def get(self, name: str, default: str = "") -> str:
        """Return the last value of a field."""
        return next(reversed(self.fields.get(name, ())), default)

    def needed(self, name: str) -> str:
        """Return the value of a field that has to be there.

        Raises:
            UsageError: It is not.
        """
        if not self.get(name):
            raise UsageError(f"the form lacks `{name}`", hint="go back, and fill it in")
        return self.get(name)

    def is_set(self, name: str) -> bool:
        """Tell whether a box is ticked."""
        return is_set(self.fields, name)


async def _read(request: Request) -> Form:
    try:
        return Form(form_fields(await request.body()))
    except ValueError as error:
        raise UsageError(f"the form cannot be read: {error}", hint="open the page anew and try again") from error


#: Hands the form to a function that answers a request.
FormOf = Annotated[Form, Depends(_read)]
