"""The fingerprint of a script: its syntax tree, and everything of the project that it imports or names."""

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
from penstock.engine.definition.modules import Stamp, stamp_of
from penstock.engine.definition.script import Script
from penstock.engine.definition.task import Task
from penstock.engine.planning.codeplace import CodePlace, is_file, real
from penstock.engine.planning.syntax import drop_doc, dump
from penstock.kit.jsonable import digest

_DATA_FILES = (".sql", ".md", ".lua", ".json", ".toml", ".yaml", ".yml")
_SCOPES = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
# Longer texts are no names of files, and some systems refuse to look for them.
_LONGEST_NAME = 255

_T = TypeVar("_T")


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
    """Reads the code of scripts; what was read is remembered until the file moves: its size, its times or its place.

    Taken in are, of a `.py` file, the syntax tree without comments, layout and docstrings; the same of every module it
    imports, directly or not, that lies in the folder of the pipeline's scripts or elsewhere in the project; and data
    files (`.sql`, `.md`, `.lua`, `.json`, `.toml`, `.yaml`, `.yml`) of the scripts' folder, or of the module's own,
    which this code names, but for outputs of the task. Of any other script, the bytes. Arguments, environment and the
    choice out of a matrix count as they are declared.

    Modules are looked for where the script looks: beside it, along `PYTHONPATH`, and then in the project and its `src`,
    where they are installed from or a script's own search path leads. Not taken in are installed libraries, hidden
    folders, and modules or files whose names are put together while the script runs.
    """

    def __init__(self) -> None:
        self._codes: dict[Path, tuple[Stamp, _Code]] = {}
        self._digests: dict[Path, tuple[Stamp, str]] = {}

    def facts(self, task: Task, script: Script) -> Mapping[str, str]:
        """Return a digest for each piece of code the script consists of, by the piece's name."""
        place, start = CodePlace(real(script.folder), real(script.cwd)), real(script.path)
        declared = {"arguments": list(script.args), "environment": dict(script.env), "matrix": dict(script.matrix)}
        found = {name: digest(value) for name, value in declared.items() if value}
        if start.suffix != ".py":
            return {place.shown(start): self._digest_of(start), **found}
        outputs = _output_patterns(task, script)
        finder = _ModuleFinder(_roots_of(script, start, place), place)
        seen, todo = {start}, [start]
        while todo:
            path = todo.pop()
            code = self._code_of(path)
            found[place.shown(path)] = code.digest
            modules = {module for name in code.imports for module in finder.find(name, path)}
            todo += modules - seen
            seen |= modules
            for data in _data_files(code.texts, path, place):
                if not any(fnmatch(str(data), pattern) for pattern in outputs):
                    found[place.shown(data)] = self._digest_of(data)
        return dict(sorted(found.items()))

    def _code_of(self, path: Path) -> _Code:
        return _remembered(self._codes, path, _read_code, _Code("missing"))

    def _digest_of(self, path: Path) -> str:
        return _remembered(self._digests, path, lambda path: _digest_bytes(path.read_bytes()), "missing")


class _ModuleFinder:
    """Finds what imports of one script load.

    Each name is looked up once, because most modules import the same ones, and only in folders whose list of names
    holds its beginning, because most of them are not of the project.
    """

    def __init__(self, roots: list[Path], place: CodePlace) -> None:
        self._roots = roots
        self._place = place
        self._found: dict[tuple[str, Path | None], tuple[Path, ...]] = {}
        self._listed: dict[Path, frozenset[str]] = {}

    def find(self, name: str, importer: Path) -> tuple[Path, ...]:
        """Return the files of the project that are loaded by importing this name."""
        level = len(name) - len(name.lstrip("."))
        key = (name, importer.parent if level else None)
        if key not in self._found:
            roots = importer.parents[level - 1 : level] if level else self._roots
            tried = (tuple(self._files(root, name[level:])) for root in roots)
            self._found[key] = next(filter(None, tried), ())
        return self._found[key]

    def _files(self, folder: Path, name: str) -> Iterator[Path]:
        first = name.partition(".")[0]
        if self._names_in(folder).isdisjoint((first, f"{first}.py")):
            return
        for part in name.split("."):
            folder /= part
            for file in (folder.with_name(f"{part}.py"), folder / "__init__.py"):
                if is_file(file) and self._place.holds(real(file)):
                    yield real(file)

    def _names_in(self, folder: Path) -> frozenset[str]:
        if folder not in self._listed:
            try:
                self._listed[folder] = frozenset(path.name for path in folder.iterdir())
            except OSError:
                self._listed[folder] = frozenset()
        return self._listed[folder]


def _remembered(known: dict[Path, tuple[Stamp, _T]], path: Path, read: Callable[[Path], _T], absent: _T) -> _T:
    stamp = stamp_of(path)
    if stamp is None:
        return absent  # the run tells what is wrong with it
    if path not in known or known[path][0] != stamp:
        try:
            known[path] = (stamp, read(path))
        except OSError:
            return absent
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


def _roots_of(script: Script, start: Path, place: CodePlace) -> list[Path]:
    """Return where the script's imports are looked for, but for what is installed."""
    told = script.env.get("PYTHONPATH", os.environ.get("PYTHONPATH", ""))
    folder, project = place.folder, place.project
    # Scripts of an installed package import each other by whole names, which begin above the folder.
    package = next(above for above in (folder, *folder.parents) if not is_file(above / "__init__.py"))
    along = [real(project / part) for part in told.split(os.pathsep) if part]
    return list(dict.fromkeys([start.parent, *along, folder, package, project, project / "src"]))


def _data_files(texts: Iterable[str], module: Path, place: CodePlace) -> Iterator[Path]:
    """Yield the data files a module's texts name, together with a text that names their folder too."""
    names = sorted(text for text in texts if text.endswith(_DATA_FILES))
    if not names:
        return
    bases = [module.parent, place.folder, place.project]
    inner = [base / text for base in bases for text in texts if not text.endswith(_DATA_FILES) and "\n" not in text]
    for name in names:
        for folder in dict.fromkeys([*bases, *filter(os.path.isdir, inner)]):
            path = folder / name
            if is_file(path) and place.holds_data(real(path), module):
                yield real(path)


def _output_patterns(task: Task, script: Script) -> list[str]:
    files = [output for output in task.outputs if isinstance(output, File)]
    return [str(real((file.folder or script.cwd) / re.sub(r"\{\w+\}", "*", file.path))) for file in files]


def _digest_bytes(data: bytes) -> str:
    from hashlib import blake2b  # loads OpenSSL, which a look at the list of pipelines can do without

    return blake2b(data, digest_size=8).hexdigest()
