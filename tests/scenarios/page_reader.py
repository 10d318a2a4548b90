"""Reads one committee's receipts in a child that may be killed at any moment; one line on standard input, one child.

The parent has everything imported, so that a hundred children start in no time.
"""

from __future__ import annotations

import os
import sys

from penstock import Item, Param, Pipeline, task
from penstock.bootstrap import open_engine
from penstock.engine.planning.request import RunRequest
from penstock.engine.state.records import RunStatus
from penstock.kit.jsonable import from_json
from penstock.pipelines.campaign_finance.fetch import fetch_receipts
from penstock.pipelines.campaign_finance.openfec_tables import RECEIPTS
from penstock.settings import Settings


def pipeline_for(committee: str) -> Pipeline:
    """The pipeline's own task, for one committee."""

    @task
    def list_followed_committees(ctx: object) -> list[Item]:
        return [Item(committee)]

    return Pipeline(
        "pages",
        tasks=[list_followed_committees, fetch_receipts],
        params=[Param("cycle", int, default=2020, partition=True), Param("lookback_days", int, default=0)],
        datasets=[RECEIPTS],
    )


def read(settings: Settings, committee: str) -> str:
    """Run, or resume what died; return how it ended."""
    with open_engine(settings, pipelines=[pipeline_for(committee)], chance=lambda: 0.0) as engine:
        dead = [view for view in engine.history("pages", 1) if view.status is not RunStatus.COMPLETED]
        view = engine.resume(dead[0].run.run_id) if dead else engine.run(RunRequest("pages"))
        return view.status.value


def main() -> None:
    """Fork a child per line; tell its process id, and then how it ended."""
    asked = from_json(sys.argv[1])
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            print("child", os.getpid(), flush=True)
            from pathlib import Path

            given = {**asked["settings"], "home": Path(asked["settings"]["home"])}
            print("ended", read(Settings(**given), asked["committee"]), flush=True)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        print("reaped", os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()
