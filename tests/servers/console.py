"""The console as a process of its own, as a person starts it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from tests.cli.shell import environment

_ADDRESS = re.compile(r"http://[\d.a-z:\[\]]+:\d+")
_PATIENCE = 30.0


class ServedConsole:
    """`penstock serve` in a project's folder.

    Args:
        port: 0 for any free one.
    """

    def __init__(self, folder: Path, *options: str, port: int = 0, **variables: str) -> None:
        self._said = tempfile.TemporaryFile("w+b")  # noqa: SIM115 - closed when the process has ended
        self.process = subprocess.Popen(
            [sys.executable, "-m", "penstock", "serve", "--port", str(port), *options],
            cwd=folder,
            env=environment(**variables),
            stdin=subprocess.DEVNULL,
            stdout=self._said,
            stderr=subprocess.STDOUT,
        )
        self.address = self._wait()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.address.rpartition(":")[2])

    @property
    def said(self) -> str:
        """What it printed so far."""
        return os.pread(self._said.fileno(), 1 << 20, 0).decode(errors="replace")

    def _wait(self) -> str:
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            found = _ADDRESS.search(self.said)
            if found is not None:
                with suppress(URLError, ConnectionError), urlopen(f"{found.group()}/healthz", timeout=5):
                    return found.group()
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        said = self.said
        self.close()
        raise AssertionError(f"the console did not start: {said}")

    def kill(self) -> None:
        """End it as a power cut does."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self._said.close()

    def close(self) -> None:
        """End it as a person does."""
        if self.process.poll() is None:
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(10)
        if self.process.poll() is None:
            self.kill()
        self._said.close()
