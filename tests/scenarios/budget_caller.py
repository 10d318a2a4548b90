"""Makes calls within the budget that it shares with others; asked how on its command line."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from pathlib import Path

from penstock import Pipeline, task
from penstock.bootstrap import open_engine
from penstock.kit.clock import ScaledClock
from penstock.kit.jsonable import from_json
from penstock.settings import Settings
from penstock.sources.openfec.api import OPENFEC


@task
def nothing(ctx: object) -> None:
    """Do nothing."""


def main() -> None:
    """Call so many times, each time something else."""
    asked = from_json(sys.argv[1])
    start, epoch = (datetime.fromisoformat(asked[name]) for name in ("start", "epoch"))
    clock = ScaledClock(start, asked["factor"], epoch=epoch)
    settings = Settings(home=Path(asked["home"]), state_url=asked["state_url"], sources={"openfec": asked["api"]})
    with open_engine(settings, pipelines=[Pipeline("calls", tasks=[nothing])], clock=clock) as engine:
        client = engine.resources_for(engine.pipeline("calls")).source(OPENFEC, lambda: None)
        clock.sleep(max(timedelta(0), start - clock.now()))
        for number in range(asked["calls"]):
            client.get_json("/committees/", {"per_page": 1, "page": 1 + number % 5}, refresh=True)


if __name__ == "__main__":
    main()
