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
_first: list[float] = []
_count = os.open(COUNT, os.O_CREAT | os.O_APPEND | os.O_WRONLY) if COUNT else None


def tick(key: object) -> None:
    """Be the body of a no-op task: prove that it ran, and when the first one did."""
    if not _first:
        _first.append(time.time())
    if _count is not None:
        os.write(_count, f"{key}\n".encode())
    if SLEEP_S:
        time.sleep(SLEEP_S)


def done(run_s: float, **more: object) -> None:
    """Print the result line; `run_s` is from 'start this workload' to 'result in hand'."""
    first_s = _first[0] - T0 if _first else None
    print(json.dumps({"run_s": run_s, "first_s": first_s, "total_s": time.time() - T0, **more}), flush=True)
