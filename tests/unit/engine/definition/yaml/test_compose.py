"""What is no YAML, and what would harm, is refused early with its place."""

from __future__ import annotations

import pytest

from penstock.engine.definition.yaml.compose import MOST_BYTES, compose
from penstock.engine.definition.yaml.report import Report
from penstock.engine.definition.yaml.tree import Scalar
from penstock.errors import DefinitionError

BOMB = b"a0: &a0 [" + b"lol," * 9 + b"]\n"
BOMB += b"".join(b"a%d: &a%d [%b]\n" % (n, n, b",".join([b"*a%d" % (n - 1)] * 9)) for n in range(1, 20))
# The same without one list that is large: only nested by aliases.
DEEP_BOMB = b"a0: &a0 [x]\n" + b"".join(b"a%d: &a%d [*a%d]\n" % (n, n, n - 1) for n in range(1, 100))


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (BOMB, "the file holds more than 20,000 values, counting what aliases stand for"),
        (DEEP_BOMB, "nested more than 50 deep"),
        (b"[" * 200_000, "f:1:51: lists and mappings are nested more than 50 deep"),
        (b"{a: " * 60_000, "nested more than 50 deep"),
        (b"- " * 100_000, "nested more than 50 deep"),
        (b"a: [" + b"x," * 30_000 + b"]", "the file holds more than 20,000 values"),
        (b"a: &x [*x]", "f:1:8: `*x` stands within itself"),
        (b"a: *x", "f:1:4: nothing is called `&x`"),
        (b"a:\n  b: 1\n\tc: 2", "f:3:1: the line is indented with a tab"),
        (b"name: caf\xe9", "f:1:10: byte 0xe9 is not UTF-8"),
        (b"a: 1\nb: \0", "f:2:4: the character U+0000 may not stand in YAML"),
        ("a: 1".encode("utf-16"), "f:1:1: byte 0xff is not UTF-8"),
        (b"", "f:1:1: the file is empty"),
        (b"# nothing but a remark\n", "f:1:1: the file is empty"),
        (b"- a\n- b\n", "f:1:1: the file holds a list, not a mapping"),
        (b"just words", "f:1:1: the file holds a text, not a mapping"),
        (b"a: 1\n---\nb: 2", "f:2:1: a second document begins here"),
        (b"a: !!python/object/apply:os.system [x]", "f:1:4: the tag `tag:yaml.org,2002:python/object/apply:os.system`"),
        (b"a: !secret x", "f:1:4: the tag `!secret` is not understood"),
        (b"a: b: c", "f:1:5: this is no YAML: mapping values are not allowed"),
        (b'a: "x', "this is no YAML: while scanning a quoted scalar"),
        (b"a: @x", "f:1:4: this is no YAML"),
        (b"[a, b]: 1", "f:1:1: a key has to be a text, not a list"),
        (b"x" * (MOST_BYTES + 1), "f:1:1: the file has 262,145 bytes"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(data: bytes, told: str) -> None:
    with pytest.raises(DefinitionError) as refused:
        compose(data, Report("f"))
    assert told in refused.value.message


@pytest.mark.parametrize(
    "word", ["yes", "no", "on", "off", "y", "N", "1_000", "1:30", "0b1", ".inf", ".nan", "=", "<<"]
)
def test_words_that_older_yaml_took_for_something_else_are_texts(word: str) -> None:
    ((_, node),) = compose(f"a: {word}".encode(), Report("f")).entries
    assert isinstance(node, Scalar)
    assert node.value == word


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("12", 12),
        ("0o17", 15),
        ("1e3", 1000.0),
        (".5", 0.5),
    ],
)
def test_plain_values_follow_yaml_1_2(written: str, value: object) -> None:
    ((_, node),) = compose(f"a: {written}".encode(), Report("f")).entries
    assert isinstance(node, Scalar)
    assert (node.value, type(node.value)) == (value, type(value))


def test_quotes_and_the_tag_of_texts_make_texts() -> None:
    root = compose(b"a: '1'\nb: \"true\"\nc: !!str 5\nd: |\n  1\n", Report("f"))
    assert [node.value for _, node in root.entries if isinstance(node, Scalar)] == ["1", "true", "5", "1\n"]


def test_a_number_nobody_means_is_a_text() -> None:
    digits = "9" * 5_000
    ((_, node),) = compose(f"a: {digits}".encode(), Report("f")).entries
    assert isinstance(node, Scalar)
    assert node.value == digits


def test_a_mark_at_the_beginning_of_the_file_is_no_part_of_it() -> None:
    ((key, _),) = compose(b"\xef\xbb\xbfa: 1", Report("f")).entries
    assert (key.text, key.place) == ("a", (1, 1))
