"""How profiles are told: a line of a file, a record of the query API."""

from __future__ import annotations

import json
from typing import Any

from penstock.simulators.mixpanel.person import Person


def as_person_line(person: Person) -> str:
    """Return the line of the file export."""
    record = {"distinct_id": person.distinct_id, "properties": dict(person.properties)}
    return json.dumps(record, separators=(",", ":"), ensure_ascii=False)


def as_engage_record(person: Person) -> dict[str, Any]:
    """Return the record of the query API."""
    return {"$distinct_id": person.distinct_id, "$properties": dict(person.properties)}
