"""Prints the JSON Schema of pipeline files, for editors."""

from __future__ import annotations

import click

from penstock.cli.output import emit_json, say_hints
from penstock.engine.definition.yaml.schema import SCHEMA_FILE, pipeline_schema


@click.command("schema")
def schema_command() -> int:
    """Print the JSON Schema of pipeline files, for editors."""
    emit_json(pipeline_schema())
    say_hints(
        [
            f"penstock schema > pipelines/{SCHEMA_FILE}",
            f"first line of a file: # yaml-language-server: $schema={SCHEMA_FILE}",
        ]
    )
    return 0
