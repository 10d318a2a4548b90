"""A folder of answers: what was asked in one small file each, bodies under the hash of their bytes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, TypeGuard

from penstock.errors import StateError
from penstock.kit.jsonable import from_json, to_json
from penstock.sources.http.answer import Answer
from penstock.sources.http.request import Request, sha256

_TURNS = 5


class DamagedEntryError(Exception):
    """An entry is not what was written."""


class Entry(NamedTuple):
    """An answer as it lies on the shelf, and the instant (ISO format) it was put there."""

    answer: Answer
    kept_at: str


class Shelf:
    """Answers by request. Files appear whole or not at all; several processes may write at once, the last one wins."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def place(self, request: Request) -> Path:
        """Return where the entry of a request lies, or would lie."""
        return self._folder / "index" / request.digest[:2] / f"{request.digest}.json"

    def put(self, request: Request, answer: Answer, kept_at: str) -> None:
        """Keep an answer in place of an earlier one to the same request.

        Raises:
            StateError: It cannot be written.
        """
        name = sha256(answer.body)
        entry = {
            **_asked(request),
            "status": answer.status,
            "headers": dict(sorted(answer.headers.items())),
            "body_sha256": name,
            "kept_at": kept_at,
        }
        try:
            self._write_both(self._body(name), answer.body, self.place(request), (to_json(entry) + "\n").encode())
        except OSError as error:
            raise StateError(
                f"cannot keep an answer in `{self._folder}`: {error.strerror or error}",
                hint="free some space, or set `PENSTOCK_HOME` to a folder you may write to",
            ) from error

    def find(self, request: Request) -> Entry | None:
        """Return the answer to a request; None when there is none.

        Raises:
            DamagedEntryError: There is one, which is not as it was written.
        """
        place = self.place(request)
        try:
            entry = from_json(place.read_bytes())
        except FileNotFoundError:
            return None
        except OSError as error:
            raise DamagedEntryError(f"`{place}` cannot be read: {error.strerror or error}") from error
        except ValueError as error:
            raise DamagedEntryError(f"`{place}` is not the JSON that was written") from error
        return self._entry(request, place, entry)

    def clear(self) -> int:
        """Remove everything and return how many entries there were.

        Raises:
            StateError: Something cannot be removed.
        """
        from tempfile import TemporaryDirectory

        try:
            with TemporaryDirectory(dir=self._folder.parent, prefix=f".{self._folder.name}-") as aside:
                # Moved aside first: others may go on writing, into a new folder.
                moved = self._folder.rename(Path(aside) / "emptied")
                return sum(1 for _ in (moved / "index").glob("*/*.json"))
        except FileNotFoundError:
            # There is none, or somebody else empties it at this moment.
            return 0
        except OSError as error:
            raise StateError(f"cannot empty `{self._folder}`: {error.strerror or error}") from error

    def remove_older(self, than: datetime) -> int:
        """Remove entries kept before an instant, and bodies no entry names; return how many entries were removed.

        An entry that is written at this moment may lose its body: it is damaged then.
        """
        removed, named = 0, set()
        for place in (self._folder / "index").glob("*/*.json"):
            name = _name_if_younger(place, than)
            if name is None:
                _remove(place)
                removed += 1
            else:
                named.add(name)
        for body in (self._folder / "bodies").glob("*/*"):
            if body.name not in named and not body.name.startswith("."):
                _remove(body)
        return removed

    def _write_both(self, body: Path, content: bytes, place: Path, entry: bytes) -> None:
        for turn in range(_TURNS):
            try:
                if not body.exists():
                    _write(body, content)
                _write(place, entry)
            except (FileNotFoundError, FileExistsError):
                # Somebody empties the shelf, and took a folder away that was there a moment ago.
                if turn == _TURNS - 1:
                    raise
            else:
                return

    def _body(self, name: str) -> Path:
        return self._folder / "bodies" / name[:2] / name

    def _entry(self, request: Request, place: Path, entry: Any) -> Entry:
        if not isinstance(entry, dict) or {name: entry.get(name) for name in _asked(request)} != _asked(request):
            raise DamagedEntryError(f"`{place}` belongs to another request")
        status, headers, name, kept_at = (entry.get(key) for key in ("status", "headers", "body_sha256", "kept_at"))
        if not (isinstance(status, int) and isinstance(name, str) and isinstance(kept_at, str) and _is_texts(headers)):
            raise DamagedEntryError(f"`{place}` lacks what was written")
        return Entry(Answer(request.url, status, dict(headers), self._read_body(name)), kept_at)

    def _read_body(self, name: str) -> bytes:
        path = self._body(name)
        try:
            body = path.read_bytes()
        except OSError as error:
            raise DamagedEntryError(f"its body `{path}` cannot be read: {error.strerror or error}") from error
        if sha256(body) != name:
            raise DamagedEntryError(f"its body `{path}` does not have the hash that was written")
        return body


def _asked(request: Request) -> dict[str, Any]:
    """What an entry says of its request, in the form JSON gives it back."""
    return {
        "method": request.method,
        "url": request.address,
        "params": [list(pair) for pair in request.params],
        "form_sha256": sha256(request.content) if request.form is not None else None,
        "about": request.about,
    }


def _remove(path: Path) -> None:
    # What cannot be removed now will be another time; nobody's work fails for it.
    with suppress(OSError):
        path.unlink()


def _name_if_younger(place: Path, than: datetime) -> str | None:
    """The name of the entry's body; None when the entry is older, or damaged."""
    try:
        entry = from_json(place.read_bytes())
        return str(entry["body_sha256"]) if datetime.fromisoformat(entry["kept_at"]) >= than else None
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _is_texts(headers: Any) -> TypeGuard[Mapping[str, str]]:
    return isinstance(headers, Mapping) and all(isinstance(value, str) for value in headers.values())


def _write(target: Path, data: bytes) -> None:
    from tempfile import NamedTemporaryFile

    target.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=target.parent, prefix=".", delete=False) as file:
        try:
            file.write(data)
            file.flush()
            os.chmod(file.fileno(), 0o644)  # noqa: PTH101 - the open file, whatever its name
            Path(file.name).replace(target)
        except OSError:
            Path(file.name).unlink(missing_ok=True)
            raise
