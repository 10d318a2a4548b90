"""What every peer program shares: `python X_peer.py {chain|fan} N STATE_DIR`, run again on the same folder to skip.

`chain N` is N no-op tasks, each after the one before; `fan N` is a source, N no-ops, a sink. The last line printed
is one JSON object. From the environment: BENCH_T0 (time just before the process was started), BENCH_COUNT (a file to
which every body appends its key), BENCH_SLEEP_MS (length of every body), BENCH_VARIANT.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

STARTED = time.time()
T0 = float(os.environ.get("BENCH_T0", STARTED))
KIND, N, STATE = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]).resolve()
VARIANT = os.environ.get("BENCH_VARIANT", "")
COUNT = os.environ.get("BENCH_COUNT")
SLEEP_S = float(os.environ.get("BENCH_SLEEP_MS", "0")) / 1000

STATE.mkdir(parents=True, exist_ok=True)


class Tick:
    """The body of a no-op task: proves that it ran, and when the first one did.

    An object, so that an engine which fingerprints code does not take another BENCH_SLEEP_MS for other code.
    """

    def __init__(self) -> None:
        self.first_at: float | None = None
        self.count = os.open(COUNT, os.O_CREAT | os.O_APPEND | os.O_WRONLY) if COUNT else None

    def __call__(self, key: object) -> None:
        if self.first_at is None:
            self.first_at = time.time()
        if self.count is not None:
            os.write(self.count, f"{key}\n".encode())
        if SLEEP_S:
            time.sleep(SLEEP_S)


tick = Tick()


def done(run_s: float, **more: object) -> None:
    """Print the result line; `run_s` is from 'start this workload' to 'result in hand'."""
    first_s = None if tick.first_at is None else tick.first_at - T0
    print(json.dumps({"run_s": run_s, "first_s": first_s, "total_s": time.time() - T0, **more}), flush=True)
