"""The house rules that a machine can check: budgets, names, start-up, and pages that equal what they describe."""

from __future__ import annotations

import ast
import importlib.util
import os
import re
import statistics
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType

import penstock

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "penstock"

#: Where anything at all may go wrong and must be turned into a recorded fact or a message: place -> why.
BROAD_EXCEPT = {
    "cli/app.py:run": "the face: a defect ends in a message and a crash log, not in a page of frames",
    "engine/execution/attempt.py:_outcome": "the attempt boundary: whatever a body raises is its outcome",
    "engine/execution/fanout.py:_call": "the item's attempt boundary",
    "engine/execution/background.py:run": "a thread hands what was raised to the caller that waits for it",
    "worker.py:_serve": "a child process tells its parent, which records it as the attempt's outcome",
}
#: Packages that neither declaring a pipeline nor starting a command may load.
HEAVY = ("asyncio", "celery", "click", "duckdb", "httpx2", "pydantic", "redis", "rich", "sqlalchemy", "sqlite3", "yaml")
DRAWERS = {"utils", "util", "helpers", "common", "misc", "manager", "handlers", "core", "base_classes"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    """One Python file: where it is, its text and its syntax tree."""

    path: Path
    text: str
    tree: ast.Module

    @property
    def name(self) -> str:
        return str(self.path.relative_to(ROOT))

    @property
    def lines(self) -> int:
        return self.text.count("\n")

    def functions(self) -> Iterator[Function]:
        return (node for node in ast.walk(self.tree) if isinstance(node, Function))

    def classes(self) -> Iterator[ast.ClassDef]:
        return (node for node in ast.walk(self.tree) if isinstance(node, ast.ClassDef))


@cache
def sources(folder: Path = SOURCE) -> tuple[Source, ...]:
    found = [
        (path, path.read_text(encoding="utf-8")) for path in sorted(folder.rglob("*.py")) if "scratch" not in path.parts
    ]
    return tuple(Source(path, text, ast.parse(text, str(path))) for path, text in found if text.strip())


def length(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def report(offences: list[str]) -> str:
    return "\n  " + "\n  ".join(offences)


# Shape ----------------------------------------------------------------------------------------------------------------


def test_no_file_is_longer_than_400_lines() -> None:
    long = [f"{source.name}: {source.lines} lines" for source in sources() if source.lines > 400]
    assert not long, report(long)


def test_files_stay_short_as_a_whole() -> None:
    lengths = sorted(source.lines for source in sources())
    median, p90 = statistics.median(lengths), statistics.quantiles(lengths, n=10)[-1]
    longest = sorted(((source.lines, source.name) for source in sources()), reverse=True)[:10]
    assert median <= 110, f"median {median} of 110; longest {longest}"
    assert p90 <= 280, f"p90 {p90} of 280; longest {longest}"


def test_functions_stay_short() -> None:
    measured = [
        (length(f), f"{s.name}:{f.lineno} `{f.name}`: {length(f)} lines") for s in sources() for f in s.functions()
    ]
    median = statistics.median(lines for lines, _ in measured)
    long = [place for lines, place in measured if lines > 50]
    assert median <= 9, f"median {median} of 9 lines"
    assert len(long) <= 0.02 * len(measured), f"{len(long)} of {len(measured)} are longer than 50 lines{report(long)}"


def test_pipelines_and_simulators_stay_small() -> None:
    pipelines = [s for s in sources() if s.path.name == "pipeline.py" and "pipelines" in s.path.parts]
    simulators = [s for s in sources() if "simulators" in s.path.parts]
    bodies = [f for s in sources() if "pipelines" in s.path.parts for f in s.functions() if is_task(f)]
    assert statistics.median(s.lines for s in pipelines) <= 150, pipelines
    assert statistics.median(s.lines for s in simulators) <= 300, simulators
    assert statistics.median(map(length, bodies)) <= 30, bodies


def is_task(function: Function) -> bool:
    return any(ast.unparse(decorator).partition("(")[0] == "task" for decorator in function.decorator_list)


def test_no_class_has_more_than_20_public_verbs() -> None:
    offences = []
    for source in sources():
        for kind in source.classes():
            methods = [node.name for node in kind.body if isinstance(node, Function)]
            public = [name for name in methods if not name.startswith("_") and name != "close"]
            if len(public) > 20 or len(methods) > 30:
                offences.append(
                    f"{source.name}:{kind.lineno} `{kind.name}`: {len(public)} public, {len(methods)} in all"
                )
    assert not offences, report(offences)


def test_no_module_is_a_drawer() -> None:
    offences = [str(path.relative_to(ROOT)) for path in SOURCE.rglob("*") if path.stem in DRAWERS]
    assert not offences, report(offences)


# Words ----------------------------------------------------------------------------------------------------------------


def test_every_module_says_its_duty_in_one_sentence() -> None:
    offences = []
    for source in (*sources(), *sources(ROOT / "tests"), *sources(ROOT / "docs"), *sources(ROOT / "bench")):
        sentence = (ast.get_docstring(source.tree) or "").partition("\n\n")[0]
        if not sentence or sentence[-1] not in ".:":
            offences.append(f"{source.name}: {sentence!r}")
    assert not offences, report(offences)


def test_every_public_thing_has_a_docstring() -> None:
    offences = [
        f"{source.name}:{node.lineno} `{name}`"
        for source in sources()
        for name, node in public_things(source.tree)
        if not ast.get_docstring(node)
    ]
    assert not offences, report(offences)


def public_things(tree: ast.Module | ast.ClassDef) -> Iterator[tuple[str, Function | ast.ClassDef]]:
    for node in tree.body:
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_"):
            is_overload = isinstance(node, Function) and any("overload" in ast.unparse(d) for d in node.decorator_list)
            if not is_overload:
                yield node.name, node
            if isinstance(node, ast.ClassDef):
                yield from ((f"{node.name}.{name}", member) for name, member in public_things(node))


def test_every_function_is_annotated() -> None:
    offences = [
        f"{source.name}:{function.lineno} `{function.name}`"
        for source in sources()
        for function in source.functions()
        if not is_annotated(function)
    ]
    assert not offences, report(offences)


def is_annotated(function: Function) -> bool:
    args = function.args
    named = [*args.posonlyargs, *args.args, *args.kwonlyargs, *filter(None, (args.vararg, args.kwarg))]
    return function.returns is not None and all(arg.annotation for arg in named if arg.arg not in ("self", "cls"))


# Conduct --------------------------------------------------------------------------------------------------------------


def test_anything_at_all_is_caught_only_where_it_is_listed_with_a_reason() -> None:
    found = {place for source in sources() for place in broad_excepts(source)}
    assert found == set(BROAD_EXCEPT), f"found {sorted(found)}"
    assert len(found) <= 5, f"{len(found)} places{report(sorted(found))}"


def broad_excepts(source: Source) -> Iterator[str]:
    """Yield where everything is caught and not raised again: a handler that ends with `raise` tidies up or explains."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ExceptHandler) and is_broad(node) and not isinstance(node.body[-1], ast.Raise):
            around = [f for f in source.functions() if f.lineno <= node.lineno <= (f.end_lineno or 0)]
            yield f"{source.path.relative_to(SOURCE)}:{max(around, key=lambda f: f.lineno).name}"


def is_broad(handler: ast.ExceptHandler) -> bool:
    caught = (
        [] if handler.type is None else [ast.unparse(kind) for kind in getattr(handler.type, "elts", [handler.type])]
    )
    return not caught or bool({"Exception", "BaseException"} & set(caught))


def test_time_and_chance_come_from_the_kit_alone() -> None:
    asked = re.compile(
        r"datetime\.(now|utcnow|today)\(|\btime\.(sleep|time)\(|\buuid[14]\(|\brandom\.(random|choice|randint)\("
    )
    offences = [
        f"{source.name}:{number}: {line.strip()}"
        for source in sources()
        if "kit" not in source.path.parts
        for number, line in enumerate(source.text.splitlines(), 1)
        if asked.search(line)
    ]
    assert not offences, report(offences)


def test_hardly_any_test_patches() -> None:
    tests = [f for source in sources(ROOT / "tests") for f in source.functions() if f.name.startswith("test_")]
    patching = [f.name for f in tests if re.search(r"\b(monkeypatch|[Mm]ock|patch)\b", body_text(f))]
    assert len(patching) <= 0.05 * len(tests), f"{len(patching)} of {len(tests)}{report(patching)}"


def body_text(function: Function) -> str:
    words = [node.id for node in ast.walk(function) if isinstance(node, ast.Name)]
    return " ".join([*words, *(arg.arg for arg in function.args.args)])


def test_test_names_are_sentences() -> None:
    offences = [
        f"{source.name}:{f.lineno} `{f.name}`"
        for source in sources(ROOT / "tests")
        for f in source.functions()
        if f.name.startswith("test_") and f.name.count("_") < 2
    ]
    assert not offences, report(offences)


# Front door and start-up ----------------------------------------------------------------------------------------------


def test_the_front_door_is_small_and_opens() -> None:
    assert len(penstock.__all__) <= 20
    assert len(penstock.__all__) == len(set(penstock.__all__))
    assert all(hasattr(penstock, name) for name in penstock.__all__)


def test_the_front_door_is_the_one_the_reference_describes() -> None:
    page = (ROOT / "docs/reference/python.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^## (\w+)$", page, re.MULTILINE)) == set(penstock.__all__)


def loaded_by(statement: str) -> set[str]:
    program = f"{statement}\nimport sys\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    return {name.partition(".")[0] for name in done.stdout.split()}


def test_declaring_a_pipeline_loads_nothing_heavy() -> None:
    assert not loaded_by("import penstock") & set(HEAVY)


# Pages and tree -------------------------------------------------------------------------------------------------------


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_reference_pages_equal_what_the_code_says() -> None:
    stale = [
        path.name
        for path, text in generator().generated().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    assert not stale, f"out of date: {stale}; write them anew with `make docs`"


def test_every_exit_code_is_on_its_page() -> None:
    page = (ROOT / "docs/reference/exit-codes.md").read_text(encoding="utf-8")
    kinds = [kind for kind in vars(penstock.errors).values() if isinstance(kind, type) and issubclass(kind, Exception)]
    codes = {str(kind.exit_code) for kind in kinds if issubclass(kind, penstock.PenstockError)}
    assert not [code for code in codes if not re.search(rf"\b{code}\b", page)]


def tree() -> Iterator[tuple[Path, str]]:
    ignored = {"__pycache__", "dist", "scratch"}
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [name for name in folders if name == ".ci" or (name[0] != "." and name not in ignored)]
        for file in files:
            path = Path(folder, file)
            if file != "uv.lock" and not file.startswith("."):
                try:
                    yield path, path.read_text(encoding="utf-8")
                except UnicodeDecodeError:
                    continue


def test_the_tree_names_no_package_host_and_no_machine() -> None:
    hosts = ("py" + "pi.org", "python" + "hosted.org", "registry." + "npmjs", "deb." + "debian.org")
    machine = re.compile(r"(?<![\w.])/(?:work|tmp|root|home)/(?!\.\.\.)[\w.]+")
    offences = []
    for path, text in tree():
        for number, line in enumerate(text.splitlines(), 1):
            if any(host in line for host in hosts) or machine.search(line):
                offences.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}")
    assert not offences, report(offences)


def test_the_lock_holds_hashes_and_no_hosts() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    entries = re.split(r"\n(?=\w)", lock.strip())
    assert "://" not in lock
    assert all("--hash=sha256:" in entry for entry in entries)


def test_import_contracts_are_kept() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([lint, "--no-logo", "--no-cache"], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stdout
