"""The identity of files by their bytes, read again only where a file was touched."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from penstock.kit.jsonable import digest, from_json, to_json
from penstock.kit.observation import Observation

_BLOCK = 1 << 20


def observe_files(paths: Sequence[Path], known: Observation | None) -> Observation:
    """Return the state of these files: SHA-256 of each, taken over from `known` where a file was not touched.

    Raises:
        OSError: A file cannot be read; `filename` names it.
    """
    before: dict[str, list[Any]] = from_json(known.validator) if known and known.validator else {}
    now = {str(path): _look(path, before.get(str(path))) for path in paths}
    value = digest([[Path(path).name, sha256] for path, (_, sha256) in sorted(now.items())])
    count = len(paths)
    label = f"{value[:8]} ({count} file{'' if count == 1 else 's'})"
    return Observation(value, label, to_json(now))


def _look(path: Path, before: list[Any] | None) -> tuple[list[int], str]:
    stat = path.stat()
    signature = [stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino]
    if before is not None and before[0] == signature:
        return signature, str(before[1])
    return signature, _sha256_of_state(path, *signature)


@lru_cache(maxsize=1024)
def _sha256_of_state(path: Path, *_signature: int) -> str:
    # Several datasets may look at one large file; the signature makes a touched file a new key.
    return sha256_of(path)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes in hexadecimal.

    Raises:
        OSError: The file cannot be read.
    """
    import hashlib

    state = hashlib.sha256()
    with path.open("rb", buffering=0) as file:
        while block := file.read(_BLOCK):
            state.update(block)
    return state.hexdigest()
