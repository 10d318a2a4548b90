"""A text that must not be seen: it shows itself as stars, and takes itself out of what others wrote."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from urllib.parse import quote

#: What stands where a secret stood.
STARS = "***"
# Shorter texts and mere numbers turn up in data by accident; taking them out would damage it.
_TELLING_LENGTH = 8
_PASSWORD = re.compile(r"(://[^:/?#]*:)[^/?#]*@")


def without_password(url: str) -> str:
    """Return a URL as it may be shown: stars where it holds a password."""
    return _PASSWORD.sub(rf"\g<1>{STARS}@", url)


class Secret:
    """A key or password: `str`, `repr`, formatting and equality of its text give nothing away.

    Args:
        parts: Texts the value was made of, as secret as itself; those too short to be told from data are left.
    """

    __slots__ = ("_forms", "_value")

    def __init__(self, value: str, parts: Iterable[str] = ()) -> None:
        self._value = value
        secrets = [value, *(part for part in parts if len(part) >= _TELLING_LENGTH)]
        forms = {form for text in secrets for form in (text, quote(text, safe=""), quote(text), json.dumps(text)[1:-1])}
        self._forms = sorted((form for form in forms if form), key=len, reverse=True)

    def __repr__(self) -> str:
        return STARS

    def __reduce__(self) -> str:
        raise TypeError("a secret is not written anywhere")

    def reveal(self) -> str:
        """Return the text itself, for the one place that sends it."""
        return self._value

    def scrub(self, text: str) -> str:
        """Return the text with stars wherever it holds the secret, percent-encoded or escaped for JSON too."""
        for form in self._forms:
            text = text.replace(form, STARS)
        return text

    def scrub_bytes(self, data: bytes) -> bytes:
        """Return the bytes with stars wherever they hold the secret, unless it is too short to be told from data."""
        if len(self._value) < _TELLING_LENGTH or self._value.isdigit():
            return data
        for form in self._forms:
            data = data.replace(form.encode(), STARS.encode())
        return data
