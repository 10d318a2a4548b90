"""The fingerprint of code: the syntax tree of a body and of everything of the same project that it uses."""

from __future__ import annotations

import ast
import functools
import re
import sys
import types
from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, time, timedelta, timezone
from decimal import Decimal
from enum import Enum
from functools import cache, cached_property
from importlib.util import resolve_name
from pathlib import Path, PurePath
from typing import Any

from penstock.engine.definition.task import Body, Task
from penstock.kit.jsonable import digest

_CONSTANTS = (str, bytes, int, float, bool, complex, Decimal, type(None), type(...), range, re.Pattern, PurePath)
_DATED = (date, time, timedelta, timezone)
_ALIASES = (types.GenericAlias, types.UnionType)
_DATA_FILES = (".sql", ".md", ".lua")
# Longer texts are no names of files, and some systems refuse to look for them.
_LONGEST_NAME = 255
_FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef
_SCOPES = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef

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
        self._sources: dict[str, _Source] = {}
        self._digests: dict[types.CodeType, str] = {}

    def facts(self, task: Task) -> CodeFacts:
        """Return a digest for each piece of code the task's body consists of, by the piece's name."""
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
            if key in seen and not _is_constant(thing):
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
        elif _is_constant(thing):
            yield name, digest(_canonical(thing, project))
            yield from ((kind.__qualname__, _Used(kind)) for kind in _kinds_in(thing))
        elif isinstance(thing, functools.partial):
            yield name, _Used(thing.func)
            bound = {**dict(enumerate(thing.args)), **thing.keywords}
            yield from ((f"{name} argument {place}", _Used(value)) for place, value in bound.items())
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
            if _is_frozen(thing):
                yield from ((f"{name}.{one.name}", _Used(getattr(thing, one.name))) for one in fields(thing))

    def _expand_function(self, function: types.FunctionType, project: Path) -> _Pieces:
        name, namespace = function.__qualname__, function.__globals__
        yield name, self._digest(function.__code__)
        defaults = {**dict(enumerate(function.__defaults__ or ())), **(function.__kwdefaults__ or {})}
        yield from ((f"{name} defaults {place}", _Used(value)) for place, value in defaults.items())
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
            yield kind.__qualname__, digest([_dump(node) for node in nodes])
            yield from self._expand_nodes(nodes, _Global(kind.__qualname__, namespace), project)
        yield from ((base.__qualname__, _Used(base)) for base in kind.__mro__[1:])

    def _expand_global(self, used: _Global, project: Path | None) -> _Pieces:
        value = used.namespace[used.name]
        if _is_constant(value) or not self._needs_statement(value):
            yield used.name, _Used(value)
        elif project is not None and _lies_in(used.file, project):
            yield from self._expand_assigned(used, project)

    def _needs_statement(self, value: Any) -> bool:
        if isinstance(value, type):
            namespace = _namespace_of(value)
            return value.__qualname__ not in self._source(namespace.get("__file__") or "").classes
        is_code = isinstance(value, Task | types.FunctionType | types.MethodType | functools.partial)
        return not is_code and _wrapped(value) is None

    def _expand_assigned(self, used: _Global, project: Path) -> _Pieces:
        source = self._source(used.file)
        if nodes := source.statements.get(used.name):
            yield used.name, digest([_dump(node) for node in nodes])
            yield from self._expand_nodes(nodes, used, project)
            return
        for module, name in source.imports.get(used.name, []) + [(star, used.name) for star in source.stars]:
            full = resolve_name(module, used.namespace.get("__package__")) if module.startswith(".") else module
            origin = vars(sys.modules[full]) if full in sys.modules else {}
            if name in origin:
                yield used.name, _Used(_Global(name, origin))

    @staticmethod
    def _expand_nodes(nodes: list[ast.AST], place: _Global, project: Path) -> _Pieces:
        names, texts = _names_and_texts_in(nodes)
        yield from _iter_used(names, place.namespace, project)
        yield from _data_files(place.file, texts)

    def _source(self, path: str) -> _Source:
        if path not in self._sources:
            self._sources[path] = _Source(path)
        return self._sources[path]

    def _digest(self, code: types.CodeType) -> str:
        if code not in self._digests:
            nodes = self._source(code.co_filename).functions.get(code.co_firstlineno, [])
            fitting = [node for node in nodes if getattr(node, "name", "<lambda>") == code.co_name]
            self._digests[code] = digest(_dump(fitting[0])) if len(fitting) == 1 else _bytecode_digest(code)
        return self._digests[code]


class _Source:
    def __init__(self, path: str) -> None:
        self._path = path
        #: By the first line, decorators included.
        self.functions: dict[int, list[ast.AST]] = {}
        self.classes: dict[str, list[ast.AST]] = {}
        todo: list[tuple[ast.AST, str]] = [(self._tree, "")]
        while todo:
            node, scope = todo.pop()
            inner = self._note(node, scope)
            todo += [(child, inner) for child in ast.iter_child_nodes(node)]

    @cached_property
    def _tree(self) -> ast.Module:
        try:
            return ast.parse(Path(self._path).read_bytes())
        except (OSError, SyntaxError, ValueError):
            return ast.Module([], [])

    def _note(self, node: ast.AST, scope: str) -> str:
        if isinstance(node, _SCOPES):
            _drop_doc(node)
        if isinstance(node, _FUNCTIONS | ast.Lambda):
            first = min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", []))])
            self.functions.setdefault(first, []).append(node)
            return f"{scope}{getattr(node, 'name', '<lambda>')}.<locals>."
        if isinstance(node, ast.ClassDef):
            self.classes.setdefault(scope + node.name, []).append(node)
            return f"{scope}{node.name}."
        return scope

    @cached_property
    def statements(self) -> dict[str, list[ast.AST]]:
        """The module's own statements that assign a name, or do something with it."""
        found: dict[str, list[ast.AST]] = {}
        for statement in self._tree.body:
            for name in sorted(_touched_by(statement)):
                found.setdefault(name, []).append(statement)
        return found

    @cached_property
    def imports(self) -> dict[str, list[tuple[str, str]]]:
        """The module, dots in front when it is relative, and the name there of each name imported."""
        found: dict[str, list[tuple[str, str]]] = {}
        for node in self._import_nodes():
            for alias in node.names:
                origin = "." * node.level + (node.module or "")
                found.setdefault(alias.asname or alias.name, []).append((origin, alias.name))
        return found

    @property
    def stars(self) -> list[str]:
        """Modules of which everything is imported."""
        return [module for module, _ in self.imports.get("*", [])]

    def _import_nodes(self) -> Iterator[ast.ImportFrom]:
        for statement in self._tree.body:
            if not isinstance(statement, _SCOPES):
                yield from (node for node in ast.walk(statement) if isinstance(node, ast.ImportFrom))


def _touched_by(statement: ast.stmt) -> set[str]:
    if isinstance(statement, _SCOPES | ast.Import | ast.ImportFrom):
        return set()
    if isinstance(statement, ast.Assign):
        return {name for target in statement.targets for name in _roots(target)}
    if isinstance(statement, ast.AnnAssign | ast.AugAssign):
        return set(_roots(statement.target))
    return {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}


def _roots(target: ast.expr) -> Iterator[str]:
    if isinstance(target, ast.Name):
        yield target.id
    elif isinstance(target, ast.Tuple | ast.List):
        for part in target.elts:
            yield from _roots(part)
    elif isinstance(target, ast.Subscript | ast.Attribute | ast.Starred):
        yield from _roots(target.value)


def _drop_doc(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> None:
    first = node.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        node.body = node.body[1:] or [ast.Pass()]


def _dump(node: ast.AST) -> str:
    if isinstance(node, _FUNCTIONS):
        # What a decorator makes of the function is told by its own facts.
        node = copy(node)
        node.decorator_list = []
    return ast.dump(node, annotate_fields=False)


def _names_and_texts_in(nodes: list[ast.AST]) -> tuple[set[str], set[str]]:
    names: set[str] = set()
    texts: set[str] = set()
    todo = list(nodes)
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Name):
            names.add(node.id)
        elif isinstance(node, ast.Attribute):
            names.add(node.attr)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            texts.add(node.value)
        noted = (getattr(node, "annotation", None), getattr(node, "returns", None))
        todo += [child for child in ast.iter_child_nodes(node) if child not in noted]
    return names, texts


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


def _is_frozen(value: Any) -> bool:
    if not is_dataclass(value) or isinstance(value, type):
        return False
    is_frozen: bool = type(value).__dataclass_params__.frozen  # type: ignore[attr-defined] # the only place it is told
    return is_frozen


def _is_constant(value: Any) -> bool:
    if isinstance(value, _CONSTANTS + _DATED + _ALIASES + (Enum,)):
        return True
    if isinstance(value, tuple | frozenset):
        return all(map(_is_constant, value))
    if isinstance(value, types.MappingProxyType):
        return all(_is_constant(key) and _is_constant(held) for key, held in value.items())
    if _is_frozen(value) and not isinstance(value, Task):
        return all(_is_constant(getattr(value, one.name)) for one in fields(value))
    return False


def _canonical(value: Any, project: Path | None) -> str:
    """Return a text that is the same in every process: the order of a set, unlike its content, is not."""
    tell = functools.partial(_canonical, project=project)
    if isinstance(value, Enum):
        return f"{type(value).__qualname__}.{value.name}"
    if isinstance(value, re.Pattern):
        return f"re({value.pattern!r},{value.flags})"
    if isinstance(value, PurePath):
        is_inside = project is not None and value.is_relative_to(project)
        return f"path({(value.relative_to(project) if is_inside and project else value).as_posix()})"
    if isinstance(value, frozenset):
        return f"set({sorted(map(tell, value))})"
    if isinstance(value, tuple):
        return f"({','.join(map(tell, value))})"
    if isinstance(value, types.MappingProxyType):
        return f"map({sorted((tell(key), tell(held)) for key, held in value.items())})"
    if _is_frozen(value):
        return f"{type(value).__name__}({','.join(f'{one.name}={tell(getattr(value, one.name))}' for one in fields(value))})"
    return repr(value)


def _kinds_in(value: Any) -> set[type]:
    if isinstance(value, tuple | frozenset):
        return {kind for part in value for kind in _kinds_in(part)} | {type(value)}
    if isinstance(value, types.MappingProxyType):
        return {kind for pair in value.items() for part in pair for kind in _kinds_in(part)}
    if _is_frozen(value):
        return {kind for one in fields(value) for kind in _kinds_in(getattr(value, one.name))} | {type(value)}
    return {type(value)}


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
