"""The data card says what the code does."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

from penstock.kit.sqlfile import load_statements
from penstock.pipelines.campaign_finance.bronze_tables import BRONZE_NAMES
from penstock.pipelines.campaign_finance.codes import COUNTED, Category
from penstock.pipelines.campaign_finance.pipeline import pipeline
from penstock.pipelines.campaign_finance.reasons import CountReason, FindingReason, MatchRule
from penstock.sources.fec.layouts import LAYOUTS
from penstock.warehouse import Table

PACKAGE = "penstock.pipelines.campaign_finance"
CARD = (files(PACKAGE) / "README.md").read_text(encoding="utf-8")
TABLES = [table for table in pipeline.datasets.values() if isinstance(table, Table)]


def cells(section: str) -> dict[str, list[str]]:
    text = CARD.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("| `")
    ]
    return {row[0].strip("`"): row[1:] for row in rows}


def statements(layer: str) -> str:
    return "\n".join(
        sql
        for table in TABLES
        if table.layer == layer and table.name != "silver.transaction_codes"
        for sql in load_statements(PACKAGE, f"{layer}/{table.name.partition('.')[2]}.sql").values()
    )


@pytest.mark.parametrize("heading", ["Publisher", "Licence", "Cadence", "Files and keys", "Tables", "Caveats"])
def test_the_card_has_its_fixed_headings(heading: str) -> None:
    assert f"\n## {heading}\n" in CARD


def test_the_card_quotes_the_law_on_the_use_of_names() -> None:
    assert "52 U.S.C. 30111(a)(4)" in CARD


def test_the_card_lists_every_file_with_its_key_task_and_table() -> None:
    listed = cells("Files and keys")
    assert list(listed) == list(LAYOUTS)
    for kind, (also, key, trailing, task, table) in listed.items():
        layout = LAYOUTS[kind]
        assert also == f"`{layout.zip_name(2020)}`"
        assert key == f"`{', '.join(layout.key)}`"
        assert (trailing == "yes") is layout.trailing_delimiter
        assert (task, table) == (f"`{layout.task}`", f"`{BRONZE_NAMES[kind]}`")
        assert layout.task in pipeline.tasks


def test_the_card_lists_every_refined_table() -> None:
    assert list(cells("Tables")) == [table.name for table in TABLES if table.layer != "bronze"]


def test_the_card_tells_which_categories_count() -> None:
    listed = cells("What counts")
    reasons = {reason.value for reason in CountReason}
    told = {category: text[0].startswith("yes") for category, text in listed.items() if category not in reasons}
    assert told == {category.value: category in COUNTED for category in Category}
    assert reasons <= set(listed)


def test_the_card_tells_every_match_rule_with_the_confidence_the_query_uses() -> None:
    listed = {rule: text[0] for rule, text in cells("Who is who").items()}
    query = load_statements(PACKAGE, "gold/contributors.sql")["contributors"]
    used = dict(re.findall(r"\('([a-z, ]+)', (\d\.\d\d)\)", query))
    assert listed == {**used, "committee id": "1.00"}
    assert set(listed) == {rule.value for rule in MatchRule}


def test_the_card_tells_every_finding() -> None:
    assert set(cells("Findings")) == {reason.value for reason in FindingReason}


@pytest.mark.parametrize(("layer", "words"), [("silver", FindingReason), ("gold", MatchRule), ("gold", CountReason)])
def test_the_queries_use_the_declared_words(layer: str, words: type[FindingReason | MatchRule | CountReason]) -> None:
    written = statements(layer)
    assert [word.value for word in words if f"'{word.value}'" not in written] == []


def test_every_table_and_column_is_documented() -> None:
    assert [table.name for table in TABLES if not table.doc] == []
    assert [f"{table.name}.{column.name}" for table in TABLES for column in table.columns if not column.doc] == []


def test_every_task_says_what_it_does() -> None:
    assert [task.name for task in pipeline.tasks.values() if not task.doc.endswith(".")] == []
