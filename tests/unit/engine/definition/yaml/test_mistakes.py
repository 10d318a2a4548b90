"""What is wrong with a file is told with its place, all at once, and with what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.engine.definition.yaml.load import load_pipeline
from penstock.errors import DefinitionError
from tests.unit.engine.definition.yaml.files import ONE_STEP, refusal, write

CASES = {
    "an unknown key": (
        "desription: x\n" + ONE_STEP,
        "x.yaml:1:1: there is no key `desription`\ndid you mean `description`?",
    ),
    "an unknown key of a step": (
        "steps:\n  - name: a\n    skript: a.py\n    script: a.py\n",
        "x.yaml:3:5: there is no key `skript`\ndid you mean `script`?",
    ),
    "no steps": ("name: x\n", "x.yaml:1:1: `steps` is missing here"),
    "an empty list of steps": ("steps: []\n", "x.yaml:1:8: an empty list"),
    "steps that are no list": ("steps: {a: b}\n", "x.yaml:1:8: here stands a mapping"),
    "a step that is a text": ("steps: [a.py]\n", "x.yaml:1:9: here stands a text `a.py`"),
    "a step without a name": ("steps:\n  - script: a.py\n", "x.yaml:2:5: `name` is missing here"),
    "a step without a script": ("steps:\n  - name: a\n", "x.yaml:2:5: `script` is missing here"),
    "a key twice": (
        "steps:\n  - name: a\n    script: a.py\n    name: b\n",
        "x.yaml:4:5: `name` stands twice; first at pipelines/x.yaml:2:5",
    ),
    "a key and its other spelling": (
        "steps:\n  - name: a\n    script: a.py\n    file: b.py\n",
        "x.yaml:4:5: `file` is another word for `script`\nkeep one of them",
    ),
    "two steps of one name": (
        "steps:\n  - {name: a b, script: a.py}\n  - {name: a-b, script: a.py}\n",
        "x.yaml:3:12: two steps are called `a-b`; the other is at pipelines/x.yaml:2:12",
    ),
    "a name of nothing": (
        'steps:\n  - {name: "***", script: a.py}\n  - {name: "  ", script: a.py}\n',
        "x.yaml:3:12: the name `  ` has no letter or digit",
    ),
    "a step nobody knows": (
        "steps:\n  - {name: load, script: a.py}\n  - {name: b, script: b.py, needs: [laod]}\n",
        "x.yaml:3:37: there is no step `laod`\ndid you mean `load`?",
    ),
    "a step after itself": (
        "steps:\n  - {name: a, script: a.py, needs: a}\n",
        "x.yaml:2:36: step `a` depends on itself",
    ),
    "a circle": (
        (
            "steps:\n  - {name: a, script: a.py, needs: b}\n  - {name: b, script: b.py, each: c}\n"
            "  - {name: c, script: c.py, inputs: f}\n  - {name: d, script: d.py, needs: a, outputs: f}\n"
        ),
        (
            "x.yaml:2:5: steps wait for each other in a circle: `a` (pipelines/x.yaml:2:5) → "
            "`d` (pipelines/x.yaml:5:5) → `c` (pipelines/x.yaml:4:5) → `b` (pipelines/x.yaml:3:5) → "
            "`a` (pipelines/x.yaml:2:5)"
        ),
    ),
    "two makers": (
        "steps:\n  - {name: a, script: a.py, outputs: f}\n  - {name: b, script: b.py, outputs: ./f}\n",
        "x.yaml:3:5: `f` is made by `a` too, at pipelines/x.yaml:2:5",
    ),
    "a matrix whose tasks make one file": (
        "steps:\n  - {name: a, script: a.py, matrix: {m: [1, 2]}, outputs: f}\n",
        "x.yaml:2:5: `f` is made by every task of the matrix",
    ),
    "a script outside": (
        "steps:\n  - {name: a, script: ../y/a.py}\n",
        "x.yaml:2:23: `../y/a.py` lies outside `pipelines/x`, the folder of the pipeline's scripts",
    ),
    "an absolute script": ("steps:\n  - {name: a, script: /bin/sh}\n", "x.yaml:2:23: `/bin/sh` lies outside"),
    "a script and a task": (
        'steps:\n  - {name: a, script: a.py, task: "b.py:c"}\n',
        "x.yaml:2:35: a step has either `script` or `task`",
    ),
    "a task that is none": ("steps:\n  - {name: a, task: b.py}\n", "x.yaml:2:21: `b.py` names no task"),
    "a task of a missing file": ('steps:\n  - {name: a, task: "b.py:c"}\n', "x.yaml:2:21: there is no file `b.py`"),
    "arguments of a Python task": (
        'steps:\n  - {name: a, task: "b.py:c", args: [1]}\n',
        "x.yaml:2:37: `args` belongs to scripts",
    ),
    "a number without a unit": (
        "timeout: 90\n" + ONE_STEP,
        "x.yaml:1:10: here stands a number `90` where a duration such as",
    ),
    "no time at all": ("timeout: 0s\n" + ONE_STEP, "x.yaml:1:10: `0s` is no time at all"),
    "a boolean of old": (
        "steps:\n  - {name: a, script: a.py, continue_on_error: on}\n",
        "x.yaml:2:48: here stands a text `on` where `true` or `false` belongs\n`yes`, `no`, `on` and `off` are texts",
    ),
    "a negative count": ("retries: -1\n" + ONE_STEP, "x.yaml:1:10: here stands a number `-1`"),
    "no workers": ("workers: 0\n" + ONE_STEP, "x.yaml:1:10: here stands a number `0`"),
    "a number that may be a text": (
        "params: {zip: 01234}\n" + ONE_STEP,
        "x.yaml:1:15: `01234` may be a number or a text",
    ),
    "a parameter of no name": (
        "params: {max-days: 3}\n" + ONE_STEP,
        "x.yaml:1:10: `max-days` cannot be the name of a parameter\nwrite `max_days`",
    ),
    "a parameter of no type": (
        "params: {a: {type: integer}}\n" + ONE_STEP,
        "x.yaml:1:20: here stands a text `integer` where one of `text`",
    ),
    "a default too small": (
        "params: {a: {default: 3, minimum: 4}}\n" + ONE_STEP,
        "x.yaml:1:23: `a` must be at least 4",
    ),
    "a default that is no choice": (
        "params: {a: {default: 3, choices: [4]}}\n" + ONE_STEP,
        "x.yaml:1:23: `a` takes one of `4`, not `3`",
    ),
    "a default of another type": (
        "params: {a: {type: int, default: x}}\n" + ONE_STEP,
        "x.yaml:1:34: `x` cannot be a value of `a`",
    ),
    "a required default": (
        "params: {a: {required: true, default: x}}\n" + ONE_STEP,
        "x.yaml:1:39: parameter `a` is required",
    ),
    "two parameters scripts cannot tell apart": (
        "params: {a: 1, A: 2}\n" + ONE_STEP,
        "x.yaml:1:16: parameters `a` and `A`",
    ),
    "an argument that names nothing": (
        'params: {days: 1}\nsteps:\n  - {name: a, script: a.py, args: ["{day}"]}\n',
        "x.yaml:3:36: `{day}` names neither a parameter nor a value of the matrix\ndid you mean `days`?",
    ),
    "a path that names nothing": (
        'steps:\n  - {name: a, script: a.py, inputs: "a/{b}"}\n',
        "x.yaml:2:37: `{b}` names neither a parameter",
    ),
    "a path with an open brace": (
        'steps:\n  - {name: a, script: a.py, inputs: "a/{b"}\n',
        "x.yaml:2:37: `a/{b` is no pattern",
    ),
    "a table without a name": (
        'steps:\n  - {name: a, script: a.py, inputs: "sqlite:a.db"}\n',
        "x.yaml:2:37: `sqlite:a.db` names no table",
    ),
    "a parameter handed over that is none": (
        "steps:\n  - {name: a, script: a.py, params: [b]}\n",
        "x.yaml:2:38: there is no parameter `b`",
    ),
    "a choice of a parameter's name": (
        "params: {m: 1}\nsteps:\n  - {name: a, script: a.py, matrix: {m: [1]}}\n",
        "x.yaml:3:38: `m` is a parameter already",
    ),
    "choices of one name": (
        'steps:\n  - {name: a, script: a.py, matrix: {m: ["a b", a-b]}}\n',
        "x.yaml:2:49: `a-b` of `m` gives the same name",
    ),
    "items of many tasks": (
        "steps:\n  - {name: a, script: a.py, matrix: {m: [1, 2]}}\n  - {name: b, script: b.py, each: a}\n",
        "x.yaml:3:35: `a` stands for 2 tasks\nname one: `a.1`",
    ),
    "a tolerance of nothing": (
        "steps:\n  - {name: a, script: a.py, failure_tolerance: 1}\n",
        "x.yaml:2:48: `failure_tolerance` needs `each`",
    ),
    "a variable of Penstock's": (
        "env: {PENSTOCK_RUN_ID: 1}\n" + ONE_STEP,
        "x.yaml:1:7: variables that begin with `PENSTOCK_`",
    ),
    "a variable no system takes": (
        "env: {A B: 1}\n" + ONE_STEP,
        "x.yaml:1:7: `A B` cannot be the name of an environment",
    ),
    "a rule without a zone": (
        "schedule: weekdays 06:00\n" + ONE_STEP,
        "x.yaml:1:11: `weekdays 06:00` names no time zone",
    ),
    "a misfire nobody knows": (
        "schedule: {rule: sun 06:00 UTC, misfire: al}\n" + ONE_STEP,
        "x.yaml:1:42: here stands a text `al` where one of",
    ),
    "two deployments of one name": (
        "schedule: sun 06:00 UTC\nsteps:\n  - {name: schedule, script: a.py, schedule: sun 07:00 UTC}\n",
        "x.yaml:3:46: two deployments would be called `schedule`; the other is at pipelines/x.yaml:1:11",
    ),
    "nothing where something belongs": (
        "steps:\n  - name: a\n    script: a.py\n    inputs:\n",
        "x.yaml:4:12: here stands nothing where",
    ),
    "a merge": ("env: &e {A: 1}\nsteps:\n  - {<<: *e, name: a, script: a.py}\n", "x.yaml:3:6: there is no key `<<`"),
    "the character NUL": (
        'steps:\n  - {name: a, script: "a\\0.py"}\n',
        "x.yaml:2:23: a text may not hold the character NUL",
    ),
    "a matrix without end": (
        "steps:\n  - {name: a, script: a.py, matrix: {" + ", ".join(f"m{n}: [1, 2, 3]" for n in range(40)) + "}}\n",
        "x.yaml:2:37: the matrix has more than 2,000 combinations",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_mistake_is_told_with_its_place_and_what_to_do(tmp_path: Path, case: str) -> None:
    text, told = CASES[case]
    assert told in refusal(tmp_path, text)


def test_independent_mistakes_are_told_together_in_the_order_of_the_file(tmp_path: Path) -> None:
    told = refusal(
        tmp_path,
        """
        nmae: x
        retries: many
        steps:
          - name: a
            script: ../a.py
            needs: [bb]
          - name: b
            timeout: 5
        """,
    )
    places = [line.split(": ")[0].strip() for line in told.splitlines()[1:-1]]
    assert told.startswith("`pipelines/x.yaml` has 6 mistakes:")
    assert places == [f"- pipelines/x.yaml:{place}" for place in ("1:1", "2:10", "5:13", "6:13", "7:5", "8:14")]
    assert "(did you mean `name`?)" in told
    assert told.endswith("penstock schema")


def test_a_thousand_mistakes_are_told_in_part(tmp_path: Path) -> None:
    told = refusal(tmp_path, ONE_STEP + "".join(f"key{number}: 1\n" for number in range(1000)))
    assert "has 1000 mistakes" in told
    assert "and 980 more" in told


def test_a_link_that_leads_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    outside = write(tmp_path / "outside.py", "")
    (tmp_path / "pipelines/x").mkdir(parents=True)
    (tmp_path / "pipelines/x/a.py").symlink_to(outside)
    assert "x.yaml:3:13: `a.py` lies outside `pipelines/x`" in refusal(tmp_path, ONE_STEP)


def test_arguments_behind_a_script_are_shown_their_place(tmp_path: Path) -> None:
    write(tmp_path / "pipelines/x/a.py", "")
    told = refusal(tmp_path, "steps: [{name: a, script: a.py --fast}]")
    assert "`a.py --fast` is no file, but `a.py` is\narguments stand under `args`" in told


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("def f(ctx): ...", "`s.py:f` is no task\nput `@task` above it"),
        ("from penstock import task\n@task\ndef ff(ctx): ...", "`s.py:f` is no task\ndid you mean `ff`?"),
        ("import nowhere_at_all", "cannot be imported: ModuleNotFoundError"),
        ("def f(:", "cannot be imported: SyntaxError"),
        ("raise SystemExit(3)", "cannot be imported: SystemExit"),
    ],
)
def test_a_python_file_that_gives_no_such_task_is_told_at_the_step(tmp_path: Path, code: str, told: str) -> None:
    write(tmp_path / "pipelines/x/s.py", code)
    message = refusal(tmp_path, "steps:\n  - name: a\n    task: s.py:f\n")
    assert "pipelines/x.yaml:3:11: " in message
    assert told in message


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match=r"cannot read `pipelines/none.yaml`: No such file"):
        load_pipeline(tmp_path / "pipelines/none.yaml", tmp_path)


def test_without_a_reader_of_tables_they_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "pipelines/x.yaml", 'steps: [{name: a, script: a.py, inputs: "sqlite:a.db#t"}]')
    with pytest.raises(DefinitionError, match="tables of SQLite files cannot be read here"):
        load_pipeline(path, tmp_path)


def test_what_is_shown_of_a_file_cannot_reach_the_terminal(tmp_path: Path) -> None:
    told = refusal(tmp_path, 'steps:\n  - {name: a, script: a.py, "\\e[31mred": 1}\n')
    assert "\x1b" not in told
    assert "`�[31mred`" in told
