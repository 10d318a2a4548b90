"""The fingerprint of a script: its syntax tree, and everything in its folder that it imports or names."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import TypeVar

from penstock.engine.definition.dataset import File
from penstock.engine.definition.script import Script
from penstock.engine.definition.task import Task
from penstock.engine.planning.syntax import drop_doc, dump
from penstock.kit.jsonable import digest

_DATA_FILES = (".sql", ".md", ".lua", ".json", ".toml", ".yaml", ".yml")
_SCOPES = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
# Longer texts are no names of files, and some systems refuse to look for them.
_LONGEST_NAME = 255

_T = TypeVar("_T")
_Stamp = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Code:
    """What one Python file is, imports and names.

    Args:
        imports: Dotted names, as many dots in front as the import is relative.
        texts: Text constants that may name a file or a folder.
    """

    digest: str
    imports: frozenset[str] = frozenset()
    texts: frozenset[str] = frozenset()


class ScriptCodeReader:
    """Reads the code of scripts; what was read is remembered until the file's size or time moves.

    Taken in are, of a `.py` file, the syntax tree without comments, layout and docstrings; the same of every module it
    imports, directly or not, that lies in the folder of the pipeline's scripts; and data files of that folder
    (`.sql`, `.md`, `.lua`, `.json`, `.toml`, `.yaml`, `.yml`) which this code names, but for outputs of the task. Of
    any other script, the bytes. Arguments, environment and the choice out of a matrix count as they are declared.

    Not taken in are installed libraries, and modules or files whose names are put together while the script runs.
    """

    def __init__(self) -> None:
        self._codes: dict[Path, tuple[_Stamp, _Code]] = {}
        self._digests: dict[Path, tuple[_Stamp, str]] = {}

    def facts(self, task: Task, script: Script) -> Mapping[str, str]:
        """Return a digest for each piece of code the script consists of, by the piece's name."""
        folder, start = _real(script.folder), _real(script.path)
        declared = {"arguments": list(script.args), "environment": dict(script.env), "matrix": dict(script.matrix)}
        found = {name: digest(value) for name, value in declared.items() if value}
        if start.suffix != ".py":
            return {_shown(start, folder): self._digest_of(start), **found}
        outputs = _output_patterns(task, script)
        roots = _roots_of(script, start, folder)
        seen, todo = {start}, [start]
        while todo:
            path = todo.pop()
            code = self._code_of(path)
            found[_shown(path, folder)] = code.digest
            modules = {module for name in code.imports for module in _modules_of(name, path, roots, folder)}
            todo += modules - seen
            seen |= modules
            for data in _data_files(code.texts, [path.parent, folder, script.cwd], folder):
                if not any(fnmatch(str(data), pattern) for pattern in outputs):
                    found[_shown(data, folder)] = self._digest_of(data)
        return dict(sorted(found.items()))

    def _code_of(self, path: Path) -> _Code:
        return _remembered(self._codes, path, _read_code, _Code("missing"))

    def _digest_of(self, path: Path) -> str:
        return _remembered(self._digests, path, lambda path: _digest_bytes(path.read_bytes()), "missing")


def _remembered(known: dict[Path, tuple[_Stamp, _T]], path: Path, read: Callable[[Path], _T], absent: _T) -> _T:
    try:
        status = path.stat()
        stamp = (status.st_mtime_ns, status.st_size)
        if path not in known or known[path][0] != stamp:
            known[path] = (stamp, read(path))
    except OSError:
        return absent  # the run tells what is wrong with it
    return known[path][1]


def _read_code(path: Path) -> _Code:
    data = path.read_bytes()
    try:
        tree = ast.parse(data, str(path))
        nodes = list(ast.walk(tree))
        names_its_doc = any(isinstance(node, ast.Name) and node.id == "__doc__" for node in nodes)
        imports = frozenset(name for node in nodes for name in _imports_in(node))
        texts = frozenset(_texts_in(nodes))
        for node in nodes:
            if isinstance(node, _SCOPES) or (isinstance(node, ast.Module) and not names_its_doc):
                drop_doc(node)
        return _Code(digest(dump(tree)), imports, texts)
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # the last two mean nesting too deep to read
        return _Code(_digest_bytes(data))  # the run tells what is wrong with it


def _imports_in(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        origin = "." * node.level + (f"{node.module}." if node.module else "")
        yield from (origin + alias.name for alias in node.names)


def _texts_in(nodes: Iterable[ast.AST]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and 0 < len(node.value) < _LONGEST_NAME:
            yield node.value


def _roots_of(script: Script, start: Path, folder: Path) -> list[Path]:
    """Return where the script's imports are looked for, as far as that lies in its folder."""
    told = [_real(script.cwd / part) for part in script.env.get("PYTHONPATH", "").split(os.pathsep) if part]
    # Scripts of an installed package import each other by whole names, which begin above the folder.
    package = next(place for place in (folder, *folder.parents) if not (place / "__init__.py").is_file())
    return [start.parent, *(root for root in told if root.is_relative_to(folder)), folder, package]


def _modules_of(name: str, path: Path, roots: list[Path], folder: Path) -> Iterator[Path]:
    """Yield the files in the folder that are loaded by importing this name."""
    level = len(name) - len(name.lstrip("."))
    for root in path.parents[level - 1 : level] if level else roots:
        place, found = root, False
        for part in name[level:].split("."):
            place /= part
            for file in (place.with_name(f"{part}.py"), place / "__init__.py"):
                if file.is_file() and _real(file).is_relative_to(folder):
                    found = True
                    yield _real(file)
        if found:
            return


def _data_files(texts: Iterable[str], bases: list[Path], folder: Path) -> Iterator[Path]:
    """Yield the data files in the folder that the texts name, together with a text that names their folder too."""
    names = sorted(text for text in texts if text.endswith(_DATA_FILES))
    if not names:
        return
    inner = [base / text for base in bases for text in texts if not text.endswith(_DATA_FILES) and "\n" not in text]
    places = dict.fromkeys([*bases, *(place for place in inner if place.is_dir())])
    for name in names:
        for place in places:
            path = place / name
            if path.is_file() and _real(path).is_relative_to(folder):
                yield _real(path)


def _output_patterns(task: Task, script: Script) -> list[str]:
    files = [output for output in task.outputs if isinstance(output, File)]
    return [str(_real((file.folder or script.cwd) / re.sub(r"\{\w+\}", "*", file.path))) for file in files]


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))


def _shown(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.name


def _digest_bytes(data: bytes) -> str:
    from hashlib import blake2b  # loads OpenSSL, which a look at the list of pipelines can do without

    return blake2b(data, digest_size=8).hexdigest()
