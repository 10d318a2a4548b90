"""What counts as a change of code, and what does not."""

import importlib.util
import os
import subprocess
import sys
import textwrap
from itertools import count

import pytest

from penstock.engine.planning.code import CodeReader

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
