"""The syntax tree of a source file: its functions, classes, imports and the statements that fill its names."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from copy import copy
from functools import cached_property
from pathlib import Path

_FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef
_SCOPES = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


class Source:
    """The syntax tree of one file, by what is looked for in it; empty when it cannot be read."""

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
            drop_doc(node)
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


def drop_doc(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Module) -> None:
    """Take the docstring out of the tree, if there is one."""
    first = next(iter(node.body), None)
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        node.body = node.body[1:] or [ast.Pass()]


def dump(node: ast.AST) -> str:
    """Return a text of the tree that neither layout nor comments change."""
    if isinstance(node, _FUNCTIONS):
        # What a decorator makes of the function is told by its own facts.
        node = copy(node)
        node.decorator_list = []
    return ast.dump(node, annotate_fields=False)


def names_and_texts_in(nodes: list[ast.AST]) -> tuple[set[str], set[str]]:
    """Return the names and texts in the trees, but for those of annotations."""
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
