"""What the shapes of the API have in common: errors, and texts that are good for something."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

#: A name or id; a text with a zero byte names nothing.
Name = Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=r"^[^\x00]+$")]
#: A text to search for, or the value of a parameter.
Words = Annotated[str, StringConstraints(max_length=4000, pattern=r"^[^\x00]*$")]
#: The value of a parameter: as typed on a command line, or as JSON has it.
ParamValue = bool | int | float | Words | None
#: A position in the event log.
Position = Annotated[int, Field(ge=0, le=2**62)]


class Shape(BaseModel):
    """Something the API answers with."""


class Request(BaseModel):
    """Something the API is asked with; misspelt names are refused."""

    model_config = ConfigDict(extra="forbid")


class ErrorText(Shape):
    """What went wrong, and what to do next."""

    message: str
    hint: str | None = None


class ErrorAnswer(Shape):
    """The body of every answer from 400 on."""

    error: ErrorText


class Failing(Shape):
    """Why a task or an item failed."""

    type: str = Field(description="class name of the error")
    message: str
    hint: str | None = None


_MEANINGS = {
    400: "what is asked for does not fit, or cannot be read",
    401: "a token is asked for",
    403: "readers may not act; or another site's page sent this",
    404: "what the address names does not exist",
    409: "another run is in the way",
    413: "the request is too large",
    414: "the address is too long",
    415: "the body is not JSON",
    421: "the `Host` header names another server",
    422: "the request is not of this shape",
    503: "the state store, the warehouse or an input cannot be read now",
}
#: How errors are told, for the description.
ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"model": ErrorAnswer, "description": meaning} for status, meaning in _MEANINGS.items()
}
