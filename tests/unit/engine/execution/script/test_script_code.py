"""The fingerprint of a script: what counts as its code, and what does not."""

import os

import pytest

from penstock import File, Task
from penstock.engine.definition.script import Script
from penstock.engine.planning.code import CodeReader


@pytest.fixture
def write(tmp_path):
    later = iter(range(10**9, 10**12, 10**9))

    def write_file(path, text):
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        status, moved = file.stat(), next(later)
        os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns + moved))
        return file

    return write_file


@pytest.fixture
def facts(tmp_path, write):
    reader = CodeReader()

    def read(path="s/work.py", *, outputs=(), **declared):
        script = Script(tmp_path / path, tmp_path / "s", tmp_path, **declared)
        return dict(reader.facts(Task("work", script, outputs=tuple(outputs))))

    return read


def test_layout_comments_and_docstrings_do_not_count(write, facts):
    write("s/work.py", '"""Doc."""\ndef f(x):\n    """Doc."""\n    return x+1\n')
    before = facts()
    write("s/work.py", '"""Other doc."""\n\ndef f( x ):\n    # why\n    return (x + 1)\n')
    assert facts() == before
    write("s/work.py", "def f(x):\n    return x + 2\n")
    assert facts() != before


def test_a_docstring_that_the_script_prints_counts(write, facts):
    write("s/work.py", '"""Doc."""\nprint(__doc__)\n')
    before = facts()
    write("s/work.py", '"""Other doc."""\nprint(__doc__)\n')
    assert facts() != before


@pytest.mark.parametrize(
    ("line", "module"),
    [
        ("import one", "one.py"),
        ("import one as two", "one.py"),
        ("import pack.one", "pack/one.py"),
        ("import pack.one", "pack/__init__.py"),
        ("from one import x", "one.py"),
        ("from pack import one", "pack/one.py"),
        ("from pack.one import x", "pack/one.py"),
        ("from one import *", "one.py"),
        ("def f():\n    import one", "one.py"),
        ("try:\n    import one\nexcept ImportError:\n    one = None", "one.py"),
    ],
)
def test_a_module_of_the_folder_counts_however_it_is_imported(write, facts, line, module):
    write("s/work.py", line + "\n")
    write(f"s/{module}", "x = 1\n")
    before = facts()
    assert set(before) == {"work.py", module}
    write(f"s/{module}", "x = 2\n")
    assert facts()[module] != before[module]


def test_modules_import_each_other_also_in_a_circle_and_by_dots(write, facts):
    write("s/sub/work.py", "import helper\n")
    write("s/sub/helper.py", "import pack.a\n")
    write("s/pack/a.py", "from . import b\nfrom .. import pack\n")
    write("s/pack/b.py", "from .a import x\nfrom ...... import nowhere\n")
    assert set(facts("s/sub/work.py")) == {"sub/work.py", "sub/helper.py", "pack/a.py", "pack/b.py"}


def test_what_lies_outside_the_project_does_not_count(tmp_path, tmp_path_factory, write, facts):
    write("s/work.py", "import json, outside, linked\nopen('../data.json')\n")
    outside = tmp_path_factory.mktemp("elsewhere") / "outside.py"
    outside.write_text("x = 1\n")
    (tmp_path / "s" / "linked.py").symlink_to(outside)
    write("data.json", "{}")
    assert set(facts(env={"PYTHONPATH": str(outside.parent)})) == {"work.py", "environment"}


@pytest.mark.parametrize("found_in", ["s/lib", "lib"])
def test_modules_are_found_where_the_environment_says(write, facts, found_in):
    write("s/work.py", "import tools\n")
    write(f"{found_in}/tools.py", "x = 1\n")
    module = "./lib/tools.py" if found_in == "lib" else "lib/tools.py"
    assert set(facts()) == {"work.py"}
    before = facts(env={"PYTHONPATH": f"nowhere{os.pathsep}{found_in}"})
    assert set(before) == {"work.py", module, "environment"}
    write(f"{found_in}/tools.py", "x = 2\n")
    assert facts(env={"PYTHONPATH": f"nowhere{os.pathsep}{found_in}"})[module] != before[module]


def test_an_inherited_search_path_counts_where_the_step_declares_none(monkeypatch, write, facts):
    write("s/work.py", "import tools\n")
    write("lib/tools.py", "")
    monkeypatch.setenv("PYTHONPATH", "lib")
    assert set(facts()) == {"work.py", "./lib/tools.py"}
    assert set(facts(env={"PYTHONPATH": "s"})) == {"work.py", "environment"}


def test_modules_of_the_project_count_with_what_they_import_in_turn(tmp_path, write, facts):
    write("s/work.py", "from lib.tools import f\nimport installed_from_src, linked\n")
    write("s/lib/other.py", "")
    write("lib/__init__.py", "")
    write("lib/tools.py", "from . import deeper\nQUERY = 'load.sql'\nMADE = 'made.json'\n")
    write("lib/deeper.py", "")
    write("lib/load.sql", "select 1")
    write("made.json", "{}")
    write("src/installed_from_src.py", "")
    (tmp_path / "s" / "linked.py").symlink_to(write("shared.py", ""))
    lib = {f"./lib/{name}" for name in ("__init__.py", "tools.py", "deeper.py", "load.sql")}
    assert set(facts(env={"PYTHONPATH": "."})) == {
        "work.py",
        "environment",
        "./src/installed_from_src.py",
        "./shared.py",
        *lib,
    }


@pytest.mark.parametrize("folder", [".hidden", "env/lib", "deps/site-packages", "lib/.cache/deep"])
def test_installed_libraries_and_hidden_folders_of_the_project_do_not_count(write, facts, folder):
    write("env/pyvenv.cfg", "")
    write("s/work.py", "import tools\n")
    write(f"{folder}/tools.py", "")
    assert set(facts(env={"PYTHONPATH": folder})) == {"work.py", "environment"}


def test_a_change_counts_that_size_and_time_do_not_tell(write, facts):
    path = write("s/work.py", "x = 1\n")
    before, status = facts(), path.stat()
    path.write_text("x = 2\n")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert path.stat().st_mtime_ns == status.st_mtime_ns
    assert facts() != before


def test_names_that_no_file_can_have_are_none(write, facts):
    write("s/work.py", f"import {'m' * 300}, pack.{'n' * 300}\nOPEN = '{'ü' * 200}.sql'\n")
    assert set(facts()) == {"work.py"}


def test_data_files_that_the_code_names_count_but_for_what_it_makes(tmp_path, write, facts):
    write(
        "s/work.py", "import one\nA = 'settings.toml'\nB = ['sql', 'load.sql']\nopen('made.json', 'w')\nC = 'x.csv'\n"
    )
    write("s/one.py", "LIMITS = 'deep/limits.yaml'\n")
    for name in ("settings.toml", "sql/load.sql", "deep/limits.yaml", "made.json", "x.csv", "unnamed.sql"):
        write(f"s/{name}", "1")
    named = {"work.py", "one.py", "settings.toml", "sql/load.sql", "deep/limits.yaml"}
    assert set(facts()) == named | {"made.json"}
    assert set(facts(outputs=[File("s/made.json")])) == named
    assert set(facts(outputs=[File("s/{what}.json", folder=tmp_path)])) == named
    before = facts()
    write("s/sql/load.sql", "2")
    assert {name for name, told in facts().items() if told != before[name]} == {"sql/load.sql"}


def test_of_other_scripts_the_bytes_count(write, facts):
    write("s/work.sh", "#!/bin/sh\n")
    before = facts("s/work.sh")
    assert set(before) == {"work.sh"}
    write("s/work.sh", "#!/bin/sh\n# more\n")
    assert facts("s/work.sh") != before


def test_arguments_environment_and_matrix_count_as_declared(write, facts):
    write("s/work.py", "")
    told = [
        facts(),
        facts(args=("{days}",)),
        facts(args=("a", "b")),
        facts(args=("a b",)),
        facts(env={"A": "1"}),
        facts(matrix={"a": "1"}),
    ]
    assert len({tuple(sorted(one.items())) for one in told}) == len(told)


def test_a_broken_or_missing_script_has_facts_too(write, facts):
    missing = facts()
    write("s/work.py", "def broken(:\n")
    broken = facts()
    write("s/work.py", "x = '\0'\n")
    assert missing != broken != facts()
    write("s/work.py", "x = " + "-" * 100_000 + "1\n")
    assert set(facts()) == {"work.py"}
