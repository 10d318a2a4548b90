"""Shows whole pipelines at work, offline, each beside the publisher it reads; then the console over what happened."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from penstock.cli.demos import campaign_finance, user_analytics
from penstock.cli.demos.place import DemoPlace, demo_folder, settle_in
from penstock.cli.invocation import Invocation, pass_invocation
from penstock.cli.options import execution_options, verbose_option
from penstock.cli.output import say, say_hints
from penstock.cli.work import execution_of
from penstock.errors import UsageError

if TYPE_CHECKING:
    from penstock.kit.clock import ShiftedClock
    from penstock.simulators.mixpanel.universe import Universe
    from penstock.simulators.story import Story

_KEPT = Path("penstock-demo")
PIPELINES = (campaign_finance.PIPELINE, user_analytics.PIPELINE)


@click.command("demo")
@click.option("--only", type=click.Choice(PIPELINES), help="This pipeline alone.")
@click.option(
    "--rows", type=click.IntRange(min=100), default=5_000, show_default=True, help="Contributions to generate."
)
@click.option("--cycle", type=int, default=2020, show_default=True, help="Election cycle to generate.")
@click.option("--seed", type=int, default=1, show_default=True, help="Another seed makes another world.")
@click.option("--keep", is_flag=True, help=f"Keep files, state and tables, in `{_KEPT}`.")
@click.option("--folder", type=click.Path(path_type=Path, file_okay=False), help="Keep them in this folder.")
@click.option("--console", is_flag=True, help="Open the console over it at the end, until Ctrl-C.")
@execution_options
@verbose_option
@pass_invocation
def demo_command(
    invocation: Invocation,
    /,
    *,
    only: str | None,
    keep: bool,
    folder: Path | None,
    console: bool,
    executor: str | None,
    workers: int | None,
    **made: int,
) -> int:
    """Run the pipelines on simulated publishers, and show their results.

    Campaign finance lives five days beside a simulated FEC: bulk files, daily increments, a reconciliation. User
    analytics reads a simulated Mixpanel, and once more after one late event. Everything happens in a temporary folder
    that is removed at the end, unless it is to be kept.
    """
    kept = folder or (_KEPT if keep else None)
    with demo_folder(kept) as place, ExitStack() as publishers:
        story, universe = _make(made)
        clock = _settle(invocation, place, publishers, story, universe)
        demo = DemoPlace(invocation, place, clock, _execution(invocation, executor, workers))
        code = _live_through(demo, story, universe, only)
        if console and code == 0:
            _open_console(invocation)
        invocation.close()
    _say_next(kept, made["cycle"], only, failed=code != 0)
    return code


def _execution(invocation: Invocation, executor: str | None, workers: int | None) -> dict[str, Any]:
    how = execution_of(invocation, executor, workers)
    if how["executor"] == "processes":
        raise UsageError("the demo moves its clock, which child processes do not share", hint="use another executor")
    return how


def _make(made: Mapping[str, int]) -> tuple[Story, Universe]:
    from penstock.kit.clock import SystemClock

    story = campaign_finance.make_story(made["cycle"], made["rows"], made["seed"])
    return story, user_analytics.make_universe(SystemClock(), made["seed"])


def _settle(
    invocation: Invocation, folder: Path, publishers: ExitStack, story: Story, universe: Universe
) -> ShiftedClock:
    from penstock.kit.clock import ShiftedClock

    clock = ShiftedClock(campaign_finance.begins_at(story))
    fec = publishers.enter_context(campaign_finance.play(story, clock, folder))
    mixpanel = publishers.enter_context(user_analytics.play(universe, clock))
    settle_in(invocation, folder, clock, {"openfec": fec.openfec_url, **user_analytics.sources_of(mixpanel)})
    return clock


def _live_through(place: DemoPlace, story: Story, universe: Universe, only: str | None) -> int:
    code = campaign_finance.live_through(place, story) if only in (None, campaign_finance.PIPELINE) else 0
    if code == 0 and only in (None, user_analytics.PIPELINE):
        code = user_analytics.live_through(place, universe)
    return code


def _open_console(invocation: Invocation) -> None:
    from penstock.cli.serve import DEFAULT_PORT, open_console

    say("the console over all of this, until Ctrl-C:")
    open_console(invocation, host="127.0.0.1", port=DEFAULT_PORT)


def _say_next(kept: Path | None, cycle: int, only: str | None, *, failed: bool) -> None:
    if kept is None and failed:
        say_hints(["the files are gone; repeat it with `penstock demo --keep` to look into it"])
    elif kept is None:
        say_hints(
            [
                "penstock demo --console  # the same, then http://127.0.0.1:5001/pipelines (make demo-console)",
                "penstock demo --keep  # the same, and the tables stay",
                "penstock init my-project",
            ]
        )
    else:
        again = f"penstock run campaign-finance --cycle {cycle} --bulk-dir bulk"
        say_hints(
            [
                f"cd {kept} && {again}  # nothing is stale, so nothing runs" if only != "user-analytics" else None,
                f"cd {kept} && penstock serve  # then http://127.0.0.1:5001/pipelines",
            ]
        )
