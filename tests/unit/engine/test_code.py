"""What counts as a change of code, and what does not."""

import importlib.util
import json
import os
import subprocess
import sys
import textwrap
from itertools import count

import pytest

from penstock.engine.planning.code import CodeReader
from penstock.pipelines.campaign_finance.load import LOAD_TASKS

_NUMBERS = count()

BASE = '''
    """A module."""
    import json
    from penstock import task
    from helper import normalise, TABLE

    LIMIT = 10
    QUERY = "rows.sql"
    OTHER = 1

    def clean(text):
        """Clean it."""
        return normalise(text).strip()

    @task(retries=1)
    def body(ctx):
        """Do it."""
        rows = [clean(x) for x in ("a", "b")]  # a comment
        return json.dumps(rows[:LIMIT]), QUERY, TABLE

    def unrelated():
        return OTHER
'''
HELPER = """
    TABLE = "t"
    def normalise(text):
        return text.upper()
    def unused(text):
        return text
"""


@pytest.fixture
def facts(tmp_path, monkeypatch):
    """Reads the facts of a project's body after some texts of it were replaced."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def read(**replaced):
        base, helper, sql = BASE, HELPER, "select 1"
        for old, new in replaced.get("base", {}).items():
            assert old in base
            base = base.replace(old, new)
        for old, new in replaced.get("helper", {}).items():
            assert old in helper
            helper = helper.replace(old, new)
        (tmp_path / "rows.sql").write_text(replaced.get("sql", sql))
        (tmp_path / "helper.py").write_text(textwrap.dedent(helper))
        path = tmp_path / "work.py"
        path.write_text(textwrap.dedent(base))
        sys.modules.pop("helper", None)
        importlib.invalidate_caches()
        for cached in tmp_path.glob("__pycache__/*"):
            cached.unlink()
        spec = importlib.util.spec_from_file_location(f"work_{next(_NUMBERS)}", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return CodeReader().facts(module.body)

    return read


@pytest.mark.parametrize(
    "replaced",
    [
        {"base": {"# a comment": "# another comment"}},
        {"base": {"Do it.": "Do it well."}},
        {"base": {'"a", "b"': '"a",\n                "b"'}},
        {"base": {"retries=1": "retries=5"}},
        {"base": {"OTHER = 1": "OTHER = 2"}},
        {"base": {"return OTHER": "return OTHER + 1"}},
        {"helper": {"def unused(text):\n        return text": "def unused(text):\n        return None"}},
    ],
)
def test_what_does_not_matter_changes_nothing(facts, replaced):
    assert facts(**replaced) == facts()


@pytest.mark.parametrize(
    ("replaced", "piece"),
    [
        ({"base": {"rows[:LIMIT]": "rows[1:LIMIT]"}}, "body"),
        ({"base": {".strip()": ".rstrip()"}}, "clean"),
        ({"base": {"LIMIT = 10": "LIMIT = 20"}}, "LIMIT"),
        ({"helper": {"upper": "lower"}}, "normalise"),
        ({"helper": {'TABLE = "t"': 'TABLE = "u"'}}, "TABLE"),
        ({"sql": "select 2"}, "rows.sql"),
    ],
)
def test_what_matters_is_named(facts, replaced, piece):
    before, after = facts(), facts(**replaced)
    assert {name for name in after if after[name] != before.get(name)} == {piece}


SETS = """
from dataclasses import dataclass
from enum import Enum
from penstock import task
class Kind(Enum):
    A = "a"
@dataclass(frozen=True)
class Code:
    kind: Kind
    names: frozenset
CODES = (Code(Kind.A, frozenset({"x", "y", "z", "much", "more"})), frozenset({1, 2, "three"}))
@task
def body(ctx):
    return CODES
"""


def test_constants_have_the_same_digest_in_every_process(tmp_path):
    (tmp_path / "sets.py").write_text(SETS)
    code = "import sets; from penstock.engine.planning.code import CodeReader; print(CodeReader().facts(sets.body))"
    told = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=tmp_path,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(told) == 1
    assert b"CODES" in told.pop()


def test_bodies_made_in_a_loop_differ_by_what_they_close_over():
    def make(kind):
        def body(ctx):
            return kind

        return body

    from tests.engines import a_task

    reader = CodeReader()
    one, two, same = (reader.facts(a_task("t", make(kind))) for kind in ("cm", "cn", "cm"))
    assert one != two
    assert one == same


RICH_HELPER = """
    import functools, re
    from dataclasses import dataclass
    from datetime import date, timedelta
    from enum import Enum
    LIMIT = 3
    COUNTED = frozenset({"a", "b"})
    SINCE = date(2020, 1, 1)
    PAUSE = timedelta(seconds=5)
    SHAPE = re.compile("a+")
    NAMES = {"x": 1}
    NAMES["y"] = 2
    NAMES.update(z=3)
    Pairs = list[tuple[str, int]]
    ROUTES = {}
    def route():
        return "routed"
    ROUTES["a"] = [route]
    class Kind(Enum):
        GOOD = "good"
    class Base:
        def inherited(self):
            return 17
    @dataclass(frozen=True)
    class Row(Base):
        \"\"\"A row.\"\"\"
        kind: Kind
        factor = 19
        @property
        def is_counted(self):
            return self.kind in COUNTED and 23
    ROWS = (Row(Kind.GOOD),)
    @functools.cache
    def cached():
        return 29
    def unused():
        return 31
"""
RICH_BASE = """
    from penstock import task
    import rich_helper
    import rich_helper as other
    from rich_helper import NAMES, PAUSE, Pairs, ROWS, ROUTES, SHAPE, SINCE, cached

    @task
    def body(ctx):
        cached()
        return [row.is_counted for row in ROWS], rich_helper.LIMIT, NAMES, SHAPE, SINCE, PAUSE, Pairs, ROUTES, other
"""


def rich_facts(tmp_path, old="", new="", seed="0"):
    assert old in RICH_HELPER
    helper = RICH_HELPER.replace(old, new) if old else RICH_HELPER
    (tmp_path / "rich_helper.py").write_text(textwrap.dedent(helper))
    (tmp_path / "rich_work.py").write_text(textwrap.dedent(RICH_BASE))
    code = (
        "import rich_work, json; from penstock.engine.planning.code import CodeReader;"
        "print(json.dumps(dict(CodeReader().facts(rich_work.body))))"
    )
    env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-c", code]
    return json.loads(subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, check=True).stdout)


@pytest.mark.parametrize(
    ("old", "new", "pieces"),
    [
        ("LIMIT = 3", "LIMIT = 4", {"LIMIT"}),
        ("factor = 19", "factor = 20", {"Row"}),
        ("and 23", "and 24", {"Row"}),
        ("return 17", "return 18", {"Base"}),
        ('frozenset({"a", "b"})', 'frozenset({"a"})', {"COUNTED"}),
        ('GOOD = "good"', 'GOOD = "bad"', {"Kind"}),
        ("return 29", "return 30", {"cached"}),
        ("a+", "a*", {"SHAPE"}),
        ("2020, 1, 1", "2020, 1, 2", {"SINCE"}),
        ("seconds=5", "seconds=6", {"PAUSE"}),
        ('{"x": 1}', '{"x": 7}', {"NAMES"}),
        ('NAMES["y"] = 2', 'NAMES["y"] = 3', {"NAMES"}),
        ("update(z=3)", "update(z=4)", {"NAMES"}),
        ("tuple[str, int]", "tuple[str, str]", {"Pairs"}),
        ('"routed"', '"rerouted"', {"route"}),
        ("return 31", "return 32", set()),
        ("A row.", "One row.", set()),
    ],
)
def test_whatever_code_uses_counts_by_its_content(tmp_path, old, new, pieces):
    before, after = rich_facts(tmp_path), rich_facts(tmp_path, old, new)
    assert {name for name in before | after if before.get(name) != after.get(name)} == pieces


def test_facts_are_the_same_in_every_process(tmp_path):
    assert rich_facts(tmp_path, seed="1") == rich_facts(tmp_path, seed="2")


def test_what_counts_as_a_contribution_is_code_of_the_code_table():
    assert {"COUNTED", "_REFUNDS", "TransactionCode", "Category"} <= CodeReader().facts(LOAD_TASKS[-1]).keys()


def test_globals_of_one_name_in_two_modules_both_count(tmp_path):
    (tmp_path / "first.py").write_text("LIMIT = 1\ndef one():\n    return LIMIT\n")
    lines = ["from penstock import task", "import first", "LIMIT = 5", "@task", "def body(ctx):"]
    (tmp_path / "twice.py").write_text("\n".join([*lines, "    return first.one(), LIMIT"]))
    code = "import twice; from penstock.engine.planning.code import CodeReader; print(CodeReader().facts(twice.body))"
    told = set()
    for limit in (1, 2):
        (tmp_path / "first.py").write_text(f"LIMIT = {limit}\ndef one():\n    return LIMIT\n")
        env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
        command = [sys.executable, "-c", code]
        told.add(subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, check=True).stdout)
    assert len(told) == 2
