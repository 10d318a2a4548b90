"""Pipelines as text, and the folders they lie in."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from penstock import Pipeline
from penstock.bootstrap import open_registry
from penstock.engine.definition.abilities import Abilities
from penstock.engine.definition.registry import Registry
from penstock.engine.definition.yaml.load import load_pipeline
from penstock.engine.triggers.calendar.reading import parse_rule
from penstock.errors import DefinitionError
from penstock.settings import Settings
from penstock.warehouse.connect import foreign_table

ABILITIES = Abilities(open_table=foreign_table, check_rule=parse_rule)
ONE_STEP = "steps:\n  - name: a\n    script: a.py\n"


def write(path: Path, text: str) -> Path:
    """Write a text, its indentation taken away, with the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dedent(text).lstrip("\n"), encoding="utf-8")
    return path


def loaded(project: Path, text: str, name: str = "x") -> Pipeline:
    """The pipeline of this text, as `pipelines/x.yaml` of a project."""
    return load_pipeline(write(project / "pipelines" / f"{name}.yaml", text), project, abilities=ABILITIES)


def refusal(project: Path, text: str) -> str:
    """Everything that is said against this text, with the hint in a line of its own."""
    with pytest.raises(DefinitionError) as refused:
        loaded(project, text)
    return f"{refused.value.message}\n{refused.value.hint}"


def a_registry(project: Path) -> Registry:
    """The registry of a project, as every face opens it."""
    return open_registry(Settings(home=project / ".penstock", pipelines_path=project / "pipelines"))
