"""The fingerprint of code: the syntax tree of a body and of everything of the same project that it uses."""

from __future__ import annotations

import ast
import functools
import sys
import types
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib.util import resolve_name
from pathlib import Path
from typing import Any

from penstock.engine.definition.modules import Stamp, stamp_of
from penstock.engine.definition.task import Body, Task
from penstock.engine.planning.constants import canonical_text, is_constant, is_frozen, kinds_in
from penstock.engine.planning.scriptcode import ScriptCodeReader
from penstock.engine.planning.syntax import Source, dump, names_and_texts_in
from penstock.kit.jsonable import digest

_DATA_FILES = (".sql", ".md", ".lua")
# Longer texts are no names of files, and some systems refuse to look for them.
_LONGEST_NAME = 255

CodeFacts = Mapping[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class _Used:
    value: Any


@dataclass(frozen=True, slots=True, eq=False)
class _Global:
    name: str
    namespace: dict[str, Any]

    @property
    def file(self) -> str:
        return self.namespace.get("__file__") or ""


_Pieces = Iterator[tuple[str, str | _Used]]


class CodeReader:
    """Reads the code of bodies, each file and each function once.

    The project is the folder of the body's file. Taken in are, from the body on and through everything taken in:

    - the syntax tree of functions, without docstrings, comments and layout, also behind `functools.partial`,
      `functools.cache` and other wrappers that keep `__wrapped__`, with the constants they close over or default to;
    - the whole syntax tree of the project's classes that are named, or that constants are made of, with attributes,
      properties, enum members and the project's base classes;
    - global names, in the same module or reached through other modules of the project: constants (texts, numbers,
      tuples, frozen sets and dataclasses, enum members, dates, patterns, paths, type aliases) by their value; anything
      else (lists, dictionaries, sets, instances) by the module's own statements that assign or fill it;
    - `.sql`, `.md` and `.lua` files of a module's folder that its code names.

    Not taken in are installed libraries, with whatever else lies outside the project's folder; values closed over,
    defaulted to or bound by `partial` that are mutable; what other modules or running code put into a global; names
    looked up by text (`getattr`, `importlib`). Raise the task's `version` for those.
    """

    def __init__(self) -> None:
        self._by_body: dict[Any, CodeFacts] = {}
        self._sources: dict[str, tuple[Stamp | None, Source]] = {}
        self._digests: dict[types.CodeType, str] = {}
        self._scripts = ScriptCodeReader()

    def facts(self, task: Task) -> CodeFacts:
        """Return a digest for each piece of code the task's body consists of, by the piece's name."""
        if task.script is not None:
            return self._scripts.facts(task, task.script)
        body = task.body
        key = body if isinstance(body, types.FunctionType) else id(body)
        if key not in self._by_body:
            self._by_body[key] = self._read(body)
        return self._by_body[key]

    def _read(self, body: Body) -> CodeFacts:
        found: dict[str, set[str]] = {}
        seen: dict[object, Any] = {}  # keeps what was seen alive, so that no id stands for two things
        todo: list[tuple[str, Any]] = [(getattr(body, "__qualname__", "body"), body)]
        project = _project_of(body)
        while todo:
            name, thing = todo.pop()
            key = (thing.name, id(thing.namespace)) if isinstance(thing, _Global) else id(thing)
            if key in seen and not is_constant(thing):
                continue
            seen[key] = thing
            for piece, told in self._expand(name, thing, project):
                if isinstance(told, str):
                    found.setdefault(piece, set()).add(told)
                else:
                    todo.append((piece, told.value))
        # Two modules may have a global of one name.
        return {piece: min(told) if len(told) == 1 else digest(sorted(told)) for piece, told in found.items()}

    def _expand(self, name: str, thing: Any, project: Path | None) -> _Pieces:
        if isinstance(thing, _Global):
            yield from self._expand_global(thing, project)
        elif is_constant(thing):
            yield name, digest(canonical_text(thing, project))
            yield from ((kind.__qualname__, _Used(kind)) for kind in sorted(kinds_in(thing), key=_full_name))
        elif isinstance(thing, functools.partial):
            yield name, _Used(thing.func)
            bound = [*enumerate(thing.args), *thing.keywords.items()]
            yield from ((f"{name} argument {place}", _Used(value)) for place, value in bound)
        elif isinstance(thing, type):
            yield from self._expand_class(thing, project)
        elif isinstance(thing, types.FunctionType):
            if project is not None and _lies_in(thing.__code__.co_filename, project):
                yield from self._expand_function(thing, project)
            if (wrapped := _wrapped(thing)) is not None:
                yield name, _Used(wrapped)
        else:
            yield from self._expand_instance(name, thing)

    @staticmethod
    def _expand_instance(name: str, thing: Any) -> _Pieces:
        if (wrapped := _wrapped(thing)) is not None:
            yield name, _Used(wrapped)
        if isinstance(thing, types.MethodType):
            yield name, _Used(thing.__self__ if isinstance(thing.__self__, type) else type(thing.__self__))
        elif isinstance(thing, tuple):
            yield from ((f"{name} {place}", _Used(value)) for place, value in enumerate(thing))
        elif not isinstance(thing, Task):
            yield name, _Used(type(thing))
            if is_frozen(thing):
                yield from ((f"{name}.{one.name}", _Used(getattr(thing, one.name))) for one in fields(thing))

    def _expand_function(self, function: types.FunctionType, project: Path) -> _Pieces:
        name, namespace = function.__qualname__, function.__globals__
        yield name, self._digest(function.__code__)
        defaults = [*enumerate(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).items()]
        yield from ((f"{name} defaults {place}", _Used(value)) for place, value in defaults)
        closure = dict(_closure(function))
        for variable, value in closure.items():
            yield f"{name} closes over {variable}", _Used(value)
        names, texts = _names_and_texts(function.__code__)
        yield from _iter_used(names, namespace, project)
        held = [*(namespace.get(used) for used in names), *closure.values()]
        yield from _data_files(function.__code__.co_filename, [*texts, *_texts_in(held)])

    def _expand_class(self, kind: type, project: Path | None) -> _Pieces:
        namespace = _namespace_of(kind)
        file = namespace.get("__file__") or ""
        if project is None or not _lies_in(file, project):
            return
        nodes = self._source(file).classes.get(kind.__qualname__, [])
        if nodes:
            yield kind.__qualname__, digest([dump(node) for node in nodes])
            yield from self._expand_nodes(nodes, _Global(kind.__qualname__, namespace), project)
        yield from ((base.__qualname__, _Used(base)) for base in kind.__mro__[1:])

    def _expand_global(self, used: _Global, project: Path | None) -> _Pieces:
        value = used.namespace[used.name]
        if project is None or is_constant(value) or not self._needs_statement(value, project):
            yield used.name, _Used(value)
        elif _lies_in(used.file, project):
            yield from self._expand_assigned(used, project)

    def _needs_statement(self, value: Any, project: Path) -> bool:
        if isinstance(value, type):
            file = _namespace_of(value).get("__file__") or ""
            return _lies_in(file, project) and value.__qualname__ not in self._source(file).classes
        is_code = isinstance(value, Task | types.FunctionType | types.MethodType | functools.partial)
        return not is_code and _wrapped(value) is None

    def _expand_assigned(self, used: _Global, project: Path) -> _Pieces:
        source = self._source(used.file)
        if nodes := source.statements.get(used.name):
            yield used.name, digest([dump(node) for node in nodes])
            yield from self._expand_nodes(nodes, used, project)
            return
        for module, name in source.imports.get(used.name, []) + [(star, used.name) for star in source.stars]:
            full = resolve_name(module, used.namespace.get("__package__")) if module.startswith(".") else module
            origin = vars(sys.modules[full]) if full in sys.modules else {}
            if name in origin:
                yield used.name, _Used(_Global(name, origin))

    @staticmethod
    def _expand_nodes(nodes: list[ast.AST], place: _Global, project: Path) -> _Pieces:
        names, texts = names_and_texts_in(nodes)
        yield from _iter_used(names, place.namespace, project)
        yield from _data_files(place.file, texts)

    def _source(self, path: str) -> Source:
        # A process that lives long sees files change, and their pipelines made anew.
        stamp = stamp_of(Path(path))
        known = self._sources.get(path)
        if known is None or known[0] != stamp:
            known = self._sources[path] = (stamp, Source(path))
        return known[1]

    def _digest(self, code: types.CodeType) -> str:
        if code not in self._digests:
            nodes = self._source(code.co_filename).functions.get(code.co_firstlineno, [])
            fitting = [node for node in nodes if getattr(node, "name", "<lambda>") == code.co_name]
            self._digests[code] = digest(dump(fitting[0])) if len(fitting) == 1 else _bytecode_digest(code)
        return self._digests[code]


def _iter_used(names: set[str], namespace: dict[str, Any], project: Path) -> _Pieces:
    todo, visited = [namespace], {id(namespace)}
    while todo:
        reached = todo.pop()
        is_own = reached is namespace or _lies_in(reached.get("__file__") or "", project)
        for name in sorted(names & reached.keys()):
            value = reached[name]
            if isinstance(value, types.ModuleType):
                if id(vars(value)) not in visited:
                    visited.add(id(vars(value)))
                    todo.append(vars(value))
            elif is_own or isinstance(value, types.FunctionType | type):
                yield name, _Used(_Global(name, reached))


def _wrapped(thing: Any) -> Any:
    if isinstance(thing, Task):
        return thing.body
    if isinstance(thing, staticmethod | classmethod | types.MethodType):
        return thing.__func__
    return None if isinstance(thing, type) else getattr(thing, "__wrapped__", None)


def _texts_in(values: Iterable[Any]) -> Iterator[str]:
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, tuple):
            yield from (part for part in value if isinstance(part, str))


def _project_of(body: Any) -> Path | None:
    while True:
        inner = body.func if isinstance(body, functools.partial) else _wrapped(body)
        if inner is None:
            break
        body = inner
    if isinstance(body, types.FunctionType):
        return _folder_of(body.__code__.co_filename)
    file = _namespace_of(body if isinstance(body, type) else type(body)).get("__file__")
    return _folder_of(file) if file else None


def _full_name(kind: type) -> tuple[str, str]:
    return kind.__module__, kind.__qualname__


def _namespace_of(kind: type) -> dict[str, Any]:
    if kind.__module__ in sys.modules:
        return vars(sys.modules[kind.__module__])
    functions = (value for value in vars(kind).values() if isinstance(value, types.FunctionType))
    return next((value.__globals__ for value in functions if value.__module__ == kind.__module__), {})


@cache
def _lies_in(file: str, folder: Path) -> bool:
    return Path(file).is_relative_to(folder)


@cache
def _folder_of(file: str) -> Path:
    return Path(file).parent


def _closure(function: types.FunctionType) -> Iterator[tuple[str, Any]]:
    for variable, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            yield variable, cell.cell_contents
        except ValueError:  # a cell that is not filled yet, as in a recursive definition
            continue


@cache
def _names_and_texts(code: types.CodeType) -> tuple[set[str], set[str]]:
    names = set(code.co_names)
    texts = {constant for constant in code.co_consts if isinstance(constant, str)}
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            inner_names, inner_texts = _names_and_texts(constant)
            names |= inner_names
            texts |= inner_texts
    return names, texts


def _data_files(file: str, texts: Iterable[str]) -> Iterator[tuple[str, str]]:
    for text in sorted({text for text in texts if text.endswith(_DATA_FILES) and len(text) < _LONGEST_NAME}):
        path = _folder_of(file) / text
        if path.is_file():
            yield text, digest(path.read_text(encoding="utf-8"))


def _bytecode_digest(code: types.CodeType) -> str:
    parts = [code.co_code.hex(), repr([part for part in code.co_consts if not isinstance(part, types.CodeType)])]
    parts += [_bytecode_digest(part) for part in code.co_consts if isinstance(part, types.CodeType)]
    return digest(parts)
