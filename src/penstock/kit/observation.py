"""The state something outside the process was seen in, comparable with the state it is in now."""

from __future__ import annotations

from typing import NamedTuple


class Observation(NamedTuple):
    """The state a dataset was seen in.

    Args:
        value: The fingerprint: equal content has an equal value.
        label: What a person calls this state, e.g. `v42`.
        validator: What lets the next look be cheap, e.g. sizes and times of files.
    """

    value: str
    label: str = ""
    validator: str = ""
