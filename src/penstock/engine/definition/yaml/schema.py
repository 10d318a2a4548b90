"""The JSON Schema of pipeline files, for editors: made of the one table of keys."""

from __future__ import annotations

from typing import Any

from penstock.engine.definition.yaml.keys import PIPELINE

#: The name under which a project keeps the schema beside its pipelines.
SCHEMA_FILE = "penstock.schema.json"


def pipeline_schema() -> dict[str, Any]:
    """Return the schema, draft 2020-12."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:penstock:pipeline",
        "title": "A Penstock pipeline",
        **PIPELINE.schema(),
    }
