"""Reads Python files of a project as modules, anew when they changed."""

from __future__ import annotations

import importlib.util
import sys
from contextlib import redirect_stdout
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import NamedTuple

from penstock.errors import DefinitionError, PenstockError


class Stamp(NamedTuple):
    """What tells, without reading it, whether a file changed."""

    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int


def stamp_of(path: Path) -> Stamp | None:
    """Return the stamp of a file; None when there is none."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return Stamp(stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino)


class _UncachedLoader(SourceFileLoader):
    """Compiles the source itself: compiled files are told apart by whole seconds, too coarse for one in the making."""

    def get_code(self, fullname: str) -> CodeType:  # noqa: ARG002 - importlib's signature
        return self.source_to_code(self.get_data(self.path), self.path)


def import_file(path: Path, within: Path | None = None) -> ModuleType:
    """Return the module a Python file makes; the one it made before when it has not changed since.

    Args:
        within: The folder its name is told from, so that files of one name in two folders are two modules.

    Raises:
        DefinitionError: The file cannot be read, or does not run to its end.
    """
    folder = str(path.parent.resolve())
    if folder not in sys.path:
        sys.path.insert(0, folder)  # so that a pipeline may import the modules beside it
    name = f"penstock_project_{_dotless(path, within)}"
    stamp = stamp_of(path), str(path.resolve())
    known = sys.modules.get(name)
    if known is not None and getattr(known, "__penstock_stamp__", None) == stamp:
        return known
    module = _new_module(name, path)
    sys.modules[name] = module
    vars(module)["__penstock_stamp__"] = stamp
    try:
        _execute(module, path)
        if within is not None:
            _refuse_strangers(path, within)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _refuse_strangers(path: Path, within: Path) -> None:
    """Refuse a file that was given the helper module of another pipeline, because one name stands for one module."""
    folder, home = path.parent.resolve(), within.resolve()
    for name in sorted(_imported_names(path)):
        file = getattr(sys.modules.get(name), "__file__", None)
        if file is None or not (folder / f"{name}.py").is_file():
            continue
        if Path(file).is_relative_to(home) and Path(file).parent != folder:
            raise DefinitionError(
                f"`{path}` imports `{name}`, which another pipeline has imported from `{Path(file).parent}`",
                hint="give helper modules of Python tasks names of their own",
            )


def _imported_names(path: Path) -> set[str]:
    import ast

    nodes = list(ast.walk(ast.parse(path.read_bytes())))
    found = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    found |= {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module and not node.level}
    return {name.partition(".")[0] for name in found}


def _dotless(path: Path, within: Path | None) -> str:
    if within is None or not path.is_relative_to(within):
        return path.stem
    return "__".join(path.relative_to(within).with_suffix("").parts).replace(".", "_")


def _new_module(name: str, path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path, loader=_UncachedLoader(name, str(path)))
    if spec is None or path.suffix != ".py":
        raise DefinitionError(f"`{path}` is not a Python file")
    return importlib.util.module_from_spec(spec)


def _execute(module: ModuleType, path: Path) -> None:
    loader = getattr(module.__spec__, "loader", None)
    assert isinstance(loader, SourceFileLoader)  # noqa: S101 - made by `_new_module`
    try:
        with redirect_stdout(sys.stderr):  # standard output belongs to the command that imports
            loader.exec_module(module)
    except PenstockError as error:
        error.message = f"{error.message} (in `{path}`)"
        raise
    except (Exception, SystemExit) as error:
        line = _line_of(error, path)
        raise DefinitionError(f"`{path}`{line} cannot be imported: {type(error).__name__}: {error}") from error


def _line_of(error: BaseException, path: Path) -> str:
    if isinstance(error, SyntaxError):
        return f", line {error.lineno}," if error.lineno else ""
    line, trace = "", error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(path):
            line = f", line {trace.tb_lineno},"
        trace = trace.tb_next
    return line
