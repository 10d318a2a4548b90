"""The fingerprint of code: the syntax tree of a body and of everything of the same project that it uses."""

from __future__ import annotations

import ast
import functools
import types
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any

from penstock.engine.definition.task import Body, Task
from penstock.kit.jsonable import digest

_CONSTANTS = (str, bytes, int, float, bool, complex, Decimal, Enum, type(None))
_DATA_FILES = (".sql", ".md", ".lua")

CodeFacts = Mapping[str, str]


class CodeReader:
    """Reads the code of bodies, each file and each function once.

    What is taken in: the function's syntax tree without docstrings, comments and layout; functions and classes it names
    that lie in the same project folder, and theirs in turn; constants it names or closes over (texts, numbers, tuples,
    enums, frozen dataclasses); `.sql` and `.md` files of its folder that it names. What is not: lists and dictionaries,
    which may change while the program runs, and installed libraries; raise the task's `version` for those.
    """

    def __init__(self) -> None:
        self._by_body: dict[Any, CodeFacts] = {}
        self._trees: dict[str, dict[int, list[ast.AST]]] = {}
        self._digests: dict[types.CodeType, str] = {}

    def facts(self, task: Task) -> CodeFacts:
        """Return a digest for each piece of code the task's body consists of, by the piece's name."""
        body = task.body
        key = body if not isinstance(body, functools.partial) else id(body)
        if key not in self._by_body:
            self._by_body[key] = self._read(body)
        return self._by_body[key]

    def _read(self, body: Body) -> CodeFacts:
        facts: dict[str, str] = {}
        seen: set[int] = set()
        todo: list[tuple[str, Any]] = [(getattr(body, "__qualname__", "body"), body)]
        project = _project_of(body)
        while todo:
            name, thing = todo.pop()
            if id(thing) in seen:
                continue
            seen.add(id(thing))
            for piece, found in self._expand(name, thing, project):
                if isinstance(found, str):
                    facts[piece] = found
                else:
                    todo.append((piece, found[0]))
        return facts

    def _expand(self, name: str, thing: Any, project: Path | None) -> Iterator[tuple[str, str | tuple[Any]]]:
        thing = _unwrap(thing)
        if isinstance(thing, functools.partial):
            yield f"{name} arguments", digest(repr((thing.args, sorted(thing.keywords.items()))))
            yield name, (thing.func,)
        elif isinstance(thing, types.FunctionType):
            if project is None or _is_within(thing, project):
                yield from self._expand_function(thing)
        elif isinstance(thing, type):
            if project is not None and _is_within(thing, project):
                yield from (
                    (f"{thing.__qualname__}.{key}", (value,)) for key, value in vars(thing).items() if callable(value)
                )
        elif _is_constant(thing):
            yield name, digest(_canonical(thing))

    def _expand_function(self, function: types.FunctionType) -> Iterator[tuple[str, str | tuple[Any]]]:
        name = function.__qualname__
        yield name, self._digest(function.__code__)
        if function.__defaults__ and all(map(_is_constant, function.__defaults__)):
            yield f"{name} defaults", digest(_canonical(function.__defaults__))
        for variable, value in _closure(function):
            yield f"{name} closes over {variable}", (value,)
        names, texts = _names_and_texts(function.__code__)
        for used in sorted(names):
            if used in function.__globals__:
                yield from self._expand_global(used, function.__globals__[used], names)
        yield from _data_files(function, names, texts)

    @staticmethod
    def _expand_global(name: str, value: Any, names: set[str]) -> Iterator[tuple[str, str | tuple[Any]]]:
        if isinstance(value, types.ModuleType):
            for attribute in sorted(names & set(vars(value))):
                found = getattr(value, attribute)
                if isinstance(_unwrap(found), types.FunctionType | type):
                    yield attribute, (found,)
        else:
            yield name, (value,)

    def _digest(self, code: types.CodeType) -> str:
        if code not in self._digests:
            node = self._find_node(code)
            tree = None if node is None else ast.dump(_without_docs(node), annotate_fields=False)
            self._digests[code] = _bytecode_digest(code) if tree is None else digest(tree)
        return self._digests[code]

    def _find_node(self, code: types.CodeType) -> ast.AST | None:
        if code.co_filename not in self._trees:
            self._trees[code.co_filename] = _index(code.co_filename)
        nodes = self._trees[code.co_filename].get(code.co_firstlineno, [])
        fitting = [node for node in nodes if getattr(node, "name", "<lambda>") == code.co_name]
        return fitting[0] if len(fitting) == 1 else None


def _index(path: str) -> dict[int, list[ast.AST]]:
    try:
        tree = ast.parse(Path(path).read_bytes())
    except (OSError, SyntaxError, ValueError):
        return {}
    index: dict[int, list[ast.AST]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            first = min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", []))])
            index.setdefault(first, []).append(node)
    return index


def _without_docs(node: ast.AST) -> ast.AST:
    """Drop docstrings, and the decorators of the function itself: what they declare is compared by its own facts."""
    for part in ast.walk(node):
        body = getattr(part, "body", None)
        if isinstance(body, list) and body and isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            first = body[0]
            if (
                isinstance(first, ast.Expr)
                and isinstance(first.value, ast.Constant)
                and isinstance(first.value.value, str)
            ):
                part.body = body[1:] or [ast.Pass()]
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        node.decorator_list = []
    return node


def _unwrap(thing: Any) -> Any:
    if isinstance(thing, Task):
        return _unwrap(thing.body)
    if isinstance(thing, staticmethod | classmethod | types.MethodType):
        return _unwrap(thing.__func__)
    return thing


def _is_constant(value: Any) -> bool:
    if isinstance(value, tuple | frozenset):
        return all(map(_is_constant, value))
    if isinstance(value, types.MappingProxyType):
        return all(_is_constant(key) and _is_constant(held) for key, held in value.items())
    if is_dataclass(value) and not isinstance(value, type):
        is_frozen = type(value).__dataclass_params__.frozen  # type: ignore[attr-defined] # the only place it is told
        return is_frozen and all(_is_constant(getattr(value, one.name)) for one in fields(value))
    return isinstance(value, _CONSTANTS)


def _canonical(value: Any) -> str:
    """Return a text that is the same in every process: the order of a set, unlike its content, is not."""
    if isinstance(value, frozenset):
        return f"set({sorted(map(_canonical, value))})"
    if isinstance(value, tuple):
        return f"({','.join(map(_canonical, value))})"
    if isinstance(value, types.MappingProxyType):
        return f"map({sorted((_canonical(key), _canonical(held)) for key, held in value.items())})"
    if is_dataclass(value) and not isinstance(value, type):
        held = (f"{one.name}={_canonical(getattr(value, one.name))}" for one in fields(value))
        return f"{type(value).__name__}({','.join(held)})"
    return repr(value)


def _project_of(body: Any) -> Path | None:
    body = _unwrap(body)
    while isinstance(body, functools.partial):
        body = _unwrap(body.func)
    code = getattr(body, "__code__", None)
    return _folder_of(code.co_filename) if code else None


def _is_within(thing: Any, project: Path) -> bool:
    if isinstance(thing, type):
        return any(
            _is_within(value, project) for value in vars(thing).values() if isinstance(value, types.FunctionType)
        )
    return _lies_in(thing.__code__.co_filename, project)


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


def _data_files(function: types.FunctionType, names: set[str], texts: set[str]) -> Iterator[tuple[str, str]]:
    named = [*map(function.__globals__.get, names), *(value for _, value in _closure(function))]
    files = {text for text in (*texts, *named) if isinstance(text, str) and text.endswith(_DATA_FILES)}
    for text in sorted(files):
        path = _folder_of(function.__code__.co_filename) / text
        if path.is_file():
            yield text, digest(path.read_text(encoding="utf-8"))


def _bytecode_digest(code: types.CodeType) -> str:
    parts = [code.co_code.hex(), repr([part for part in code.co_consts if not isinstance(part, types.CodeType)])]
    parts += [_bytecode_digest(part) for part in code.co_consts if isinstance(part, types.CodeType)]
    return digest(parts)
