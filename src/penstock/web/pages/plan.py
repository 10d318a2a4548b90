"""What a run would do, before it does it: each task's decision with its reason, and the calls it would make."""

from __future__ import annotations

from penstock.engine.planning.request import RunRequest
from penstock.errors import SourceError, UsageError
from penstock.kit.veil import Veil, is_hidden
from penstock.web.asking import asked_fields, form_address, request_of
from penstock.web.console import Console
from penstock.web.page import Ask, Page, refusal


def show(console: Console, ask: Ask) -> Page:
    """Return the plan of the request that the query describes."""
    engine = console.engine
    pipeline = engine.pipeline(ask.path["pipeline"])
    request = request_of(pipeline.name, ask.lists, cause=f"console: plan {pipeline.name}")
    back = form_address(pipeline.name, asked_fields(ask.lists))
    try:
        plan = engine.plan(request)
    except (UsageError, SourceError) as error:
        return refusal(400 if isinstance(error, UsageError) else 503, error.message, error.hint, back)
    facts = {
        "pipeline": pipeline,
        "plan": plan,
        "params": Veil.over(plan.params).params,
        "decisions": [(decision, pipeline.tasks[decision.task]) for decision in plan.decisions],
        "calls": engine.forecast(plan),
        "fields": _fields(request),
        "back": back,
        "typed_again": [name for name, value in request.params.items() if is_hidden(name, value)],
    }
    return Page("plan", f"plan of {pipeline.title}", facts)


def _fields(request: RunRequest) -> list[tuple[str, str]]:
    """Return the request as a form's hidden fields carry it on; secrets are typed again."""
    told = [(f"param.{name}", str(value)) for name, value in request.params.items() if not is_hidden(name, value)]
    told += [("tasks", selector) for selector in request.tasks] + [("skip", selector) for selector in request.skip]
    told += [("force", "1")] if request.force else []
    return told + ([("continue_on_failure", "1")] if request.continue_on_failure else [])
