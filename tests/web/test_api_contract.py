"""The API keeps what its OpenAPI description promises, whatever it is asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable

from penstock.engine.planning.request import RunRequest
from penstock.web.access import Access
from penstock.web.app import create_app
from tests.web.conftest import OpenConsole, party

schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed")

#: No schema can tell which names exist, nor which rules can be read: of those, 400 speaks.
UNFIT = ["400", "404", "409"]
REFUSED = ["405", "413", "414", "415", "422"]


@pytest.fixture
def operations(open_console: OpenConsole) -> list[Any]:
    """Every operation of an API behind which a run has happened."""
    from schemathesis.config import SchemathesisConfig

    console = open_console(party())
    console.engine.run(RunRequest("party", {"rude": 1}, continue_on_failure=True))
    app = create_app(console, Access(frozenset({"testserver", "localhost"}), b"a key for tests, of 32 bytes or so"))
    config = SchemathesisConfig.from_dict(
        {
            "checks": {
                "positive_data_acceptance": {"expected-statuses": ["2xx", *UNFIT]},
                "negative_data_rejection": {"expected-statuses": [*UNFIT, *REFUSED]},
            }
        }
    )
    schema = schemathesis.openapi.from_asgi("/api/openapi.json", app, config=config)
    return [found.ok() for found in schema.get_all_operations()]


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["positive", "negative"])
def test_every_answer_is_as_described(operations: list[Any], mode: str) -> None:
    asked = [operation for operation in operations if can_ask(operation, mode, lambda case: case)]
    assert len(asked) >= 20


@pytest.mark.slow
def test_every_answer_about_what_exists_is_as_described(operations: list[Any]) -> None:
    assert all(can_ask(operation, "positive", about_what_exists) for operation in operations)


def about_what_exists(case: Any) -> Any:
    """The same request, about the pipeline, run and task that are there."""
    known = {"pipeline": "party", "run": "last", "task": "greet"}
    for name in case.path_parameters or {}:
        case.path_parameters[name] = known[name]
    if isinstance(case.body, dict) and "pipeline" in case.body:
        case.body["pipeline"] = "party"
    return case


def can_ask(operation: Any, mode: str, changed: Callable[[Any], Any]) -> bool:
    """Ask one operation, and check each answer; False for one that can be asked in no such way."""
    from schemathesis import GenerationMode

    def ask(case: Any) -> None:
        changed(case).call_and_validate(timeout=20)

    try:
        asking(given(case=operation.as_strategy(generation_mode=GenerationMode(mode)))(ask))()
    except Unsatisfiable:
        return False
    return True


asking = settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
