"""The one table of keys: what is read, what editors are told and the reference page all come from it."""

from __future__ import annotations

from penstock.engine.definition.deployment import MISFIRE_POLICIES
from penstock.engine.definition.yaml.forms import Count, Duration, Flag, Literal, OneOf, Text, Tolerance
from penstock.engine.definition.yaml.groups import Either, Key, Named, Record, Several

#: The types a parameter may have.
PARAM_TYPES = ("text", "int", "float", "decimal", "bool", "date")
NAME = r"[A-Za-z][A-Za-z0-9_]*"
VARIABLE = r"[A-Za-z_][A-Za-z0-9_]*"

_TEXT = Text()
_PROSE = Text(may_be_empty=True)
_TEXTS = Several(_TEXT, takes_one=True)
_ARGUMENTS = Several(Text("a text, as it reaches the script", may_be_empty=True))
_VARIABLES = Named(
    Text("a text", may_be_empty=True), VARIABLE, "the name of an environment variable", "names of variables"
)

SCHEDULE = Record(
    (
        Key("rule", Text("a rule such as `weekdays 06:00 UTC`"), "When: words, cron or RRULE."),
        Key("misfire", OneOf(MISFIRE_POLICIES), "What becomes of ticks nobody was there for."),
    ),
    "mapping with `rule` and `misfire`",
    needs=(("rule",),),
)
PARAM = Record(
    (
        Key("type", OneOf(PARAM_TYPES), "Its type; that of the default when left out."),
        Key("default", Literal(), "The value when none is given."),
        Key("description", _PROSE, "One line for the help text."),
        Key("choices", Several(Literal(), least=1, plural="values"), "The only values allowed."),
        Key("minimum", Literal(), "The smallest value allowed."),
        Key("required", Flag(), "Whether a run has to give it."),
        Key("partition", Flag(), "Whether it names the slice of data a run works on; freshness is kept per slice."),
    ),
    "mapping with `type`, `default` …",
)
TABLE = Record(
    (
        Key("sqlite", Text("the path of an SQLite database"), "The database file."),
        Key("table", Text("the name of a table"), "The table in it."),
    ),
    "mapping with `sqlite` and `table`",
    needs=(("sqlite",), ("table",)),
)
_DATASETS = Several(Either(Text("a path or pattern", longest=1_000), TABLE), takes_one=True)
_SCHEDULES = Several(Either(Text("a rule such as `weekdays 06:00 UTC`"), SCHEDULE), takes_one=True, least=1)
_AFTER = Several(Text("the name of a pipeline, deployment or dataset"), takes_one=True, least=1)
_PARAM_VALUE = Either(Literal("a default value"), PARAM)

STEP = Record(
    (
        Key(
            "name",
            Text("the name of a step", longest=200),
            "What the step is called; any text. Left out, a Python task keeps its own name.",
            aliases=("id",),
        ),
        Key(
            "script",
            Text("the path of a script"),
            "The program: a path below the folder of the pipeline's scripts. `.py` runs with this Python.",
            aliases=("file",),
        ),
        Key("task", Text("`file.py:function`"), "A `@task` of a Python file in that folder, instead of a script."),
        Key("description", _PROSE, "What it does."),
        Key("depends_on", _TEXTS, "Steps that must end well before this one starts.", aliases=("needs",)),
        Key("each", Text("the name of a step"), "A step that lists items: this one runs once for every item."),
        Key(
            "inputs",
            _DATASETS,
            "What it reads: files, patterns, SQLite tables. With this key, even empty, the step is skipped while "
            "nothing changed; without it, the step always runs.",
        ),
        Key("outputs", _DATASETS, "What it makes: files, patterns, SQLite tables."),
        Key("args", _ARGUMENTS, "Arguments; `{name}` stands for a parameter or a value of the matrix."),
        Key("env", _VARIABLES, "Further environment variables."),
        Key("params", Several(_TEXT, takes_one=True), "The parameters handed to the script; all when left out."),
        Key(
            "matrix",
            Named(Several(Text("a value"), least=1, plural="values"), NAME, "the name of a choice", "names of choices"),
            "Names with values: one task for every combination.",
        ),
        Key("retries", Count(most=1_000), "Further attempts after the first one failed."),
        Key("retry_delay", Duration(may_be_zero=True), "Time between attempts; doubling from 1s when left out."),
        Key("timeout", Duration(), "Longest time one attempt may take."),
        Key("continue_on_error", Flag(), "Whether the run goes on when it failed."),
        Key("failure_tolerance", Tolerance(), "With `each`: how many items may fail."),
        Key("schedule", _SCHEDULES, "When this step alone is to run."),
        Key("after", _AFTER, "What this step alone is to run after."),
        Key(
            "tags", Several(Text("a tag", r"[^ \t\r\n,+*:/?\[\]]+"), takes_one=True), "Words to select it by: `tag:x`."
        ),
        Key("version", Text("a text or number"), "Raised by hand when the step has to run again."),
    ),
    "step: a mapping with `name` and `script`",
    needs=(("name", "task"), ("script", "task")),
)
PIPELINE = Record(
    (
        Key("name", Text("a text", longest=200), "The title; the name that is typed comes from the file."),
        Key("description", _PROSE, "What it makes."),
        Key("steps", Several(STEP, least=1, plural="steps"), "The steps, in the order they are shown."),
        Key(
            "params",
            Named(_PARAM_VALUE, NAME, "the name of a parameter", "names of parameters"),
            "Typed parameters of a run: a default value, or a mapping.",
        ),
        Key("env", _VARIABLES, "Environment variables of all scripts."),
        Key("schedule", _SCHEDULES, "When the pipeline is to run."),
        Key("after", _AFTER, "What the pipeline is to run after."),
        Key("workers", Count(least=1, most=1_000), "How many steps may run at once; 1 keeps their order."),
        Key("retries", Count(most=1_000), "For scripts whose steps do not say."),
        Key("timeout", Duration(), "For scripts whose steps do not say."),
        Key("version", Text("a text or number"), "Raised by hand when every step has to run again."),
    ),
    "pipeline: a mapping with `name` and `steps`",
    needs=(("steps",),),
)
