"""The key with which a console signs what it hands out: kept in a file, so that it survives restarts."""

from __future__ import annotations

import hmac
import os
import secrets
from contextlib import suppress
from pathlib import Path

from penstock.errors import StateError

_FILE = "console.secret"
_BYTES = 32


def signature(key: bytes, *parts: str) -> str:
    """Return 43 characters that only a holder of the key can make of these texts."""
    import base64

    said = "\n".join(f"{len(part)}:{part}" for part in parts).encode()
    return base64.urlsafe_b64encode(hmac.digest(key, said, "sha256")).decode().rstrip("=")


def is_same(one: str, other: str) -> bool:
    """Compare two texts in a time that does not tell where they differ."""
    return hmac.compare_digest(one.encode(), other.encode())


def load_secret(home: Path) -> bytes:
    """Return the key of the console of this home folder; it is made when there is none.

    Raises:
        StateError: Its file cannot be read or written, or holds something else.
    """
    path = home / _FILE
    try:
        if not path.exists():
            _write(path)
        text = path.read_text(encoding="ascii").strip()
        path.chmod(0o600)
        key = bytes.fromhex(text)
    except (OSError, ValueError) as error:
        raise _unusable(path, error) from error
    if len(key) < _BYTES:
        raise _unusable(path, "it is too short")
    return key


def _write(path: Path) -> None:
    draft = path.with_name(f"{_FILE}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(_BYTES) + "\n")
    try:
        with suppress(FileExistsError):  # another server was first: its key is as good
            os.link(draft, path)
    finally:
        draft.unlink()


def _unusable(path: Path, why: object) -> StateError:
    reason = why.strerror if isinstance(why, OSError) else why
    return StateError(
        f"the console's key `{path}` cannot be used: {reason}", hint=f"remove `{path}`; a new one is made"
    )
