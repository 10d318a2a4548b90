"""Names of parameters in braces, as paths and names of datasets hold them, and what a run gave for them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def filled(text: str, values: Mapping[str, Any]) -> str:
    """Return a text with the values that its placeholders name; those without a value stay as they are."""
    if "{" not in text:
        return text
    return _PLACEHOLDER.sub(lambda found: found[0] if values.get(found[1]) is None else str(values[found[1]]), text)
