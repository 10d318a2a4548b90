r"""Text that PostgreSQL can hold: it refuses the character NUL, which publishers' files do contain.

NUL is kept as U+FDD0, one character for one. Unicode sets that code point aside for use inside of programs, so that
nobody publishes it; should somebody, it is kept as U+FDD1 and `a`, and U+FDD1 itself as U+FDD1 and `b`.
"""

from __future__ import annotations

#: What stands for NUL in the database.
SUBSTITUTE = "\ufdd0"
_ESCAPE = "\ufdd1"

# In this order when text is stored, the other way round when it is read.
_PAIRS = ((_ESCAPE, f"{_ESCAPE}b"), (SUBSTITUTE, f"{_ESCAPE}a"), ("\0", SUBSTITUTE))
_BYTE_PAIRS = tuple((plain.encode(), kept.encode()) for plain, kept in _PAIRS)


def store(value: object) -> object:
    """Return a value as PostgreSQL holds it: text without NUL, anything else as it is."""
    if not isinstance(value, str) or (value.isascii() and "\0" not in value):
        return value
    for plain, kept in _PAIRS:
        value = value.replace(plain, kept)
    return value


def store_bytes(text: bytes) -> bytes:
    """Return text in UTF-8 as PostgreSQL holds it."""
    for plain, kept in _BYTE_PAIRS:
        text = text.replace(plain, kept)
    return text


def is_altered(value: object) -> bool:
    """Return whether a stored value differs from what was given."""
    return isinstance(value, str) and (SUBSTITUTE in value or _ESCAPE in value)


def restore(value: object) -> object:
    """Return a stored value as it was given."""
    if not isinstance(value, str):
        return value
    for plain, kept in reversed(_PAIRS):
        value = value.replace(kept, plain)
    return value
