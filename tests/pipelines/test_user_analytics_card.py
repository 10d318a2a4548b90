"""The data card of user analytics says what its code does."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.bootstrap import open_registry
from penstock.engine.definition.pipeline import Pipeline
from penstock.engine.definition.script import Script
from penstock.engine.planning.scriptcode import ScriptCodeReader
from penstock.pipelines.user_analytics.database.connection import open_database
from penstock.pipelines.user_analytics.rules.broken_users import CHECKS
from penstock.pipelines.user_analytics.rules.lifecycle import Reason
from penstock.pipelines.user_analytics.statements import load
from penstock.settings import Settings
from tests.pipelines.analytics import FOLDER, STEPS

CARD = (FOLDER / "README.md").read_text(encoding="utf-8")
GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "guides" / "user-analytics.md").read_text(encoding="utf-8")


def cells(section: str) -> dict[str, list[str]]:
    text = CARD.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("| `")
    ]
    return {row[0].strip("`"): row[1:] for row in rows}


@pytest.mark.parametrize(
    "heading", ["Publisher", "Licence", "Cadence", "Files and keys", "Personal data", "Tables", "Caveats"]
)
def test_the_card_has_its_fixed_headings(heading: str) -> None:
    assert f"\n## {heading}\n" in CARD


def test_the_card_lists_every_table_with_the_one_step_that_writes_it(tmp_path: Path) -> None:
    with open_database(tmp_path / "x.db") as database:
        found = database.execute("SELECT type, name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'").fetchall()
    listed = cells("Tables")
    assert set(listed) == {name for kind, name in found if kind == "table"} - {"schema_version"}
    assert all(f"`{name}`" in CARD for kind, name in found if kind == "view")
    assert {writer.strip("`") for writer, _ in listed.values()} == set(STEPS)


def test_the_card_lists_every_check_and_every_check_has_its_query() -> None:
    assert list(cells("Checks")) == list(CHECKS) == list(load("database/statements/checks.sql"))


def test_the_card_lists_every_configuration_file() -> None:
    assert set(cells("Configuration")) == {path.name for path in (FOLDER / "config").iterdir()}


@pytest.fixture
def pipeline(tmp_path: Path) -> Pipeline:
    return open_registry(Settings(home=tmp_path, pipelines_path=tmp_path / "pipelines")).get("user-analytics")


def test_the_declaration_and_the_folder_hold_the_same_steps(pipeline: Pipeline) -> None:
    assert set(pipeline.tasks) == set(STEPS)
    assert {path.stem for path in (FOLDER / "steps").glob("[a-z]*.py")} == set(STEPS)
    assert [task.name for task in pipeline.tasks.values() if not task.doc.endswith(".")] == []


def test_tables_that_steps_hand_on_are_declared_as_the_card_says(pipeline: Pipeline) -> None:
    declared = {output.name.partition("#")[2]: task.name for task in pipeline.tasks.values() for output in task.outputs}
    listed = {table: writer.strip("`") for table, (writer, _) in cells("Tables").items()}
    assert declared.items() <= listed.items()
    # Two tables serve the step that writes them alone.
    assert set(listed) - set(declared) == {"downloaded_day", "user_identity"}


def test_rules_queries_and_thresholds_are_part_of_the_code_of_the_steps_that_use_them(pipeline: Pipeline) -> None:
    reader = ScriptCodeReader()
    parts = {}
    for task in pipeline.tasks.values():
        assert isinstance(task.body, Script)
        parts[task.name] = set(reader.facts(task, task.body))
    assert {"rules/lifecycle.py", "rules/products.py", "database/statements/subscriptions.sql"} <= parts[
        "validate_lifecycle"
    ]
    assert {"rules/tiers.py", "config/behaviour_tiers.toml"} <= parts["assign_economic_tier"]
    assert {"rules/identity.py", "database/statements/ingest.sql"} <= parts["ingest_data"]
    assert "rules/value.py" not in parts["set_abi_attribution"]


def test_the_guide_tells_the_reasons_that_need_words() -> None:
    told = ("trial_without_end", "no_subscription_event", "invalid_event_sequence", "no_events", "datetime_parse_error")
    assert [word for word in (*told, "newer_product_chosen") if f"`{word}`" not in GUIDE] == []
    assert {Reason(word) for word in told}
