"""Whatever stands in a file: a pipeline comes of it, or one clear error; and editors are told the same rules."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from penstock import Pipeline
from penstock.engine.definition.yaml.compose import compose
from penstock.engine.definition.yaml.keys import PARAM_TYPES, PIPELINE
from penstock.engine.definition.yaml.load import load_pipeline
from penstock.engine.definition.yaml.report import Report
from penstock.engine.definition.yaml.schema import pipeline_schema
from penstock.engine.definition.yaml.tree import Listing, Mapping, Node
from penstock.errors import PenstockError
from tests.unit.engine.definition.yaml.files import ABILITIES

WORDS = """a|b|a b|x.py|../x.py|a.py:f|90|1h|0s|true|on|{p}|{q}|*|data/*.csv?||sqlite:a.db#t|sun 06:00 UTC|2026-01-01
1.5|-1|007|~|🚀|PENSTOCK_X|p|m|int""".replace("\n", "|").split("|")
TYPES = [*PARAM_TYPES, "str"]


def keys(record: object) -> list[str]:
    return [name for key in record.keys for name in key.spellings]  # type: ignore[attr-defined]


KEYS = [*keys(PIPELINE), *keys(PIPELINE.keys[2].form.form), "type", "default", "choices", "minimum", "rule", "misfire"]  # type: ignore[attr-defined]
scalars = st.one_of(st.sampled_from(WORDS), st.text(max_size=8), st.integers(-3, 99).map(str))
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.one_of(st.sampled_from(KEYS), scalars), inner, max_size=4)
    ),
    max_leaves=12,
)
text_keys = {key: st.sampled_from(WORDS) for key in ("description", "timeout", "retries", "version", "each", "tags")}
steps = st.fixed_dictionaries(
    {"name": st.sampled_from(["a", "b", "c d", "🚀", "a-b"]), "script": st.sampled_from(["x.py", "sub/y", "../x.py"])},
    optional={
        "depends_on": st.lists(st.sampled_from(["a", "b", "c d"]), max_size=2),
        "inputs": st.lists(st.sampled_from(WORDS), max_size=2),
        "outputs": st.lists(st.sampled_from(WORDS), max_size=2),
        "args": st.lists(scalars, max_size=2),
        "env": st.dictionaries(st.sampled_from(["A", "B_1", "9", "é"]), scalars, max_size=2),
        "matrix": st.dictionaries(st.sampled_from(["m", "p", "n"]), st.lists(scalars, max_size=3), max_size=2),
        "schedule": values,
        "continue_on_error": st.sampled_from(["true", "false", "yes"]),
        "retry_delay": st.sampled_from(["0s", "5m", "1.5h", "x"]),
        "failure_tolerance": st.sampled_from(["0", "0.5", "3", "1.5"]),
        **text_keys,
    },
)
documents = st.fixed_dictionaries(
    {"steps": st.lists(steps, min_size=1, max_size=3)},
    optional={
        "name": scalars,
        "params": st.dictionaries(
            st.sampled_from(["p", "q", "P"]),
            st.one_of(
                scalars,
                st.fixed_dictionaries(
                    {},
                    optional={
                        "type": st.sampled_from(TYPES),
                        "default": st.sampled_from(WORDS),
                        "minimum": st.sampled_from(["1", "2026-01-01", "x"]),
                        "choices": st.lists(st.sampled_from(WORDS), max_size=2),
                        "required": st.sampled_from(["true", "false"]),
                    },
                ),
            ),
            max_size=2,
        ),
        "retries": st.sampled_from(["0", "3", "-1", "x"]),
        "after": values,
        "env": st.dictionaries(st.sampled_from(["A", "B"]), scalars, max_size=1),
        "workers": st.sampled_from(["1", "0"]),
    },
)


texts = st.sampled_from(["x", "a b", "90", "1.5", "true", "{p}", "🚀", "2026-01-01"])
durations = st.sampled_from(["5s", "1h30m", "0.5d", "250ms"])
counts = st.integers(0, 9).map(str)
datasets = st.sampled_from(["in.csv", "data/{p}/*.csv?", "sqlite:a.db#t", {"sqlite": "b.db", "table": "t u"}])
rules = st.sampled_from(["sun 06:00 UTC", {"rule": "weekdays 01:00 UTC", "misfire": "all"}])


def one_or_more(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(strategy, st.lists(strategy, min_size=1, max_size=2))


def good_step(name: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {"name": st.just(name), "script": st.just("x.py")},
        optional={
            "description": st.one_of(texts, st.just("")),
            "inputs": one_or_more(datasets),
            "outputs": st.just(f"out/{name}-{{p}}"),
            "args": st.lists(st.one_of(texts, st.just(""))),
            "env": st.dictionaries(st.sampled_from(["A", "B_1"]), texts, max_size=2),
            "params": st.lists(st.just("p"), max_size=1),
            "retries": counts,
            "retry_delay": st.one_of(durations, st.just("0s")),
            "timeout": durations,
            "continue_on_error": st.sampled_from(["true", "false"]),
            "schedule": one_or_more(rules),
            "after": one_or_more(texts),
            "tags": one_or_more(st.sampled_from(["t", "90", "ä"])),
            "version": texts,
        },
    )


good_params = st.one_of(
    texts,
    st.just("~"),
    st.fixed_dictionaries({"type": st.just("int"), "default": counts}, optional={"minimum": st.just("0")}),
    st.fixed_dictionaries({"choices": st.lists(texts, min_size=1)}, optional={"description": texts}),
)
good_documents = st.fixed_dictionaries(
    {"steps": st.tuples(good_step("a"), good_step("b")).map(list), "params": st.fixed_dictionaries({"p": good_params})},
    optional={
        "name": texts,
        "description": texts,
        "env": st.dictionaries(st.sampled_from(["A", "B"]), texts, max_size=1),
        "schedule": one_or_more(rules),
        "after": one_or_more(texts),
        "workers": st.integers(1, 9).map(str),
        "retries": counts,
        "timeout": durations,
        "version": texts,
    },
)


def written(value: object) -> str:
    """A value as YAML in flow style; texts that stand plainly anywhere have no quotes, so that they may be numbers."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{written(str(key))}: {written(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    text = str(value)
    if text and all(char.isascii() and (char.isalnum() or char in "./_") for char in text):
        return text
    return '"' + "".join(f"\\U{ord(char):08x}" for char in text) + '"'


def read(data: bytes) -> Pipeline | None:
    """The pipeline of a file's bytes; None when it was refused as every mistake is."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "pipelines", "x.yaml")
        path.parent.mkdir()
        path.write_bytes(data)
        try:
            return load_pipeline(path, Path(folder), abilities=ABILITIES)
        except PenstockError as error:
            told = error.message
    assert told.startswith(("pipelines/x.yaml", "`pipelines/x.yaml`"))
    assert len(told) < 20_000
    return None


def plain(node: Node) -> object:
    if isinstance(node, Mapping):
        return {key.text: plain(value) for key, value in node.entries}
    return [plain(item) for item in node.items] if isinstance(node, Listing) else node.value


@settings(max_examples=120, deadline=None)
@given(st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode)))
@example(b"steps: [{name: a, script: a.py, args: ['{']}]")
def test_any_bytes_give_a_pipeline_or_one_clear_error(data: bytes) -> None:
    read(data)


@settings(max_examples=120, deadline=None)
@given(values)
def test_any_values_give_a_pipeline_or_one_clear_error(value: object) -> None:
    read(f"steps: {written(value)}".encode())
    read(written(value).encode())


@settings(max_examples=120, deadline=None)
@given(documents)
def test_what_almost_is_a_pipeline_is_read_or_refused_clearly(document: dict[str, object]) -> None:
    read(written(document).encode())


def test_editors_are_told_by_a_schema_that_is_one() -> None:
    jsonschema_rs = a_validator()
    jsonschema_rs.meta.validate(pipeline_schema())


@settings(max_examples=150, deadline=None)
@given(good_documents)
@example({"steps": [{"task": "a.py:f"}], "params": {"p": "~"}})
def test_whatever_is_read_fits_the_schema_that_editors_are_told(document: dict[str, Any]) -> None:
    validator = a_validator().validator_for(pipeline_schema())
    data = written(document).encode()
    assume(read(data) is not None or "task" in document["steps"][0])
    validator.validate(plain(compose(data, Report("x.yaml"))))


@pytest.mark.parametrize(
    ("document", "is_valid"),
    [
        ({"steps": [{"name": "a", "script": "a.py"}]}, True),
        ({"steps": [{"id": "a", "file": "a.py", "needs": []}]}, True),
        ({"steps": [{"name": "a", "script": "a.py", "inputs": {"sqlite": "a.db", "table": "t"}}]}, True),
        ({"steps": [{"name": "a", "script": "a.py", "inputs": [{"sqlite": "a.db"}]}]}, False),
        ({"steps": [{"script": "a.py"}]}, False),
        ({"steps": [{"name": "a"}]}, False),
        ({"steps": []}, False),
        ({"name": "x"}, False),
        ({"steps": [{"name": "a", "script": "a.py", "skript": 1}]}, False),
        ({"steps": [{"name": "a", "script": "a.py", "timeout": 90}]}, False),
        ({"steps": [{"name": "a", "script": "a.py", "schedule": {"misfire": "all"}}]}, False),
        ({"params": {"max-days": 3}, "steps": [{"name": "a", "script": "a.py"}]}, False),
    ],
)
def test_the_schema_refuses_what_the_reader_refuses(document: dict[str, object], is_valid: bool) -> None:
    assert a_validator().is_valid(pipeline_schema(), document) is is_valid
    assert (read(written(document).encode()) is not None) is is_valid


def a_validator():
    """The library that checks JSON Schemas; at a desk it may be missing."""
    if os.environ.get("CI"):
        import jsonschema_rs

        return jsonschema_rs
    return pytest.importorskip("jsonschema_rs", reason="jsonschema-rs is not installed")
