"""A notifier as a process of its own, that looks once: killed by its own channel, or racing others, in the tests.

Called with: folder, and the channel's table as JSON.
"""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from pathlib import Path

from penstock.bootstrap import open_engine
from penstock.notify.notifier import Notifier
from penstock.notify.rules import read_channels
from penstock.notify.ways import Surroundings
from penstock.settings import Settings


def main() -> None:
    folder, table = Path(sys.argv[1]), json.loads(sys.argv[2])
    settings = Settings(home=folder, pipelines_path=folder / "none", lease=timedelta(minutes=1))
    with open_engine(settings) as engine:
        Notifier(engine, read_channels({"ops": table}), Surroundings({}), print).look()


if __name__ == "__main__":
    main()
